"""Rows put into the order of a team's rows, against a list that is sorted."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.bulk import bulk_insert
from aicode_mock.placing import NewRow, place_rows
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, RowKind
from aicode_mock.shifting import Run, runs_behind
from aicode_mock.store import Store
from aicode_mock.tables import DATASETS, MEMBERS, TEAMS
from aicode_mock.teamids import first_id

TEAM, NEIGHBOURS = 5, (4, 6)  # first_id(5) is no number of 32 bits
FIRST = first_id(TEAM)
MEMBER_IDS = [FIRST, FIRST + 1, FIRST + 2]
BO = MEMBER_IDS[1]


def new_commit(member_id: int, created_at: int, commit_hash: str, branch: str | None, label: str) -> NewRow:
    lines = (0,) * 8
    row = CommitRow(commit_hash, "ide", "user", "@", None, branch, None, *lines, label, None, created_at)
    return NewRow(row, member_id)


def new_change(member_id: int, created_at: int, change_id: int, label: str) -> NewRow:
    return NewRow(ChangeRow(change_id, "user", "@", "TAB", label, 0, 0, created_at, "[]"), member_id)


# Few instants, keys and members, so that many are equal; databases order "é", "Z" and "a" in their own ways.
MEMBERS_OF_ROWS = st.sampled_from(MEMBER_IDS)
INSTANTS = st.integers(0, 5)
LABELS = st.text("abc", max_size=3)
BRANCHES = st.sampled_from([None, "", "main", "Main"])
COMMITS = st.builds(new_commit, MEMBERS_OF_ROWS, INSTANTS, st.sampled_from(["a", "Z", "é"]), BRANCHES, LABELS)
CHANGES = st.builds(new_change, MEMBERS_OF_ROWS, INSTANTS, st.sampled_from([0, 9, 10, 2**32 - 1]), LABELS)
Batches = list[list[NewRow]]


def batches_of(kind: RowKind, rows: st.SearchStrategy[NewRow]) -> st.SearchStrategy[tuple[RowKind, Batches]]:
    batches = st.lists(st.lists(rows, min_size=1, max_size=12), min_size=1, max_size=4)
    return st.tuples(st.just(kind), batches)


KINDS_AND_BATCHES = batches_of(COMMIT_ROWS, COMMITS) | batches_of(CHANGE_ROWS, CHANGES)


@contextmanager
def teams_without_rows(store: Store) -> Iterator[Connection]:
    """A transaction with three teams of three members, rolled back."""
    with store.rearranging() as connection:
        bulk_insert(connection, DATASETS, [(1, "s", "d", 1, 0, None, None, "d", False, 0)])
        for ordinal, team_id in enumerate((TEAM, *NEIGHBOURS)):
            bulk_insert(connection, TEAMS, [(team_id, 1, ordinal, "t", "enterprise", False)])
            for number in range(len(MEMBER_IDS)):
                person = (f"user_{number}", number, "@", "@", "n", "member", False, False)
                bulk_insert(connection, MEMBERS, [(first_id(team_id) + number, team_id, *person)])
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store.open(None)
    yield opened
    opened.close()


def in_store(connection: Connection, kind: RowKind, team_id: int) -> list[tuple[object, ...]]:
    """The rows of a team by their ids: what tells where each lies, what it is, and its texts."""
    rows = kind.rows
    found = connection.execute(
        select(*rows.c["id", "member_id", "member_position", "created_at"], kind.json.c.text, kind.csv.c.text)
        .join(kind.json, kind.json.c.id == rows.c.id)
        .join(kind.csv, kind.csv.c.id == rows.c.id)
        .where(rows.c.team_id == team_id)
        .order_by(rows.c.id)
    )
    return [tuple(row) for row in found]


def in_order(rows: list[NewRow], team_id: int) -> list[tuple[object, ...]]:
    """The same of rows in their order."""
    counts: Counter[int] = Counter()
    expected: list[tuple[object, ...]] = []
    for row_id, one in enumerate(rows, start=first_id(team_id)):
        place = (row_id, one.member_id, counts[one.member_id], one.row.created_at)
        expected.append((*place, one.json, one.csv))
        counts[one.member_id] += 1
    return expected


def assert_as_sorted(connection: Connection, kind: RowKind, batches: Batches) -> None:
    """Put batches in one after the other; old ones stay before new ones of an equal key."""
    beside = [new_commit(first_id(4), 3, "n", None, ""), new_change(first_id(6), 3, 1, "")]
    place_rows(connection, COMMIT_ROWS, 4, beside[:1])
    place_rows(connection, CHANGE_ROWS, 6, beside[1:])
    model: list[NewRow] = []

    for batch in batches:
        model = sorted([*model, *batch], key=lambda one: one.key)
        place_rows(connection, kind, TEAM, batch)

        assert in_store(connection, kind, TEAM) == in_order(model, TEAM)
        assert_nothing_else(connection, kind, len(model) + 1)
    assert in_store(connection, COMMIT_ROWS, 4) == in_order(beside[:1], 4)
    assert in_store(connection, CHANGE_ROWS, 6) == in_order(beside[1:], 6)


def assert_nothing_else(connection: Connection, kind: RowKind, number: int) -> None:
    for table in (kind.rows, kind.json, kind.csv):
        assert len(connection.execute(select(table.c.id)).all()) == number


@given(KINDS_AND_BATCHES)
def test_rows_come_to_lie_as_in_a_sorted_list(store: Store, given: tuple[RowKind, Batches]) -> None:
    with teams_without_rows(store) as connection:
        assert_as_sorted(connection, *given)


@given(KINDS_AND_BATCHES)
@settings(max_examples=5)
def test_rows_come_to_lie_so_in_postgresql_too(postgresql: Store, given: tuple[RowKind, Batches]) -> None:
    with teams_without_rows(postgresql) as connection:
        assert_as_sorted(connection, *given)


@pytest.fixture(scope="module")
def postgresql(database: str) -> Iterator[Store]:
    opened = Store.open(database)
    yield opened
    opened.close()


@pytest.mark.parametrize(("rows", "arrivals"), [(10_001, 1), (12_000, 15), (600, 600)])
def test_more_rows_move_than_one_statement_writes(store: Store, rows: int, arrivals: int) -> None:
    apart = 2 * rows // arrivals
    old = [new_commit(MEMBER_IDS[number % 3], 2 * number, "a", None, str(number)) for number in range(rows)]
    new = [new_commit(BO, apart * number + 1, "a", None, "new") for number in range(arrivals)]

    with teams_without_rows(store) as connection:
        assert_as_sorted(connection, COMMIT_ROWS, [old, new])


def test_more_places_are_found_than_one_statement_asks_for(store: Store) -> None:
    old = [new_change(MEMBER_IDS[number % 2], 2 * number, number, "old") for number in range(1_100)]
    new = [new_change(MEMBER_IDS[number % 3], 2 * number + 1, number, "new") for number in range(1_100)]

    with teams_without_rows(store) as connection:
        assert_as_sorted(connection, CHANGE_ROWS, [old, new])


@pytest.mark.parametrize(
    ("places", "end", "runs"),
    [
        ([10], 10, []),
        ([10, 10], 10, []),
        ([7], 10, [Run(7, 9, 1)]),
        ([7, 7], 10, [Run(7, 9, 2)]),
        ([0, 7, 10], 10, [Run(7, 9, 2), Run(0, 6, 1)]),
        ([0, 1, 2], 3, [Run(2, 2, 3), Run(1, 1, 2), Run(0, 0, 1)]),
    ],
)
def test_between_two_places_all_rows_move_by_the_same_number(
    places: list[int], end: int, runs: list[Run]
) -> None:
    assert runs_behind(places, end) == runs
