"""Which answers of the API are parts of one export.

An *export* is one answer (a page, a list, a CSV file), or the pages that follow on each
other with different numbers under one ``totalCount`` and ``pageSize``: when rows arrive
between two pages, a row may be on both, but the total is another then.
"""

from aicode_mock.importing.entries import Answer


class Exports:
    """Numbers the exports of one kind of rows, as their answers come."""

    def __init__(self) -> None:
        """No answer was read yet."""
        self._answer: Answer | None = None
        self._envelope: tuple[int | None, int | None] = (None, None)
        self._pages: set[int | None] = set()
        self._number = 0

    def number_of(self, answer: Answer) -> int:
        """The number of the export that an answer is, or is a part of."""
        if answer is not self._answer:
            self._begin(answer)
        return self._number

    def _begin(self, answer: Answer) -> None:
        envelope = (answer.page_size, answer.total)
        is_page = None not in (answer.page, *envelope)
        if not is_page or envelope != self._envelope or answer.page in self._pages:
            self._number += 1
            self._pages = set()
        self._answer, self._envelope = answer, envelope
        self._pages.add(answer.page)
