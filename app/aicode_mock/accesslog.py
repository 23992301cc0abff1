"""The access log: one line a request, as text or JSON, never with a key in it.

In JSON a line also names the host and the process that wrote it, for the logs of replicas come together.
"""

import json
import os
import socket
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aicode_mock.clock import Clock, instant_text, stopwatch_s, to_ms
from aicode_mock.targets import shown_path, shown_query

_SILENT = ("/_mock/health", "/_mock/ready")


class LogFormat(StrEnum):
    """How requests are logged."""

    TEXT = "text"
    JSON = "json"
    OFF = "off"


@dataclass(slots=True)
class _Entry:
    time: str
    method: str
    target: str
    status: int = 0
    bytes: int = 0
    ms: float = 0.0

    def as_text(self) -> str:
        return f"{self.time} {self.method} {self.target} {self.status} {self.bytes}B {self.ms:.1f}ms"


class AccessLog:
    """An ASGI layer that writes a line when an answer has ended; health checks are not logged."""

    def __init__(self, app: ASGIApp, *, log_format: LogFormat, out: TextIO) -> None:
        """Lines go to ``out``."""
        self._app = app
        self._format = log_format
        self._out = out
        self._writer = {"host": socket.gethostname(), "pid": os.getpid()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note what came back."""
        if scope["type"] != "http" or scope["path"] in _SILENT:
            await self._app(scope, receive, send)
            return
        began = stopwatch_s()
        entry = _Entry(instant_text(to_ms(Clock().now())), scope["method"], _target(scope))

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            elif entry.method != "HEAD":  # whose body the server drops
                entry.bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            entry.ms = round(1000 * (stopwatch_s() - began), 1)
            self._out.write(f"{self._line(entry)}\n")
            self._out.flush()

    def _line(self, entry: _Entry) -> str:
        if self._format == LogFormat.JSON:
            return json.dumps(asdict(entry) | self._writer)
        return entry.as_text()


def _target(scope: Scope) -> str:
    path, query = shown_path(scope), shown_query(scope)
    return f"{path}?{query}" if query else path
