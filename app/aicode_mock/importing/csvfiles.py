"""Rows out of ``commits.csv`` and ``changes.csv``, of every revision.

Columns are found by their names, in whatever order; ``commit_source`` may be absent.  An
empty cell is null; of ``message``, which the documents' samples always quote, ``""`` is an
empty text.  Python's ``csv`` reads records; that one distinction it does not make.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TextIO

from aicode_mock.importing.complaints import CUT_OFF, UnreadableError
from aicode_mock.importing.entries import Answer, Entry
from aicode_mock.inputs import unknown_name
from aicode_mock.wiretext import CsvForm, change_csv_header, commit_csv_header

_LONGEST_CELL = 16 * 1024 * 1024
_LONGEST_HEADER = 8 * 1024
_WORD = re.compile("_(.)")
_WHOLE = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_CELL = re.compile(r'("(?:[^"]|"")*"|[^,\r\n]*)(?:,|\r?\n?$)')
_NAME = re.compile(r"^\w+")
_NUMBERS = re.compile("[a-z_]+_(?:added|deleted)")

COMMIT_COLUMNS = commit_csv_header(CsvForm()).rstrip("\n").split(",")
CHANGE_COLUMNS = change_csv_header(CsvForm()).rstrip("\n").split(",")


def field_of(column: str) -> str:
    """The name of a column's field in JSON."""
    return "metadata" if column == "metadata_json" else _WORD.sub(lambda found: found[1].upper(), column)


_COLUMNS = {field_of(column): column for column in (*COMMIT_COLUMNS, *CHANGE_COLUMNS)}


def column_reason(reason: str) -> str:
    """A reason that begins with the name of a field, with that of its column."""
    return _NAME.sub(lambda name: _COLUMNS.get(name[0], name[0]), reason, count=1)


def csv_entries(text: TextIO) -> Iterator[Entry]:
    """The rows of a CSV file, which is opened without translation of line ends.

    Raises:
        UnreadableError: its header is none of ours, it is no text, or ends within a row.
    """
    csv.field_size_limit(_LONGEST_CELL)  # of the process; 128 KB are less than a change may have
    try:
        header = text.readline(_LONGEST_HEADER)
        readers = _readers(header)
        yield from _records(text, header, readers)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8: it holds the byte {error.object[error.start]:#04x}") from None


Reader = tuple[str, Callable[[str], object]]
"""The name of a field, and what reads its cell."""


def _readers(header: str) -> list[Reader]:
    names = next(csv.reader([header]), [])
    known = next((one for one in (COMMIT_COLUMNS, CHANGE_COLUMNS) if one[0] in names), None)
    if known is None:
        raise UnreadableError(
            f"is neither JSON nor CSV of the API: its first line is {header.strip()[:80]!r} "
            f"(a header has {COMMIT_COLUMNS[0]} or {CHANGE_COLUMNS[0]})"
        )
    unknown = [name for name in names if name not in known]
    missing = [name for name in known if name not in names and name != "commit_source"]
    if unknown or missing or len(set(names)) < len(names):
        raise UnreadableError(f"has another header than the API's: {_difference(names, known, missing)}")
    return [(field_of(name), _reader(name)) for name in names]


def _difference(names: Sequence[str], known: list[str], missing: list[str]) -> str:
    if missing:
        return f"column {', '.join(missing)} is missing"
    twice = next((name for name in names if names.count(name) > 1), None)
    unknown = next((name for name in names if name not in known), "")
    return f"column {twice} is there twice" if twice in known else unknown_name("column", unknown, known)


def _reader(column: str) -> Callable[[str], object]:
    if _NUMBERS.fullmatch(column):
        return _number
    return {"is_primary_branch": _boolean, "metadata_json": _json}.get(column, _text)


def _records(text: TextIO, header: str, readers: list[Reader]) -> Iterator[Entry]:
    lines = _Remembering(text)
    records = csv.reader(chain([header], lines), strict=True)
    next(records)
    answer, width = Answer(is_csv=True), len(readers)
    message = next((at for at, (name, _) in enumerate(readers) if name == "message"), None)
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
        fields = {name: read(cell) for (name, read), cell in zip(readers, cells, strict=True)}
        if message is not None and not cells[message] and _is_quoted("".join(lines.record), message):
            fields["message"] = ""
        yield Entry(place, answer, fields)


def _expect_whole(number: int, *, is_cut: bool) -> None:
    if is_cut:
        raise UnreadableError(f"ends within the row that begins in line {number}: {CUT_OFF}")


def _is_quoted(record: str, cell: int) -> bool:
    return bool(_CELL.findall(record)[cell] == '""')


def _text(cell: str) -> object:
    return cell or None


def _number(cell: str) -> object:
    return int(cell) if _WHOLE.fullmatch(cell) else cell or None


def _boolean(cell: str) -> object:
    return {"true": True, "false": False, "": None}.get(cell, cell)


def _json(cell: str) -> object:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


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
