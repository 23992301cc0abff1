"""Many connections at once, in one event loop: pages, files, and readers who take their time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from bench.wire import HEAD_END, WrongAnswerError, check_status, length_in, request

_SLOW_BYTES, _SLOW_PAUSE_S = 4096, 1.0
_BLOCK_BYTES = 256 * 1024
_PATIENCE_S = 30.0
_RETRY_S = 0.1
_BROKEN = (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, WrongAnswerError)


@dataclass(slots=True)
class Tally:
    """What has come so far: latencies of pages, whole files, errors in words."""

    latencies_s: list[float] = field(default_factory=list)
    files: int = 0
    slow_bytes: int = 0
    errors: list[str] = field(default_factory=list)


class Crowd:
    """Clients of one server, until a moment has come."""

    def __init__(self, port: int, *, seconds: float) -> None:
        """They begin when they are run, and stop after so many seconds."""
        self.tally = Tally()
        self._port = port
        self._seconds = seconds
        self._end = 0.0

    def run(self, *, pages: Iterable[Iterable[str]], files: Iterable[str], slow: Iterable[str]) -> Tally:
        """One client for each part of ``pages`` (its targets in turn) and for each file."""
        asyncio.run(self._run(pages, files, slow))
        return self.tally

    async def _run(self, pages: Iterable[Iterable[str]], files: Iterable[str], slow: Iterable[str]) -> None:
        self._end = perf_counter() + self._seconds
        async with asyncio.TaskGroup() as group:
            for targets in pages:
                group.create_task(self._guarded(partial(self._ask_pages, targets)))
            for target in files:
                group.create_task(self._guarded(partial(self._read_files, target)))
            for target in slow:
                group.create_task(self._guarded(partial(self._read_slowly, target)))

    async def _guarded(self, client: Callable[[], Awaitable[None]]) -> None:
        while perf_counter() < self._end:
            try:
                await client()
            except _BROKEN as error:
                self.tally.errors.append(f"{type(error).__name__}: {error}")
                await asyncio.sleep(_RETRY_S)

    async def _ask_pages(self, targets: Iterable[str]) -> None:
        reader, writer = await self._connect()
        try:
            for target in targets:
                start = perf_counter()
                if start > self._end:
                    return
                writer.write(request(target))
                length = length_in(await self._read_head(reader))
                await asyncio.wait_for(reader.readexactly(length), _PATIENCE_S)
                self.tally.latencies_s.append(perf_counter() - start)
        finally:
            writer.close()

    async def _read_files(self, target: str) -> None:
        reader, writer = await self._connect()
        try:
            while perf_counter() < self._end:
                writer.write(request(target))
                await self._read_head(reader)
                while size := int(await asyncio.wait_for(reader.readuntil(b"\r\n"), _PATIENCE_S), 16):
                    await asyncio.wait_for(reader.readexactly(size + 2), _PATIENCE_S)
                await reader.readexactly(2)
                self.tally.files += 1
        finally:
            writer.close()

    async def _read_slowly(self, target: str) -> None:
        reader, writer = await self._connect(limit=_SLOW_BYTES)
        try:
            writer.write(request(target))
            while perf_counter() < self._end:
                block = await asyncio.wait_for(reader.read(_SLOW_BYTES), _PATIENCE_S)
                if not block:
                    raise ValueError("the stream ended before its slow reader")
                self.tally.slow_bytes += len(block)
                await asyncio.sleep(_SLOW_PAUSE_S)
        finally:
            writer.close()

    async def _connect(self, limit: int = _BLOCK_BYTES) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", self._port, limit=limit), _PATIENCE_S
        )

    async def _read_head(self, reader: asyncio.StreamReader) -> bytes:
        head = await asyncio.wait_for(reader.readuntil(HEAD_END), _PATIENCE_S)
        check_status(head, 200, "load")
        return head
