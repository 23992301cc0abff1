"""The arithmetic between the figures of a row, and the text of a change's files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.rows import FileChange, metadata_json, non_ai_lines, quote_json

LINES = st.integers(0, 2**31 - 1)
NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("total", "tab", "composer", "non_ai"),
    [
        (120, 50, 40, 30),  # the documents' samples
        (30, 10, 5, 15),
        (85, 30, 25, 30),
        (15, 5, 3, 7),
        (0, 0, 0, 0),
        (10, 5, 5, 0),
        (5, 4, 4, 0),
        (0, 0, 1, 0),
    ],
)
def test_lines_without_ai_are_the_rest_and_never_below_zero(
    total: int, tab: int, composer: int, non_ai: int
) -> None:
    assert non_ai_lines(total, tab, composer) == non_ai


def test_files_are_compact_json_in_the_documented_order() -> None:
    files = [FileChange("src/analytics/report.ts", "ts", 12, 3), FileChange("Makefile", "", 6, 1)]

    assert metadata_json(files) == (
        '[{"fileName":"src/analytics/report.ts","fileExtension":"ts","linesAdded":12,"linesDeleted":3},'
        '{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":1}]'
    )


def test_the_name_of_a_private_file_is_left_out() -> None:
    assert metadata_json([FileChange(None, "ts", 1, 0)]) == (
        '[{"fileExtension":"ts","linesAdded":1,"linesDeleted":0}]'
    )


def test_no_files_are_an_empty_list() -> None:
    assert metadata_json([]) == "[]"


@given(st.lists(st.builds(FileChange, st.none() | NAMES, NAMES, LINES, LINES)))
def test_files_read_back_as_they_were(files: list[FileChange]) -> None:
    read = json.loads(metadata_json(files))

    assert [
        FileChange(one.get("fileName"), one["fileExtension"], one["linesAdded"], one["linesDeleted"])
        for one in read
    ] == files
    assert all(("fileName" in one) == (file.name is not None) for one, file in zip(read, files, strict=True))


@given(NAMES)
def test_quoted_text_is_json_and_keeps_its_letters(text: str) -> None:
    quoted = quote_json(text)

    assert json.loads(quoted) == text
    assert all(letter in quoted for letter in text if letter > "\x7f")
