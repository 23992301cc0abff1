"""Answers that are sent as they are made, and hold what they read from; and none at all."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack
from threading import Lock

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

_PIECE_BYTES = 256 * 1024


class Unsent(Response):
    """No answer: nobody is there to get one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


class HoldingStream(StreamingResponse):
    """A stream that holds what it reads from, and lets go as soon as it ends or its client is gone."""

    def __init__(self, blocks: Iterator[bytes], headers: dict[str, str]) -> None:
        """``blocks`` are made in threads, one at a time, when the client has taken the last."""
        self._blocks, self._held = _Blocks(blocks), ExitStack()
        super().__init__(_pieces(self._blocks), headers=headers)

    def hold(self, held: ExitStack) -> None:
        """Hold what the blocks are made from."""
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:  # begun at once: a server that stops cancels its tasks a second time
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._let_go))

    def _let_go(self) -> None:
        self._blocks.close()  # an open query would keep its snapshot on the connection
        self._held.close()


class _Blocks(Iterator[bytes]):
    """Blocks that can be closed while a thread makes one, which is then the last.

    A server that stops cancels the task that waits for that thread, and not the thread.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._turn = blocks, Lock()

    def __next__(self) -> bytes:
        with self._turn:
            return next(self._blocks)

    def close(self) -> None:
        with self._turn:
            if isinstance(self._blocks, Generator):
                self._blocks.close()


async def _pieces(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Blocks in pieces small enough that a slow client makes nothing pile up."""
    async for block in iterate_in_threadpool(blocks):
        for start in range(0, len(block), _PIECE_BYTES):
            yield block[start : start + _PIECE_BYTES]
