"""JSON values one after another, as ``curl … >> file`` and ``jq . file…`` leave them.

Between them are blanks and line ends, or nothing.  What is read at once is a *window*: a value
that is larger is handed on as a stream, and is the last.
"""

import codecs
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from aicode_mock.importing.complaints import CUT_OFF, UnreadableError

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Large:
    """The bytes from the beginning of a value that is larger than a window."""

    stream: io.BufferedReader


def json_values(stream: BinaryIO, *, window_bytes: int) -> Iterator[tuple[str, Any]]:
    """The values of a stream, each with its place; the place of one that is alone is empty.

    Raises:
        UnreadableError: it is no JSON, or not all of it.
    """
    number = 0
    try:
        window = _Window(stream, window_bytes)
        while window.has_more():
            number += 1
            value = window.take()
            is_large = isinstance(value, Large)
            is_alone = number == 1 and (is_large or not window.has_more())
            yield "" if is_alone else f"value {number}", value
            if is_large:
                return
    except json.JSONDecodeError as error:
        if is_cut(error):
            raise UnreadableError(f"ends in the middle of its JSON: {CUT_OFF}") from None
        where = f"line {error.lineno}, column {error.colno}" + (f" of value {number}" if number > 1 else "")
        raise UnreadableError(f"is no JSON: {error.msg} at {where}") from None
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8: it holds the byte {error.object[error.start]:#04x}") from None
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise UnreadableError(f"is no JSON that we read: {error}") from None


def values_of(text: str) -> Iterator[Any]:
    """The values of a text.

    Raises:
        ValueError, RecursionError: it is no JSON.
    """
    at = _behind_blanks(text, 0)
    while at < len(text):
        value, at = _DECODER.raw_decode(text, at)
        yield value
        at = _behind_blanks(text, at)


def is_cut(error: Exception) -> bool:
    """Whether a text is JSON up to its end, and not all of it."""
    return isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    )


def rejoined(head: bytes, rest: BinaryIO) -> io.BufferedReader:
    """A stream with what was read of it put back to its front."""
    return io.BufferedReader(_Rejoined(head, rest))


class _Window:
    """What lies ahead in a stream, decoded as far as it was needed."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._text, self._at, self._is_end = "", 0, False
        self._read()

    def has_more(self) -> bool:
        """Whether another value, or something else but blanks, begins; go there."""
        self._at = _behind_blanks(self._text, self._at)
        while self._at == len(self._text) and not self._is_end:
            self._read()
            self._at = _behind_blanks(self._text, self._at)
        return self._at < len(self._text)

    def take(self) -> object:
        """The value that begins here."""
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                ahead = self._text[self._at :]
                if self._is_end:
                    raise json.JSONDecodeError(error.msg, ahead, error.pos - self._at) from None
            else:
                return value
            if len(ahead) >= self._size:
                pending, _ = self._utf8.getstate()
                return Large(rejoined(ahead.encode() + pending, self._stream))
            self._read()

    def _read(self) -> None:
        some = self._stream.read(self._size)
        self._is_end = len(some) < self._size
        self._text = self._text[self._at :] + self._utf8.decode(some, final=self._is_end)
        self._at = 0


def _behind_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


class _Rejoined(io.RawIOBase):
    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = io.BytesIO(head), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        some = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(some)] = some
        return len(some)
