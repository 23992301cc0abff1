"""HTTP/1.1 as far as a stranger may go: requests of bounded size in bounded time, refusals in JSON.

The head of a request has to come within half a minute, its body within five; the connection
is closed then.  Else a few thousand clients that send a byte a minute, or nothing, would
take all files that the system lets the server open.
"""

import asyncio
import json
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import unquote

import h11
from starlette.types import ASGIApp, Receive, Scope, Send

from aicode_mock.faults.transport import BreakableProtocol

MOST_HEAD_BYTES = 256 * 1024  # a parameter of 64 KiB gets an answer, not a broken connection
_MESSAGES = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: f"URL and headers must not be over {MOST_HEAD_BYTES} bytes",
    HTTPStatus.REQUEST_TIMEOUT: "The request did not come to its end in time",
}
_ANSWERABLE = (h11.IDLE, h11.SEND_RESPONSE)


def allow_many_files() -> None:
    """Let this process open as many files as it may, one a client: unasked, that is often 1024."""
    with suppress(ImportError, OSError, ValueError):  # Windows; no right to
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class BoundedProtocol(BreakableProtocol):
    """Connections that wait for a request, and for the rest of it, so long and no longer."""

    head_s: ClassVar[float] = 30.0
    body_s: ClassVar[float] = 300.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
        """Wait for the first request."""
        super().connection_made(transport)
        self.app = self._ending_with_server(_at_origin(self.app))
        self._awaited: object = None
        self._patience: asyncio.TimerHandle | None = None
        self._await_rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for what is missing."""
        super().data_received(data)
        self._await_rest()

    def on_response_complete(self) -> None:
        """Wait for what is missing of a request that came behind this one."""
        super().on_response_complete()
        if self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]:
            self._await_rest()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too much of it; ``msg`` says no more than that."""
        status = HTTPStatus(getattr(sys.exception(), "error_status_hint", HTTPStatus.BAD_REQUEST))
        self._refuse(status, _MESSAGES.get(status, msg))

    def _ending_with_server(self, app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            except asyncio.CancelledError:  # the server stops: uvicorn would answer with a 500
                self.transport.abort()  # and does not wait for clients that read nothing
                await self._lost.wait()

        return call

    def _await_rest(self) -> None:
        """One patience for the head, one for the body: more bytes prolong neither."""
        awaited = self.conn.their_state
        if awaited is self._awaited:
            return
        self._stop_waiting()
        limits = {h11.IDLE: self.head_s, h11.SEND_BODY: self.body_s}
        if awaited in limits and not self.transport.is_closing():
            self._awaited = awaited
            self._patience = self.loop.call_later(limits[awaited], self._give_up)

    def _stop_waiting(self) -> None:
        self._awaited = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if self._awaited is h11.IDLE and not self.conn.trailing_data[0]:  # asked for nothing
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, _MESSAGES[HTTPStatus.REQUEST_TIMEOUT])

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer, unless that has begun already, and close the connection."""
        if self.conn.our_state in _ANSWERABLE:
            body = json.dumps({"error": status.phrase, "message": message}, separators=(",", ":")).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            head = h11.Response(status_code=status, headers=headers, reason=status.phrase)
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _at_origin(app: ASGIApp) -> ASGIApp:
    """Takes a target in absolute form, as a client sends it that takes this server for its proxy."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["raw_path"].startswith((b"http://", b"https://")):
            scope = {**scope, **_origin_form(scope)}
        await app(scope, receive, send)

    return call


def _origin_form(scope: Scope) -> Scope:
    """What a target in absolute form says of path and host: the header Host does not count (RFC 9112)."""
    authority, slash, rest = scope["raw_path"].partition(b"://")[2].partition(b"/")
    raw_path = (slash or b"/") + rest
    host = (b"host", authority.rpartition(b"@")[2])
    headers = [host, *((name, value) for name, value in scope["headers"] if name != b"host")]
    return {"raw_path": raw_path, "path": unquote(raw_path.decode("ascii")), "headers": headers}
