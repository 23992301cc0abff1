"""The mirrored API: how a request is admitted, answered, or refused.

Order of checks: authentication, plan, rate limit, parameters, conditional request.
Faults that the world declares come before all of them.
"""

import json
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from aicode_mock import errors
from aicode_mock.answering import Answer, Call
from aicode_mock.arrival import Visitor, arrive, with_new_rows
from aicode_mock.bodies import MOST_BYTES, NOTHING, Body
from aicode_mock.directory import Caller
from aicode_mock.endpoints import ENDPOINTS, Endpoint
from aicode_mock.entries import Understood
from aicode_mock.faults.distorted import Distorted
from aicode_mock.faults.model import Effect, bend, missed, rows_to_insert
from aicode_mock.faults.replacement import replacement
from aicode_mock.nearmiss import near_endpoint
from aicode_mock.outage import is_busy, report
from aicode_mock.query import BadRequestError, NotFoundError, understand
from aicode_mock.recording import Draft, Recorded
from aicode_mock.streams import HoldingStream
from aicode_mock.targets import (
    keep_body,
    sent_body,
    sent_parameters,
    shown_fields_of,
    shown_parameters,
    without_keys,
)
from aicode_mock.twin import Twin
from aicode_mock.worlds import TooManyWorldsError

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_CACHE_CONTROL = "public, max-age=900"  # documented
_METHODS = {endpoint.path: endpoint.method for endpoint in ENDPOINTS}
_ENTITY_TAG = re.compile(r'"[^"]*"')


