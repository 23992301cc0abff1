"""Pages that do not add up to their totalCount are told of, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.importing.completeness import Completeness
from aicode_mock.importing.entries import Answer, Entry

COMMIT: dict[str, object] = {"commitHash": "a"}
CHANGE: dict[str, object] = {"changeId": "7"}


def notes_on(*pages: tuple[Answer, int], fields: dict[str, object] | None = COMMIT) -> list[str]:
    """What is said of pages, each with so many rows."""
    completeness = Completeness()
    for answer, rows in pages:
        for _ in range(rows):
            completeness.count(Entry("item", answer, fields))
    return completeness.notes()


def pages_of(total: int, size: int, *numbers: int) -> list[tuple[Answer, int]]:
    """Pages of a query with the rows that they should have."""
    return [(Answer(number, size, total), min(size, total - (number - 1) * size)) for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "total", "lack"),
    [
        ([1, 3], 6, "page 2 is missing"),
        ([3], 6, "pages 1 to 2 are missing"),
        ([1], 6, "pages 2 to 3 are missing"),
        ([2, 1], 5, "page 3 is missing"),
        ([5, 2], 12, "pages 1, 3 to 4, 6 are missing"),
        (range(2, 24, 2), 46, "pages 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, … are missing"),
        ([1, 2], 2 * 10**12, "pages 3 to 1000000000000 are missing"),
    ],
)
def test_pages_that_are_missing_are_named(numbers: list[int], total: int, lack: str) -> None:
    told = notes_on(*pages_of(total, 2, *numbers))

    assert told == [f"commits of totalCount {total}, pageSize 2: {lack}"]


def test_a_page_with_too_few_rows_is_told() -> None:
    (first, _), second = pages_of(4, 2, 1, 2)

    assert notes_on((first, 1), second) == ["commits of totalCount 4, pageSize 2: the pages have 3 rows"]
    assert notes_on((first, 1), second, (first, 2)) == []  # fetched again


def test_changes_are_told_apart_from_commits() -> None:
    completeness = Completeness()
    for number, fields in ((1, COMMIT), (2, CHANGE), (2, None)):
        completeness.count(Entry("item", Answer(number, 1, 2), fields))

    assert completeness.notes() == ["changes of totalCount 2, pageSize 1: page 1 is missing"]


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 5)), max_size=6),
    st.randoms(use_true_random=False),
)
def test_whole_queries_are_never_told_of(queries: list[tuple[int, int]], random: object) -> None:
    pages = [
        page for total, size in queries for page in pages_of(total, size, *range(1, -(-total // size) + 1))
    ]
    random.shuffle(pages)  # type: ignore[attr-defined]  # hypothesis's Random

    assert notes_on(*pages) == []


@given(st.integers(2, 30), st.integers(1, 5), st.data())
def test_a_page_less_is_always_told_of(total: int, size: int, data: st.DataObject) -> None:
    pages = pages_of(total, size, *range(1, -(-total // size) + 1))
    lost = data.draw(st.sampled_from(pages))
    rest = [one for one in pages if one is not lost]

    assert len(notes_on(*rest)) == bool(rest)


def test_a_total_that_moved_between_two_pages_hides_nothing() -> None:
    grown = [*pages_of(6, 2, 1), *pages_of(7, 2, 2, 3, 4)]
    shrunk = [*pages_of(5, 2, 1), *pages_of(4, 2, 2)]

    assert notes_on(*grown) == notes_on(*shrunk) == []
    assert len(notes_on(*grown[:-1])) == 2
    assert notes_on(*pages_of(6, 2, 1), *pages_of(8, 2, 1, 2, 3)) == [
        "commits of totalCount 6, pageSize 2: pages 2 to 3 are missing",
        "commits of totalCount 8, pageSize 2: page 4 is missing",
    ]


@pytest.mark.parametrize(
    "answer",
    [Answer(), Answer(is_csv=True), Answer(1, 2), Answer(0, 2, 9), Answer(1, 0, 9), Answer(9, 2, 2)],
)
def test_what_has_no_right_envelope_or_lies_past_the_end_is_not_missed(answer: Answer) -> None:
    assert notes_on((answer, 1), (answer, 1), *pages_of(2, 2, 1)) == []
