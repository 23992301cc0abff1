"""The benchmark judges and tells what it measured; what it measures is no test's concern."""

from bench.judging import Bar, Result, measured, missed, ratios, skipped
from bench.table import cells, markdown_table, number

AT_MOST = Bar("S1", "a file", 0.6)
AT_LEAST = Bar("S7", "a page again", 0.6, at_least=True)
TOLD = Bar("S1", "rows a second", unit="rows/s")


def test_the_median_is_judged_and_not_the_worst_round() -> None:
    result = measured(AT_MOST, [0.5, 0.9, 0.6])

    assert result.median == 0.6
    assert result.holds is True


def test_a_bar_is_missed_beyond_its_limit_in_its_own_direction() -> None:
    assert measured(AT_MOST, [0.61]).holds is False
    assert measured(AT_LEAST, [0.61]).holds is True
    assert measured(AT_LEAST, [0.59]).holds is False


def test_what_has_no_limit_or_was_skipped_is_not_judged() -> None:
    results: list[Result] = [measured(TOLD, [1.0]), skipped(AT_MOST, "no such option")]

    assert [result.holds for result in results] == [None, None]
    assert missed(results) == []


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios([1, 6], [2, 3]) == [0.5, 2]


def test_a_row_shows_limit_median_range_and_verdict() -> None:
    assert cells(measured(AT_LEAST, [0.5, 0.25, 0.75])) == (
        "S7",
        "a page again",
        "≥ 0.600 ×",
        "0.500 ×",
        "0.250–0.750",
        "NO",
    )


def test_a_skipped_row_shows_the_reason() -> None:
    assert cells(skipped(TOLD, "no such option"))[3:] == ("skipped", "no such option", "")


def test_numbers_have_three_digits_that_count() -> None:
    assert [number(value) for value in (0, 0.01234, 0.1234, 1.234, 12.34, 1234.5)] == [
        "0",
        "0.0123",
        "0.123",
        "1.23",
        "12.3",
        "1,234",
    ]


def test_the_table_of_the_page_has_a_line_for_each_result() -> None:
    lines = markdown_table([measured(AT_MOST, [0.5]), measured(TOLD, [2.0])]).splitlines()

    assert lines[0].startswith("| bar | what | limit |")
    assert len(lines) == 4
    assert all(line.count("|") == lines[0].count("|") for line in lines)