def api_routes(twin: Twin) -> list[BaseRoute]:
    """The mirrored endpoints.

    They are plain routes: the table of endpoints says what a framework would find out for each request.
    """
    return [
        Route(
            endpoint.path,
            _posted(_handler(twin, endpoint)) if endpoint.reads_body else _handler(twin, endpoint),
            methods=[endpoint.method],
            name=endpoint.name,
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


def failure(_request: Request, _error: Exception) -> Response:
    """The answer to a request that we failed."""
    response = _error_response(errors.unexpected())
    response.headers["Connection"] = "close"  # the server closes it after an error: say so
    return response


def outage(_request: Request, error: SQLAlchemyError) -> Response:
    """The answer when the store gives none."""
    report(error)
    return _error_response(errors.unavailable())


def no_place(_request: Request, error: TooManyWorldsError) -> Response:
    """The answer to a new sandbox key when there is no place for its world."""
    return _error_response(errors.unavailable(str(error)))


def _handler(twin: Twin, endpoint: Endpoint) -> Callable[[Request], Response]:
    def handle(request: Request) -> Response:
        return _exchange(
            twin, request, endpoint, lambda visitor, draft: _answer(twin, endpoint, visitor, request, draft)
        )

    return handle


def _posted(handle: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Reads the body before a thread is taken."""

    async def read_and_handle(request: Request) -> Response:
        try:
            keep_body(request.scope, await _read_body(request))
        except ClientDisconnect:
            return Response()  # nobody is there to get it
        return await run_in_threadpool(handle, request)

    return read_and_handle


async def _read_body(request: Request) -> Body:
    data, content_type = b"", request.headers.get("Content-Type")
    async for piece in request.stream():
        data += piece
        if len(data) > MOST_BYTES:
            return Body(data, content_type, is_whole=False)
    return Body(data, content_type)


def _exchange(
    twin: Twin, request: Request, endpoint: Endpoint | None, answer: Callable[[Visitor, Draft], Response]
) -> Response:
    """Answer a request in its world, as its faults allow, and write it into the journal."""
    draft = Draft(request, endpoint.name if endpoint else None)
    with ExitStack() as held:
        visitor = arrive(twin, request, endpoint, held)
        draft.world, draft.caller = visitor.world, visitor.caller
        draft.faults = visitor.hitting
        try:
            response = replacement(visitor.faults, visitor.world.contract.switches) or answer(visitor, draft)
        except errors.ApiError as error:
            draft.message = str(error)
            response = _error_response(error)
        except SQLAlchemyError as error:
            if not is_busy(error):  # else the journal's turn would not come either
                with suppress(SQLAlchemyError):
                    _record_failure(twin, draft, errors.unavailable())
            raise
        except Exception:
            _record_failure(twin, draft, errors.unexpected())
            raise
        has_body = request.method != "HEAD" and response.status_code not in _BODILESS
        visitor.give_back(missed(visitor.faults, Effect(draft.bend, draft.has_new_row, has_body)))
        return _recorded(twin, visitor, draft, response)


def _record_failure(twin: Twin, draft: Draft, error: errors.ApiError) -> None:
    draft.status, draft.message = error.status, str(error)
    draft.open(twin.journal, body_bytes=len(_error_response(error).body), is_complete=True)


def _recorded(twin: Twin, visitor: Visitor, draft: Draft, response: Response) -> Response:
    draft.status = response.status_code
    retry_after = response.headers.get("Retry-After", "")
    draft.retry_after = int(retry_after) if retry_after.isdecimal() else None
    ends_later = bool(visitor.faults) or isinstance(response, HoldingStream)
    body_bytes = 0 if ends_later else len(response.body)
    if not isinstance(response, HoldingStream):
        visitor.held.close()  # all is read: the entry is written on the same connection, whose pages are warm
    entry = draft.open(twin.journal, body_bytes=body_bytes, is_complete=not ends_later)
    if isinstance(response, HoldingStream):
        response.hold(visitor.held.pop_all())
    if visitor.faults:
        response = Distorted(response, visitor.faults, now=visitor.now, on_missed=visitor.give_back)
    return Recorded(response, entry) if ends_later else response


def _no_route(visitor: Visitor, draft: Draft, request: Request, error: HTTPException) -> Response:
    switches, path = visitor.world.contract.switches, request.scope["path"]
    draft.hint = near_endpoint(request.method, path, _METHODS)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = (error.headers or {}).get("Allow", "").split(", ")  # in any order
        raise errors.wrong_method(switches, allowed=", ".join(sorted(methods)))
    if switches.trailing_slash == "redirect" and path.strip("/") and path.endswith("/"):
        return RedirectResponse(request.url.replace(path=path.rstrip("/")), status_code=308)
    raise errors.not_found()


def _answer(twin: Twin, endpoint: Endpoint, visitor: Visitor, request: Request, draft: Draft) -> Response:
    caller = _authenticated(endpoint, visitor)
    contract = caller.contract
    query = sent_parameters(request.scope)
    body = sent_body(request.scope)
    draft.understood = noticed = _noticed(endpoint, request, body)
    call = Call(
        caller, visitor.connection, request.path_params, query, bend(visitor.faults), noticed, body or NOTHING
    )
    outcome = _outcome(endpoint, call, request)
    if outcome.answer:
        draft.understood = outcome.answer.understood or noticed
    is_free = outcome.is_not_modified or (bool(outcome.refusal) and contract.switches.counted == "ok")
    per_minute = contract.admin_rate_limit if endpoint.is_admin else contract.rate_limit
    draft.limit = twin.limits.count(caller, endpoint.name, per_minute=per_minute, is_free=is_free)
    if draft.limit and draft.limit.is_used_up:
        left_s = draft.limit.seconds_left(visitor.now())
        raise errors.rate_limited(contract.switches, window_s=left_s, of_admin=endpoint.is_admin)
    if outcome.answer and endpoint.rows and rows_to_insert(visitor.faults):
        visitor = with_new_rows(visitor, caller, endpoint.rows)
        call = replace(call, caller=_authenticated(endpoint, visitor), connection=visitor.connection)
        outcome, draft.has_new_row = _outcome(endpoint, call, request), True
    return _respond(twin, endpoint, outcome, call, request, draft)


def _noticed(endpoint: Endpoint, request: Request, body: Body | None) -> Understood:
    shown = shown_parameters(request.scope)
    if body is None:
        return understand(shown, endpoint.parameters)
    return understand(shown_fields_of(body, request.scope), endpoint.parameters, misplaced=shown)


def _authenticated(endpoint: Endpoint, visitor: Visitor) -> Caller:
    contract, caller = visitor.world.contract, visitor.caller
    if not endpoint.exists(contract.revision):
        raise errors.not_found()
    if caller is None or not visitor.has_accepted_credentials:
        raise errors.unauthorized(contract.switches)
    if endpoint.needs_enterprise and not caller.is_enterprise:
        raise errors.no_enterprise(contract.switches)
    return caller


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a request comes to, before the limit is asked and before anything is rendered.

    ``name`` stands for everything that determines the bytes of the answer.
    """

    answer: Answer | None = None
    refusal: errors.ApiError | None = None
    name: str = ""
    is_not_modified: bool = False

    @property
    def tag(self) -> str:
        """A strong entity tag (its form is assumed)."""
        return f'"{self.name}"'


def _outcome(endpoint: Endpoint, call: Call, request: Request) -> _Outcome:
    switches = call.contract.switches
    if not endpoint.open_to(call.caller):
        return _Outcome(refusal=errors.not_found())
    try:
        answer = endpoint.answer(call)
    except BadRequestError as error:
        return _Outcome(refusal=errors.bad_request(switches, without_keys(str(error), request.scope)))
    except NotFoundError:
        return _Outcome(refusal=errors.not_found())
    outcome = _Outcome(answer, name=_name(call, answer))
    is_cached = switches.caching == "on" and not endpoint.reads_body
    if is_cached and _is_met(request.headers.getlist("If-None-Match"), outcome.tag):
        return replace(outcome, is_not_modified=True)
    return outcome


def _respond(
    twin: Twin, endpoint: Endpoint, outcome: _Outcome, call: Call, request: Request, draft: Draft
) -> Response:
    answer = outcome.answer
    if answer is None:
        raise outcome.refusal or errors.unexpected()
    draft.rows, draft.total, draft.bend = answer.rows, answer.total, answer.bend
    is_cached = call.contract.switches.caching == "on" and not endpoint.reads_body
    headers = {"ETag": outcome.tag, "Cache-Control": _CACHE_CONTROL} if is_cached else {}
    if outcome.is_not_modified:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Type"] = endpoint.media_type
    if not endpoint.is_stream:
        page = twin.pages.page(outcome.name, lambda: b"".join(answer.blocks()))
        if answer.row_mark is not None:
            draft.rows = page.count(answer.row_mark)
        return Response(page, headers=headers)
    blocks = answer.blocks() if request.method == "GET" else iter(())
    return HoldingStream(blocks, headers)


def _name(call: Call, answer: Answer) -> str:
    """A hash of everything that determines the bytes of an answer."""
    data, contract = call.caller.world.data_digest, call.contract.fingerprint
    determined_by = f"{data} {contract} {call.caller.ordinal} {answer.identity}"
    return sha256(determined_by.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _is_met(if_none_match: list[str], tag: str) -> bool:
    """Whether a client has the tag already; lists, ``*`` and weak comparison as in RFC 9110."""
    text = ", ".join(if_none_match).strip()
    return text == "*" or tag in _ENTITY_TAG.findall(text)


def _error_response(error: errors.ApiError) -> Response:
    body = json.dumps(error.body, ensure_ascii=False, separators=(",", ":"))
    return Response(body, error.status, error.headers, media_type="application/json")
