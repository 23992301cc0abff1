"""Rules of failures: what failed is asked for again, until the client has it whole."""

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from aicode_mock.report.journal import Journal
from aicode_mock.report.request import Request
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.run import Cause, stop_cause
from aicode_mock.report.waits import is_patient
from aicode_mock.report.wording import count, pages


def _not_survived(journal: Journal) -> Iterator[Breach]:
    for failed in _never_delivered(journal):
        is_known = not failed[0].is_at_cut and not _was_left(failed[-1])
        if is_known and not is_patient(failed) and not _was_accepted(failed[-1], journal):
            yield Breach(f"{_what_happened(failed[-1])}; {_all_in_vain(failed)}", [one.id for one in failed])
    for run in journal.runs:
        missing = journal.missing(run)
        if missing and missing[-1][1] == run.last_page and stop_cause(run) is Cause.FAULT:
            yield Breach(
                f"the run ended with the faulty answer to page {run.furthest.page}; {pages(*missing[-1])} of "
                f"{run.last_page} not read",
                run.ids,
            )


def _gave_up(journal: Journal) -> Iterator[Breach]:
    for failed in _never_delivered(journal):
        if is_patient(failed):
            yield Breach(f"{_what_happened(failed[-1])}; {_all_in_vain(failed)}", [one.id for one in failed])


def _truncated_accepted(journal: Journal) -> Iterator[Breach]:
    for failed in _never_delivered(journal):
        if not is_patient(failed) and not _was_left(failed[-1]) and _was_accepted(failed[-1], journal):
            yield Breach(
                f"the answer to request {failed[-1].id} was cut after {failed[-1].entry.bytes:,} bytes; "
                "the client went on with other requests and never asked for it again",
                [request.id for request in failed],
            )


def _left(journal: Journal) -> Iterator[Breach]:
    for failed in _never_delivered(journal):
        last = failed[-1]
        if _was_left(last) and not last.is_at_cut and not is_patient(failed):
            yield Breach(
                f"the connection of request {last.id} was closed from the client's side after "
                f"{last.entry.bytes:,} bytes, and {_what(last)} was not asked for again",
                [one.id for one in failed],
            )


def _never_delivered(journal: Journal) -> Iterator[list[Request]]:
    """The failures after which a page was never delivered, in this form or another."""
    for attempts in journal.attempts:
        *_, (has_failed, tail) = (
            (has_failed, list(group)) for has_failed, group in groupby(attempts, lambda one: one.has_failed)
        )
        if has_failed and not tail[-1].is_before_cut and not journal.is_made_good(tail):
            yield tail


def _was_accepted(request: Request, journal: Journal) -> bool:
    """Whether a cut answer of 200 was the last word, and the same team went on to other things."""
    if request.entry.status != 200 or request.entry.complete:
        return False
    later = takewhile(lambda one: one.id > request.id, reversed(journal.requests))
    return any(one.entry.team == request.entry.team for one in later)


def _was_left(request: Request) -> bool:
    """Whether no fault cut the answer: the client hung up, or something between it and the server did."""
    return not request.entry.complete and not request.entry.faults


def _what(request: Request) -> str:
    return request.entry.path if request.is_csv else f"page {request.page} of {request.entry.path}"


def _all_in_vain(failed: Sequence[Request]) -> str:
    attempts = count(len(failed), "attempt")
    return f"{attempts} failed and none succeeded after: {_what(failed[-1])}"


def _what_happened(request: Request) -> str:
    entry = request.entry
    if entry.status == 0:
        return f"the connection of request {request.id} was cut"
    if not entry.complete:
        return f"the answer to request {request.id} was cut after {entry.bytes:,} bytes"
    return f"request {request.id} was answered {entry.status}" + (" with a fault" if entry.faults else "")


RULES = (
    Rule(
        id="fault-not-survived",
        severity=Severity.ERROR,
        title="A failure that was not survived",
        why="429, 5xx and cut connections pass. A client that gives up at the first has lost the page, and "
        "often the whole sync.",
        todo="Ask again, after a delay that grows, until it succeeds or four attempts or more have failed.",
        check=_not_survived,
    ),
    Rule(
        id="gave-up",
        severity=Severity.INFO,
        title="Given up after enough attempts",
        why="Four attempts or more failed, with waits that grew or were as long as was told. To give up then "
        "is right, but the rows are not read.",
        todo="Say so, and read the same window again when the service is back.",
        check=_gave_up,
    ),
    Rule(
        id="truncated-answer-accepted",
        severity=Severity.ERROR,
        title="A cut answer taken for a whole one",
        why="A stream that breaks off in the middle still has status 200. CSV that is cut at the end of a "
        "line looks whole.",
        todo="Treat a body that ends before its last chunk as a failure and ask again; compare the rows of a "
        "CSV with totalCount of the JSON endpoint.",
        check=_truncated_accepted,
    ),
    Rule(
        id="answer-abandoned",
        severity=Severity.WARNING,
        title="An answer that was not read to its end",
        why="No fault cut it: the client closed the connection, after a timeout of its own for one, or "
        "something between it and the server did. What came after is not read.",
        todo="Read answers to their end, with a timeout that a large CSV keeps, and ask again after it.",
        check=_left,
    ),
)
