"""Edits of a passing body: right for every body, whatever its pieces."""

import csv
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.faults.edits import edits_of
from aicode_mock.faults.model import Fault
from aicode_mock.faults.taken import Taken
from tests.test_faults_places import (
    BOUNDARIES,
    CSV,
    JSON,
    JSON_VALUES,
    QUOTING,
    SUITE,
    TABLES,
    pieces_of,
    write,
)

ALL_EDITS: list[dict[str, Any]] = [
    {"kind": "csv", "bom": True},
    {"kind": "csv", "lineEnd": "crlf"},
    {"kind": "malformed-json"},
    {"kind": "drip", "bytesPerSecond": 1},
]


def taken(*actions: dict[str, Any]) -> list[Taken]:
    return [
        Taken(number, Fault.model_validate({"action": action}).action)
        for number, action in enumerate(actions)
    ]


def edited(
    body: bytes, boundaries: list[int], media_type: str, *actions: dict[str, Any]
) -> tuple[bytes, list[int]]:
    """The body after all edits, and the numbers of those that had something to change."""
    edits = edits_of(taken(*actions), media_type)
    *pieces, last = pieces_of(body, boundaries)
    result = b""
    for piece in pieces:
        for _, edit in edits:
            piece = edit.feed(piece)
        result += piece
    for _, edit in edits:
        last = edit.feed(last) + edit.finish()
    return result + last, [number for number, edit in edits if edit.is_made]


@SUITE
@given(TABLES, QUOTING, BOUNDARIES)
def test_line_ends_outside_of_quotes_become_crlf(
    rows: list[list[str]], quoting: int, boundaries: list[int]
) -> None:
    rows = [[field.replace("\r", "") for field in row] for row in rows]
    body = write(rows, quoting=quoting)

    changed, made = edited(body, boundaries, CSV, {"kind": "csv", "lineEnd": "crlf"})

    assert changed == write(rows, line_end="\r\n", quoting=quoting)
    assert made == [0]


@SUITE
@given(TABLES, BOUNDARIES)
def test_line_ends_that_are_crlf_stay(rows: list[list[str]], boundaries: list[int]) -> None:
    body = write(rows, line_end="\r\n", quoting=csv.QUOTE_ALL)

    assert edited(body, boundaries, CSV, {"kind": "csv", "lineEnd": "crlf"}) == (body, [])


@SUITE
@given(st.binary(min_size=1, max_size=20), BOUNDARIES)
def test_a_byte_order_mark_comes_first_and_once(body: bytes, boundaries: list[int]) -> None:
    assert edited(body, boundaries, CSV, {"kind": "csv", "bom": True}) == (b"\xef\xbb\xbf" + body, [0])


@SUITE
@given(JSON_VALUES, st.sampled_from(["", "\n", " \r\n"]), BOUNDARIES)
def test_no_parser_takes_malformed_json(value: object, space: str, boundaries: list[int]) -> None:
    body = (json.dumps(value, ensure_ascii=False) + space).encode()

    changed, made = edited(body, boundaries, JSON, {"kind": "malformed-json"})

    assert made == [0]
    assert len(changed) == len(body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(changed)


@pytest.mark.parametrize("body", [b"", b"  "])
def test_an_empty_body_stays_empty(body: bytes) -> None:
    assert edited(body, [0, 1], JSON, *ALL_EDITS) == (body, [])
    assert edited(b"", [], CSV, *ALL_EDITS) == (b"", [])


def test_a_body_of_another_type_is_left_alone() -> None:
    assert edits_of(taken(*ALL_EDITS), "text/html") == []
    assert [number for number, _ in edits_of(taken(*ALL_EDITS), CSV)] == [0, 1]
    assert [number for number, _ in edits_of(taken(*ALL_EDITS), JSON)] == [2]


def test_a_line_end_may_straddle_pieces_with_nothing_between() -> None:
    crlf = {"kind": "csv", "lineEnd": "crlf"}

    assert edited(b'a\r\n"\n"\n', [2, 2, 2, 5], CSV, crlf) == (b'a\r\n"\n"\r\n', [0])


def test_one_fault_may_edit_twice() -> None:
    assert edited(b"a\n1\n", [2], CSV, {"kind": "csv", "lineEnd": "crlf", "bom": True}) == (
        b"\xef\xbb\xbfa\r\n1\r\n",
        [0, 0],
    )
