"""How a visitor of an endpoint is admitted, and answered or refused.

Order of checks: authentication, plan, rate limit, parameters, conditional request.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from aicode_mock import errors
from aicode_mock.arrival import Visitor, let_rows_arrive
from aicode_mock.bodies import NOTHING, Body
from aicode_mock.calls import Call
from aicode_mock.directory import Caller
from aicode_mock.endpoints import Endpoint
from aicode_mock.entries import Understood
from aicode_mock.outcomes import outcome_of, respond
from aicode_mock.query import understand
from aicode_mock.recording import Draft
from aicode_mock.targets import sent_body, sent_parameters, shown_fields_of, shown_parameters


def answer(endpoint: Endpoint, visitor: Visitor, request: Request, draft: Draft) -> Response:
    """The response to a visitor of an endpoint; the draft of the journal entry learns of it on the way.

    Raises:
        ApiError: it comes to a refusal.
    """
    caller = _authenticated(endpoint, visitor)
    resources, contract = visitor.resources, caller.contract
    query = sent_parameters(request.scope)
    body = sent_body(request.scope)
    draft.understood = noticed = _noticed(endpoint, request, body)
    call = Call(
        caller,
        visitor.connection,
        request.path_params,
        query,
        visitor.hits.bend,
        noticed,
        body or NOTHING,
        resources.take_time,
    )
    outcome = outcome_of(endpoint, call, request)
    if outcome.answer:
        draft.understood = outcome.answer.understood or noticed
    is_free = outcome.is_not_modified or (bool(outcome.refusal) and contract.switches.counted == "ok")
    per_minute = contract.admin_rate_limit if endpoint.is_admin else contract.rate_limit
    draft.limit = resources.limits.count(caller, endpoint.name, per_minute=per_minute, is_free=is_free)
    if draft.limit and draft.limit.is_used_up:
        left_s = draft.limit.seconds_left(visitor.now())
        raise errors.rate_limited(contract.switches, window_s=left_s, of_admin=endpoint.is_admin)
    if outcome.answer and endpoint.rows and visitor.hits.new_rows:
        draft.has_new_row = let_rows_arrive(visitor, caller, endpoint.rows)
        call = replace(call, caller=_authenticated(endpoint, visitor), connection=visitor.connection)
        outcome = outcome_of(endpoint, call, request)
    return respond(resources, endpoint, outcome, call, request, draft)


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
