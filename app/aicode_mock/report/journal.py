"""The journal as the rules read it: requests, and the runs, attempts and streams that they form."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aicode_mock.contract import Revision
from aicode_mock.entries import Entry
from aicode_mock.report.holdings import Holdings, Rows, holdings_key, make_holdings, rows_of
from aicode_mock.report.request import PAUSE_MS, Request, grouped, read_requests
from aicode_mock.report.run import Run
from aicode_mock.report.splitting import split_runs

ADMIN_ENDPOINTS = frozenset({"members", "daily-usage", "usage-events", "spend"})
_NOTHING = Holdings((), ())


@dataclass(frozen=True, slots=True)
class Journal:
    """What a client did, and under which terms.

    ``queries`` are the requests for the same rows, as runs.  ``attempts`` are the
    requests for the same page of them.  ``streams`` are what a limit counts together: the
    requests of one team for one endpoint.  ``holdings`` are what the client has, whatever
    the form that it asked for.
    """

    revision: Revision
    largest_page: int
    caching: bool
    requests: Sequence[Request]
    queries: Sequence[Sequence[Run]]
    attempts: Sequence[Sequence[Request]]
    streams: Sequence[Sequence[Request]]
    holdings: Mapping[Hashable, Holdings]

    def limit_of(self, endpoint: str | None) -> int:
        """Requests a minute that the revision grants each team for an endpoint."""
        of_admin = endpoint in ADMIN_ENDPOINTS
        return self.revision.admin_rate_limit if of_admin else self.revision.rate_limit

    @property
    def runs(self) -> list[Run]:
        """All runs, query by query."""
        return [run for query in self.queries for run in query]

    def held_with(self, request: Request) -> Holdings:
        """What the client has and has not of the same kind of rows."""
        return self.holdings.get(holdings_key(request), _NOTHING)

    def missing(self, run: Run) -> list[tuple[int, int]]:
        """Ranges of pages that a run has left out and the client has not read in another form about then."""

        def counts(other: Request) -> bool:
            return _is_about_then(other, run) and other.query_key != run.first.query_key

        held = self.held_with(run.first)
        return [
            (first, last)
            for first, last in run.missing()
            if not held.has(Rows((first - 1) * run.page_size, last * run.page_size), run.first, counts)
        ]

    def is_held(self, run: Run) -> bool:
        """Whether the client has all rows of a run, in whatever form it read them about then."""
        rows = Rows(0, run.total)
        return self.held_with(run.first).has(rows, run.first, lambda other: _is_about_then(other, run))

    def is_made_good(self, failed: Sequence[Request]) -> bool:
        """Whether the client has read in another form what the attempts at a page failed to get."""
        first, last = failed[0], failed[-1]
        return self.held_with(last).has(rows_of(last), last, lambda other: other.id > first.id)


def _is_about_then(other: Request, run: Run) -> bool:
    return other.since(run.last) < PAUSE_MS and run.first.since(other) < PAUSE_MS


def read_journal(
    entries: Sequence[Entry],
    *,
    revision: Revision,
    largest_page: int,
    caching: bool,
) -> Journal:
    """Read the entries, which come in ascending id."""
    requests = read_requests(entries)
    queries = _queries(requests)
    return Journal(
        revision=revision,
        largest_page=largest_page,
        caching=caching,
        requests=requests,
        queries=[split_runs(query) for query in queries if query[0].is_read],
        attempts=[
            same_page for query in queries for same_page in grouped(query, lambda one: one.page).values()
        ],
        streams=list(
            grouped(
                (one for one in requests if one.entry.endpoint and one.entry.team),
                lambda one: (one.entry.team, one.entry.endpoint),
            ).values()
        ),
        holdings=make_holdings(requests),
    )


def _queries(requests: Iterable[Request]) -> list[list[Request]]:
    """Requests for the same rows, also where the client computed the dates anew for each."""
    queries: dict[Hashable, list[Request]] = {}
    latest: dict[Hashable, list[Request]] = {}
    for request in requests:
        query = queries.get(request.query_key)
        if query is None:
            before = latest.get(request.loose_key)
            query = before if before and request.goes_on_from(before[-1]) else []
            queries[request.query_key] = query
        query.append(request)
        latest[request.loose_key] = query
    return list({id(query): query for query in queries.values()}.values())
