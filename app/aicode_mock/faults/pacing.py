"""Slowness: waits before the first byte, bodies that drip, and clients that do not wait for the end."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Send

from aicode_mock.faults.actions import Delay, Drip
from aicode_mock.faults.taken import Taken, actions_of

_POLL_S = 0.02
_DROPS_PER_S = 20


class Departure:
    """Tells when the client has gone; the one reader of its messages while an answer is sent."""

    def __init__(self, receive: Receive) -> None:
        """Listens from now on; ``forget`` ends it."""
        self._gone = asyncio.ensure_future(_until_gone(receive))

    @property
    def has_come(self) -> bool:
        """Whether the client has gone."""
        return self._gone.done()

    async def receive(self) -> Message:
        """What an answer reads that listens for itself: nothing until the client has gone."""
        await asyncio.wait({self._gone})
        return {"type": "http.disconnect"}

    async def wait(self, seconds: float) -> None:
        """Wait so long, but no longer than the client does."""
        await asyncio.wait({self._gone}, timeout=seconds)

    def forget(self) -> None:
        """Stop listening."""
        self._gone.cancel()


class Pace:
    """How slowly one answer is sent.  Delays add up, and the slowest drip counts."""

    def __init__(self, taken: Iterable[Taken], now: Callable[[], datetime]) -> None:
        """``now`` tells the world's clock; delays on it begin here, and it is not asked without one."""
        hits = list(taken)
        delays = actions_of(hits, Delay)
        self._real_s = sum(delay.seconds for delay in delays if delay.clock == "real")
        world_s = sum(delay.seconds for delay in delays if delay.clock == "world")
        self._now, self._world_time = now, timedelta(seconds=world_s)
        self._began = now() if world_s else None
        self._bytes_per_s = min((drip.bytesPerSecond for drip in actions_of(hits, Drip)), default=None)

    async def hold(self, departure: Departure) -> None:
        """Wait for the moment of the first byte."""
        await departure.wait(self._real_s)
        while not departure.has_come and await run_in_threadpool(self._is_early):
            await departure.wait(_POLL_S)

    async def send_body(self, send: Send, body: bytes, departure: Departure, *, more: bool) -> None:
        """Send a piece of the body, at the pace of the answer.

        What is the last byte for the client is the last message, too: it may hang up then.
        """
        rest, rate = memoryview(body), self._bytes_per_s or 0
        drop_bytes = max(1, rate // _DROPS_PER_S) if rate else len(body)
        while len(rest) > drop_bytes and not departure.has_come:
            drop, rest = rest[:drop_bytes], rest[drop_bytes:]
            await send(_body(bytes(drop), more=True))
            await departure.wait(len(drop) / rate)
        await send(_body(bytes(rest), more=more))
        if more and rate:
            await departure.wait(len(rest) / rate)

    def _is_early(self) -> bool:
        return self._began is not None and self._now() - self._began < self._world_time


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(piece: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more}
