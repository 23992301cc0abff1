"""Streams let go of what they read from, however the task that sends them ends."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Timer

from starlette.types import Message

from aicode_mock.streams import HoldingStream

WAIT_S = 20


def test_a_block_under_way_ends_before_its_query_and_its_connection_when_the_server_ends() -> None:
    happened: list[str] = []
    is_making, may_end = Event(), Event()

    def blocks() -> Iterator[bytes]:
        try:
            is_making.set()
            assert may_end.wait(WAIT_S)
            happened.append("block made")
            yield b"one"
        finally:
            happened.append("query closed")

    stream, held = HoldingStream(blocks(), {}), ExitStack()
    held.callback(happened.append, "connection given back")
    stream.hold(held)

    async def receive() -> Message:
        await asyncio.sleep(WAIT_S)
        raise AssertionError

    async def send(message: Message) -> None:
        happened.append(message["type"])

    async def serve() -> None:
        sending = asyncio.create_task(stream({"type": "http"}, receive, send))
        await asyncio.to_thread(is_making.wait, WAIT_S)
        sending.cancel()
        await asyncio.sleep(0.05)
        Timer(0.2, may_end.set).start()  # the loop ends before, and cancels what is left of the stream

    asyncio.run(serve())

    assert happened == ["http.response.start", "block made", "query closed", "connection given back"]
