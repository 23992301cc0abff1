"""Rules of refusals: a request that cannot succeed is not sent, and not sent again."""

from collections.abc import Iterator
from itertools import pairwise

from aicode_mock.report.journal import Journal
from aicode_mock.report.request import Request, grouped
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.wording import count

_HOUR_MS = 3_600_000
_KEY = (401, 403)
_HIDDEN = "…"  # stands in the journal for what may be a secret


def _key_refused(journal: Journal) -> Iterator[Breach]:
    refused = (one for one in journal.requests if one.entry.status in _KEY and not one.entry.faults)
    for (_, path, status, message), requests in grouped(
        refused, lambda one: (one.entry.team, one.entry.path, one.entry.status, one.entry.message)
    ).items():
        yield Breach(
            f"{path} answered {status}: {message or 'no message'} ({count(len(requests), 'time')})",
            [one.id for one in requests],
        )


def _refused(journal: Journal) -> Iterator[Breach]:
    refused = (one for one in journal.requests if one.entry.status == 400 and not one.entry.faults)
    for (_, path, message), requests in grouped(
        refused, lambda one: (one.entry.team, one.entry.path, one.entry.message)
    ).items():
        yield Breach(f"{path} answered 400: {message or 'no message'}", [one.id for one in requests])


def _unknown_endpoint(journal: Journal) -> Iterator[Breach]:
    ours = (one for one in journal.requests if _is_meant_for_us(one))
    lost = (one for one in ours if one.entry.status in (404, 405) and _is_no_endpoint(one))
    for (method, path), requests in grouped(lost, lambda one: (one.entry.method, one.entry.path)).items():
        hint = requests[0].entry.hint
        yield Breach(
            f"{method} {path} is no endpoint of {journal.revision.name}" + (f": {hint}" if hint else ""),
            [one.id for one in requests],
        )


def _error_repeated(journal: Journal) -> Iterator[Breach]:
    lasting = (one for one in journal.requests if _lasts(one) and _is_known(one))
    same = grouped(
        lasting,
        lambda one: (
            *(one.entry.team, one.entry.method, one.entry.path, one.pairs, one.entry.status),
            one.entry.message,
        ),
    )
    for (_, method, path, _, status, _), requests in same.items():
        quick = [new for old, new in pairwise(requests) if new.since(old) < _HOUR_MS]
        if quick:
            yield Breach(
                f"{method} {path} was answered {status} and sent again unchanged {count(len(quick), 'time')}",
                [one.id for one in requests],
            )


def _lasts(request: Request) -> bool:
    """Whether the same request is refused again: after 401 it may have carried another key."""
    status = request.entry.status
    return 400 <= status < 500 and status != 401 and not request.has_failed and not request.entry.faults


def _is_known(request: Request) -> bool:
    """Whether the journal has all that was sent: neither values of unknown fields nor a broken body."""
    is_whole = request.entry.method in ("GET", "HEAD") or request.entry.body is not None
    return is_whole and not any(_HIDDEN in value for _, value in request.pairs)


def _is_meant_for_us(request: Request) -> bool:
    """Whether the path is of the mirrored API, or near to an endpoint that we have beside it."""
    return request.entry.path.startswith("/analytics/ai-code") or request.entry.hint is not None


def _is_no_endpoint(request: Request) -> bool:
    return request.entry.endpoint is None or not (request.is_read or request.entry.method == "HEAD")


RULES = (
    Rule(
        id="key-refused",
        severity=Severity.ERROR,
        title="Requests whose key was refused",
        why="401 says that the key is missing, misspelt or of another server; 403 that its team may not use "
        "the endpoint. Nothing was read, and it does not pass.",
        todo="Send the key of a team of this world as the user name of Basic authentication, with an empty "
        "password; after 403 that of an Enterprise team.",
        check=_key_refused,
    ),
    Rule(
        id="request-refused",
        severity=Severity.ERROR,
        title="Requests that were refused as bad",
        why="400 says that a parameter could not be read, a date for one. It does not pass.",
        todo="Do what the message says.",
        check=_refused,
    ),
    Rule(
        id="unknown-endpoint",
        severity=Severity.WARNING,
        title="Paths and methods that do not exist",
        why="A slash at the end, another method, or an endpoint of a later revision: all are 404.",
        todo="Compare path and method with the contract of the revision.",
        check=_unknown_endpoint,
    ),
    Rule(
        id="error-repeated",
        severity=Severity.WARNING,
        title="The same error asked for again",
        why="400, 403 and 404 are answered the same way each time; 400 and 404 use up the limit.",
        todo="Retry 429, 5xx and cut connections only; show the message of the others.",
        check=_error_repeated,
    ),
)
