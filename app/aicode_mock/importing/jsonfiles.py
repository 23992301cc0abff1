"""Rows out of JSON: pages, lists or items, one or several, on lines or one after another.

A page of the API has 1,000 items at most, so whatever is small is read whole; a larger value is
streamed by ijson.  If the first line is a value, and there are others, the lines are read one by
one: a bad line is a bad row.  Two pages, or lists, in one file are two answers; items are one.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import ijson

from aicode_mock.daterange import shorten
from aicode_mock.importing.complaints import CUT_OFF, UnreadableError
from aicode_mock.importing.entries import Answer, Entry
from aicode_mock.importing.jsonvalues import Large, is_cut, json_values, rejoined, values_of
from aicode_mock.importing.otheranswers import expect_row

_SMALL_BYTES = 4 * 1024 * 1024


def json_entries(stream: BinaryIO, *, small_bytes: int = _SMALL_BYTES) -> Iterator[Entry]:
    """The rows of a stream that begins with a bracket or a brace.

    Raises:
        UnreadableError: it is no JSON, not all of it, or another answer than pages and rows.
    """
    head = stream.read(small_bytes)
    first_line, line_end, others = head.partition(b"\n")
    goes_on = line_end and (others.strip() or len(head) == small_bytes)
    again = rejoined(head, stream)
    return _lines(again) if goes_on and _is_json(first_line) else _values(again, small_bytes)


def _lines(stream: BinaryIO) -> Iterator[Entry]:
    items = Answer()
    for number, line in enumerate(stream, start=1):
        place = f"line {number}"
        try:
            values = list(values_of(line.decode()))
        except (ValueError, RecursionError) as error:
            if is_cut(error) and not line.endswith(b"\n"):
                raise UnreadableError(f"ends within the JSON of line {number}: {CUT_OFF}") from None
            yield Entry(place, items, problem=f"is no JSON: {shorten(line.decode(errors='replace').strip())}")
            continue
        for value in values:
            yield from _value(value, place, items)


def _values(stream: BinaryIO, window_bytes: int) -> Iterator[Entry]:
    items = Answer()
    for place, value in json_values(stream, window_bytes=window_bytes):
        if isinstance(value, Large):
            yield from _streamed(value.stream, f"{place}, " if place else "")
        else:
            yield from _value(value, place, items)


def _streamed(stream: io.BufferedReader, place: str) -> Iterator[Entry]:
    """The items of one large list or page."""
    answer, number = Answer(), 0
    is_list = stream.peek(1).startswith(b"[")
    try:
        for item in ijson.items(stream, "item" if is_list else "items.item", use_float=True):
            number += 1
            yield from _element(item, f"{place}item {number}", answer)
    except ijson.JSONError as error:
        reason = str(error).removeprefix("b'").partition("\n")[0].partition("\\n")[0]
        if "trailing garbage" in reason:
            advice = "what is larger than 4 MB must be the last value of its file"
            raise UnreadableError(f"goes on behind its {place}item {number}: {advice}") from None
        raise UnreadableError(
            f"is no JSON behind {place}item {number} ({reason}): perhaps {CUT_OFF}"
        ) from None
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


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
