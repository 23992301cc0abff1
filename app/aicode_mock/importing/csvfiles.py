"""Rows out of ``commits.csv`` and ``changes.csv``, of every revision.

Columns are found by their names, in whatever order; ``commit_source`` may be absent.  An
empty cell is null; of ``message``, which the documents' samples always quote, ``""`` is an
empty text.  Python's ``csv`` reads records; that one distinction it does not make.
"""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import TextIO

from aicode_mock.importing.complaints import CUT_OFF, UnreadableError
from aicode_mock.importing.csvcolumns import Columns, columns_of
from aicode_mock.importing.entries import Answer, Entry

_LONGEST_CELL = 16 * 1024 * 1024
_LONGEST_HEADER = 8 * 1024
_CELL = re.compile(r'("(?:[^"]|"")*"|[^,\r\n]*)(?:,|\r?\n?$)')


def csv_entries(text: TextIO, *, ignore_unknown: bool = False) -> Iterator[Entry]:
    """The rows of a CSV file, which is opened without translation of line ends.

    Unknown columns are refused, or left out of the rows.

    Raises:
        UnreadableError: its header is none of ours, it is no text, or ends within a row.
    """
    csv.field_size_limit(_LONGEST_CELL)  # of the process; 128 KB are less than a change may have
    try:
        header = text.readline(_LONGEST_HEADER)
        columns = columns_of(header, ignore_unknown=ignore_unknown)
        yield from _records(text, header, columns)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8: it holds the byte {error.object[error.start]:#04x}") from None


def _records(text: TextIO, header: str, columns: Columns) -> Iterator[Entry]:
    lines = _Remembering(text)
    records = csv.reader(chain([header], lines), strict=True)
    next(records)
    answer, (width, readers, unknown) = Answer(is_csv=True), columns
    message = next((at for at, name, _ in readers if name == "message"), None)
    while True:
        number = records.line_num + 1
        place = f"line {number}"
        lines.record.clear()
        try:
            cells = next(records, None)
        except csv.Error as error:
            _expect_whole(number, is_cut=str(error) == "unexpected end of data")  # within quotes
            yield Entry(place, answer, problem=f"is no CSV: {error}")
            continue
        if cells is None:
            return
        if len(cells) != width:
            _expect_whole(number, is_cut=len(cells) < width and not lines.record[-1].endswith(("\n", "\r")))
            if cells:  # an empty line is none
                yield Entry(place, answer, problem=f"has {len(cells)} cells, the header {width} columns")
            continue
        fields = {name: read(cells[at]) for at, name, read in readers}
        if message is not None and not cells[message] and _is_quoted("".join(lines.record), message):
            fields["message"] = ""
        yield Entry(place, answer, fields, left_out=unknown)


def _expect_whole(number: int, *, is_cut: bool) -> None:
    if is_cut:
        raise UnreadableError(f"ends within the row that begins in line {number}: {CUT_OFF}")


def _is_quoted(record: str, cell: int) -> bool:
    return bool(_CELL.findall(record)[cell] == '""')


class _Remembering:
    """Lines of a text, with those of the record under way."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.record.append(line)
        return line
