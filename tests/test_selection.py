"""The rows of a query: the fast interval equals a plain computation over all rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import from_ms
from aicode_mock.daterange import DateRange
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, Interval, Query, Scan, Selection, select_rows
from aicode_mock.tables import MEMBERS, TEAMS
from aicode_mock.twin import Twin

pytestmark = pytest.mark.both_stores

EVER = DateRange(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
KINDS = (COMMIT_ROWS, CHANGE_ROWS)
SCRATCHES = st.sampled_from([-1000, -999, -1, 0, 1, 999, 1000]).map(lambda us: timedelta(microseconds=us))
ANY_INSTANT = st.integers(0, 30 * 24 * 60).map(
    lambda minutes: datetime(2026, 6, 5, tzinfo=UTC) + timedelta(minutes=minutes)
)


@dataclass(frozen=True, slots=True)
class World:
    """All rows of ``hostile`` in memory, and a reader of the same."""

    connection: Connection
    rows: dict[str, list[Row[Any]]]
    members: dict[int, list[int]]

    def naive(self, query: Query) -> list[int]:
        """The ids of the query's rows, newest first, computed the slow way."""
        name = "commit_ts" if query.by_commit_ts and query.kind is COMMIT_ROWS else "created_at"
        hits = [
            row
            for row in self.rows[query.kind.name]
            if row.team_id == query.team_id
            and (query.member_ids is None or row.member_id in query.member_ids)
            and row._mapping[name] is not None
            and query.dates.start <= from_ms(row._mapping[name]) <= query.dates.end
        ]
        return [row.id for row in sorted(hits, key=lambda row: (row.created_at, row.id), reverse=True)]

    def select(self, query: Query) -> Selection:
        """The rows of a query, as the store finds them."""
        return select_rows(self.connection, query)

    def ids(self, selection: Selection, *, offset: int = 0, limit: int = 1_000_000) -> list[int]:
        """The ids that a selection finds."""
        table = selection.kind.rows
        return list(
            self.connection.scalars(selection.narrow(select(table.c.id), table, offset=offset, limit=limit))
        )


@pytest.fixture(scope="module")
def world(twin_of: Callable[[str], Twin]) -> Iterator[World]:
    with twin_of("hostile").store.reading() as connection:
        members: dict[int, list[int]] = {team_id: [] for team_id in connection.scalars(select(TEAMS.c.id))}
        for member in connection.execute(select(MEMBERS.c.team_id, MEMBERS.c.id)):
            members[member.team_id].append(member.id)
        rows = {kind.name: list(connection.execute(select(kind.rows))) for kind in KINDS}
        yield World(connection, rows, members)


@st.composite
def queries(draw: st.DrawFn, world: World, *, member_counts: tuple[int | None, ...]) -> Query:
    """Queries whose bounds lie on, just before or just after instants of rows, or anywhere."""
    kind = draw(st.sampled_from(KINDS))
    instants = st.sampled_from([row.created_at for row in world.rows[kind.name]])
    near = st.builds(lambda ms, scratch: from_ms(ms) + scratch, instants, SCRATCHES)
    start, end = draw(near | ANY_INSTANT), draw(near | ANY_INSTANT)
    team_id = draw(st.sampled_from([1, 1, 1, *world.members]))
    count = draw(st.sampled_from(member_counts))
    members = draw(st.permutations(world.members[team_id]))
    return Query(
        kind=kind,
        team_id=team_id,
        member_ids=None if count is None else tuple(members[:count]),
        dates=DateRange(min(start, end), max(start, end)),
    )


@given(st.data())
def test_an_interval_holds_what_a_plain_computation_finds(world: World, data: st.DataObject) -> None:
    query = data.draw(queries(world, member_counts=(None, 1)))

    selection = world.select(query)

    expected = world.naive(query)
    assert isinstance(selection, Interval)
    assert selection.total == len(expected)
    assert world.ids(selection) == expected


@given(st.data())
def test_a_scan_by_commit_time_holds_what_a_plain_computation_finds(
    world: World, data: st.DataObject
) -> None:
    query = data.draw(queries(world, member_counts=(None, 0, 1, 2, 3)))
    query = replace(query, by_commit_ts=True)

    selection = world.select(query)

    expected = world.naive(query)
    assert selection.total == len(expected)
    assert world.ids(selection) == expected
    assert isinstance(selection, Scan) or query.kind is CHANGE_ROWS


