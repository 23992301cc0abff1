"""The only reader of wall time: a clock that runs, runs shifted, or stands still.

An *instant* is an aware datetime in UTC.  The store keeps instants as whole
milliseconds since 1970 (the resolution that the API prints).
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Self

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SIXTY = [f"{number:02d}" for number in range(60)]  # looked up in a third of the time of printing
_THOUSAND = [f"{number:03d}" for number in range(1000)]


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells now: ``frozen_at`` when it stands still, else wall time plus ``offset``."""

    frozen_at: datetime | None = None
    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The current instant, in UTC."""
        return self.at(datetime.now(UTC))

    def at(self, wall: datetime) -> datetime:
        """The instant on this clock when wall time is ``wall``."""
        return self.frozen_at or wall + self.offset

    @classmethod
    def of(cls, *, frozen_at: int | None, offset_ms: int) -> Self:
        """The clock that a store keeps, in milliseconds."""
        instant = None if frozen_at is None else from_ms(frozen_at)
        return cls(frozen_at=instant, offset=timedelta(milliseconds=offset_ms))

    def set(
        self, *, instant: datetime | None, is_frozen: bool | None, advance: timedelta, wall: datetime
    ) -> Self:
        """This clock at an instant (None: its own), moved on, and frozen or running (None: as it was)."""
        then = (instant or self.frozen_at or wall + self.offset) + advance
        frozen = self.frozen_at is not None if is_frozen is None else is_frozen
        return type(self)(frozen_at=then) if frozen else type(self)(offset=then - wall)


def stopwatch_s() -> float:
    """Seconds on a clock that never goes back; only differences mean anything."""
    return time.perf_counter()


def start_of_day(instant: datetime) -> datetime:
    """00:00:00 UTC of the day of ``instant``."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970, rounded down (also before 1970)."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The instant that lies ``milliseconds`` after 1970."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


@lru_cache(maxsize=4096)  # a row prints its instants in two formats
def instant_text(milliseconds: int) -> str:
    """``2025-07-30T14:12:30.000Z``: the one form in which the API prints instants.

    Source: documented in every revision; observed with three decimals and ``Z``.
    """
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_hour_text(hour)}:{_SIXTY[minute]}:{_SIXTY[second]}.{_THOUSAND[rest]}Z"


@lru_cache(maxsize=1024)  # rows of one time lie together
def _hour_text(hour: int) -> str:
    return (_EPOCH + timedelta(hours=hour)).isoformat()[:13]
