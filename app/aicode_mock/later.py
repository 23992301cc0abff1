"""A part of the server that is loaded when it is first asked for: most processes never need it."""

from collections.abc import Callable
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send


class Later:
    """An ASGI application that is built for its first request, in a thread, once."""

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        """``build`` may import what it likes."""
        self._build = build
        self._lock = Lock()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        app = self._app
        if app is None:
            app = await run_in_threadpool(self._built)
        await app(scope, receive, send)

    def _built(self) -> ASGIApp:
        with self._lock:
            if self._app is None:
                self._app = self._build()
            return self._app
