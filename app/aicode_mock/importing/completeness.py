"""Whether pages add up to the ``totalCount`` of their envelopes.

Pages of one kind, ``totalCount`` and ``pageSize`` are taken for pages of one query.  Two queries
of the same numbers cannot be told apart: a page that one of them lacks and the other has is not
missed.  Pages without rows, and those too large to be read whole, are not seen.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from aicode_mock.importing.entries import Answer, Entry

_SHOWN = 10


class _Query(NamedTuple):
    kind: str
    page_size: int
    total: int

    @property
    def last_page(self) -> int:
        return -(-self.total // self.page_size)


_Queries = Mapping[_Query, Mapping[int, int]]
"""How many rows the pages of each query have, by their numbers."""


class Completeness:
    """Counts the rows of pages, as their entries come."""

    def __init__(self) -> None:
        """No page was read yet."""
        self._queries: defaultdict[_Query, dict[int, int]] = defaultdict(dict)
        self._answer: Answer | None = None
        self._kind = ""
        self._rows = 0

    def count(self, entry: Entry) -> None:
        """Take a row, good or bad; those of an answer follow on each other."""
        if entry.answer is not self._answer:
            self._end_answer()
            self._answer, self._rows = entry.answer, 0
            self._kind = "changes" if "changeId" in (entry.fields or {}) else "commits"
        self._rows += 1

    def notes(self) -> list[str]:
        """What is missing, a sentence for each query; nothing if all is there."""
        self._end_answer()
        return [
            f"{query.kind} of totalCount {query.total}, pageSize {query.page_size}: {lack}"
            for query, pages in sorted(_unexplained(self._queries).items())
            if (lack := _lack(query, pages))
        ]

    def _end_answer(self) -> None:
        match self._answer:
            case Answer(page=int(page), page_size=int(size), total=int(total)) if page > 0 and size > 0:
                pages = self._queries[_Query(self._kind, size, total)]
                pages[page] = max(self._rows, pages.get(page, 0))


def _unexplained(queries: _Queries) -> _Queries:
    """The queries but for those that are one, whose total moved while its pages were fetched."""
    parts: defaultdict[tuple[str, int], dict[_Query, Mapping[int, int]]] = defaultdict(dict)
    for query, pages in queries.items():
        if _gaps(pages, query.last_page):
            parts[query.kind, query.page_size][query] = pages
    explained = {query for some in parts.values() if _is_one_query(some) for query in some}
    return {query: pages for query, pages in queries.items() if query not in explained}


def _is_one_query(parts: _Queries) -> bool:
    """Whether the pages of all totals are each there once, up to the last one of the latest total."""
    numbers = [page for pages in parts.values() for page in pages]
    latest = max(parts, key=lambda query: max(parts[query]))
    return len(numbers) == len(set(numbers)) and not _gaps(numbers, latest.last_page)


def _lack(query: _Query, pages: Mapping[int, int]) -> str:
    if gaps := _gaps(pages, query.last_page):
        is_one = gaps[0][0] == gaps[-1][1]
        return f"{'page' if is_one else 'pages'} {_listed(gaps)} {'is' if is_one else 'are'} missing"
    rows = sum(pages.values())
    return f"the pages have {rows} rows" if rows < query.total else ""


def _gaps(pages: Collection[int], last_page: int) -> list[tuple[int, int]]:
    """The first and last number of each run of pages that are not there."""
    there = [0, *sorted({page for page in pages if page <= last_page}), last_page + 1]
    return [(one + 1, other - 1) for one, other in pairwise(there) if other - one > 1]


def _listed(gaps: Iterable[tuple[int, int]]) -> str:
    runs = [str(first) if first == last else f"{first} to {last}" for first, last in gaps]
    return ", ".join(runs[:_SHOWN]) + (", …" if len(runs) > _SHOWN else "")
