"""Whether a fault could ever act: what could not is refused when it is declared.

Whoever declares it waits for something that never happens, and takes that for a client that copes.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from aicode_mock.control.problems import UnfitError
from aicode_mock.daterange import shorten
from aicode_mock.endpoints import ENDPOINTS, Endpoint
from aicode_mock.faults.actions import RepeatRow, TotalCount
from aicode_mock.faults.matching import check_endpoints
from aicode_mock.faults.model import Fault, Match

_BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
_PAGES = {endpoint.name for endpoint in ENDPOINTS if endpoint.has_pages}
_INSERTS = {endpoint.name for endpoint in ENDPOINTS if endpoint.rows}
_STREAMS = {endpoint.name for endpoint in ENDPOINTS if endpoint.is_stream}
_ACTS_ON = {
    "csv": _STREAMS,
    "malformed-json": set(_BY_NAME) - _STREAMS,
    "insert-row": _INSERTS,
    **dict.fromkeys(("total-count", "repeat-row", "page-size"), _PAGES),
}


def expect_use(fault: Fault) -> None:
    """Go on if a fault could act.

    Raises:
        UnknownEndpointError: it is for an endpoint that does not exist.
        UnfitError: its kind does nothing there, or no request could be all that it asks for.
    """
    check_endpoints(fault, list(_BY_NAME))
    named = fault.match.endpoint
    endpoints = [_BY_NAME[name] for name in ((named,) if isinstance(named, str) else named or ())]
    _expect_effect(fault, endpoints)
    _expect_request(fault.match, endpoints)


def _expect_effect(fault: Fault, endpoints: Sequence[Endpoint]) -> None:
    kind, names = fault.action.kind, [endpoint.name for endpoint in endpoints]
    acts_on = _ACTS_ON.get(kind)
    if names and acts_on and not acts_on.intersection(names):
        raise UnfitError(
            f"match.endpoint: {kind} acts on {', '.join(sorted(acts_on))} only: got {', '.join(names)}"
        )
    if isinstance(fault.action, TotalCount) and fault.action.by == 0:
        raise UnfitError("action.by: must not be 0")
    if isinstance(fault.action, RepeatRow) and fault.match.query.get("page") == "1":
        raise UnfitError("match.query.page: must be one that has a page before it: got 1")


def _expect_request(match: Match, endpoints: Sequence[Endpoint]) -> None:
    if match.probability == 0:
        raise UnfitError("match.probability: must be greater than 0: got 0")
    if match.path is not None and (not match.path.startswith(("/", "*")) or "?" in match.path):
        raise UnfitError(f"match.path: must begin with / or *, and hold no query: got {shorten(match.path)}")
    if not endpoints:
        return
    at_path = [one for one in endpoints if match.path is None or _may_be_at(match.path, one)]
    if not at_path:
        paths = ", ".join(endpoint.path for endpoint in endpoints)
        raise UnfitError(f"match.path: must fit match.endpoint ({paths}): got {shorten(match.path or '')}")
    methods = {method for endpoint in at_path for method in _methods(endpoint)}
    if match.method is not None and match.method not in methods:
        allowed = ", ".join(sorted(methods))
        raise UnfitError(f"match.method: must fit match.endpoint ({allowed}): got {match.method}")


def _may_be_at(pattern: str, endpoint: Endpoint) -> bool:
    return "{" in endpoint.path or fnmatchcase(endpoint.path, pattern)


def _methods(endpoint: Endpoint) -> Sequence[str]:
    return ("GET", "HEAD") if endpoint.method == "GET" else (endpoint.method,)
