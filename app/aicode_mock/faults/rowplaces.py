"""Places among the rows of CSV and JSON, found in one pass over their quotes, brackets and commas."""

import re

_CSV_MARK = re.compile(rb'["\n]')
_CSV_MARK_OR_COMMA = re.compile(rb'["\n,]')
_JSON_MARK = re.compile(rb'["\\{}\[\],]')
_ARRAY_DEPTH = 2  # {"items":[…]}


class CsvPlace:
    """``rows``, ``mid-row`` or ``in-quotes`` in CSV."""

    def __init__(self, at: str, count: int) -> None:
        """``count`` is how many rows, or which row or field, from 1."""
        self._at, self._count = at, count
        self._marks = _CSV_MARK_OR_COMMA if at == "mid-row" else _CSV_MARK
        self._passed = 0  # bytes of the pieces before
        self._is_quoted, self._closed_at = False, -2  # not just before the first byte
        self._records, self._quoted_fields, self._commas, self._half = 0, 0, 0, 0

    def find(self, piece: bytes, *, ends: bool) -> int | None:  # noqa: ARG002  # as all places
        """How many bytes of the next piece lie before it; None if it is not in this piece."""
        for mark in self._marks.finditer(piece):
            if self._is_at(mark[0], self._passed + mark.start()):
                return mark.end()
        self._passed += len(piece)
        return None

    def _is_at(self, mark: bytes, position: int) -> bool:
        if mark == b'"':
            return self._quote(position)
        if self._is_quoted:
            return False
        return self._line_end() if mark == b"\n" else self._comma()

    def _quote(self, position: int) -> bool:
        self._is_quoted = not self._is_quoted
        if not self._is_quoted:
            self._closed_at = position
            return False
        is_doubled = self._closed_at == position - 1
        self._quoted_fields += not is_doubled
        return self._at == "in-quotes" and not is_doubled and self._quoted_fields == self._count

    def _line_end(self) -> bool:
        if not self._records:
            self._half = (self._commas + 1) // 2
        self._records += 1
        self._commas = 0
        return self._at == "rows" and self._records == self._count + 1  # and the header

    def _comma(self) -> bool:
        self._commas += 1
        return self._records == self._count and self._commas == self._half


class JsonPlace:
    """``rows``, ``mid-row`` or ``in-quotes`` in JSON."""

    def __init__(self, at: str, count: int) -> None:
        """``count`` is how many rows, or which row or field, from 1."""
        self._at, self._count = at, count
        self._passed = 0  # bytes of the pieces before
        self._is_string, self._escaped_at = False, -1
        self._depth, self._items, self._strings = 0, 0, 0
        self._is_among_items = False  # and not in another object of the envelope

    def find(self, piece: bytes, *, ends: bool) -> int | None:  # noqa: ARG002  # as all places
        """How many bytes of the next piece lie before it; None if it is not in this piece."""
        for mark in _JSON_MARK.finditer(piece):
            position = self._passed + mark.start()
            is_at = self._string(mark[0], position) if self._is_string else self._structure(mark[0])
            if is_at:
                return mark.end()
        self._passed += len(piece)
        return None

    def _string(self, mark: bytes, position: int) -> bool:
        if position == self._escaped_at:
            return False
        if mark == b"\\":
            self._escaped_at = position + 1
        self._is_string = mark != b'"'
        return False

    def _structure(self, mark: bytes) -> bool:
        match mark:
            case b'"':
                self._is_string = True
                self._strings += 1
                return self._at == "in-quotes" and self._strings == self._count
            case b",":
                is_in_row = self._depth == _ARRAY_DEPTH + 1 and self._items == self._count - 1
                return self._at == "mid-row" and is_in_row
            case b"{" | b"[":
                self._depth += 1
                self._is_among_items |= mark == b"[" and self._depth == _ARRAY_DEPTH
            case _:
                self._depth -= 1
                self._items += self._depth == _ARRAY_DEPTH
        is_between = self._is_among_items and self._depth == _ARRAY_DEPTH
        return self._at == "rows" and is_between and self._items == self._count
