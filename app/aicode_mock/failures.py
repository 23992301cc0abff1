"""Answers to requests that come to an error: a refusal, our own failure, a store that gives nothing."""

import json

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from aicode_mock import errors
from aicode_mock.outage import report
from aicode_mock.worlds import TooManyWorldsError


def error_response(error: errors.ApiError) -> Response:
    """A refusal in the shape that the contract gives it."""
    body = json.dumps(error.body, ensure_ascii=False, separators=(",", ":"))
    return Response(body, error.status, error.headers, media_type="application/json")


def failure(_request: Request, _error: Exception) -> Response:
    """The answer to a request that we failed."""
    response = error_response(errors.unexpected())
    response.headers["Connection"] = "close"  # the server closes it after an error: say so
    return response


def outage(_request: Request, error: SQLAlchemyError) -> Response:
    """The answer when the store gives none."""
    report(error)
    return error_response(errors.unavailable())


def no_place(_request: Request, error: TooManyWorldsError) -> Response:
    """The answer to a new sandbox key when there is no place for its world."""
    return error_response(errors.unavailable(str(error)))
