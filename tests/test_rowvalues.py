"""Rows in their order: positions without gaps, text beside figures, one digest."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from aicode_mock.bulk import bulk_insert
from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.rows import CommitRow
from aicode_mock.rowvalues import TeamRows
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.tables import CHANGE_CSV, CHANGE_JSON, CHANGES, COMMIT_CSV, COMMIT_JSON, COMMITS, Base
from aicode_mock.teamids import first_id
from aicode_mock.wiretext import change_csv, change_json, commit_csv, commit_json
from aicode_mock.worldplan import TeamWork
from tests.conftest import ANCHOR, made_rows

TEAM_ID = 3
REMEMBERED = 5


@pytest.fixture(scope="module")
def hostile() -> tuple[TeamWork, list[Made]]:
    return next(made_rows(Settings(scenario="hostile", anchor=ANCHOR).plan()))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with closing(Store.open(None)) as store, store.writing() as connection:
        yield connection


def rows_of(work: TeamWork, *, remember: int = REMEMBERED) -> TeamRows:
    return TeamRows(
        TEAM_ID,
        member_ids={worker.index: 100 + worker.index for worker in work.crew},
        repository_ids={one.name: 10 + number for number, one in enumerate(work.plan.repositories)},
        remember=remember,
    )


@pytest.fixture(scope="module")
def written(connection: Connection, hostile: tuple[TeamWork, list[Made]]) -> TeamRows:
    """All rows of ``hostile``, written."""
    work, rows = hostile
    placed = rows_of(work)
    for start in range(0, len(rows), 700):
        for name, values in placed.place(rows[start : start + 700]).items():
            bulk_insert(connection, Base.metadata.tables[name], values)
    return placed


@pytest.mark.parametrize(("table", "kind"), [(COMMITS, MadeCommit), (CHANGES, MadeChange)])
def test_rows_have_every_position_of_their_team_in_their_order(
    connection: Connection, hostile: tuple[TeamWork, list[Made]], written: TeamRows, table: Table, kind: type
) -> None:
    expected = [made.row.created_at for made in hostile[1] if isinstance(made, kind)]

    stored = connection.execute(
        select(table.c.id, table.c.team_id, table.c.created_at).order_by(table.c.id)
    ).all()

    assert [row.id - first_id(TEAM_ID) for row in stored] == list(range(len(expected)))
    assert [row.created_at for row in stored] == expected
    assert {row.team_id for row in stored} == {TEAM_ID}
    assert len(stored) == (written.commits if table is COMMITS else written.changes)


@pytest.mark.parametrize("table", [COMMITS, CHANGES])
@pytest.mark.usefixtures("written")
def test_rows_have_every_position_of_their_member(connection: Connection, table: Table) -> None:
    stored = connection.execute(select(table.c.member_id, table.c.member_position).order_by(table.c.id)).all()

    for member in {row.member_id for row in stored}:
        positions = [row.member_position for row in stored if row.member_id == member]
        assert positions == list(range(len(positions)))


@pytest.mark.parametrize(
    ("table", "kind", "render"),
    [
        (COMMIT_JSON, MadeCommit, commit_json),
        (COMMIT_CSV, MadeCommit, commit_csv),
        (CHANGE_JSON, MadeChange, change_json),
        (CHANGE_CSV, MadeChange, change_csv),
    ],
)
@pytest.mark.usefixtures("written")
def test_the_text_beside_a_row_is_its_default_form(
    connection: Connection, hostile: tuple[TeamWork, list[Made]], table: Table, kind: type, render: object
) -> None:
    assert callable(render)

    stored = connection.scalars(select(table.c.text).order_by(table.c.id)).all()

    assert stored == [render(made.row) for made in hostile[1] if isinstance(made, kind)]


@pytest.mark.usefixtures("written")
def test_figures_are_stored_as_they_are(connection: Connection, hostile: tuple[TeamWork, list[Made]]) -> None:
    commits = [made.row for made in hostile[1] if isinstance(made, MadeCommit)]

    stored = connection.execute(select(COMMITS).order_by(COMMITS.c.id)).all()

    figures = CommitRow._fields[5:]
    assert [row._mapping[name] for row in stored for name in figures] == [
        getattr(row, name) for row in commits for name in figures
    ]
    names = {None: None, 10: "gauntlet/one", 11: "gauntlet/two,three"}
    assert [names[row.repository_id] for row in stored] == [row.repo_name for row in commits]


def test_the_newest_commits_with_composer_lines_are_remembered(
    hostile: tuple[TeamWork, list[Made]], written: TeamRows
) -> None:
    composed = [
        made.row for made in hostile[1] if isinstance(made, MadeCommit) and made.row.composer_lines_added
    ]

    assert list(written.newest_ai_commits) == composed[-REMEMBERED:]


def test_none_are_remembered_where_none_are_wanted(hostile: tuple[TeamWork, list[Made]]) -> None:
    placed = rows_of(hostile[0], remember=0)
    placed.place(hostile[1][:500])

    assert list(placed.newest_ai_commits) == []


def test_the_digest_depends_on_every_row_and_their_order(hostile: tuple[TeamWork, list[Made]]) -> None:
    first, second, third = hostile[1][:3]
    digests = []
    for rows in ((first, second), (first, second), (second, first), (first, third), (first,), ()):
        placed = rows_of(hostile[0])
        placed.place(rows)
        digests.append(placed.digest)

    assert digests[0] == digests[1]
    assert len(set(digests)) == 5


def test_the_digest_does_not_depend_on_the_batches(hostile: tuple[TeamWork, list[Made]]) -> None:
    rows, digests = hostile[1][:60], []
    for size in (1, 7, 60):
        placed = rows_of(hostile[0])
        for start in range(0, len(rows), size):
            placed.place(rows[start : start + size])
        digests.append((placed.digest, placed.commits, placed.changes))

    assert len(set(digests)) == 1
    assert sum(digests[0][1:]) == 60
