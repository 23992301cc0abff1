"""PostgreSQL answers as SQLite does, digests and all, whatever the collation of its columns."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import Connection

from aicode_mock.answers.computing import answers_of
from aicode_mock.daterange import DateRange
from aicode_mock.scenariofile import load_scenario
from aicode_mock.store import Store
from aicode_mock.tables import COMMITS, MEMBERS
from aicode_mock.twin import Twin
from aicode_mock.worldplan import WorldPlan

ANCHOR = datetime(2026, 6, 30, tzinfo=UTC)
EVER = DateRange(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
WEEK = DateRange(ANCHOR - timedelta(days=7), ANCHOR)


@pytest.fixture(scope="module")
def twins(database: str) -> Iterator[tuple[Twin, Twin]]:
    """``hostile`` in PostgreSQL and in SQLite."""
    twins = Twin.of(Store.open(database)), Twin.of(Store.open(None))
    for twin in twins:
        twin.ensure_main_world(WorldPlan("hostile", load_scenario("hostile"), 42, ANCHOR))
    yield twins
    for twin in twins:
        twin.close()


@pytest.mark.parametrize("dates", [EVER, WEEK], ids=["ever", "week"])
@pytest.mark.parametrize("by_commit_ts", [False, True])
def test_both_databases_give_the_same_answers(
    twins: tuple[Twin, Twin], dates: DateRange, by_commit_ts: bool
) -> None:
    found = []
    for twin in twins:
        with twin.store.reading() as connection:
            found.append(answers_of(connection, team_id=1, dates=dates, by_commit_ts=by_commit_ts))

    assert found[0].commits.count > 0
    assert found[0] == found[1]
    assert found[0].model_dump_json() == found[1].model_dump_json()


def test_keys_are_sorted_by_bytes_whatever_the_collation(twins: tuple[Twin, Twin]) -> None:
    found = []
    for twin in twins:
        with twin.store.writing() as connection:
            _sort_by_branch_alone(connection)
            found.append(answers_of(connection, team_id=1, dates=EVER).commits)
            connection.rollback()

    assert len({group.key for group in found[0].byBranch}) > 3
    assert found[0].sha256 == found[1].sha256


def _sort_by_branch_alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text('ALTER TABLE commits ALTER COLUMN branch_name TYPE text COLLATE "en-x-icu"'))
    names = ["a", "B", "_", "é", "Ω", "~", "🦊", "a-b", "ab", "A"]
    anybody = select(func.min(MEMBERS.c.id)).scalar_subquery()
    same = {"created_at": 0, "commit_hash": "", "member_id": anybody, "repository_id": None}
    connection.execute(update(COMMITS).values(same))
    for number, name in enumerate(names):
        chosen = COMMITS.c.id % len(names) == number
        connection.execute(update(COMMITS).where(chosen).values(branch_name=name))
