"""Answers that are sent as they are made, and hold what they read from; and none at all."""

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack

import anyio
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
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
        self._blocks, self._held = blocks, ExitStack()
        super().__init__(_pieces(blocks), headers=headers)

    def hold(self, held: ExitStack) -> None:
        """Hold what the blocks are made from."""
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._let_go)

    def _let_go(self) -> None:
        if isinstance(self._blocks, Generator):  # its open query would keep its snapshot on the connection
            self._blocks.close()
        self._held.close()


async def _pieces(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Blocks in pieces small enough that a slow client makes nothing pile up."""
    async for block in iterate_in_threadpool(blocks):
        for start in range(0, len(block), _PIECE_BYTES):
            yield block[start : start + _PIECE_BYTES]
