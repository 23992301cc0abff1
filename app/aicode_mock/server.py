"""The composition root: one application of all parts, and one server on a real socket."""

import errno
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, TextIO

import anyio
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp

from aicode_mock.accesslog import AccessLog, LogFormat
from aicode_mock.api import api_routes, no_route
from aicode_mock.clock import stopwatch_s
from aicode_mock.control.guard import Watch
from aicode_mock.documents import document_routes, is_document, is_for_person, to_documents
from aicode_mock.errors import not_found
from aicode_mock.failures import failure, no_place, outage
from aicode_mock.later import Later
from aicode_mock.meters import Meters
from aicode_mock.protocol import MOST_HEAD_BYTES, BoundedProtocol
from aicode_mock.tls.entrance import entrance
from aicode_mock.twin import Twin
from aicode_mock.worlds import TooManyWorldsError

if TYPE_CHECKING:
    from aicode_mock.tls.front import Front

_OPEN = Watch()
_TELL_EVERY_S = 1.0
_KEEP_ALIVE_S = 75  # longer than clients keep a connection: else it may be closed under their next request
_GRACE_S = 0.2  # for answers under way when the server is told to stop


def create_app(
    twin: Twin,
    *,
    watch: Watch = _OPEN,
    log_format: LogFormat = LogFormat.OFF,
    log_to: TextIO = sys.stdout,
    front: "Front | None" = None,
) -> ASGIApp:
    """The mirrored API, the control plane beside it, and the documents; closes ``twin`` at its end.

    ``watch`` says who may use the control plane; with a ``front``, all of it is served there, too.
    """

    @asynccontextmanager
    async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
        also = nullcontext() if front is None else entrance(_front_config(app, front), front.listener)
        async with _telling(twin.meters), also:
            yield
        await run_in_threadpool(twin.close)

    began_s = stopwatch_s()

    def control() -> ASGIApp:
        from aicode_mock.control.application import build_control

        return build_control(twin, watch, began_s=began_s)

    no_endpoint = no_route(twin)

    def refuse(request: Request, error: HTTPException) -> Response:
        if is_document(request.scope["path"]):
            return JSONResponse(not_found().body, 404)
        if is_for_person(request):
            return to_documents()
        try:
            return no_endpoint(request, error)
        except SQLAlchemyError as found:  # Starlette asks no handler about the error of another
            return outage(request, found)
        except TooManyWorldsError as found:
            return no_place(request, found)

    handlers: dict[Any, Any] = {  # Starlette calls each with its own
        HTTPException: refuse,
        TooManyWorldsError: no_place,
        SQLAlchemyError: outage,
        Exception: failure,
    }
    app = Starlette(
        routes=[*api_routes(twin), Mount("/_mock", Later(control)), *document_routes(twin)],
        lifespan=lifespan,
        exception_handlers=handlers,
    )
    app.router.redirect_slashes = False
    return app if log_format == LogFormat.OFF else AccessLog(app, log_format=log_format, out=log_to)


@asynccontextmanager
async def _telling(meters: Meters) -> AsyncIterator[None]:
    """Let the store know now and then what was counted."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_tell_regularly, meters)
        yield
        tasks.cancel_scope.cancel()


async def _tell_regularly(meters: Meters) -> None:
    while True:
        await anyio.sleep(_TELL_EVERY_S)
        with suppress(SQLAlchemyError):
            await run_in_threadpool(meters.tell)


class PortTakenError(OSError):
    """Another program listens there."""


def bind(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """A listening socket; port 0 takes a free one.  ``option`` is where the user chose the port.

    Raises:
        PortTakenError: another program has the port.
        OSError: the address is not of this machine, or not allowed.
        ValueError: the host is no name that a network could have.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _listen(address[:2], family)
    except UnicodeError as error:  # each version of Python words it otherwise
        raise ValueError(f"--host {host!r} is no host name") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                f"port {port} on {host} is taken: choose another with {option}, or 0"
            ) from error
        raise OSError(f"cannot bind {host}:{port}: {error.strerror}") from error


def spread(listener: socket.socket, count: int) -> list[socket.socket]:
    """Listening sockets in place of one, at its address; the system spreads connections over them.

    Processes that accept from one socket leave most connections to whichever wakes up first.
    Where the system cannot spread them, that is what they do.
    """
    if not hasattr(socket, "SO_REUSEPORT"):  # pragma: no cover  # Windows
        return [listener]
    address, family = listener.getsockname()[:2], listener.family
    listener.close()  # it was there to find out that nobody else has the port
    return [_listen(address, family, is_shared=True) for _ in range(count)]


def _listen(
    address: tuple[Any, ...], family: socket.AddressFamily, *, is_shared: bool = False
) -> socket.socket:
    listener = socket.create_server(address, family=family, backlog=2048, reuse_port=is_shared)
    # asyncio leaves sockets without a protocol number alone, and small answers would wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server_config(app: ASGIApp | Callable[[], ASGIApp], *, workers: int = 1) -> uvicorn.Config:
    """How uvicorn serves us; several ``workers`` are given what makes the application."""
    config = uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        access_log=False,
        log_level="error",
        lifespan="on",
        timeout_keep_alive=_KEEP_ALIVE_S,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        http=BoundedProtocol,
        ws="none",
        server_header=False,
        proxy_headers=False,
    )
    config.timeout_graceful_shutdown = _GRACE_S  # type: ignore[assignment]  # typed int, used as seconds
    return config


def _front_config(app: ASGIApp, front: "Front") -> uvicorn.Config:
    config = server_config(app)
    config.lifespan = "off"  # it is in that of the other
    config.ssl_certfile, config.ssl_keyfile = front.cert, front.key
    return config


class Server(uvicorn.Server):
    """A server of our application; ``run(sockets=[…])`` serves until SIGINT, SIGTERM or ``should_exit``."""

    def __init__(self, app: ASGIApp, *, on_ready: Callable[[], None]) -> None:
        """``on_ready`` runs when the first request can come."""
        super().__init__(server_config(app))
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        try:
            self._on_ready()
        except BaseException:
            await self.shutdown(sockets)
            raise

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; a stream that is cut now is no error worth a traceback."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
