"""The columns of ``commits.csv`` and ``changes.csv``: found by their names, read as the fields of JSON."""

import csv
import json
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aicode_mock.importing.complaints import UnreadableError
from aicode_mock.importing.unknownfields import OPTION
from aicode_mock.inputs import unknown_name
from aicode_mock.wiretext import CsvForm, change_csv_header, commit_csv_header

_WORD = re.compile("_(.)")
_WHOLE = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
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


class Columns(NamedTuple):
    """What a header names: places and fields of known columns, with what reads their cells."""

    width: int
    readers: list[tuple[int, str, Callable[[str], object]]]
    unknown: tuple[str, ...]


def columns_of(header: str, *, ignore_unknown: bool) -> Columns:
    """The columns of a header.

    Raises:
        UnreadableError: it is none of ours, no CSV, or has unknown columns that are not to be ignored.
    """
    try:
        names = next(csv.reader([header], strict=True), [])
    except csv.Error as error:
        raise UnreadableError(f"has a header that is no CSV: {error}") from None
    known = next((one for one in (COMMIT_COLUMNS, CHANGE_COLUMNS) if one[0] in names), None)
    if known is None:
        raise UnreadableError(
            f"is neither JSON nor CSV of the API: its first line is {header.strip()[:80]!r} "
            f"(a header has {COMMIT_COLUMNS[0]} or {CHANGE_COLUMNS[0]})"
        )
    unknown = tuple(dict.fromkeys(name for name in names if name not in known))
    if difference := _difference(names, known, () if ignore_unknown else unknown):
        raise UnreadableError(f"has another header than the API's: {difference}")
    readers = [(at, field_of(name), _reader(name)) for at, name in enumerate(names) if name in known]
    return Columns(len(names), readers, unknown)


def _difference(names: Sequence[str], known: list[str], unknown: Sequence[str]) -> str:
    """What is wrong with the names of columns; empty if nothing is."""
    if missing := [name for name in known if name not in names and name != "commit_source"]:
        return f"column {', '.join(missing)} is missing"
    if twice := [name for name in known if names.count(name) > 1]:
        return f"column {twice[0]} is there twice"
    return f"{unknown_name('column', unknown[0], known)}; {OPTION} leaves it out" if unknown else ""


def _reader(column: str) -> Callable[[str], object]:
    if _NUMBERS.fullmatch(column):
        return _number
    return {"is_primary_branch": _boolean, "metadata_json": _json}.get(column, _text)


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
