"""Places to cut: whatever the body and its pieces, they are found, and are what they claim to be."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aicode_mock.faults.actions import Cut, CutPlace
from aicode_mock.faults.places import place_of

CSV, JSON = "text/csv", "application/json"
SUITE = settings(deadline=None, max_examples=40)
TEXT = st.text(st.sampled_from('ab",\n\r\\{}[]:é漢😀'), max_size=8)
BOUNDARIES = st.lists(st.integers(0, 300), max_size=8)
COUNTS = st.integers(1, 9)
LINE_ENDS = st.sampled_from(["\n", "\r\n"])
QUOTING = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=6)
)
JSON_VALUES = st.recursive(
    TEXT | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ITEMS = st.lists(st.dictionaries(TEXT, JSON_VALUES, min_size=1, max_size=4), max_size=5)


def pieces_of(body: bytes, boundaries: Iterable[int]) -> list[bytes]:
    """The body in pieces, some of them empty."""
    ends = [*sorted(end for end in boundaries if end <= len(body)), len(body)]
    return [body[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def find(body: bytes, boundaries: Iterable[int], media_type: str, at: CutPlace, count: int = 1) -> int | None:
    """The position of a place in a body that comes in pieces."""
    place = place_of(Cut(kind="cut", at=at, count=count), media_type)
    assert place is not None
    passed, pieces = 0, pieces_of(body, boundaries)
    for number, piece in enumerate(pieces, start=1):
        position = place.find(piece, ends=number == len(pieces))
        if position is not None:
            assert 0 <= position <= len(piece)
            return passed + position
        passed += len(piece)
    return None


def write(rows: Iterable[Sequence[str]], *, line_end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    """CSV as the module of the standard library writes it."""
    if line_end == "\n":  # where it leaves a lone CR bare, which its reader takes for a line end
        rows = [[field.replace("\r", "") for field in row] for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue().encode()


def envelope(items: Sequence[object], *, ascii_only: bool) -> bytes:
    text = json.dumps({"items": items, "totalCount": 7}, ensure_ascii=ascii_only, separators=(",", ":"))
    return text.encode()


@SUITE
@given(TABLES, LINE_ENDS, QUOTING, BOUNDARIES, st.integers(0, 7))
def test_csv_is_cut_after_whole_rows(
    rows: list[list[str]], line_end: str, quoting: int, boundaries: list[int], count: int
) -> None:
    body = write(rows, line_end=line_end, quoting=quoting)

    found = find(body, boundaries, CSV, "rows", count)

    expected = write(rows[: count + 1], line_end=line_end, quoting=quoting)
    assert (None if found is None else body[:found]) == (expected if count < len(rows) else None)


@SUITE
@given(TABLES, LINE_ENDS, QUOTING, BOUNDARIES, COUNTS)
def test_csv_is_cut_between_the_fields_of_a_row(
    rows: list[list[str]], line_end: str, quoting: int, boundaries: list[int], count: int
) -> None:
    body = write(rows, line_end=line_end, quoting=quoting)

    found = find(body, boundaries, CSV, "mid-row", count)

    half = len(rows[0]) // 2
    if count >= len(rows) or not half:
        assert found is None
    else:
        before = write(rows[:count], line_end=line_end, quoting=quoting)
        fields = write([[*rows[count][:half], "x"]], line_end=line_end, quoting=quoting)
        assert body[:found] == before + fields.rpartition(b",")[0] + b","


@SUITE
@given(TABLES, LINE_ENDS, QUOTING, BOUNDARIES, COUNTS)
def test_csv_is_cut_within_a_quoted_field(
    rows: list[list[str]], line_end: str, quoting: int, boundaries: list[int], count: int
) -> None:
    body = write(rows, line_end=line_end, quoting=quoting)

    found = find(body, boundaries, CSV, "in-quotes", count)

    fields = list(re.finditer(rb'"(?:[^"]|"")*"', body))
    assert found == (fields[count - 1].start() + 1 if count <= len(fields) else None)


@SUITE
@given(ITEMS, st.booleans(), BOUNDARIES, st.integers(0, 6))
def test_json_is_cut_after_whole_items(
    items: list[dict[str, Any]], ascii_only: bool, boundaries: list[int], count: int
) -> None:
    body = envelope(items, ascii_only=ascii_only)

    found = find(body, boundaries, JSON, "rows", count)

    if count > len(items):
        assert found is None
    else:
        assert json.loads(body[:found] + b"]}") == {"items": items[:count]}


@SUITE
@given(ITEMS, st.booleans(), BOUNDARIES, COUNTS)
def test_json_is_cut_after_the_first_field_of_an_item(
    items: list[dict[str, Any]], ascii_only: bool, boundaries: list[int], count: int
) -> None:
    body = envelope(items, ascii_only=ascii_only)

    found = find(body, boundaries, JSON, "mid-row", count)

    if count > len(items) or len(items[count - 1]) < 2:
        assert found is None
    else:
        assert found is not None
        assert body[found - 1 : found] == b","
        first_field = dict([next(iter(items[count - 1].items()))])
        assert json.loads(body[: found - 1] + b"}]}")["items"] == [*items[: count - 1], first_field]


@SUITE
@given(ITEMS, st.booleans(), BOUNDARIES, COUNTS)
def test_json_is_cut_within_a_string(
    items: list[dict[str, Any]], ascii_only: bool, boundaries: list[int], count: int
) -> None:
    body = envelope(items, ascii_only=ascii_only)

    found = find(body, boundaries, JSON, "in-quotes", count)

    strings = list(re.finditer(rb'"(?:[^"\\]|\\.)*"', body))
    assert found == (strings[count - 1].start() + 1 if count <= len(strings) else None)


@SUITE
@given(TEXT, BOUNDARIES, COUNTS)
def test_a_letter_of_several_bytes_is_cut_after_its_first(
    text: str, boundaries: list[int], count: int
) -> None:
    body = text.encode()

    found = find(body, boundaries, "text/html", "in-utf8", count)

    long_letters = [index for index, letter in enumerate(text) if not letter.isascii()]
    if count > len(long_letters):
        assert found is None
    else:
        assert found == len(text[: long_letters[count - 1]].encode()) + 1


@SUITE
@given(st.binary(max_size=40), BOUNDARIES, st.integers(0, 45))
def test_a_body_is_cut_after_so_many_bytes(body: bytes, boundaries: list[int], count: int) -> None:
    found = find(body, boundaries, "text/html", "bytes", count)

    assert found == (count if body and count <= len(body) else None)


@given(st.binary(max_size=40), BOUNDARIES)
def test_the_place_before_the_last_chunk_is_after_everything(body: bytes, boundaries: list[int]) -> None:
    assert find(body, boundaries, "text/html", "before-last-chunk") == len(body)


@pytest.mark.parametrize("at", ["rows", "mid-row", "in-quotes", "in-utf8"])
@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ('a,b\r\n"1 ""é"", 2",""""\r\n3,"""é"\r\n'.encode(), CSV),
        (r'{"é":[{"a\\":"\"é","b":[1,{}]},{"":"\\\"","c":{"d":[]}}]}'.encode(), JSON),
    ],
)
def test_a_place_is_the_same_in_pieces_of_one_byte(at: CutPlace, body: bytes, media_type: str) -> None:
    for count in range(1, 7):
        whole = find(body, [], media_type, at, count)

        assert find(body, range(len(body)), media_type, at, count) == whole


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_fetch_is_ten_thousand_records(count: int) -> None:
    record, header = b'7,"a\nb"\n', b"number,text\n"
    body = header + record * 20_000

    found = find(body, range(0, len(body), 4096), CSV, "at-fetch", count)

    assert found == (len(header) + count * 10_000 * len(record) if count < 3 else None)


@pytest.mark.parametrize("at", ["rows", "mid-row", "in-quotes", "at-fetch"])
def test_what_is_neither_csv_nor_json_has_no_rows(at: CutPlace) -> None:
    assert place_of(Cut(kind="cut", at=at), "text/html") is None
