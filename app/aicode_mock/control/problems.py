"""The errors of the control plane: one shape, one status for each thing that can be wrong."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from itertools import pairwise
from typing import Annotated, Any, get_args

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from aicode_mock.apart import EndedError
from aicode_mock.contract import ContractError
from aicode_mock.daterange import InvalidDateRangeError, shorten
from aicode_mock.faults.actions import ACTIONS
from aicode_mock.faults.book import NoFaultError, TooManyFaultsError
from aicode_mock.faults.bundles import UnknownBundleError
from aicode_mock.faults.matching import UnknownEndpointError
from aicode_mock.ingest import NoTeamError
from aicode_mock.inputs import shorten_json, unknown_name
from aicode_mock.journal import NoEntryError
from aicode_mock.keyring import KeyTakenError, NoEnterpriseTeamError
from aicode_mock.outage import describe, report
from aicode_mock.report.review import UnknownRuleError
from aicode_mock.roster import NoMemberError
from aicode_mock.scenariofile import ScenarioError
from aicode_mock.snapshots import NoSnapshotError, SnapshotExistsError, TooManySnapshotsError
from aicode_mock.worldplan import SeedingError
from aicode_mock.worldrecords import NoWorldError
from aicode_mock.worlds import MainWorldError, TooManyWorldsError, WorldExistsError

_MOST_SHOWN = 5
_LONGEST_NAME = 80
_BODY_TAGS = ("fault", "bundle")
_KINDS = tuple(str(get_args(kind.model_fields["kind"].annotation)[0]) for kind in ACTIONS)
_ALTERNATIVE = re.compile(r"^(constrained-)?(int|str|float|bool|none)$|\[")  # as pydantic names them


class NoRuleError(LookupError):
    """The report has no such rule."""


class UnfitError(ValueError):
    """A request that is well-formed, but cannot be done; the message names the field."""


class Problem(BaseModel):
    """An error: the name of its status, and a sentence on what was wrong and what is allowed."""

    error: Annotated[str, Field(description="The name of the status.")]
    message: str


_STATUSES: dict[type[Exception], HTTPStatus] = {
    **dict.fromkeys(
        (NoWorldError, NoSnapshotError, NoFaultError, NoEntryError, NoRuleError), HTTPStatus.NOT_FOUND
    ),
    **dict.fromkeys(
        (
            WorldExistsError,
            SnapshotExistsError,
            KeyTakenError,
            MainWorldError,
            TooManySnapshotsError,
            TooManyFaultsError,
        ),
        HTTPStatus.CONFLICT,
    ),
    **dict.fromkeys((TooManyWorldsError, EndedError), HTTPStatus.SERVICE_UNAVAILABLE),
    **dict.fromkeys(
        (
            UnfitError,
            ContractError,
            InvalidDateRangeError,
            UnknownBundleError,
            UnknownEndpointError,
            UnknownRuleError,
            NoTeamError,
            NoMemberError,
            NoEnterpriseTeamError,
            ScenarioError,
            SeedingError,
        ),
        HTTPStatus.BAD_REQUEST,
    ),
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "Something in the request is wrong; the message names it."},
    401: {"model": Problem, "description": "The token is missing or wrong."},
    403: {"model": Problem, "description": "A foreign origin, or a name that is no address."},
    404: {"model": Problem, "description": "There is no such thing."},
    413: {"model": Problem, "description": "The body is too large."},
    503: {
        "model": Problem,
        "description": "The store does not answer or has no place for a world, or rows were not made.",
    },
}
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "There is one already, it must stay, or there are too many."}
}


def install_problems(app: FastAPI, routes: Sequence[BaseRoute], *, hint: str) -> None:
    """Let everything that can be wrong be answered in one shape; ``hint`` tells what ``routes`` there are."""
    for kind in _STATUSES:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(SQLAlchemyError, _no_store)  # type: ignore[arg-type]  # Starlette calls it with its own
    app.add_exception_handler(Exception, _unexpected)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> Response:
        return _problem(HTTPStatus.BAD_REQUEST, _complaints(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        match error.status_code:
            case HTTPStatus.METHOD_NOT_ALLOWED:
                return _wrong_method(request.method, _methods(routes, request.scope))
            case HTTPStatus.NOT_FOUND:
                return _problem(HTTPStatus.NOT_FOUND, hint)
            case HTTPStatus.BAD_REQUEST:  # of the framework, which says no more
                return _problem(HTTPStatus.BAD_REQUEST, "body: cannot be read as JSON")
            case status:
                return _problem(HTTPStatus(status), error.detail)


def _known(_request: Request, error: Exception) -> Response:
    status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
    return _problem(status, str(error))


def _unstorable(_request: Request, _error: Exception) -> Response:
    return _problem(
        HTTPStatus.BAD_REQUEST, "a text of the request holds NUL, which the database does not take"
    )


def _no_store(_request: Request, error: SQLAlchemyError) -> Response:
    report(error)
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, describe(error))


def _unexpected(_request: Request, _error: Exception) -> Response:
    message = "an unexpected error occurred: the log of the server tells more"
    closing = {"Connection": "close"}  # the server closes it after an error: say so
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, message, closing)


def _complaints(error: RequestValidationError) -> str:
    if isinstance(error.body, bytes):  # a form, for one, as curl sends it
        return "body: its Content-Type must be application/json"
    found: dict[str, list[str]] = {}
    for one in error.errors():
        where = one["loc"][:1] if one["type"] == "json_invalid" else _as_sent(one["loc"], error.body)
        found.setdefault(_field(where), []).append(_wording(one))
    shown = [f"{field}: {' or '.join(dict.fromkeys(texts))}" for field, texts in found.items()]
    more = [f"and {len(shown) - _MOST_SHOWN} more"] if len(shown) > _MOST_SHOWN else []
    return "; ".join(shown[:_MOST_SHOWN] + more)


def _as_sent(where: Sequence[str | int], body: object) -> Sequence[str | int]:
    """The place of a field; a single object that was read as a list of one has no number."""
    is_single = isinstance(body, dict) and where[:2] == ("body", 0)
    return ("body", *where[2:]) if is_single else where


def _field(where: Sequence[str | int]) -> str:
    """The path of a field, without the names of the alternatives that were tried."""
    parts: list[str] = []
    for before, part in pairwise(where):
        is_tag = before == "body" and part in _BODY_TAGS
        is_kind = before == "action" and part in _KINDS
        name = str(part)
        if not (is_tag or is_kind or _ALTERNATIVE.search(name)):
            parts.append(name if len(name) <= _LONGEST_NAME else shorten(name))
    return ".".join(parts) or str(where[0])


def _wording(one: dict[str, Any]) -> str:
    match one["type"]:
        case "json_invalid":
            return f"is no JSON, from character {one['loc'][-1]} on"
        case "missing":
            return "is required"
        case "union_tag_not_found":
            return f"kind is required (allowed: {', '.join(_KINDS)})"
        case "union_tag_invalid":
            return unknown_name("kind", str(one["ctx"]["tag"]), list(_KINDS))
        case "model_attributes_type" | "model_type" | "dict_type":
            return "must be an object"
        case "int_parsing" | "int_parsing_size" | "int_from_float":
            return f"must be a whole number: got {shorten(str(one['input']))}"
        case "value_error":
            return str(one["msg"]).removeprefix("Value error, ")
        case _:
            got = one.get("input")
            shown = f": got {shorten_json(got)}" if isinstance(got, str | int | float) else ""
            return str(one["msg"]).replace("Input should be", "must be") + shown


def _wrong_method(method: str, methods: Sequence[str]) -> Response:
    allowed = ", ".join(methods)
    message = f"{method} is not allowed here (allowed: {allowed})"
    return _problem(HTTPStatus.METHOD_NOT_ALLOWED, message, {"Allow": allowed})


def _methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """What a path takes; each of its methods has a route of its own."""
    found = [route for route in routes if route.matches(scope)[0] is not Match.NONE]
    return sorted({method for route in found if isinstance(route, Route) for method in route.methods or ()})


def _problem(status: HTTPStatus, message: str, headers: dict[str, str] | None = None) -> Response:
    body = Problem(error=status.phrase, message=message).model_dump()
    return JSONResponse(body, status, headers)
