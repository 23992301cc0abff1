"""Changes of a body as it passes, piece by piece.

Records of CSV end with LF or CRLF outside of quotes (RFC 4180); quotes, line ends and the
end of a JSON text may straddle pieces.  An empty body stays empty.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from aicode_mock.faults.actions import CsvEdit, MalformedJson
from aicode_mock.faults.taken import Taken

CSV, JSON = "text/csv", "application/json"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_QUOTE_OR_LINE_END = re.compile(rb'"|\r?\n')


class Edit(Protocol):
    """A change of one body; ``is_made`` tells whether there has been anything to change."""

    is_made: bool

    def feed(self, piece: bytes) -> bytes:
        """The next piece, changed; a part of it may be kept for later."""
        ...

    def finish(self) -> bytes:
        """What is left when the body has ended."""
        ...


def edits_of(taken: Iterable[Taken], media_type: str) -> list[tuple[int, Edit]]:
    """The edits of a body of this media type, and the number of the fault of each."""
    edits: list[tuple[int, Edit]] = []
    for one in taken:
        match one.action:
            case CsvEdit(lineEnd=line_end, bom=bom) if media_type == CSV:
                edits += [(one.number, _Crlf())] if line_end else []
                edits += [(one.number, _ByteOrderMark())] if bom else []
            case MalformedJson() if media_type == JSON:
                edits.append((one.number, _WrongBracket()))
    return edits


class _Crlf:
    def __init__(self) -> None:
        self.is_made = False
        self._is_quoted = False
        self._last = b""

    def feed(self, piece: bytes) -> bytes:
        changed = _QUOTE_OR_LINE_END.sub(self._change, piece)
        self._last = piece[-1:] or self._last
        return changed

    def finish(self) -> bytes:
        return b""

    def _change(self, found: re.Match[bytes]) -> bytes:
        if found[0] == b'"':
            self._is_quoted = not self._is_quoted
        has_return = found.start() == 0 and self._last == b"\r"  # in the piece before
        if found[0] != b"\n" or self._is_quoted or has_return:
            return found[0]
        self.is_made = True
        return b"\r\n"


class _ByteOrderMark:
    def __init__(self) -> None:
        self.is_made = False

    def feed(self, piece: bytes) -> bytes:
        if self.is_made or not piece:
            return piece
        self.is_made = True
        return _BYTE_ORDER_MARK + piece

    def finish(self) -> bytes:
        return b""


class _WrongBracket:
    def __init__(self) -> None:
        self.is_made = False
        self._kept = b""

    def feed(self, piece: bytes) -> bytes:
        text = self._kept + piece
        keep_from = max(0, len(text.rstrip()) - 1)
        self._kept = text[keep_from:]
        return text[:keep_from]

    def finish(self) -> bytes:
        if not self._kept.strip():
            return self._kept
        self.is_made = True
        bracket = b"}" if self._kept.startswith(b"]") else b"]"
        return bracket + self._kept[1:]
