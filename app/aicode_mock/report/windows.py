"""Rules of windows: those of a series touch, do not overlap, and hold what their author meant."""

from collections.abc import Iterator

from aicode_mock.clock import instant_text
from aicode_mock.report.gaps import gaps_in
from aicode_mock.report.journal import Journal
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.series import Pair, goes_of, one_run_each, series_of
from aicode_mock.report.span import is_absolute
from aicode_mock.report.wording import count, duration

_SKEW_MS = 60_000  # clocks of two machines may be so far apart


def _gap(journal: Journal) -> Iterator[Breach]:
    for windows in goes_of(journal):
        for pair in gaps_in(windows):
            yield Breach(
                f"nothing was asked for between {instant_text(pair.earlier.span.end_ms)} and "
                f"{instant_text(pair.later.span.start_ms)}: {duration(pair.step_ms)} are missing",
                pair.ids,
            )


def _overlap(journal: Journal) -> Iterator[Breach]:
    for pairs in series_of(journal):
        for pair in pairs:
            if pair.step_ms < 0 and not pair.is_deliberate:
                yield Breach(
                    f"{pair.earlier.span} and {pair.later.span} have {duration(-pair.step_ms)} in common",
                    pair.ids,
                )


def _shared_bound(journal: Journal) -> Iterator[Breach]:
    for pairs in series_of(journal):
        shared = [pair for pair in pairs if pair.step_ms == 0 and not _is_by_days(pair)]
        if shared:
            yield Breach(
                f"{count(len(shared), 'bound')} shared by two windows, the first of them "
                f"{instant_text(shared[0].later.span.start_ms)}: a row of that millisecond is in both",
                sorted({one for pair in shared for one in pair.ids}),
            )


def _is_by_days(pair: Pair) -> bool:
    """Whether the windows are of whole days, the last of which ends before its bound."""
    return pair.later.request.entry.endpoint == "daily-usage"


def _empty(journal: Journal) -> Iterator[Breach]:
    for run in one_run_each(journal):
        sent, span = run.first.sent, run.span
        start, end = sent.get("startDate", ""), sent.get("endDate", "")
        means_nothing = (is_absolute(start) and is_absolute(end)) or start in ("now", "0d")
        if span is not None and span.width_ms == 0 and means_nothing:
            yield Breach(
                f"startDate={start} and endDate={end or 'now'} are the same instant, "
                f"{instant_text(span.start_ms)}",
                run.ids,
            )


def _too_wide(journal: Journal) -> Iterator[Breach]:
    for run in one_run_each(journal):
        span = run.span
        has_cap = run.first.entry.method == "GET"  # nobody reports one of usage events
        if has_cap and span is not None and span.requests > 1:
            yield Breach(f"the window {span} is {duration(span.width_ms)} wide", run.ids)


def _in_future(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        first, span = run.first, run.span
        if span is None or run.is_refused or any(one.entry.rows for one in run.delivered):
            continue
        ahead_ms = span.start_ms - first.at_ms
        if ahead_ms > _SKEW_MS:
            yield Breach(
                f"the window {span} begins {duration(ahead_ms)} after the world's now, "
                f"{instant_text(first.at_ms)}: it holds nothing",
                run.ids,
            )


RULES = (
    Rule(
        id="window-gap",
        severity=Severity.ERROR,
        title="Windows with gaps",
        why="Rows between two windows are never read. Instants have milliseconds: a window that ends at "
        "23:59:59 leaves out the last second of the day. A bare endDate is 00:00 of its day, not its end. "
        "Only windows that are read in one go, and follow each other at one distance, are a series.",
        todo="Begin each window where the one before ended, or a millisecond later.",
        check=_gap,
    ),
    Rule(
        id="window-overlap",
        severity=Severity.WARNING,
        title="Windows that overlap",
        why="Rows in both windows are read and counted twice, and cost requests twice. Neither commitHash "
        "nor changeId is a unique key by which to sort them out.",
        todo="End each window a millisecond before the next begins. To look back for late rows, replace "
        "what the window held before.",
        check=_overlap,
    ),
    Rule(
        id="window-shares-bound",
        severity=Severity.INFO,
        title="Windows that share an instant",
        why="Both bounds are inclusive, so a row of the very millisecond is in both windows; rows come in "
        "batches with the same createdAt.",
        todo="End each window a millisecond before the next begins, at 23:59:59.999Z for one.",
        check=_shared_bound,
    ),
    Rule(
        id="empty-window",
        severity=Severity.ERROR,
        title="A window of one instant",
        why="Clients ask for a day by its date at both ends. A bare date is 00:00 UTC at both, so the window "
        "holds one millisecond, and the answer is an empty page instead of an error.",
        todo="End the day at 23:59:59.999Z, or at the date after it.",
        check=_empty,
    ),
    Rule(
        id="window-too-wide",
        severity=Severity.WARNING,
        title="A window of more than 30 days",
        why="The documents name no widest window, but clients report 400 above 30 days since 2025-10 "
        "(the switch max_range_days). Whether that holds for CSV nobody has shown; csv_range_cap, too, takes "
        "it that it does.",
        todo="Ask for at most 30 days at a time, as pages and as CSV.",
        check=_too_wide,
    ),
    Rule(
        id="window-in-future",
        severity=Severity.WARNING,
        title="A window after the world's now",
        why="No rows are made after the world's now, and the answer is an empty page instead of an error. "
        "The world's clock stands still in tests (2026-06-30 unless told otherwise): a client that computes "
        "its dates from the clock of the machine asks for what has not happened.",
        todo="Freeze the client's clock at the world's now, or let the world run on wall time: now=\"wall\" "
        "in Python, no --now on the command line.",
        check=_in_future,
    ),
)
