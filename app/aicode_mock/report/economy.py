"""Rules of economy: as few requests as the volume needs, and no more than the limit allows."""

from collections.abc import Hashable, Iterator, Sequence

from aicode_mock.report.journal import Journal
from aicode_mock.report.request import Request
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.run import Run
from aicode_mock.report.wording import count, duration

_MANY = 5  # requests: a whole minute of the tightest documented limit
_MINUTE_MS = 60_000
_UNCOUNTED = frozenset({304, 401, 403})
_REFUSED_OR_FAILED = frozenset({0, 429, *range(500, 600)})  # 0: cut off before any answer


def _page_too_small(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        read, needed = len(run.pages_read), run.pages_at(journal.largest_page)
        is_costly = _is_small(run, journal.largest_page) and read >= max(_MANY, 2 * needed)
        if is_costly and not _is_fallback(run, journal, is_csv=False):
            yield Breach(
                f"{read} pages read with pageSize={run.first.asked_size} for {run.total:,} rows: "
                f"{count(needed, 'page')} with pageSize={journal.largest_page}",
                run.ids,
            )


def _page_too_large(journal: Journal) -> Iterator[Breach]:
    for query in journal.queries:
        delivered = [one for run in query for one in run.delivered]
        clamped = [one for one in delivered if _was_clamped(one, journal.largest_page)]
        if clamped:
            yield Breach(
                f"pageSize={clamped[0].asked_size} was served as {clamped[0].page_size}",
                [one.id for one in clamped],
            )


def _csv_fits(journal: Journal) -> Iterator[Breach]:
    for run in journal.runs:
        read, needed = len(run.pages_read), run.pages_at(journal.largest_page)
        has_csv = run.first.entry.method == "GET"
        if has_csv and min(read, needed) >= _MANY and not _is_fallback(run, journal, is_csv=True):
            by_csv = count(1 if run.span is None else run.span.requests, "request")
            yield Breach(
                f"{read} pages of JSON read for {run.total:,} rows: {run.first.entry.path}.csv is {by_csv}",
                run.ids,
            )


def _conditional_unused(journal: Journal) -> Iterator[Breach]:
    for query in journal.queries if journal.caching else ():
        earlier: dict[Hashable, Request] = {}
        again: list[tuple[Request, Request]] = []
        for run in query:
            plain = [one for one in run.delivered if one.entry.conditional == "none" and one.span]
            again += [(earlier[_asked(one)], one) for one in plain if _asked(one) in earlier]
            known = not run.is_probe and not run.is_given_up
            earlier |= {_asked(one): one for one in run.delivered if known and not one.entry.faults}
        if again and query[0].first.entry.path.startswith("/analytics/ai-code"):
            yield Breach(
                f"{count(len(again), 'answer')} of 200 asked for again without If-None-Match "
                f"({query[0].first.entry.path})",
                sorted({request.id for pair in again for request in pair}),
            )


def _over_limit(journal: Journal) -> Iterator[Breach]:
    for stream in journal.streams:
        limit = journal.limit_of(stream[0].entry.endpoint)
        for window in _windows(stream, limit):
            if len(window) > limit:
                refused = len(window) - limit
                yield Breach(
                    f"{count(len(window), 'request')} for {window[0].entry.endpoint} within "
                    f"{duration(max(0, window[-1].since(window[0])))}: under {limit} a minute, "
                    f"{refused} would have been refused",
                    [request.id for request in window],
                )


def _windows(stream: Sequence[Request], limit: int) -> Iterator[list[Request]]:
    """Requests by minutes that open with the first counted answer, as far as a looser limit let them in.

    A minute ends on the world's clock or in real time, whichever is first.

    What an equal or tighter limit admitted is none of the matter, and neither is what
    failed: whether the real service counts it nobody has shown.  A free answer is refused
    too when the limit is used up.
    """
    window: list[Request] = []
    for request in stream:
        entry = request.entry
        is_limited = entry.rateLimit is not None and entry.rateLimit.perMinute <= limit
        if is_limited or entry.status in _REFUSED_OR_FAILED:
            continue
        if window and not 0 <= request.since(window[0]) < _MINUTE_MS:
            yield window
            window = []
        is_counted = entry.status not in _UNCOUNTED
        if is_counted or (entry.status == 304 and len(window) >= limit):
            window.append(request)
    yield window


def _is_small(run: Run, largest: int) -> bool:
    return run.first.asked_size is not None and run.first.asked_size < largest


def _was_clamped(request: Request, largest: int) -> bool:
    asked, served = request.asked_size, request.page_size
    return asked is not None and served is not None and asked > max(served, largest)


def _is_fallback(run: Run, journal: Journal, *, is_csv: bool) -> bool:
    """Whether CSV, or pages of another size, had failed before, other than by the limit."""
    return any(
        one.id < run.first.id
        and one.is_csv is is_csv
        and one.entry.status != 429
        and (is_csv or one.sent.get("pageSize") != run.first.sent.get("pageSize"))
        for one in journal.held_with(run.first).failed
    )


def _asked(request: Request) -> Hashable:
    """The page and the window as it was resolved: relative dates move with the clock."""
    return request.page, request.span


RULES = (
    Rule(
        id="page-size-too-small",
        severity=Severity.WARNING,
        title="A pageSize that is too small for the volume",
        why="The default is 100, the largest 1000, and the limit counts requests: small pages take ten times "
        "as many, and a sync that could take seconds takes minutes.",
        todo="Send pageSize=1000.",
        check=_page_too_small,
    ),
    Rule(
        id="page-size-too-large",
        severity=Severity.WARNING,
        title="A pageSize above the largest",
        why="It is served as the largest, or refused: nobody has shown which. A client that pages by its own "
        "number leaves out rows.",
        todo="Send at most pageSize=1000, and go on with the pageSize of the answer.",
        check=_page_too_large,
    ),
    Rule(
        id="csv-fits-better",
        severity=Severity.INFO,
        title="JSON pages where CSV would do",
        why="CSV streams a whole window, of up to 30 days, in one request, which counts once against the "
        "limit; of JSON each page counts.",
        todo="Ask for commits.csv or changes.csv.",
        check=_csv_fits,
    ),
    Rule(
        id="conditional-unused",
        severity=Severity.INFO,
        title="Conditional requests unused",
        why="Every answer of 200 has an ETag. A request with If-None-Match is answered 304 without a body if "
        "nothing has changed, and that does not count against the limit.",
        todo="Keep ETag and body by URL, and send If-None-Match.",
        check=_conditional_unused,
    ),
    Rule(
        id="over-limit",
        severity=Severity.WARNING,
        title="More requests than the real service's limit",
        why="This world's limit was off or wider, so nothing was refused here. The real service refuses with "
        "429 what is more than the revision's limit in a minute, for each team and endpoint.",
        todo="Send fewer requests (1000 rows a page, CSV, If-None-Match), or spread them.",
        check=_over_limit,
    ),
)
