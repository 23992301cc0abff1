"""CSV records as Python's csv writes them, with the quotes that the documents show."""

import csv
import io
from collections.abc import Sequence


class Bare(float):
    """A cell that csv takes for a number, so that it is quoted only where its text needs it."""

    text = ""

    def __str__(self) -> str:
        return self.text


def bare(text: str) -> Bare:
    """A cell of a text that is not always quoted."""
    cell = Bare()
    cell.text = text
    return cell


def csv_record(cells: Sequence[str | Bare], *, always_quoted: bool, line_end: str) -> str:
    """A record; ``always_quoted`` is about the cells that are not bare."""
    texts = cells if always_quoted else [bare(str(cell)) for cell in cells]
    written = io.StringIO()
    # Some versions of Python quote no other line ends than their own, so it writes both characters.
    csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow(texts)
    return written.getvalue().removesuffix("\r\n") + line_end
