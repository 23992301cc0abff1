"""The clock of a world, from a test."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aicode_mock.daterange import read_instant
from aicode_mock.testing.plane import Plane
from aicode_mock.testing.settings import Moment, moment_text

__tracebackhide__ = True  # a test's failure shows the test

Duration = float | str | timedelta


@dataclass(frozen=True, slots=True)
class WorldClock:
    """Relative dates, rate-limit windows and delays on the world's clock follow it at once."""

    plane: Plane

    def now(self) -> datetime:
        """The instant that the world takes for now, in UTC."""
        return read_instant(self.plane.ask("GET", "/clock")["now"])

    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self.plane.ask("GET", "/clock")["isFrozen"])

    def freeze(self, at: Moment | None = None) -> datetime:
        """Let it stand still, at an instant, or where it is; its new now."""
        return self._change(isFrozen=True, **({} if at is None else {"now": moment_text(at)}))

    def resume(self) -> datetime:
        """Let it run on from where it is; its new now."""
        return self._change(isFrozen=False)

    def advance(self, by: Duration) -> datetime:
        """Move it on: by seconds, a timedelta, or a text such as ``1h30m``; its new now."""
        if isinstance(by, timedelta):
            by = by.total_seconds()
        return self._change(advance=by if isinstance(by, str) else f"{by:.6f}s")

    def sleep(self, seconds: float) -> None:
        """In place of ``time.sleep`` in a client: the world waits, the test does not."""
        self.advance(seconds)

    async def asleep(self, seconds: float) -> None:
        """In place of ``asyncio.sleep``."""
        self.advance(seconds)

    def _change(self, **change: object) -> datetime:
        return read_instant(self.plane.ask("PUT", "/clock", change)["now"])
