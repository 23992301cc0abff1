"""A client so cheap that it does not hide the server: a socket, and one buffer that is used again.

It understands what the servers here send: bodies with a Content-Length on a kept connection, and
bodies that end with their connection.
"""

import re
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import NamedTuple, Self

from bench.wire import HEAD_END, WrongAnswerError, check_status, connect, length_in, request, tag_in

_TOTAL = re.compile(rb'"totalCount":(\d+)')
_BUFFER_BYTES = 4 * 1024 * 1024
_STREAM_BYTES = 256 * 1024


class Reply(NamedTuple):
    """An answer; ``body`` lies in the connection's buffer and is valid until its next request."""

    status: int
    head: bytes
    body: memoryview

    @property
    def tag(self) -> str:
        """The ETag."""
        return tag_in(self.head)

    @property
    def total_count(self) -> int:
        """The totalCount of a page: the envelope's figures are its last bytes."""
        found = _TOTAL.search(bytes(self.body[-100:]))
        if found is None:
            raise WrongAnswerError("no totalCount at the end of the page")
        return int(found[1])


class Connection:
    """A connection that is kept; it asks for one thing at a time."""

    def __init__(self, port: int) -> None:
        """Connect to a server of this machine."""
        self._socket = connect(port)
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def get(self, target: str, *, tag: str | None = None, status: int = 200) -> Reply:
        """Ask for a target, if it is no longer what ``tag`` names.

        Raises:
            WrongAnswerError: the answer has another status, or no Content-Length.
        """
        self._socket.sendall(request(target, tag=tag))
        filled, end = 0, -1
        while end < 0:
            filled += self._receive(filled)
            end = bytes(self._buffer[: min(filled, 4096)]).find(HEAD_END)
        head = bytes(self._buffer[:end])
        start = end + len(HEAD_END)
        check_status(head, status, target)
        length = 0 if status == 304 else length_in(head)
        while filled < start + length:
            filled += self._receive(filled)
        return Reply(status, head, self._buffer[start : start + length])

    def _receive(self, filled: int) -> int:
        count = self._socket.recv_into(self._buffer[filled:])
        if not count:
            raise WrongAnswerError("the connection ended, or the answer is longer than the buffer")
        return count


@dataclass(frozen=True, slots=True)
class Streamed:
    """How long a stream took, in seconds since the request was sent, and how many bytes came."""

    first_byte_s: float
    seconds: float
    received_bytes: int
    tag: str


def stream(port: int, target: str) -> Streamed:
    """Read a chunked answer to its end, on a connection of its own, and throw it away.

    Raises:
        WrongAnswerError: the answer is no 200, or not complete.
    """
    buffer = memoryview(bytearray(_STREAM_BYTES))
    with connect(port) as connection:
        start = perf_counter()
        connection.sendall(request(target, close=True))
        head = b""
        while HEAD_END not in head or head.endswith(HEAD_END):
            block = connection.recv(_STREAM_BYTES)
            if not block:
                raise WrongAnswerError(f"no body: {target}")
            head += block
        first_byte_s = perf_counter() - start
        check_status(head, 200, target)
        received_bytes, tail = len(head), head[-5:]
        while count := connection.recv_into(buffer):
            received_bytes += count
            tail = (tail + bytes(buffer[max(0, count - 5) : count]))[-5:]
        seconds = perf_counter() - start
    if tail != b"0\r\n\r\n":
        raise WrongAnswerError(f"the stream was cut: {target}")
    return Streamed(first_byte_s, seconds, received_bytes, tag_in(head))
