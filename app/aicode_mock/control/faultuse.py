"""Whether a fault could ever act: what could not is refused when it is declared.

Whoever declares it waits for something that never happens, and takes that for a client that copes.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from aicode_mock.control.problems import UnfitError
from aicode_mock.daterange import shorten
from aicode_mock.endpoints import ENDPOINTS, Endpoint
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
    match, kind = fault.match, fault.action.kind
    named = (match.endpoint,) if isinstance(match.endpoint, str) else match.endpoint or ()
    acts_on = _ACTS_ON.get(kind)
    if named and acts_on and not acts_on.intersection(named):
        raise UnfitError(
            f"match.endpoint: {kind} acts on {', '.join(sorted(acts_on))} only: got {', '.join(named)}"
        )
    if named:
        _expect_request([_BY_NAME[name] for name in named], match)
    if kind == "repeat-row" and match.query.get("page") == "1":
        raise UnfitError("match.query.page: repeat-row acts on pages that have one before them: got 1")


def _expect_request(endpoints: Sequence[Endpoint], match: Match) -> None:
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