@given(st.data(), st.booleans())
def test_shuffled_rows_are_the_same_rows_in_another_order(
    world: World, data: st.DataObject, by_commit_ts: bool
) -> None:
    query = data.draw(queries(world, member_counts=(None, 0, 1, 2, 3)))
    query = replace(query, by_commit_ts=by_commit_ts, shuffled=True)

    selection = world.select(query)

    expected, found = world.naive(query), world.ids(selection)
    assert selection.total == len(expected)
    assert sorted(found) == sorted(expected)
    assert found == world.ids(world.select(query))
    assert len(found) < 10 or found not in (expected, expected[::-1])


@given(st.data(), st.booleans(), st.booleans(), st.integers(1, 40))
def test_pages_follow_each_other_without_gaps_and_are_full_but_for_the_last(
    world: World, data: st.DataObject, by_commit_ts: bool, shuffled: bool, size: int
) -> None:
    query = data.draw(queries(world, member_counts=(None, 1, 2)))
    selection = world.select(replace(query, by_commit_ts=by_commit_ts, shuffled=shuffled))
    everything = world.ids(selection)
    last = len(everything) // size * size

    for offset in (0, size, data.draw(st.integers(0, max(len(everything) - 1, 0))), last):
        if offset < selection.total:
            page = world.ids(selection, offset=offset, limit=size)
            assert page == everything[offset : offset + size]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("by_commit_ts", [False, True])
@pytest.mark.parametrize("member_ids", [None, (1,), (), (1, 2)])
def test_a_reversed_range_holds_nothing(
    world: World, kind: Any, shuffled: bool, by_commit_ts: bool, member_ids: tuple[int, ...] | None
) -> None:
    middle = from_ms(world.rows[kind.name][500].created_at)
    dates = DateRange(middle, middle - timedelta(days=3))

    selection = world.select(Query(kind, 1, member_ids, dates, by_commit_ts, shuffled))

    assert selection.total == 0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_both_ends_of_a_range_are_included(world: World, kind: Any) -> None:
    instant = from_ms(world.rows[kind.name][500].created_at)
    scratch = timedelta(microseconds=1)

    exact = world.select(Query(kind, 1, None, DateRange(instant, instant)))
    after = world.select(Query(kind, 1, None, DateRange(instant + scratch, instant + scratch)))
    before = world.select(Query(kind, 1, None, DateRange(instant - scratch, instant - scratch)))

    assert exact.total >= 1
    assert world.rows[kind.name][500].id in world.ids(exact)
    assert (before.total, after.total) == (0, 0)


def test_commits_without_a_commit_time_are_in_no_range_of_commit_times(world: World) -> None:
    unknown = [row.id for row in world.rows["commits"] if row.team_id == 1 and row.commit_ts is None]

    by_commit_ts = world.select(Query(COMMIT_ROWS, 1, None, EVER, by_commit_ts=True))
    by_creation = world.select(Query(COMMIT_ROWS, 1, None, EVER))

    assert len(unknown) > 10
    assert by_commit_ts.total == by_creation.total - len(unknown)


@pytest.mark.parametrize("member_ids", [None, (1,), (1, 2)])
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_same_rows_have_the_same_identity_while_now_moves_on(
    world: World, member_ids: tuple[int, ...] | None, shuffled: bool
) -> None:
    after_all = from_ms(max(row.created_at for row in world.rows["commits"])) + timedelta(seconds=1)
    start = from_ms(world.rows["commits"][500].created_at)

    identities = {
        world.select(
            Query(COMMIT_ROWS, 1, member_ids, DateRange(start, after_all + later), shuffled=shuffled)
        ).identity
        for later in (timedelta(), timedelta(seconds=1), timedelta(days=300))
    }

    assert len(identities) == 1


def test_other_rows_or_another_order_have_another_identity(world: World) -> None:
    middle = from_ms(world.rows["commits"][500].created_at)
    queries = [
        Query(kind, team_id, member_ids, dates, by_commit_ts, shuffled)
        for kind in KINDS
        for team_id in (1, 4)
        for member_ids in (None, (), tuple(world.members[team_id][:1]), tuple(world.members[team_id][:2]))
        for dates in (EVER, DateRange(EVER.start, middle), DateRange(middle, EVER.end))
        for by_commit_ts in (False, True)
        for shuffled in (False, True)
    ]
    by_identity: dict[str, set[tuple[int, ...]]] = {}

    for query in queries:
        selection = world.select(query)
        by_identity.setdefault(selection.identity, set()).add(tuple(world.ids(selection)))

    assert len(by_identity) > len(queries) // 2
    assert all(len(answers) == 1 for answers in by_identity.values())


def test_a_team_without_rows_has_an_empty_interval(world: World) -> None:
    selection = world.select(Query(COMMIT_ROWS, 3, None, EVER))

    assert isinstance(selection, Interval)
    assert (selection.low, selection.high, selection.total) == (0, 0, 0)
