"""A run: one reading of a query, from its first page to where the client stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from aicode_mock.report.outcome import Outcome
from aicode_mock.report.request import Request
from aicode_mock.report.span import Span


@dataclass(frozen=True)
class Run:
    """The requests of one reading; ``is_followed`` says that the query was read again later."""

    requests: tuple[Request, ...]
    is_followed: bool

    @property
    def first(self) -> Request:
        """The request that begins it."""
        return self.requests[0]

    @property
    def last(self) -> Request:
        """The request that ends it."""
        return self.requests[-1]

    @property
    def ids(self) -> list[int]:
        """The ids of its requests."""
        return [request.id for request in self.requests]

    @property
    def span(self) -> Span | None:
        """The range of the first request whose range is known."""
        return next((request.span for request in self.requests if request.span), None)

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it could have succeeded."""
        return all(request.outcome is Outcome.REFUSED for request in self.requests)

    @property
    def is_cut(self) -> bool:
        """Whether some of it may be missing from the journal: before what is seen, or after its begin."""
        first = self.first
        return first.is_before_cut or first.is_at_cut or (first.stretch > 0 and first.page > 1)

    @cached_property
    def delivered(self) -> list[Request]:
        """The requests that gave the client what it asked for."""
        return [request for request in self.requests if request.is_delivered]

    @property
    def furthest(self) -> Request:
        """The last answer for the last page that was delivered."""
        return max(self.delivered, key=lambda request: (request.page, request.id))

    @cached_property
    def counting(self) -> list[Request]:
        """The delivered requests that told the count and the page size."""
        return [one for one in self.delivered if one.entry.totalCount is not None and one.page_size]

    @cached_property
    def total(self) -> int | None:
        """Rows of the query, as the client was told last; None if it was not."""
        return self.counting[-1].entry.totalCount if self.counting else None

    @property
    def pages_read(self) -> set[int]:
        """The pages that were delivered."""
        return {request.page for request in self.delivered}

    def pages_at(self, page_size: int) -> int:
        """How many pages of a size the rows fill; at least 1."""
        return max(1, -(-(self.total or 0) // max(1, page_size)))

    @property
    def page_size(self) -> int:
        """The size that was served last; 0 if the client was not told."""
        return (self.counting[-1].page_size or 0) if self.counting else 0

    @cached_property
    def last_page(self) -> int | None:
        """The last page that there is; None if the client was not told."""
        return self.pages_at(self.page_size) if self.page_size else None

    @property
    def is_probe(self) -> bool:
        """Whether it only asks if the API is there: a page of one row."""
        return all(request.page == 1 and request.asked_size == 1 for request in self.requests)

    @property
    def is_unchanged(self) -> bool:
        """Whether page 1 was answered 304: the client has the others already."""
        return next((one.entry.status == 304 for one in self.delivered if one.page == 1), False)

    @property
    def count_moved(self) -> bool:
        """Whether the pages told different counts."""
        return len({request.entry.totalCount for request in self.counting}) > 1

    @property
    def is_given_up(self) -> bool:
        """Whether it broke off for a reason, and the query was read again from the start."""
        return self.is_followed and (self.count_moved or not self.last.is_delivered)

    @property
    def may_be_short(self) -> bool:
        """Whether it need not have all pages, or may have more than the journal shows."""
        return self.is_probe or self.is_given_up or self.is_cut or self.is_unchanged

    def missing(self) -> list[tuple[int, int]]:
        """Ranges of pages that exist and were never asked for in this run, both ends included.

        What would have come after a failure is not missing: the failure is the finding.
        """
        if self.last_page is None or self.may_be_short:
            return []
        ranges = _unasked({request.page for request in self.requests}, self.last_page)
        ends_early = bool(ranges) and ranges[-1][1] == self.last_page
        return ranges[:-1] if ends_early and not self.last.is_delivered else ranges


class Cause(Enum):
    """Why a client stopped before the last page, as far as the journal shows."""

    SHORT_PAGE = "short page"
    FAULT = "fault"
    NONE = "none"


def stop_cause(run: Run) -> Cause:
    """Why the run ended where it did; only of runs that miss their last page."""
    rows, size = run.furthest.entry.rows, run.furthest.asked_size
    if rows is not None and size is not None and rows < size:
        return Cause.SHORT_PAGE
    return Cause.FAULT if run.furthest.entry.faults else Cause.NONE


def _unasked(asked: Iterable[int], last: int) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    expected = 1
    for page in sorted(page for page in asked if 1 <= page <= last):
        if page > expected:
            ranges.append((expected, page - 1))
        expected = page + 1
    return [*ranges, (expected, last)] if expected <= last else ranges
