"""The same row is imported once, however often it is exported; a real duplicate stays one."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.importing.entries import Answer
from aicode_mock.importing.exports import Exports
from aicode_mock.importing.identity import identity_of, moved
from aicode_mock.importing.shapes import Row
from aicode_mock.importing.staging import order_key
from aicode_mock.rows import ChangeRow, CommitRow, metadata_json
from aicode_mock.wiretext import CsvForm, JsonForm
from tests.exported import CHANGES, COMMITS, Answers, answers_of, bring, csv_of, newest_first, page_of

ONE = CommitRow("a", "cli", "user_1", "a@b", "o/r", "main", True, 9, 9, 1, 1, 2, 2, 6, 6, "Hi", 1000, 5000)
CHANGE = ChangeRow(7, "user_1", "a@b", "TAB", None, 0, 0, 5000, "[]")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "twin.db"


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[str], Path]:
    """Saves a text in a file of its own."""

    def save(text: str) -> Path:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.txt"
        file.write_text(text, encoding="utf-8", newline="")
        return file

    return save


def total(database: Path, kind: str = "commits") -> int:
    told = answers_of(database)[f"{kind} {JsonForm()} 1"]
    count: int = json.loads(told)["totalCount"]
    return count


def content(answers: Answers) -> dict[str, list[str]]:
    """The lines of CSV, whatever the order of those of one key is."""
    return {name: sorted(text.split("\n")) for name, text in answers.items() if "CsvForm" in name}


@given(
    st.lists(st.tuples(COMMITS | CHANGES, st.integers(1, 2)), max_size=8),
    st.lists(st.integers(0, 2**42) | st.integers(0, 9), max_size=2),
    st.randoms(use_true_random=False),
    st.sampled_from([0, 5000]),
    st.booleans(),
)
def test_overlapping_windows_in_any_order_make_the_whole(
    counted: list[tuple[Row, int]], cuts: list[int], random: object, few_rows: int, at_once: bool
) -> None:
    rows = newest_first([row for row, count in counted for _ in range(count)])
    # Windows from the beginning to each cut, from each cut to the end, and one of everything.
    windows = [rows] + [[one for one in rows if one.created_at <= cut] for cut in cuts]
    windows += [[one for one in rows if one.created_at >= cut] for cut in cuts]
    random.shuffle(windows)  # type: ignore[attr-defined]  # hypothesis's Random
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.json") for number in range(len(windows))]
        for file, window in zip(files, windows, strict=True):
            file.write_text(page_of(window), encoding="utf-8", newline="")

        for some in [files] if at_once else [[one] for one in files]:
            bring(Path(folder, "twin.db"), *some, few_rows=few_rows)
        once = answers_of(Path(folder, "twin.db"))
        again = bring(Path(folder, "twin.db"), *files)

        assert not any(again.new.values())
        assert answers_of(Path(folder, "twin.db")) == once
        bring(Path(folder, "other.db"), files[windows.index(rows)])
        assert content(once) == content(answers_of(Path(folder, "other.db")))


@pytest.mark.parametrize("few_rows", [0, 5000])
def test_rows_that_come_later_take_their_places_among_those_that_are_there(
    database: Path, saved: Callable[[str], Path], few_rows: int
) -> None:
    rows = [
        ONE._replace(commit_hash=f"{at % 7}", created_at=at * 1000, user_id=f"u{at % 3}") for at in range(60)
    ]
    for rest in (1, 0, 2):
        bring(database, saved(page_of(rows[rest::3][::-1])), few_rows=few_rows)

    told = answers_of(database)

    assert told[f"commits {JsonForm()} 1"] == page_of(rows[::-1])
    assert told[f"commits {CsvForm()}"] == csv_of(rows[::-1], of_commits=True)


def test_the_digest_of_the_data_changes_with_new_rows_alone(
    database: Path, saved: Callable[[str], Path]
) -> None:
    file = saved(page_of([ONE]))
    first = bring(database, file).digest

    assert bring(database, file).digest == first
    assert bring(database, saved(page_of([CHANGE]))).digest != first


def test_two_identical_rows_of_one_export_stay_two(database: Path, saved: Callable[[str], Path]) -> None:
    one, two = saved(page_of([ONE])), saved(page_of([ONE, ONE]))

    news = [bring(database, file).new["commits"] for file in (one, two, one, two)]

    assert news == [1, 1, 0, 0]
    assert total(database) == 2


@pytest.mark.parametrize(("totals", "expected"), [((2, 2), 2), ((2, 3), 1)])
def test_a_row_on_two_pages_is_two_unless_the_total_tells_of_arrivals(
    database: Path, saved: Callable[[str], Path], totals: tuple[int, int], expected: int
) -> None:
    pages = [saved(page_of([ONE], page=page, total=total)) for page, total in enumerate(totals, start=1)]

    bring(database, *pages)

    assert total(database) == expected


def test_a_window_fetched_twice_is_no_export_of_twice_its_pages(
    database: Path, saved: Callable[[str], Path]
) -> None:
    pages = [saved(page_of([ONE], page=page, total=2)) for page in (1, 2, 1, 2)]

    bring(database, *pages)

    assert total(database) == 2


@pytest.mark.parametrize("old_first", [True, False])
def test_an_export_without_commit_source_adds_nothing_to_one_with_it(
    database: Path, saved: Callable[[str], Path], old_first: bool
) -> None:
    files = [saved(csv_of([ONE], CsvForm(commit_source="absent"), of_commits=True)), saved(page_of([ONE]))]

    summary = bring(database, *(files if old_first else files[::-1]))

    assert summary.new["commits"] == 1
    assert f'"commitSource":"{ONE.commit_source}"' in answers_of(database)[f"commits {JsonForm()} 1"]


def test_an_empty_text_and_null_are_one_row() -> None:
    empty, unknown = ONE._replace(message="", repo_name=""), ONE._replace(message=None, repo_name=None)

    assert identity_of(empty) == identity_of(unknown) != identity_of(ONE)


@given(COMMITS | CHANGES, st.integers(-(2**30), 2**30))
def test_time_alone_makes_no_other_content(row: Row, by_ms: int) -> None:
    assert identity_of(moved(row, by_ms)) == identity_of(row)
    assert moved(moved(row, by_ms), -by_ms) == row


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("commit_ts", 1001),
        ("commit_ts", None),
        ("is_primary_branch", None),
        ("is_primary_branch", False),
        ("non_ai_lines_added", None),
        ("branch_name", "other"),
    ],
)
def test_every_other_fact_makes_another_row(field: str, value: object) -> None:
    assert identity_of(ONE._replace(**{field: value})) != identity_of(ONE)  # type: ignore[arg-type]  # as named


def test_changes_are_told_apart_by_their_files() -> None:
    other = CHANGE._replace(metadata=metadata_json([]) + " ")

    assert identity_of(other) != identity_of(CHANGE)


def test_pages_are_one_export_while_their_numbers_differ_under_one_total() -> None:
    exports = Exports()
    pages = [Answer(1, 10, 20), Answer(2, 10, 20), Answer(1, 10, 20), Answer(2, 10, 21), Answer(), Answer()]

    assert [exports.number_of(page) for page in pages] == [1, 1, 2, 3, 4, 5]
    assert exports.number_of(pages[-1]) == 5


def test_a_member_is_an_id_with_an_address(database: Path, saved: Callable[[str], Path]) -> None:
    renamed = ONE._replace(user_email="new@b", created_at=6000)

    bring(database, saved(page_of([renamed, ONE])))

    told = answers_of(database)
    assert told[f"commits {JsonForm(commit_source=False)} 1"] == page_of(
        [renamed, ONE], JsonForm(commit_source=False)
    )


def test_shifted_rows_are_found_again_under_the_same_shift(
    database: Path, saved: Callable[[str], Path]
) -> None:
    file, week = saved(page_of([ONE, CHANGE])), timedelta(weeks=1)

    first = bring(database, file, shift=week)
    second = bring(database, file, shift=week)
    third = bring(database, file, shift=2 * week)

    assert [sum(one.new.values()) for one in (first, second, third)] == [2, 0, 2]


def test_order_is_that_of_the_endpoints() -> None:
    assert order_key(ONE) == (5000, "a", "main")
    assert order_key(CHANGE) == (5000, "0000000007", "")
