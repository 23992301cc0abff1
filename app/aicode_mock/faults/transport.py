"""Breaking connections: the means that ASGI lacks, as an extension of it.

A server whose protocol is ``BreakableProtocol`` announces the extension in the scope and
takes a message ``http.response.break`` in place of the rest of an answer.  Everything sent
before arrives; ``how`` is ``close`` (the body stays unfinished) or ``reset`` (RST).  The
message passes all layers of an application, so that each can note how the answer ended.
"""

import asyncio
import socket
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from aicode_mock.faults.actions import BreakKind

BREAK = "http.response.break"

_POLL_S = 0.005
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class UnbreakableError(RuntimeError):
    """The server of this request gives no means to break its connection."""


class BreakableProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, with connections that the application can break."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
        """Let every request of the connection break it."""
        super().connection_made(transport)
        self._lost = asyncio.Event()
        self.app = self._breakable(self.app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever broke it: from here on uvicorn expects no end of the answer."""
        super().connection_lost(exc)
        self._lost.set()

    def _breakable(self, app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_or_break(message: Message) -> None:
                if message["type"] == BREAK:
                    await self._break(message["how"])
                else:
                    await send(message)

            scope.setdefault("extensions", {})[BREAK] = {}
            await app(scope, receive, send_or_break)

        return call

    async def _break(self, how: "BreakKind") -> None:
        if how == "reset":
            await self._drain()
            self._reset()
        self.transport.close()  # which still sends what is waiting
        await self._lost.wait()

    def _reset(self) -> None:
        if not self._lost.is_set():
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.transport.abort()

    async def _drain(self) -> None:
        """Wait until the client has all bytes: those on their way would be lost by a reset."""
        connection = self.transport.get_extra_info("socket")
        while self._has_more_to_send(connection):  # noqa: ASYNC110  # the system tells only who asks
            await asyncio.sleep(_POLL_S)

    def _has_more_to_send(self, connection: Any) -> bool:
        if self._lost.is_set():
            return False
        return self.transport.get_write_buffer_size() > 0 or unsent_bytes(connection) > 0


def expect_breakable(scope: Scope) -> None:
    """Go on if the connection of a request can be broken.

    Raises:
        UnbreakableError: it cannot.
    """
    if BREAK not in scope.get("extensions", {}):
        raise UnbreakableError("connections break only on a server whose protocol is BreakableProtocol")


async def break_off(send: Send, how: "BreakKind") -> None:
    """End an answer where it is, with its connection; returns when that is gone."""
    await send({"type": BREAK, "how": how})


def unsent_bytes(connection: Any) -> int:
    """Bytes that the system has taken but not brought over; 0 where it does not tell."""
    with suppress(ImportError, OSError):
        from fcntl import ioctl
        from termios import TIOCOUTQ

        (unsent,) = struct.unpack("i", ioctl(connection.fileno(), TIOCOUTQ, struct.pack("i", 0)))
        return int(unsent)
    return 0
