"""What the client has of each window, in whatever form: pages of any size, CSV, or narrower windows.

A client may fall back from CSV to pages, to smaller pages or to narrower windows: what it
reads so is read, whatever became of the request that it had begun with.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from aicode_mock.report.request import Request, grouped
from aicode_mock.report.span import Span

_DEFAULT_SIZE = 100  # documented


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a window, numbered from 0; ``stop`` is not one of them, and None is the window's end."""

    start: int = 0
    stop: int | None = None


@dataclass(frozen=True)
class Holdings:
    """The delivered requests for one kind of rows, by team and user; ``failed`` are those that were not."""

    delivered: Sequence[Request]
    failed: Sequence[Request]

    def has(self, rows: Rows, of: Request, counts: Callable[[Request], bool]) -> bool:
        """Whether requests that count hold the rows of the window of a request."""
        alike = [one for one in self._same_window(of) if counts(one)]
        return _hold(alike, rows) or (of.span is not None and self._cover(of.span, counts))

    def _same_window(self, of: Request) -> Iterable[Request]:
        found = {one.id: one for one in self._by_dates.get(of.dates, ())}
        if of.span is not None:
            found |= {one.id: one for one in self._by_span.get(of.span, ())}
        return found.values()

    def _cover(self, span: Span, counts: Callable[[Request], bool]) -> bool:
        reach = span.start_ms - 1
        for whole, last in self._whole:
            if whole.start_ms > reach + 1:
                break
            if whole.end_ms > reach and whole != span and counts(last):
                reach = whole.end_ms
        return reach >= span.end_ms

    @cached_property
    def _by_dates(self) -> dict[tuple[str, str], list[Request]]:
        return grouped(self.delivered, lambda one: one.dates)

    @cached_property
    def _by_span(self) -> dict[Span | None, list[Request]]:
        return grouped(self.delivered, lambda one: one.span)

    @cached_property
    def _whole(self) -> list[tuple[Span, Request]]:
        """The windows that were read to the end, by start, each with its last request."""
        found = [(span, read[-1]) for span, read in self._by_span.items() if span and _hold(read, Rows())]
        return sorted(found, key=lambda one: one[0].start_ms)


def holdings_key(request: Request) -> tuple[Hashable, ...]:
    """Equal for requests that may stand in for each other."""
    entry = request.entry
    return entry.team, entry.path.removesuffix(".csv"), request.user


def make_holdings(requests: Iterable[Request]) -> dict[Hashable, Holdings]:
    """What was read and what failed, by ``holdings_key``."""
    asked = grouped((one for one in requests if one.is_read), holdings_key)
    return {
        key: Holdings(
            delivered=[one for one in group if one.is_delivered],
            failed=[one for one in group if one.has_failed],
        )
        for key, group in asked.items()
    }


def rows_of(request: Request) -> Rows:
    """The rows that a request asks for."""
    if request.is_csv:
        return Rows()
    size = request.page_size or request.asked_size or _DEFAULT_SIZE
    return Rows((request.page - 1) * size, request.page * size)


def _hold(requests: Sequence[Request], rows: Rows) -> bool:
    if any(one.is_csv for one in requests):
        return True
    totals = [one.entry.totalCount for one in requests if one.entry.totalCount is not None]
    if not totals:
        return False
    stop, reach = totals[-1] if rows.stop is None else min(rows.stop, totals[-1]), rows.start
    for start, end in sorted((part.start, part.stop or 0) for part in map(rows_of, requests)):
        if start > reach:
            break
        reach = max(reach, end)
    return reach >= stop
