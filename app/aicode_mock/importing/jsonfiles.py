"""Rows out of JSON: a page, a list, one item, or lines of any of these.

A page of the API has 1,000 items at most, so whatever is small is read whole.  What is
larger is read a line at a time, or streamed by ijson if it is one value.  Two pages, or
lists, in one file are two answers; items on lines are one.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import ijson

from aicode_mock.daterange import shorten
from aicode_mock.importing.complaints import CUT_OFF, UnreadableError
from aicode_mock.importing.entries import Answer, Entry
from aicode_mock.importing.otheranswers import expect_row

_SMALL_BYTES = 4 * 1024 * 1024


def json_entries(stream: BinaryIO, *, small_bytes: int = _SMALL_BYTES) -> Iterator[Entry]:
    """The rows of a stream that begins with a bracket or a brace.

    Raises:
        UnreadableError: it is no JSON, not all of it, or another answer than pages and rows.
    """
    head = stream.read(small_bytes)
    if len(head) < small_bytes:
        return _whole(head)
    again = io.BufferedReader(_Rejoined(head, stream))
    first_line, line_end, _ = head.partition(b"\n")
    is_lines = line_end and _is_json(first_line)
    return _lines(again) if is_lines else _streamed(again, is_list=head.startswith(b"["))


def _whole(text: bytes) -> Iterator[Entry]:
    try:
        value = json.loads(text.decode())
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8: byte {error.start + 1} is {text[error.start]:#04x}") from None
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and _is_json(text.partition(b"\n")[0]):
            return _lines(io.BytesIO(text))
        if _is_cut(error):
            raise UnreadableError(f"ends in the middle of its JSON: {CUT_OFF}") from None
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableError(f"is no JSON: {error.msg} at {where}") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise UnreadableError(f"is no JSON that we read: {error}") from None
    return _value(value, "", Answer())


def _lines(stream: BinaryIO) -> Iterator[Entry]:
    items = Answer()
    for number, line in enumerate(stream, start=1):
        place = f"line {number}"
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            if _is_cut(error) and not line.endswith(b"\n"):
                raise UnreadableError(f"ends within the JSON of line {number}: {CUT_OFF}") from None
            yield Entry(place, items, problem=f"is no JSON: {shorten(line.decode(errors='replace').strip())}")
            continue
        yield from _value(value, place, items)


def _streamed(stream: BinaryIO, *, is_list: bool) -> Iterator[Entry]:
    """The items of one large list or page; of several pages one after the other, too."""
    answer, number = Answer(), 0
    prefix = "item" if is_list else "items.item"
    try:
        for item in ijson.items(stream, prefix, use_float=True, multiple_values=not is_list):
            number += 1
            yield from _element(item, f"item {number}", answer)
    except ijson.JSONError as error:
        reason = str(error).removeprefix("b'").partition("\n")[0].partition("\\n")[0]
        raise UnreadableError(f"is no JSON behind item {number} ({reason}): perhaps {CUT_OFF}") from None
    if not (number or is_list):
        raise UnreadableError("is a JSON object without items: no page of commits or changes")


def _value(value: object, place: str, items: Answer) -> Iterator[Entry]:
    """The rows of one JSON value."""
    match value:
        case {"items": list(elements), **envelope}:
            yield from _elements(elements, place, _page(envelope))
        case list(elements):
            yield from _elements(elements, place, Answer())
        case dict():
            expect_row(value, place or "item 1")
            yield Entry(place or "item 1", items, value)
        case _:
            problem = f"is no page, list or item: {shorten(json.dumps(value))}"
            yield Entry(place or "line 1", items, problem=problem)


def _elements(elements: list[object], place: str, answer: Answer) -> Iterator[Entry]:
    for number, element in enumerate(elements, start=1):
        yield from _element(element, f"{place}{', ' if place else ''}item {number}", answer)


def _element(element: object, place: str, answer: Answer) -> Iterator[Entry]:
    """A row, or a page within a list of pages."""
    match element:
        case {"items": list(elements), **envelope}:
            yield from _elements(elements, place, _page(envelope))
        case dict():
            expect_row(element, place)
            yield Entry(place, answer, element)
        case _:
            yield Entry(place, answer, problem=f"must be an object: got {shorten(json.dumps(element))}")


def _page(envelope: Mapping[Any, object]) -> Answer:
    page, page_size, total = (
        number if isinstance(number := envelope.get(name), int) else None
        for name in ("page", "pageSize", "totalCount")
    )
    return Answer(page, page_size, total)


def _is_cut(error: Exception) -> bool:
    """Whether a text is JSON up to its end, and not all of it."""
    return isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    )


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


class _Rejoined(io.RawIOBase):
    """A stream with what was read of it put back to its front."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = io.BytesIO(head), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        some = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(some)] = some
        return len(some)
