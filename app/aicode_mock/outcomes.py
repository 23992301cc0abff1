"""What a request comes to: an answer, 304 or a refusal; and the response that it gets.

That is known from the name of the answer, before anything is rendered: the rate limit is
asked in between.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from aicode_mock import errors
from aicode_mock.atonce import Resources
from aicode_mock.calls import Answer, Call
from aicode_mock.endpoints import Endpoint
from aicode_mock.query import BadRequestError, NotFoundError
from aicode_mock.recording import Draft
from aicode_mock.streams import HoldingStream
from aicode_mock.targets import without_sent_key

_CACHE_CONTROL = "public, max-age=900"  # documented
_ENTITY_TAG = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Outcome:
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
        return _tag(self.name)


def outcome_of(endpoint: Endpoint, call: Call, request: Request) -> Outcome:
    """What a call of an endpoint comes to."""
    switches = call.contract.switches
    if not endpoint.open_to(call.caller):
        return Outcome(refusal=errors.not_found())
    try:
        answer = endpoint.answer(call)
    except BadRequestError as error:
        return Outcome(refusal=errors.bad_request(switches, without_sent_key(str(error), request.scope)))
    except NotFoundError:
        return Outcome(refusal=errors.not_found())
    name = _name(call, answer)
    is_cached = switches.caching == "on" and not endpoint.reads_body
    is_known = is_cached and _is_met(request.headers.getlist("If-None-Match"), _tag(name))
    return Outcome(answer, name=name, is_not_modified=is_known)


def respond(
    resources: Resources, endpoint: Endpoint, outcome: Outcome, call: Call, request: Request, draft: Draft
) -> Response:
    """The response to a call; the draft of its journal entry learns what is in it.

    Raises:
        ApiError: it comes to a refusal.
    """
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
        page = resources.pages.page(outcome.name, lambda: _rendered(resources, answer))
        if answer.row_mark is not None:
            draft.rows = page.count(answer.row_mark)
        return Response(page, headers=headers)
    resources.take_time()
    blocks = answer.blocks() if request.method == "GET" else iter(())
    return HoldingStream(blocks, headers)


def _rendered(resources: Resources, answer: Answer) -> bytes:
    resources.take_time()
    return b"".join(answer.blocks())


def _tag(name: str) -> str:
    return f'"{name}"'


def _name(call: Call, answer: Answer) -> str:
    """A hash of everything that determines the bytes of an answer."""
    data, contract = call.caller.world.data_digest, call.contract.fingerprint
    determined_by = f"{data} {contract} {call.caller.ordinal} {answer.identity}"
    return sha256(determined_by.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _is_met(if_none_match: list[str], tag: str) -> bool:
    """Whether a client has the tag already; lists, ``*`` and weak comparison as in RFC 9110."""
    text = ", ".join(if_none_match).strip()
    return text == "*" or tag in _ENTITY_TAG.findall(text)
