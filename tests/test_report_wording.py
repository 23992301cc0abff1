"""Figures in the words of a finding."""

import pytest

from aicode_mock.report.wording import count, duration, evidence, pages, several


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1 s"),
        (59_500, "59.5 s"),
        (90_000, "1.5 min"),
        (3_600_000, "1 h"),
        (86_400_000, "24 h"),
        (30 * 86_400_000, "30 days"),
        (12_345 * 86_400_000, "12,345 days"),
    ],
)
def test_a_duration_is_in_the_unit_that_fits(milliseconds: int, words: str) -> None:
    assert duration(milliseconds) == words


def test_counts_agree_with_their_noun() -> None:
    assert [count(one, "page") for one in (0, 1, 1500)] == ["0 pages", "1 page", "1,500 pages"]


def test_a_range_of_one_page_is_a_page() -> None:
    assert (pages(3, 3), pages(3, 5)) == ("page 3", "pages 3 to 5")


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([11], "request 11"),
        ([1, 2], "requests 1, 2"),
        (list(range(1, 9)), "requests 1, 2, 3, 4, 5, 6, 7, 8"),
        (list(range(1, 1010)), "requests 1, 2, 3, 4, 5, 6, 7, 8 and 1,001 more"),
    ],
)
def test_evidence_names_the_first_requests(ids: list[int], words: str) -> None:
    assert evidence(ids) == words


def test_one_sentence_stands_alone_and_several_are_numbered() -> None:
    assert several(["a"]) == "a"
    assert several(["a", "b", "c"]) == "3 cases: (1) a; (2) b; (3) c"
    assert several(["a"] * 1003) == "1,003 cases: (1) a; (2) a; (3) a; and 1,000 more"
