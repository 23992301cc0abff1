"""Rules of retries: not at once, less and less often, and not before the time that was told.

An *attempt* is a request for one page of one query.  429 speaks of the endpoint, for all
queries of the team; any other failure of its own query.
"""

from collections.abc import Hashable, Iterator, Mapping
from itertools import pairwise

from aicode_mock.report.bursts import bursts_of, overlap
from aicode_mock.report.journal import Journal
from aicode_mock.report.request import Request
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.waits import SLACK_MS, is_steady, told_ms, untold_waits
from aicode_mock.report.wording import duration

_ENDPOINT = "endpoint"
_SOON_MS = {429: 1000, 500: 100}
_HAMMERING = 3


def _retry_after_ignored(journal: Journal) -> Iterator[Breach]:
    for stream in journal.streams:
        bursts = bursts_of(stream)
        told: dict[Hashable, Request] = {}  # the last that told a time, by what it speaks of
        for request in stream:
            asked = (request.query_key, request.page)
            for before in (told.get(asked), told.get(_ENDPOINT)):
                if before is not None and _comes_despite(before, request, bursts):
                    yield _too_early(before, request)
                    told = {
                        key: one for key, one in told.items() if one is not before
                    }  # one finding a refusal
                    break
            told.pop(asked, None)
            if request.entry.retryAfter is not None:
                told[asked] = request
                if request.entry.status == 429 and not _is_together(told.get(_ENDPOINT), request, bursts):
                    told[_ENDPOINT] = request


def _retry_too_soon(journal: Journal) -> Iterator[Breach]:
    for failed, retry in _retries(journal):
        waited = retry.since(failed)
        least = _SOON_MS.get(failed.entry.status, _SOON_MS[500] if failed.entry.status >= 500 else 0)
        if failed.entry.retryAfter is None and 0 <= waited < least:
            yield Breach(
                f"request {failed.id} was answered {failed.entry.status} and sent again as {retry.id} "
                f"after {duration(waited)}, less than {duration(least)}",
                [failed.id, retry.id],
            )


def _no_back_off(journal: Journal) -> Iterator[Breach]:
    found: set[int] = set()
    for chain in (*_refusals(journal), *_attempts(journal)):
        failures, waits = [request.id for request in chain if request.has_failed], untold_waits(chain)
        is_hammered = len(failures) >= _HAMMERING and len(waits) >= _HAMMERING - 1 and is_steady(waits)
        if is_hammered and not found.issuperset(failures):
            found.update(failures)
            yield Breach(
                f"{len(failures)} failures in a row, each followed by the next attempt after "
                f"{duration(min(waits))} to {duration(max(waits))}",
                [request.id for request in chain],
            )


def _comes_despite(told: Request, request: Request, bursts: Mapping[int, int]) -> bool:
    waited = request.since(told)
    same = request.query_key == told.query_key and request.page == told.page
    was_on_its_way = overlap(told, request) if same else _is_together(told, request, bursts)
    return 0 <= waited < told_ms(told) - SLACK_MS and not was_on_its_way


def _is_together(earlier: Request | None, request: Request, bursts: Mapping[int, int]) -> bool:
    return earlier is not None and bursts[earlier.id] == bursts[request.id]


def _too_early(told: Request, request: Request) -> Breach:
    waited = request.since(told)
    return Breach(
        f"request {told.id} was answered with Retry-After: {told.entry.retryAfter}; request {request.id} "
        f"came after {duration(waited)}, {duration(told_ms(told) - waited)} too soon",
        [told.id, request.id],
    )


def _retries(journal: Journal) -> Iterator[tuple[Request, Request]]:
    """Each failed attempt with the one that followed."""
    for attempts in journal.attempts:
        yield from ((old, new) for old, new in pairwise(attempts) if old.has_failed)


def _refusals(journal: Journal) -> Iterator[list[Request]]:
    """429 in a row of an endpoint, one a burst: what ends them may come after any wait."""
    for stream in journal.streams:
        bursts = bursts_of(stream)
        refused: dict[int, Request] = {}
        for request in stream:
            if request.entry.status == 429:
                refused.setdefault(bursts[request.id], request)
            else:
                yield list(refused.values())
                refused.clear()
        yield list(refused.values())


def _attempts(journal: Journal) -> Iterator[list[Request]]:
    """Failures in a row of a page, with the attempt that ended them."""
    for attempts in journal.attempts:
        chain: list[Request] = []
        for request in attempts:
            chain.append(request)
            if not request.has_failed:
                yield chain
                chain = []
        yield chain


RULES = (
    Rule(
        id="retry-after-ignored",
        severity=Severity.ERROR,
        title="Retry-After not obeyed",
        why="Until the time is over each request is refused again. Some clients retry for ever at a rate of "
        "their own, some give up after 15 s, and some stop one request and go on with the others.",
        todo="Wait for the seconds of Retry-After: after 429 with all requests for that endpoint. Where the "
        "world's clock stands still, sleep or move it.",
        check=_retry_after_ignored,
    ),
    Rule(
        id="retry-too-soon",
        severity=Severity.WARNING,
        title="Asked again at once",
        why="The limit resets every minute, and what made the server fail lasts longer than a moment: asking "
        "again within a second of 429, or at once after 5xx, fails again and adds to the load.",
        todo="Wait a second or more before the first retry. Where the world's clock stands still, sleep or "
        "move it.",
        check=_retry_too_soon,
    ),
    Rule(
        id="no-back-off",
        severity=Severity.ERROR,
        title="Retries without back-off",
        why="Three failures in a row, and the delays are short and do not grow: many clients at one rate "
        "keep a service down, and within the minute of the limit each is refused again. 429 speaks of the "
        "endpoint: to go on with the next query at once is no delay.",
        todo="Double the delay with each failure, up to a minute, and give up after some.",
        check=_no_back_off,
    ),
)
