"""The contract of a revision as an OpenAPI 3.1 document, written from the table of endpoints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from aicode_mock import errors
from aicode_mock.contract import REVISIONS, Behavior, Contract, Revision, resolve
from aicode_mock.endpoints import ENDPOINTS, JSON, Endpoint
from aicode_mock.examples import EXAMPLE_HASH, example_answer
from aicode_mock.query import LARGEST, Parameter
from aicode_mock.wire import ErrorBody, ObservedErrorBody


def contract_document(revision: Revision) -> dict[str, Any]:
    """The OpenAPI document of a revision."""
    app = FastAPI(
        title="AI Code Tracking API",
        version=revision.name,
        summary=f"As documented in {revision.name}, and as aicode-mock serves it.",
        description=_introduction(revision),
        servers=[{"url": "/", "description": "The server that shows this document."}],
    )
    for endpoint in ENDPOINTS:
        if endpoint.exists(revision):
            app.add_api_route(
                endpoint.path,
                _no_answer,
                methods=[endpoint.method],
                operation_id=endpoint.name,
                tags=["Team" if endpoint.path.startswith("/teams") else "AI code tracking"],
                summary=endpoint.about,
                description=f"At most {_limit(endpoint, revision)} requests a minute for each team.",
                responses=_responses(endpoint, revision),
                status_code=200,
                response_model=None,
                response_class=Response if endpoint.is_stream else JSONResponse,  # its media type is listed
                openapi_extra={**_asked(endpoint), "security": [{"basic": []}, {"bearer": []}]},
            )
    document = app.openapi()
    document["components"]["securitySchemes"] = {
        "basic": {"type": "http", "scheme": "basic", "description": "The API key as user name, no password."},
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The API key; documented in the caching examples only.",
        },
    }
    return document


def _no_answer() -> None:
    """Stands for an endpoint: the document needs its description only."""


def _limit(endpoint: Endpoint, revision: Revision) -> int:
    return revision.admin_rate_limit if endpoint.is_admin else revision.rate_limit


def _introduction(revision: Revision) -> str:
    return (
        f"Rate limit: {revision.rate_limit} requests a minute for each team and endpoint "
        f"({revision.admin_rate_limit} under /teams); a 304 is free.\n\n"
        f"API keys: `{revision.key_prefix}` and 64 hexadecimal digits.\n\n"
        f"COMPOSER means {revision.composer_means}; TAB means accepted Tab completions.\n\n"
        "All instants are UTC. All line counts are whole numbers from 0.\n\n"
        f"Revisions: {', '.join(f'[{name}](/docs/{name})' for name in REVISIONS)}."
    )


def _asked(endpoint: Endpoint) -> dict[str, Any]:
    """What a request carries: parameters, or a body."""
    if not endpoint.reads_body:
        return {"parameters": _parameters(endpoint)}
    fields = {one.name: {**one.schema, "description": one.about} for one in endpoint.parameters}
    schema: dict[str, Any] = {"type": "object", "properties": fields, "additionalProperties": False}
    if required := [one.name for one in endpoint.parameters if one.is_required]:
        schema["required"] = required
    example = {one.name: _EXAMPLES[one.name] for one in endpoint.parameters if one.is_required}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": example}}}}


_EXAMPLES = {"startDate": 1782691200000, "endDate": 1782777600000}


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    described = [*map(_parameter, endpoint.parameters), _IF_NONE_MATCH]
    if "{hashes}" in endpoint.path:
        described.append(
            {
                "name": "hashes",
                "in": "path",
                "required": True,
                "description": "One whole commit hash, or up to 1000 with commas between them.",
                "schema": {"type": "string", "pattern": "[^,]"},  # any text may be asked for
                "example": EXAMPLE_HASH,
            }
        )
    return described


_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "Entity tags that the client has, or `*`; one of them still true is answered 304.",
    "schema": {"type": "string"},
    "example": '"abc123xyz"',
}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }


def _responses(endpoint: Endpoint, revision: Revision) -> dict[int | str, dict[str, Any]]:
    not_modified = "Not modified: If-None-Match holds the ETag. Does not count against the limit."
    found: dict[int | str, dict[str, Any]] = {200: _success(endpoint, revision)}
    if not endpoint.reads_body:
        found[304] = {"description": not_modified}
    return {**found, **_failures(endpoint, revision)}


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that goes wrong, and what each contract answers."""

    name: str
    about: str
    error: Callable[[Contract, Endpoint], errors.ApiError]


_NO_PLAN = _Event(
    "no Enterprise plan", "The team has no Enterprise plan.", lambda it, _: errors.no_enterprise(it.switches)
)
_EVENTS = (
    _Event(
        "bad parameter",
        "A parameter cannot be understood; the message names it, what it got and what is allowed.",
        lambda it, _: errors.bad_request(
            it.switches, f"page must be an integer from 1 to {LARGEST}: got 'x'"
        ),
    ),
    _Event("bad key", "No key, or an unknown one.", lambda it, _: errors.unauthorized(it.switches)),
    _NO_PLAN,
    _Event("nothing there", "No such resource.", lambda _it, _: errors.not_found()),
    _Event(
        "limit used up",
        "More requests in a minute than the limit.",
        lambda it, on: errors.rate_limited(it.switches, of_admin=on.is_admin),
    ),
    _Event("fault", "An unexpected error.", lambda _it, _: errors.unexpected()),
)


def _failures(endpoint: Endpoint, revision: Revision) -> dict[int | str, dict[str, Any]]:
    """Every error under its status, with an example for each event and behaviour that differ."""
    found: dict[int | str, dict[str, Any]] = {}
    for event in _EVENTS:
        for behavior in Behavior:
            if event is _NO_PLAN and not endpoint.needs_enterprise:
                continue
            error = event.error(resolve(revision.name, behavior, {}), endpoint)
            model = ErrorBody | ObservedErrorBody
            response = found.setdefault(
                int(error.status),
                {"description": event.about, "model": model, "content": {JSON: {"examples": {}}}},
            )
            examples = response["content"][JSON]["examples"]
            if {"value": dict(error.body)} not in examples.values():
                examples[f"{event.name}, {behavior}"] = {"value": dict(error.body)}
            if "Retry-After" in error.headers:
                response["headers"] = {"Retry-After": _RETRY_AFTER}
    return found


_RETRY_AFTER = {"description": "Whole seconds; observed only.", "schema": {"type": "integer", "minimum": 1}}


_CACHED = {
    "ETag": {"description": "Strong entity tag.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "public, max-age=900", "schema": {"type": "string"}},
}


def _success(endpoint: Endpoint, revision: Revision) -> dict[str, Any]:
    headers = {} if endpoint.reads_body else _CACHED
    content: dict[str, Any] = {
        "example": example_answer(endpoint.name, resolve(revision.name, Behavior.DOCUMENTED, {}))
    }
    if endpoint.shape is None:
        content["schema"] = {"type": "string", "description": "Records in pages of 10,000; LF line ends."}
        return {"description": "A CSV stream.", "headers": headers, "content": {"text/csv": content}}
    return {
        "description": "A JSON document.",
        "headers": headers,
        "model": endpoint.shape(revision),
        "content": {JSON: content},
    }
