"""Rules of paging: every page of a run once, none past the last, all of one count."""

from collections.abc import Iterator
from itertools import pairwise

from aicode_mock.report.journal import Journal
from aicode_mock.report.request import Request
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.run import Cause, Run, stop_cause
from aicode_mock.report.wording import count, pages


def _never_fetched(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        missing = journal.missing(run)
        if missing and missing[-1][1] == run.last_page and stop_cause(run) is not Cause.NONE:
            missing = missing[:-1]
        if missing:
            listed = ", ".join(pages(*one) for one in missing)
            yield Breach(
                f"{listed} of {run.last_page} never asked for, though totalCount says {run.total:,} rows",
                run.ids,
            )


def _short_page_stop(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        missing = journal.missing(run)
        if missing and missing[-1][1] == run.last_page and stop_cause(run) is Cause.SHORT_PAGE:
            last = run.furthest
            yield Breach(
                f"stopped after page {last.page}, which had {last.entry.rows} of the {last.asked_size} rows "
                f"asked for (pageSize served: {last.page_size}); {pages(*missing[-1])} of {run.last_page} "
                f"not read, totalCount says {run.total:,} rows",
                run.ids,
            )


def _size_changed(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        sizes = list(dict.fromkeys(one.page_size for one in run.counting))
        is_whole = run.last.is_delivered and not run.may_be_short and not journal.missing(run)
        if len(sizes) > 1 and is_whole and not journal.is_held(run):
            yield Breach(
                f"pageSize served went from {sizes[0]} to {', '.join(map(str, sizes[1:]))} in one run, whose "
                f"pages leave out some of the {run.total:,} rows",
                run.ids,
            )


def _fetched_twice(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        seen: dict[int, Request] = {}
        for request in run.requests:
            if request.has_failed:
                seen.clear()  # after a failure a client may go back
            elif request.is_delivered:
                earlier = seen.setdefault(request.page, request)
                if earlier is not request and _is_idle(earlier, request):
                    yield Breach(f"page {request.page} read twice in one run", [earlier.id, request.id])


def _past_end(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        beyond = [one for one in run.requests if run.last_page is not None and one.page > run.last_page]
        empty = [one for one in beyond if one.entry.rows == 0 or one.entry.status == 404]
        if empty:
            asked = sorted({one.page for one in empty})
            yield Breach(
                f"{pages(asked[0], asked[-1])} asked for; by totalCount page {run.last_page} is the last",
                [one.id for one in empty],
            )


def _count_moved(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        if run.count_moved and not run.is_followed and not run.first.is_before_cut:
            told = [f"{one.entry.totalCount:,}" for one in run.counting]
            changed = [new for old, new in pairwise(told) if old != new]
            yield Breach(
                f"totalCount went from {told[0]} to {', '.join(changed)} between the pages of one run, "
                "which was not read again",
                [one.id for one in run.counting],
            )


def _sliding_window(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        dates = {request.dates for request in run.requests}
        if len(dates) > 1:
            yield Breach(
                f"{count(len(dates), 'different window')} in one run: {_told(run.first)}, then "
                f"{_told(_first_other(run))}",
                run.ids,
            )


def _first_other(run: Run) -> Request:
    return next(request for request in run.requests if request.dates != run.first.dates)


def _told(request: Request) -> str:
    return "…".join(request.dates)


def _is_idle(earlier: Request, request: Request) -> bool:
    """Whether nothing that the journal shows, or has lost, called for the page again."""
    could_use = not earlier.entry.faults and earlier.stretch == request.stretch
    return could_use and request.entry.conditional == "none"


RULES = (
    Rule(
        id="page-never-fetched",
        severity=Severity.ERROR,
        title="Pages that were never fetched",
        why="totalCount counts the rows of the whole query. A client that reads page 1 alone, or by a page "
        "number of its own, shows figures that are too low, and no error says so.",
        todo="Read pages 1 to ceil(totalCount / pageSize), with the pageSize of the answer.",
        check=_never_fetched,
    ),
    Rule(
        id="short-page-stop",
        severity=Severity.ERROR,
        title="Stopped on a short page",
        why="The commonest way in which clients of this API lose rows: they stop at the first page with "
        "fewer rows than they asked for. A pageSize above the largest is served smaller: each page is short.",
        todo="Stop when page * pageSize of the answer reaches totalCount, not when a page is short.",
        check=_short_page_stop,
    ),
    Rule(
        id="page-size-changed",
        severity=Severity.ERROR,
        title="A page size that changed between pages",
        why="A page begins after (page - 1) * pageSize rows, by the size that is served. If that changes in "
        "the middle of a run, the pages before and after do not meet, and what lies between is in none.",
        todo="Compare pageSize of every page with that of the first; if it differs, begin again at page 1.",
        check=_size_changed,
    ),
    Rule(
        id="page-fetched-twice",
        severity=Severity.WARNING,
        title="Pages that were fetched twice",
        why="Every answer of 200 uses up the rate limit, and rows that are added up twice make wrong sums: "
        "neither commitHash nor changeId is a unique key by which to sort them out.",
        todo="Keep the first page that told totalCount; ask for a page again only after a failure.",
        check=_fetched_twice,
    ),
    Rule(
        id="page-past-end",
        severity=Severity.INFO,
        title="Pages past the last",
        why="Reading until a page is empty costs a request for each query. What the real service answers to "
        "a page past the end is shown by nobody: it may be an error.",
        todo="Count the pages from totalCount.",
        check=_past_end,
    ),
    Rule(
        id="total-count-moved",
        severity=Severity.WARNING,
        title="A count that moved between pages",
        why="The newest rows come first. When rows are added, or fall out of the window, between two pages, "
        "others move to the next page or the one before, and are read twice or not at all.",
        todo="Compare totalCount of every page with that of the first; if it differs, begin again at page 1. "
        "Ask for windows that lie in the past.",
        check=_count_moved,
    ),
    Rule(
        id="sliding-window",
        severity=Severity.WARNING,
        title="A window that moves from page to page",
        why="Dates that are computed anew for each page make each page a page of another query: rows at the "
        "bounds are lost or doubled, and no ETag is ever good twice.",
        todo="Compute startDate and endDate once, before page 1.",
        check=_sliding_window,
    ),
)
