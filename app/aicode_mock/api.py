"""The mirrored API: how a request is admitted, answered, or refused.

Order of checks: authentication, plan, rate limit, parameters, conditional request.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

import anyio
from fastapi import FastAPI
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from aicode_mock import errors
from aicode_mock.answering import Answer, Call
from aicode_mock.credentials import read_credentials
from aicode_mock.directory import Caller, contract_of, find_caller
from aicode_mock.endpoints import ENDPOINTS, Endpoint
from aicode_mock.query import BadRequestError, NotFoundError
from aicode_mock.twin import Twin
from aicode_mock.worldplan import MAIN_WORLD

_CACHE_CONTROL = "public, max-age=900"  # documented
_PIECE_BYTES = 256 * 1024
_ENTITY_TAG = re.compile(r'"[^"]*"')


def build_api(twin: Twin) -> FastAPI:
    """The application of all mirrored endpoints; anything else is the contract's 404."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for endpoint in ENDPOINTS:
        app.add_api_route(
            endpoint.path,
            _handler(twin, endpoint),
            methods=["GET", "HEAD"],
            name=endpoint.name,
            response_model=None,
        )

    @app.exception_handler(errors.ApiError)
    def refuse(_request: Request, error: errors.ApiError) -> Response:
        return _error_response(error)

    @app.exception_handler(HTTPException)
    def no_route(request: Request, error: HTTPException) -> Response:
        with twin.store.reading() as connection:
            switches = contract_of(connection, MAIN_WORLD).switches
        path = request.url.path
        if error.status_code == 405:
            methods = (error.headers or {}).get("Allow", "").split(", ")  # in any order
            return _error_response(errors.wrong_method(switches, allowed=", ".join(sorted(methods))))
        if switches.trailing_slash == "redirect" and path.strip("/") and path.endswith("/"):
            return RedirectResponse(request.url.replace(path=path.rstrip("/")), status_code=308)
        return _error_response(errors.not_found())

    @app.exception_handler(Exception)
    def fail(_request: Request, _error: Exception) -> Response:
        response = _error_response(errors.unexpected())
        response.headers["Connection"] = "close"  # the server closes it after an error: say so
        return response

    return app


def _handler(twin: Twin, endpoint: Endpoint) -> Callable[[Request], Response]:
    def handle(request: Request) -> Response:
        with ExitStack() as held:
            connection = held.enter_context(twin.store.reading())
            caller = _authenticate(connection, request, endpoint)
            contract = caller.contract
            call = Call(caller, connection, request.path_params, request.query_params.multi_items())
            outcome = _outcome(endpoint, call, request)
            is_free = outcome.is_not_modified or (bool(outcome.refusal) and contract.switches.counted == "ok")
            if not twin.limits.admits(
                caller.team_id, endpoint.name, per_minute=contract.rate_limit, is_free=is_free
            ):
                raise errors.rate_limited(contract.switches)
            return _respond(endpoint, outcome, request, held)

    return handle


def _authenticate(connection: Connection, request: Request, endpoint: Endpoint) -> Caller:
    credentials = read_credentials(request.headers.get("Authorization"))
    caller = find_caller(connection, credentials.key) if credentials else None
    contract = caller.contract if caller else contract_of(connection, MAIN_WORLD)
    if not endpoint.exists(contract.revision):
        raise errors.not_found()
    if caller is None or credentials is None or not credentials.are_accepted(contract.switches):
        raise errors.unauthorized(contract.switches)
    if endpoint.needs_enterprise and not caller.is_enterprise:
        raise errors.no_enterprise(contract.switches)
    return caller


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a request comes to, before the limit is asked and before anything is rendered."""

    answer: Answer | None = None
    refusal: errors.ApiError | None = None
    tag: str | None = None
    is_not_modified: bool = False


def _outcome(endpoint: Endpoint, call: Call, request: Request) -> _Outcome:
    switches = call.contract.switches
    if not endpoint.open_to(call.caller):
        return _Outcome(refusal=errors.not_found())
    try:
        answer = endpoint.answer(call)
    except BadRequestError as error:
        return _Outcome(refusal=errors.bad_request(switches, str(error)))
    except NotFoundError:
        return _Outcome(refusal=errors.not_found())
    if switches.caching == "off":
        return _Outcome(answer)
    tag = _entity_tag(call, answer)
    return _Outcome(answer, tag=tag, is_not_modified=_is_met(request.headers.getlist("If-None-Match"), tag))


def _respond(endpoint: Endpoint, outcome: _Outcome, request: Request, held: ExitStack) -> Response:
    if outcome.answer is None:
        raise outcome.refusal or errors.unexpected()
    headers = {"ETag": outcome.tag, "Cache-Control": _CACHE_CONTROL} if outcome.tag else {}
    if outcome.is_not_modified:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Type"] = endpoint.media_type
    if not endpoint.is_stream:
        return Response("".join(outcome.answer.blocks()), headers=headers)
    blocks = outcome.answer.blocks() if request.method == "GET" else iter(())
    return HoldingStream(blocks, held.pop_all(), headers)


def _entity_tag(call: Call, answer: Answer) -> str:
    """A strong tag of everything that determines the bytes of an answer (its form is assumed)."""
    determined_by = f"{call.caller.data_digest} {call.contract.fingerprint} {answer.identity}"
    return f'"{sha256(determined_by.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def _is_met(if_none_match: list[str], tag: str) -> bool:
    """Whether a client has the tag already; lists, ``*`` and weak comparison as in RFC 9110."""
    text = ", ".join(if_none_match).strip()
    return text == "*" or tag in _ENTITY_TAG.findall(text)


def _error_response(error: errors.ApiError) -> Response:
    body = json.dumps(error.body, ensure_ascii=False, separators=(",", ":"))
    return Response(body, error.status, error.headers, media_type="application/json")


class HoldingStream(StreamingResponse):
    """A stream that holds what it reads from, and lets go as soon as it ends or its client is gone."""

    def __init__(self, blocks: Iterator[str], held: ExitStack, headers: dict[str, str]) -> None:
        """``blocks`` are made in threads, one at a time, when the client has taken the last."""
        self._pieces, self._held = _pieces(blocks), held
        super().__init__(self._pieces, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._let_go)

    def _let_go(self) -> None:
        self._pieces.close()  # an open query would keep its snapshot on a connection that others take next
        self._held.close()


def _pieces(blocks: Iterator[str]) -> Generator[bytes, None, None]:
    """Blocks as bytes, in pieces small enough that a slow client makes nothing pile up."""
    for block in blocks:
        text = block.encode()
        for start in range(0, len(text), _PIECE_BYTES):
            yield text[start : start + _PIECE_BYTES]
