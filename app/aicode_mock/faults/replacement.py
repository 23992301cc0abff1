"""Answers in the place of the real one: errors of the contract, one of your own, a proxy's page, nothing."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.client import responses as phrases

from starlette.responses import HTMLResponse, Response

from aicode_mock import errors
from aicode_mock.faults.actions import Empty, Own, ProxyPage, Reset, Status
from aicode_mock.faults.taken import Taken
from aicode_mock.switches import Switches

# As nginx prints it.
_PAGE = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def replacement(taken: Iterable[Taken], switches: Switches) -> Response | None:
    """The answer to send in place of the real one, which then need not be made; None if there is none.

    For a connection that is to be reset it is empty: ``Distorted`` never sends it.
    """
    for one in taken:
        match one.action:
            case Status():
                return _error(one.action, switches)
            case Own():
                return _own(one.action)
            case ProxyPage(status=status):
                return HTMLResponse(_PAGE.format(title=f"{status} {_phrase(status)}"), status)
            case Empty() | Reset():
                return Response()
    return None


def _error(action: Status, switches: Switches) -> Response:
    error = _contract_error(action.status, switches)
    body = error.body if error else {"error": _phrase(action.status), "message": _phrase(action.status)}
    headers = dict(error.headers) if error else {}
    if action.retryAfter is not None:
        headers.pop("Retry-After", None)
        headers |= {} if action.retryAfter == "off" else {"Retry-After": str(action.retryAfter)}
    return _json(body, action.status, headers)


def _own(action: Own) -> Response:
    given = {name.lower() for name in action.headers}
    media_type = None if "content-type" in given or not action.body else "application/json"
    return Response(action.body, action.status, action.headers, media_type=media_type)


def _contract_error(status: int, switches: Switches) -> errors.ApiError | None:
    match status:
        case HTTPStatus.BAD_REQUEST:
            return errors.bad_request(switches, "Invalid request")
        case HTTPStatus.UNAUTHORIZED:
            return errors.unauthorized(switches)
        case HTTPStatus.FORBIDDEN:
            return errors.no_enterprise(switches)
        case HTTPStatus.NOT_FOUND:
            return errors.not_found()
        case HTTPStatus.TOO_MANY_REQUESTS:
            return errors.rate_limited(switches)
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return errors.unexpected()
        case _:
            return None


def _json(body: Mapping[str, str], status: int, headers: Mapping[str, str]) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json")


def _phrase(status: int) -> str:
    return phrases.get(status, "Unknown Status")
