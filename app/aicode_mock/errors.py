"""The errors that clients see, and the one place that words them.

Source: bodies documented on the API overview, or observed on the wire, as each switch
says; see ``docs/contract.md``.
"""

from collections.abc import Mapping
from http import HTTPStatus

from aicode_mock.switches import Switches

_LATER = "Service temporarily unavailable. Please try again later."


class ApiError(Exception):
    """An answer that is no success: its status, body and headers."""

    def __init__(
        self, status: HTTPStatus, body: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> None:
        """The body is sent as JSON."""
        super().__init__(body["message"])
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def unauthorized(switches: Switches) -> ApiError:
    """No key, or an unknown one."""
    if switches.unauthorized_body == "observed":
        return _observed(HTTPStatus.UNAUTHORIZED, "Invalid Team API Key")
    return _documented(HTTPStatus.UNAUTHORIZED, "Invalid API key")


def no_enterprise(switches: Switches) -> ApiError:
    """A key whose team has no Enterprise plan."""
    if switches.plan_status == "401":
        message = "You must be a member of an enterprise team to access this resource"
        return _observed(HTTPStatus.UNAUTHORIZED, message)
    return _documented(HTTPStatus.FORBIDDEN, "Enterprise access required")


def bad_request(switches: Switches, message: str) -> ApiError:
    """A parameter that cannot be understood."""
    if switches.bad_request_body == "observed":
        return _observed(HTTPStatus.BAD_REQUEST, message)
    return _documented(HTTPStatus.BAD_REQUEST, message)


def not_found() -> ApiError:
    """No such resource."""
    return _documented(HTTPStatus.NOT_FOUND, "Resource not found")


def wrong_method(switches: Switches, *, allowed: str) -> ApiError:
    """A method that the endpoint does not have."""
    if switches.wrong_method == "405":
        error = _documented(HTTPStatus.METHOD_NOT_ALLOWED, f"Method not allowed (allowed: {allowed})")
        return ApiError(error.status, error.body, {"Allow": allowed})
    return not_found()


def rate_limited(switches: Switches, *, window_s: int = 60, of_admin: bool = False) -> ApiError:
    """More answers in a minute than the limit; ``window_s`` is what is left of the minute.

    ``of_admin`` says that the endpoint lies under /teams.
    """
    error = _documented(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit exceeded. Please try again later.")
    if of_admin and switches.admin_limit_body == "observed":
        error = _observed(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit exceeded")
    match switches.retry_after:
        case "off":
            return error
        case "window":
            return ApiError(error.status, error.body, {"Retry-After": str(window_s)})
        case seconds:
            return ApiError(error.status, error.body, {"Retry-After": str(seconds)})


def unexpected() -> ApiError:
    """A fault of this program."""
    return _documented(HTTPStatus.INTERNAL_SERVER_ERROR, "An unexpected error occurred")


def unavailable(message: str = _LATER) -> ApiError:
    """The store does not answer, or has no place (assumed: the documents know no 5xx)."""
    return _documented(HTTPStatus.SERVICE_UNAVAILABLE, message)


def _documented(status: HTTPStatus, message: str) -> ApiError:
    return ApiError(status, {"error": status.phrase, "message": message})


def _observed(status: HTTPStatus, message: str) -> ApiError:
    return ApiError(status, {"code": "error", "message": message})
