"""Rate limits: a number of answers a minute, for each team and endpoint.

slowapi's limiter counts in fixed windows; the windows lie in the store, so that all
workers agree, and follow the clock of the team's world.  A window opens with the
first answer that counts and lasts 60 seconds of that clock.

Source: "per team, per endpoint, resets every minute", 304 is free (documented).  Where
a window begins is assumed: at the first answer, so that no burst of a client straddles
two windows by chance.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from slowapi import Limiter
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from aicode_mock.clock import Clock, from_ms, to_ms
from aicode_mock.contract import Contract
from aicode_mock.errors import ApiError, rate_limited
from aicode_mock.store import Store
from aicode_mock.tables import RATE_WINDOWS

# Without a file of its own slowapi reads a .env of the working directory: this one is empty.
_NO_SETTINGS = str(Path(__file__).with_name("py.typed"))

# One statement, so that no two workers count in different windows.  ``excluded.ends_at`` is
# now + length; a stored end beyond it is of a clock that was set back.
_COUNT = text("""
    INSERT INTO rate_window (key, ends_at, hits)
    SELECT :key, COALESCE(world.frozen_at, :wall + world.offset_ms) + :length, :amount
    FROM team JOIN world ON world.id = team.world_id WHERE team.id = :team
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN rate_window.ends_at > excluded.ends_at - :length
                     AND rate_window.ends_at <= excluded.ends_at
               THEN rate_window.hits + excluded.hits ELSE excluded.hits END,
        ends_at = CASE WHEN rate_window.ends_at > excluded.ends_at - :length
                        AND rate_window.ends_at <= excluded.ends_at
                  THEN rate_window.ends_at ELSE excluded.ends_at END
    RETURNING hits
""")


class StoreWindows(Storage):
    """The windows of a store, for the strategies of ``limits``.

    A key reads ``LIMITER/<team id>/<endpoint>/<amount>/1/minute``.
    """

    STORAGE_SCHEME = ["aicode-mock"]

    def __init__(self, uri: str | None = None, *, store: Store, wrap_exceptions: bool = False) -> None:
        """``store`` holds the windows; the URI only names this class."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._store = store

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in the current window, or in a new one of ``expiry`` seconds; the count so far."""
        wall = to_ms(Clock().now())
        bound = {
            "key": key,
            "team": int(key.split("/")[1]),
            "wall": wall,
            "length": expiry * 1000,
            "amount": amount,
        }
        with self._store.writing() as connection:
            return int(connection.scalar(_COUNT, bound))

    def take_back(self, key: str) -> None:
        """Count one answer less; a window is not open before an answer that counts."""
        window = RATE_WINDOWS.c.key == key
        with self._store.writing() as connection:
            connection.execute(update(RATE_WINDOWS).where(window).values(hits=RATE_WINDOWS.c.hits - 1))
            connection.execute(delete(RATE_WINDOWS).where(window, RATE_WINDOWS.c.hits <= 0))

    def get(self, key: str) -> int:
        """The count of the last window, which may be over."""
        with self._store.reading() as connection:
            return connection.scalar(select(RATE_WINDOWS.c.hits).where(RATE_WINDOWS.c.key == key)) or 0

    def get_expiry(self, key: str) -> float:
        """When the last window ends, in seconds since 1970 on the world's clock."""
        with self._store.reading() as connection:
            ends_at = connection.scalar(select(RATE_WINDOWS.c.ends_at).where(RATE_WINDOWS.c.key == key))
        return from_ms(ends_at or 0).timestamp()

    def check(self) -> bool:
        """Whether the store answers."""
        with self._store.reading() as connection:
            return connection.scalar(select(1)) == 1

    def reset(self) -> int:
        """Forget all windows; how many there were."""
        with self._store.writing() as connection:
            return connection.execute(delete(RATE_WINDOWS)).rowcount

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._store.writing() as connection:
            connection.execute(delete(RATE_WINDOWS).where(RATE_WINDOWS.c.key == key))


class RateLimits:
    """Counts the answers of teams."""

    def __init__(self, store: Store) -> None:
        """Windows are kept in ``store``."""
        self._windows = StoreWindows(store=store)
        self._limiter = Limiter(
            key_func=str,  # keys are given, not read from requests
            storage_uri="aicode-mock://",
            storage_options={"store": store},  # type: ignore[dict-item]  # handed to StoreWindows as it is
            config_filename=_NO_SETTINGS,
        )

    @contextmanager
    def counted(self, team_id: int, endpoint: str, contract: Contract) -> Iterator["Count"]:
        """Count what is answered inside, unless it turns out to be free.

        Raises:
            ApiError: the team has used up its limit.
        """
        count = Count()
        if contract.rate_limit is None:
            yield count
            return
        limit = RateLimitItemPerMinute(contract.rate_limit)
        if not self._limiter.limiter.hit(limit, str(team_id), endpoint):
            raise rate_limited(contract.switches)
        try:
            yield count
        except ApiError:
            count.is_free = contract.switches.counted == "ok"
            raise
        finally:
            if count.is_free:
                self._windows.take_back(limit.key_for(str(team_id), endpoint))

    def reset(self) -> None:
        """Forget all windows."""
        self._limiter.reset()


@dataclass(slots=True)
class Count:
    """One answer on its way; set ``is_free`` if it does not count after all."""

    is_free: bool = False
