"""What a volume costs: n requests under a limit of k a minute wait (n - 1) // k minutes.

The first k requests go at once, the next k after the reset, and so on.  Queries that
overlap are counted as they were asked.  No request is for more than 30 days: what is wider
takes several, as pages and as CSV.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aicode_mock.report.findings import Budget, Cost, Spent, Volume
from aicode_mock.report.journal import Journal
from aicode_mock.report.request import PAUSE_MS, Request, grouped
from aicode_mock.report.run import Run
from aicode_mock.report.span import Span, fewest_requests

_KINDS = ("commits", "changes")


@dataclass(frozen=True, slots=True)
class _Told:
    """How many rows a query has, and its range if that is known."""

    rows: int
    span: Span | None

    def requests(self, largest_page: int) -> int:
        """How many it takes by pages."""
        pages = max(1, -(-self.rows // max(1, largest_page)))
        return pages if self.span is None else max(pages, self.span.requests)


def make_budget(journal: Journal) -> Budget:
    """The budget of everything that has pages or CSV."""
    runs: dict[Hashable, list[Run]] = {}
    for run in journal.runs:
        runs.setdefault(_kind(run.first), []).append(run)
    requests = grouped((one for one in journal.requests if _has_volume(one)), _kind)
    volumes = [_volume(asked, runs.get(kind, []), journal) for kind, asked in requests.items()]
    return Budget(perMinute=journal.revision.rate_limit, volumes=volumes)


def _volume(requests: Sequence[Request], runs: Iterable[Run], journal: Journal) -> Volume:
    windows = _told_by_window(runs).values()
    limit = journal.revision.rate_limit
    spans = [one.span for one in windows if one.span is not None]
    team, kind = _kind(requests[0])
    return Volume(
        team=team,
        kind=kind,
        windows=len(windows),
        rows=sum(one.rows for one in windows),
        byPages=_cost(sum(one.requests(journal.largest_page) for one in windows), limit),
        byCsv=_cost(max(min(1, len(windows)), fewest_requests(spans)), limit),
        spent=_spent(requests),
    )


def _told_by_window(runs: Iterable[Run]) -> dict[Hashable, _Told]:
    """What of each query was told last, whatever its pages."""
    windows: dict[Hashable, _Told] = {}
    for run in runs:
        told = [one.entry.totalCount for one in run.delivered if one.entry.totalCount is not None]
        seen = [one.entry.rows for one in run.delivered if one.entry.rows is not None]
        if told or seen:
            sent = run.first.sent
            window = tuple(sent.get(name) for name in ("startDate", "endDate", "user"))
            windows[window] = _Told(rows=(told or seen)[-1], span=run.span)
    return windows


def _cost(requests: int, limit: int) -> Cost:
    return Cost(requests=requests, minutes=max(0, requests - 1) // max(1, limit))


def _spent(requests: Sequence[Request]) -> Spent:
    steps = (new.since(old) for old, new in pairwise(requests))
    return Spent(
        requests=len(requests),
        refused=sum(request.entry.status == 429 for request in requests),
        minutes=round(sum(step for step in steps if 0 <= step < PAUSE_MS) / 60_000, 1),
    )


def _kind(request: Request) -> tuple[str | None, str]:
    return request.entry.team, (request.entry.endpoint or "").removesuffix(".csv")


def _has_volume(request: Request) -> bool:
    team, kind = _kind(request)
    return team is not None and kind in _KINDS
