"""The mirrored API: a request comes to its endpoint, meets faults, gets its answer and its journal entry.

Faults that the world declares come before all checks of ``admission``.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from aicode_mock import admission, errors
from aicode_mock.arrival import Visitor, arrive
from aicode_mock.atonce import AtOnce, NotAtOnceError, Resources
from aicode_mock.bodies import MOST_BYTES, Body
from aicode_mock.endpoints import ENDPOINTS, Endpoint
from aicode_mock.failures import error_response
from aicode_mock.faults.effects import Effect
from aicode_mock.nearmiss import near_endpoint
from aicode_mock.outage import is_busy
from aicode_mock.recording import Draft, Recorded
from aicode_mock.streams import HoldingStream, Unsent
from aicode_mock.targets import keep_body
from aicode_mock.twin import Twin

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_METHODS = {endpoint.path: endpoint.method for endpoint in ENDPOINTS}


def api_routes(twin: Twin) -> list[BaseRoute]:
    """The mirrored endpoints.

    They are plain routes: the table of endpoints says what a framework would find out for each request.
    """
    at_once = AtOnce(twin)
    return [
        Route(
            endpoint.path, _Mirrored(twin, at_once, endpoint), methods=[endpoint.method], name=endpoint.name
        )
        for endpoint in ENDPOINTS
    ]


def no_route(twin: Twin) -> Callable[[Request, HTTPException], Response]:
    """Answers what no endpoint answers, in the contract's words."""

    def refuse(request: Request, error: HTTPException) -> Response:
        return _exchange(
            twin, request, None, lambda visitor, draft: _no_route(visitor, draft, request, error)
        )

    return refuse


class _Mirrored:
    """Answers requests of an endpoint: on the event loop what is known already, in a thread all else."""

    def __init__(self, twin: Twin, at_once: AtOnce, endpoint: Endpoint) -> None:
        self._twin = twin
        self._at_once = at_once
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(Request(scope, receive))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        if self._endpoint.reads_body:
            try:
                keep_body(request.scope, await _read_body(request))
            except ClientDisconnect:
                return Unsent()
        if self._endpoint.rows:
            with suppress(NotAtOnceError):
                return self._at_once.run(lambda resources: self._answered(resources, request))
        return await run_in_threadpool(self._answered, self._twin, request)

    def _answered(self, resources: Resources, request: Request) -> Response:
        endpoint = self._endpoint
        return _exchange(
            resources,
            request,
            endpoint,
            lambda visitor, draft: admission.answer(endpoint, visitor, request, draft),
        )


async def _read_body(request: Request) -> Body:
    data, content_type = b"", request.headers.get("Content-Type")
    async for piece in request.stream():
        data += piece
        if len(data) > MOST_BYTES:
            return Body(data, content_type, is_whole=False)
    return Body(data, content_type)


def _exchange(
    resources: Resources,
    request: Request,
    endpoint: Endpoint | None,
    answer: Callable[[Visitor, Draft], Response],
) -> Response:
    """Answer a request in its world, as its faults allow, and write it into the journal."""
    draft = Draft(request, endpoint.name if endpoint else None)
    with ExitStack() as held:
        visitor = arrive(resources, request, endpoint, held)
        draft.world, draft.caller = visitor.world, visitor.caller
        draft.faults, draft.spoiling = visitor.fault_numbers, visitor.hits.spoiling
        try:
            response = visitor.hits.replacement(visitor.world.contract.switches) or answer(visitor, draft)
        except errors.ApiError as error:
            draft.message = str(error)
            response = error_response(error)
        except SQLAlchemyError as error:
            if not is_busy(error):  # else the journal's turn would not come either
                with suppress(SQLAlchemyError):
                    _record_failure(resources, draft, errors.unavailable())
            raise
        except Exception:
            _record_failure(resources, draft, errors.unexpected())
            raise
        has_body = request.method != "HEAD" and response.status_code not in _BODILESS
        visitor.give_back(visitor.hits.missed(Effect(draft.bend, draft.has_new_row, has_body)))
        return _recorded(resources, visitor, draft, response)


def _record_failure(resources: Resources, draft: Draft, error: errors.ApiError) -> None:
    draft.status, draft.message = error.status, str(error)
    draft.open(resources.journal, body_bytes=len(error_response(error).body), is_complete=True)


def _recorded(resources: Resources, visitor: Visitor, draft: Draft, response: Response) -> Response:
    draft.status = response.status_code
    retry_after = response.headers.get("Retry-After", "")
    draft.retry_after = int(retry_after) if retry_after.isdecimal() else None
    if not isinstance(response, HoldingStream):
        visitor.held.close()  # all is read: the entry is written on the same connection, whose pages are warm
    sent = visitor.hits.distorted(response, now=visitor.now, on_missed=visitor.give_back)
    ends_later = sent is not response or isinstance(response, HoldingStream)
    body_bytes = 0 if ends_later else len(response.body)
    entry = draft.open(resources.journal, body_bytes=body_bytes, is_complete=not ends_later)
    if isinstance(response, HoldingStream):
        response.hold(visitor.held.pop_all())  # nothing fails from here on
    return Recorded(sent, entry) if ends_later else sent


def _no_route(visitor: Visitor, draft: Draft, request: Request, error: HTTPException) -> Response:
    switches, path = visitor.world.contract.switches, request.scope["path"]
    draft.hint = near_endpoint(request.method, path, _METHODS)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = (error.headers or {}).get("Allow", "").split(", ")  # in any order
        raise errors.wrong_method(switches, allowed=", ".join(sorted(methods)))
    if switches.trailing_slash == "redirect" and path.strip("/") and path.endswith("/"):
        return RedirectResponse(request.url.replace(path=path.rstrip("/")), status_code=308)
    raise errors.not_found()
