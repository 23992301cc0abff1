"""Rate limits: a number of answers a minute, for each team and endpoint.

Source: "per team, per endpoint, resets every minute", 304 is free (documented).  Where
a window begins is assumed: at the first answer, so that no burst of a client straddles
two windows by chance (``ratewindows``).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from aicode_mock.clock import from_ms
from aicode_mock.directory import Caller
from aicode_mock.outage import why_unwritable
from aicode_mock.store import Transactions

if TYPE_CHECKING:
    from slowapi import Limiter


@dataclass(frozen=True, slots=True)
class LimitState:
    """A window after a request: how many answers it counts, and when it ends on the world's clock.

    ``ends_at`` is None when no window is open.
    """

    is_used_up: bool
    per_minute: int
    used: int
    ends_at: datetime | None

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until the window ends, at least 1 and at most 60."""
        left = 0.0 if self.ends_at is None else (self.ends_at - now).total_seconds()
        return min(max(1, ceil(left)), 60)


class RateLimits:
    """Counts the answers of the teams of all worlds."""

    def __init__(self, store: Transactions) -> None:
        """Windows are kept in ``store``."""
        self._store = store

    @cached_property
    def _limiter(self) -> "Limiter":
        from aicode_mock.ratewindows import limiter_of  # a server without limits needs none

        return limiter_of(self._store)

    def count(
        self, caller: Caller, endpoint: str, *, per_minute: int | None, is_free: bool
    ) -> LimitState | None:
        """Count one more answer of a team, unless it is free; None if there is no limit.

        Where the count cannot be written, as the disk is full, nobody is limited.

        A free answer meets the limit too when that is used up: it is looked at before the
        condition that makes the answer free.
        """
        if per_minute is None:
            return None
        try:
            return self._count(caller, endpoint, per_minute, is_free=is_free)
        except DBAPIError as error:
            if why_unwritable(error) is None:
                raise
            return None

    def _count(self, caller: Caller, endpoint: str, per_minute: int, *, is_free: bool) -> LimitState:
        from limits import RateLimitItemPerMinute

        item, key = RateLimitItemPerMinute(per_minute), (caller.world.world_id, str(caller.ordinal), endpoint)
        strategy = self._limiter.limiter
        is_admitted = (strategy.test if is_free else strategy.hit)(item, *key)
        window = strategy.get_window_stats(item, *key)
        return LimitState(
            is_used_up=not is_admitted,
            per_minute=per_minute,
            used=per_minute - window.remaining,
            ends_at=from_ms(round(1000 * window.reset_time)) if window.reset_time else None,
        )
