"""Series of windows: what one team asks of one endpoint for one user, side by side.

Windows of a series begin at a fixed instant: relative dates move with the clock and
overlap on purpose.  A window that contains another is a question of its own.  What is read
*in one go*, without a pause, was meant to belong together.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from aicode_mock.report.journal import Journal
from aicode_mock.report.request import PAUSE_MS, Request
from aicode_mock.report.run import Run
from aicode_mock.report.span import Span, is_absolute

_FRESH_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a series, with the first and the last request of its reading."""

    span: Span
    request: Request
    last: Request


@dataclass(frozen=True, slots=True)
class Pair:
    """Neighbours of a series, by start."""

    earlier: Window
    later: Window

    @property
    def step_ms(self) -> int:
        """From the end of one to the start of the next; 0 if they share it, negative if they overlap."""
        return self.later.span.start_ms - self.earlier.span.end_ms

    @property
    def stride_ms(self) -> int:
        """From the start of one to the start of the other."""
        return self.later.span.start_ms - self.earlier.span.start_ms

    @property
    def ids(self) -> list[int]:
        """The requests that began to read them."""
        return sorted([self.earlier.request.id, self.later.request.id])

    @property
    def is_deliberate(self) -> bool:
        """Whether they were read at different times, or the first reached up to the present then."""
        first, second = sorted((self.earlier, self.later), key=lambda one: one.request.id)
        paused = second.request.since(first.last) >= PAUSE_MS
        return paused or first.span.end_ms > first.request.at_ms - _FRESH_MS


def one_run_each(journal: Journal) -> Iterator[Run]:
    """The first run of each query that was not refused: what is true of its window is true of all."""
    for query in journal.queries:
        yield from [run for run in query if not run.is_refused][:1]


def series_of(journal: Journal) -> Iterator[list[Pair]]:
    """The neighbours of each series, whenever they were read."""
    for windows in _windows_by_key(journal):
        yield [Pair(*pair) for pair in pairwise(_without_containers(windows))]


def goes_of(journal: Journal) -> Iterator[list[Window]]:
    """The windows of each series that were read in one go, by start."""
    for windows in _windows_by_key(journal):
        go: list[Window] = []
        for window in sorted(windows, key=lambda one: one.request.id):
            if go and _begins_another(go[-1], window):
                yield _without_containers(go)
                go = []
            go.append(window)
        yield _without_containers(go)


def _windows_by_key(journal: Journal) -> Iterable[list[Window]]:
    windows_by_key: dict[Hashable, list[Window]] = {}
    for run in one_run_each(journal):
        first, span = run.first, run.span
        if span is not None and span.width_ms > 0 and is_absolute(first.sent.get("startDate", "")):
            key = (first.entry.team, first.entry.path, first.user)
            windows_by_key.setdefault(key, []).append(Window(span, first, run.last))
    return windows_by_key.values()


def _begins_another(previous: Window, window: Window) -> bool:
    is_cut = previous.request.stretch != window.request.stretch
    return is_cut or window.request.since(previous.last) >= PAUSE_MS


def _without_containers(windows: Iterable[Window]) -> list[Window]:
    """Windows by start and by end, none of which contains or nearly equals another."""
    kept: list[Window] = []
    for one in sorted(windows, key=lambda one: (one.span.start_ms, -one.span.end_ms), reverse=True):
        if not kept or (one.span.end_ms < kept[-1].span.end_ms and not one.span.is_near(kept[-1].span)):
            kept.append(one)
    return kept[::-1]
