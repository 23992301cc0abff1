"""Where a body is cut: places in a stream of bytes, found in one pass whatever its pieces are.

Rows are the records of CSV after its header (RFC 4180: LF or CRLF ends a record outside of
quotes), or the items in the envelope of a JSON answer.  A place lies

    rows        after so many rows; after none: after the header, or the bracket before the items
    mid-row     in CSV after half of the columns, in JSON after the first field; a row of one
                field has no such place
    in-quotes   after the quote that opens a CSV field, or a JSON string (names are strings, too)
    in-utf8     after the first byte of a letter of several bytes
    at-fetch    after so many times 10,000 rows
"""

import re
from typing import Protocol

from aicode_mock.faults.actions import Cut
from aicode_mock.faults.rowplaces import CsvPlace, JsonPlace

FETCH_ROWS = 10_000  # documented: CSV "streams in pages of 10,000 records server-side"

_FIRST_OF_SEVERAL = re.compile(rb"[\xc2-\xf4]")


class Place(Protocol):
    """A place that is looked for in one body."""

    def find(self, piece: bytes, *, ends: bool) -> int | None:
        """How many bytes of the next piece lie before the place; None if it is not in this piece."""
        ...


def place_of(cut: Cut, media_type: str) -> Place | None:
    """The place of a cut in a body of this media type; None if such a body has none."""
    match cut.at:
        case "bytes":
            return _AfterBytes(cut.count)
        case "in-utf8":
            return _InLetter(cut.count)
        case "before-last-chunk":
            return _AtEnd()
        case "at-fetch":
            return _among_rows("rows", cut.count * FETCH_ROWS, media_type)
        case at:
            return _among_rows(at, cut.count, media_type)


def _among_rows(at: str, count: int, media_type: str) -> Place | None:
    match media_type:
        case "text/csv":
            return CsvPlace(at, count)
        case "application/json":
            return JsonPlace(at, count)
        case _:
            return None


class _AfterBytes:
    def __init__(self, count: int) -> None:
        self._left = count

    def find(self, piece: bytes, *, ends: bool) -> int | None:  # noqa: ARG002  # as all places
        if piece and self._left <= len(piece):
            return self._left
        self._left -= len(piece)
        return None


class _InLetter:
    def __init__(self, count: int) -> None:
        self._left = count

    def find(self, piece: bytes, *, ends: bool) -> int | None:  # noqa: ARG002  # as all places
        for letter in _FIRST_OF_SEVERAL.finditer(piece):
            self._left -= 1
            if not self._left:
                return letter.end()
        return None


class _AtEnd:
    def find(self, piece: bytes, *, ends: bool) -> int | None:
        return len(piece) if ends else None
