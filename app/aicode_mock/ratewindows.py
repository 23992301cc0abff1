"""The windows of rate limits in the store, for slowapi's limiter.

It counts in fixed windows; in the store all workers agree on them, and they follow the clock
of the team's world.  A window opens with the first answer that counts and ends 60 seconds
later, by that clock or by wall time, whichever comes first: a frozen clock alone would never
end it.
"""

from collections.abc import Sequence
from pathlib import Path

from limits.storage import Storage
from slowapi import Limiter
from sqlalchemy import delete, select, text
from sqlalchemy.exc import SQLAlchemyError

from aicode_mock.clock import Clock, from_ms, to_ms
from aicode_mock.prepared import Prepared
from aicode_mock.store import Transactions
from aicode_mock.worldtables import RATE_WINDOWS

# Without a file of its own slowapi reads a .env of the working directory: this one is empty.
_NO_SETTINGS = str(Path(__file__).with_name("py.typed"))

_MINUTE_MS = 60_000
_SKEW_MS = 5_000  # two processes, or two threads, do not read the same wall time
_NOW = "COALESCE(world.frozen_at, :wall + world.offset_ms)"
# Open on both clocks: not over, and not begun after now (a clock was set back).
_IS_OPEN = f"""(rate_window.ends_at > {{now}} AND rate_window.ends_at <= {{now}} + {_MINUTE_MS + _SKEW_MS}
    AND rate_window.wall_ends_at > :wall AND rate_window.wall_ends_at <= :wall + {_MINUTE_MS + _SKEW_MS})"""
_IS_OPEN_STILL = _IS_OPEN.format(now=f"(excluded.ends_at - {_MINUTE_MS})")

# One statement, so that no two workers count in different windows.
_count = Prepared(
    text(f"""
    INSERT INTO rate_window (key, world_id, ends_at, wall_ends_at, hits)
    SELECT :key, world.id, {_NOW} + {_MINUTE_MS}, :wall + {_MINUTE_MS}, :amount
    FROM world WHERE world.id = :world
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN {_IS_OPEN_STILL} THEN rate_window.hits + excluded.hits ELSE excluded.hits END,
        ends_at = CASE WHEN {_IS_OPEN_STILL} THEN rate_window.ends_at ELSE excluded.ends_at END,
        wall_ends_at = CASE WHEN {_IS_OPEN_STILL} THEN rate_window.wall_ends_at ELSE excluded.wall_ends_at END
    RETURNING hits
""")  # noqa: S608  # nothing but our own constants
)
_open_window = Prepared(
    text(f"""
    SELECT rate_window.hits, rate_window.ends_at
    FROM rate_window JOIN world ON world.id = rate_window.world_id
    WHERE rate_window.key = :key AND {_IS_OPEN.format(now=_NOW)}
""")  # noqa: S608  # likewise
)


class StoreWindows(Storage):
    """The windows of a store, for the strategies of ``limits``.

    A key reads ``LIMITER/<world>/<team>/<endpoint>/<amount>/1/minute``.
    """

    STORAGE_SCHEME = ["aicode-mock"]

    def __init__(
        self,
        uri: str | None = None,
        *,
        store: Transactions,
        wall: Clock = Clock(),
        wrap_exceptions: bool = False,
    ) -> None:
        """``store`` holds the windows, ``wall`` tells real time; the URI only names this class."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._store = store
        self._wall = wall

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:  # noqa: ARG002  # windows are minutes
        """Count in the open window, or in a new one; the count so far."""
        with self._store.writing() as connection:
            counted = _count.row(connection, {**self._bound(key), "amount": amount})
        return 0 if counted is None else int(counted[0])  # 0: no such world

    def get(self, key: str) -> int:
        """The count of the open window; 0 if none is."""
        window = self._open(key)
        return 0 if window is None else int(window[0])

    def get_expiry(self, key: str) -> float:
        """When the open window ends, in seconds since 1970 on the world's clock; 0 if none is."""
        window = self._open(key)
        return 0.0 if window is None else from_ms(window[1]).timestamp()

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

    def _open(self, key: str) -> Sequence[int] | None:
        """Hits and end of the open window."""
        with self._store.reading() as connection:
            return _open_window.row(connection, self._bound(key))

    def _bound(self, key: str) -> dict[str, str | int]:
        return {"key": key, "world": key.split("/")[1], "wall": to_ms(self._wall.now())}


def limiter_of(store: Transactions) -> Limiter:
    """The limiter of slowapi, with its windows in a store."""
    return Limiter(
        key_func=str,  # keys are given, not read from requests
        storage_uri="aicode-mock://",
        storage_options={"store": store},  # type: ignore[dict-item]  # handed to StoreWindows as it is
        config_filename=_NO_SETTINGS,
    )
