"""The answers of ``tiny`` are those that are counted by hand, and follow from the figures alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from aicode_mock.answers.computing import answers_of
from aicode_mock.answers.sheet import ChangeTotals, CommitTotals, Group, UserGroup
from aicode_mock.clock import to_ms
from aicode_mock.daterange import DateRange
from aicode_mock.scenariofile import load_scenario
from aicode_mock.tables import CHANGE_CSV, CHANGE_JSON, CHANGES, COMMIT_CSV, COMMIT_JSON, COMMITS, MEMBERS
from aicode_mock.twin import Twin
from aicode_mock.worldplan import WorldPlan
from tests.stores import open_store

pytestmark = pytest.mark.both_stores

ANCHOR = datetime(2026, 6, 30, tzinfo=UTC)
WEEK = DateRange(ANCHOR - timedelta(days=7), ANCHOR)
ADA = ("user_00000000000000000000000ada", "ada@duo.example")
BO = ("user_000000000000000000000000bo", "bo@duo.example")
FIRST = f"2026-06-27T10:05:00.000Z|{'1' * 40}|{ADA[0]}|duo/shop|main\n"
FIFTH = f"2026-06-29T11:30:00.000Z|{'5' * 40}|{ADA[0]}||\n"


@pytest.fixture
def tiny() -> Iterator[Twin]:
    twin = Twin.of(open_store())
    twin.ensure_main_world(WorldPlan("tiny", load_scenario("tiny"), 42, ANCHOR))
    yield twin
    twin.close()


def commits(*figures: int, unknown: tuple[int, int] = (0, 0)) -> CommitTotals:
    return CommitTotals(*(*figures, *unknown))


def day(number: int, *, hour: int = 0) -> datetime:
    return datetime(2026, 6, number, hour, tzinfo=UTC)


def ids_of(connection: Connection, *user_ids: str) -> tuple[int, ...]:
    return tuple(connection.scalars(select(MEMBERS.c.id).where(MEMBERS.c.user_id.in_(user_ids))))


def test_the_commits_of_tiny_are_those_counted_by_hand(tiny: Twin) -> None:
    with tiny.store.reading() as connection:
        found = answers_of(connection, team_id=1, dates=WEEK).commits

    assert (found.dateField, found.count, found.distinctHashes) == ("createdAt", 6, 6)
    assert found.totals == commits(182, 60, 60, 13, 76, 14, 51, 33)
    assert found.aiShareOfLinesAdded == 136 / 182
    assert found.byDay == [
        Group("2026-06-27", 2, commits(128, 38, 50, 10, 40, 5, 38, 23)),
        Group("2026-06-28", 1, commits(15, 9, 0, 0, 20, 4, 0, 5)),
        Group("2026-06-29", 3, commits(39, 13, 10, 3, 16, 5, 13, 5)),
    ]
    assert found.byUser == [
        UserGroup(*BO, 3, commits(53, 27, 4, 1, 36, 9, 18, 17)),
        UserGroup(*ADA, 3, commits(129, 33, 56, 12, 40, 5, 33, 16)),
    ]
    assert found.byRepository == [
        Group(None, 1, commits(3, 1, 0, 0, 0, 0, 3, 1)),
        Group("duo/shop", 5, commits(179, 59, 60, 13, 76, 14, 48, 32)),
    ]
    assert found.byBranch == [
        Group(None, 1, commits(3, 1, 0, 0, 0, 0, 3, 1)),
        Group("fix/rounding", 1, commits(8, 8, 0, 0, 0, 0, 8, 8)),
        Group("main", 4, commits(171, 51, 60, 13, 76, 14, 40, 24)),
    ]
    assert found.byCommitSource == [
        Group("cli", 1, commits(8, 8, 0, 0, 0, 0, 8, 8)),
        Group("cloud", 1, commits(15, 9, 0, 0, 20, 4, 0, 5)),
        Group("ide", 4, commits(159, 43, 60, 13, 56, 10, 43, 20)),
    ]


def test_the_changes_of_tiny_are_those_counted_by_hand(tiny: Twin) -> None:
    with tiny.store.reading() as connection:
        found = answers_of(connection, team_id=1, dates=WEEK).changes

    assert (found.count, found.distinctChangeIds, found.totals) == (6, 6, ChangeTotals(136, 27))
    assert found.byDay == [
        Group("2026-06-27", 2, ChangeTotals(90, 15)),
        Group("2026-06-28", 1, ChangeTotals(20, 4)),
        Group("2026-06-29", 3, ChangeTotals(26, 8)),
    ]
    assert found.byUser == [
        UserGroup(*BO, 3, ChangeTotals(40, 10)),
        UserGroup(*ADA, 3, ChangeTotals(96, 17)),
    ]
    assert found.bySource == [
        Group("COMPOSER", 3, ChangeTotals(76, 14)),
        Group("TAB", 3, ChangeTotals(60, 13)),
    ]
    assert found.byModel == [
        Group(None, 4, ChangeTotals(80, 17)),
        Group("gpt-5", 2, ChangeTotals(56, 10)),
    ]


@pytest.mark.parametrize(
    ("dates", "keys"),
    [
        (DateRange(day(27), day(27, hour=12)), FIRST),
        (DateRange(day(29, hour=11), day(29, hour=12)), FIFTH),
        (DateRange(day(1), day(2)), ""),
    ],
    ids=["one commit", "nulls are empty", "no rows"],
)
def test_the_digest_is_of_keys_that_can_be_written_by_hand(tiny: Twin, dates: DateRange, keys: str) -> None:
    with tiny.store.reading() as connection:
        found = answers_of(connection, team_id=1, dates=dates).commits

    assert found.sha256 == sha256(keys.encode()).hexdigest()


def test_nothing_has_answers_too(tiny: Twin) -> None:
    with tiny.store.reading() as connection:
        found = answers_of(connection, team_id=1, dates=DateRange(day(2), day(1)))

    assert found.commits.count == found.changes.count == found.commits.distinctHashes == 0
    assert found.commits.aiShareOfLinesAdded is None
    assert found.commits.totals == commits(0, 0, 0, 0, 0, 0, 0, 0)
    assert (found.commits.byDay, found.changes.byModel) == ([], [])
    assert found.changes.lostByDeduplicatingOn.changeId == 0


@pytest.mark.parametrize(
    ("user_ids", "count"), [((), 0), ((BO[0],), 3), ((ADA[0], BO[0]), 6)], ids=["nobody", "one", "both"]
)
def test_the_members_asked_for_are_named(tiny: Twin, user_ids: tuple[str, ...], count: int) -> None:
    with tiny.store.reading() as connection:
        members = ids_of(connection, *user_ids)
        found = answers_of(connection, team_id=1, dates=WEEK, member_ids=members)

    assert found.userIds == sorted(user_ids)
    assert (found.commits.count, found.changes.count) == (count, count)


def test_both_ends_of_the_range_are_included_to_the_microsecond(tiny: Twin) -> None:
    at, scratch = day(28, hour=9) + timedelta(minutes=4), timedelta(microseconds=1)
    ranges = [
        (at, at),
        (at + scratch, at + 2 * scratch),
        (at - scratch, at - scratch),
        (at - scratch, at + scratch),
    ]

    with tiny.store.reading() as connection:
        found = [answers_of(connection, team_id=1, dates=DateRange(*ends)) for ends in ranges]

    assert [one.commits.count for one in found] == [1, 0, 0, 1]
    assert (found[0].startDate, found[0].endDate) == ("2026-06-28T09:04:00.000Z",) * 2
    assert (found[1].startDate, found[1].endDate) == (
        "2026-06-28T09:04:00.000001Z",
        "2026-06-28T09:04:00.000002Z",
    )


def test_commits_may_be_held_against_their_own_time(tiny: Twin) -> None:
    dates = DateRange(day(29, hour=11), day(29, hour=11))  # of the fifth, created half an hour later

    with tiny.store.reading() as connection:
        found = answers_of(connection, team_id=1, dates=dates, by_commit_ts=True)

    assert (found.commits.dateField, found.commits.count) == ("commitTs", 1)
    assert found.commits.sha256 == sha256(FIFTH.encode()).hexdigest()
    assert found.changes.count == 0


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"commit_hash": "one"}, (5, 4, 0)),
        ({"commit_hash": "one", "created_at": to_ms(ANCHOR)}, (5, 4, 5)),
        ({"created_at": to_ms(ANCHOR)}, (0, 0, 0)),
    ],
    ids=["one hash", "one hash and instant", "one instant"],
)
def test_rows_are_lost_where_a_key_is_taken_for_unique(
    tiny: Twin, change: dict[str, Any], lost: tuple[int, int, int]
) -> None:
    with tiny.store.writing() as connection:
        connection.execute(update(COMMITS).values(change))
        found = answers_of(connection, team_id=1, dates=WEEK).commits

    assert tuple(dict(found.lostByDeduplicatingOn).values()) == lost
    assert found.distinctHashes == 6 - lost[0]


def test_unknown_figures_are_counted_and_add_nothing(tiny: Twin) -> None:
    with tiny.store.writing() as connection:
        connection.execute(
            update(COMMITS).where(COMMITS.c.branch_name == "main").values(non_ai_lines_added=None)
        )
        found = answers_of(connection, team_id=1, dates=WEEK).commits

    assert found.totals == commits(182, 60, 60, 13, 76, 14, 11, 33, unknown=(4, 0))
    assert found.byBranch[2] == Group("main", 4, commits(171, 51, 60, 13, 76, 14, 0, 24, unknown=(4, 0)))


@pytest.mark.parametrize(
    ("at", "date"),
    [(-1, "1969-12-31"), (-86_400_000, "1969-12-31"), (-86_400_001, "1969-12-30"), (0, "1970-01-01")],
)
def test_days_before_1970_are_days_too(tiny: Twin, at: int, date: str) -> None:
    with tiny.store.writing() as connection:
        connection.execute(update(COMMITS).values(created_at=at))
        found = answers_of(connection, team_id=1, dates=DateRange(datetime(1, 1, 1, tzinfo=UTC), ANCHOR))

    assert [group.key for group in found.commits.byDay] == [date]


def _lose_texts(connection: Connection) -> None:
    for table in (COMMIT_JSON, COMMIT_CSV, CHANGE_JSON, CHANGE_CSV):
        connection.execute(delete(table))


def _swap_positions(connection: Connection) -> None:
    for table in (COMMITS, CHANGES):
        connection.execute(update(table).values(id=-table.c.id, member_position=0))


@pytest.mark.parametrize("spoil", [_lose_texts, _swap_positions])
def test_the_answers_follow_from_the_figures_alone(tiny: Twin, spoil: Callable[[Connection], None]) -> None:
    with tiny.store.writing() as connection:
        before = answers_of(connection, team_id=1, dates=WEEK)
        spoil(connection)
        after = answers_of(connection, team_id=1, dates=WEEK)

    assert after == before


def test_the_answers_are_printed_in_camel_case(tiny: Twin) -> None:
    with tiny.store.reading() as connection:
        printed = answers_of(connection, team_id=1, dates=WEEK).model_dump_json()

    assert printed.startswith(
        '{"startDate":"2026-06-23T00:00:00.000Z","endDate":"2026-06-30T00:00:00.000Z","userIds":null,'
        '"commits":{"dateField":"createdAt","count":6,"totals":{"totalLinesAdded":182,'
    )
