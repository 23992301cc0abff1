"""Data sets: shared until a world changes a row, copied once, dropped when nobody refers to them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from aicode_mock.datasets import drop_unused, own_dataset, template_of
from aicode_mock.ingest import Inlet, remove_all
from aicode_mock.newrows import NewChange, NewCommit
from aicode_mock.scenariofile import load_scenario
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS
from aicode_mock.settings import Settings
from aicode_mock.snapshots import drop_snapshot, restore_snapshot, take_snapshot
from aicode_mock.tables import COMMITS, DATASETS, TEAMS, Base
from aicode_mock.teamids import POSITIONS
from aicode_mock.twin import Twin
from aicode_mock.worldfacts import world_facts
from aicode_mock.worldplan import WorldPlan
from aicode_mock.worldrecords import Conditions, dataset_of
from aicode_mock.worlds import add_world, drop_world, reset_world
from tests.conftest import ANCHOR
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

TINY = WorldPlan("tiny", load_scenario("tiny"), 42, ANCHOR)
HOSTILE = replace(TINY, scenario_name="hostile", scenario=load_scenario("hostile"))
EMPTY = replace(TINY, scenario_name="empty", scenario=load_scenario("empty"))
OF_TEAMS = ("member", "repository", "commits", "changes", "conversation", "line_annotation")
TEXTS = ("commit_json", "commit_csv", "change_json", "change_csv")
COMMIT, CHANGE = NewCommit(userEmail="ada@duo.example"), NewChange(userEmail="new@duo.example")


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with closing(open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR))) as twin:
        yield twin


@pytest.fixture
def connection(twin: Twin) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with twin.store.rearranging() as connection:
        yield connection
        connection.rollback()


def make(connection: Connection, *names: str, plan: WorldPlan = TINY) -> int:
    """Worlds of an origin; the id of its data set."""
    origin, _ = template_of(connection, plan, now=0)
    for name in names:
        add_world(connection, name, dataset_id=origin, conditions=Conditions(), now=0)
    return origin


def ingest(connection: Connection, world: str, team: str | None = None) -> None:
    """One more commit and one more change."""
    inlet = Inlet.open(connection, world, team, now=ANCHOR)
    inlet.add_commits([COMMIT])
    inlet.add_changes([CHANGE])


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
    }


def teams_of(connection: Connection, dataset_id: int) -> list[int]:
    return list(
        connection.scalars(select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id).order_by(TEAMS.c.id))
    )


def contents(connection: Connection, team_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a team has, its ids told from the team's first one on."""
    found = {}
    for name in OF_TEAMS + TEXTS:
        table = Base.metadata.tables[name]
        first = team_id * POSITIONS
        rows = connection.execute(
            select(table).where(table.c.id.between(first, first + POSITIONS - 1)).order_by(table.c.id)
        )
        found[name] = [
            tuple(
                value - first if key in ("id", "member_id", "repository_id") and value is not None else value
                for key, value in row._mapping.items()
                if key != "team_id"
            )
            for row in rows
        ]
    return found


def test_worlds_of_one_origin_share_their_rows_until_one_changes_them(connection: Connection) -> None:
    origin = make(connection, "a", "b", "c")
    before = row_counts(connection)["commits"]

    ingest(connection, "a")

    assert dataset_of(connection, "a") != origin
    assert dataset_of(connection, "b") == dataset_of(connection, "c") == origin
    assert row_counts(connection)["commits"] == before + 7
    assert [world_facts(connection, name).commits for name in "abc"] == [7, 6, 6]


def test_rows_are_copied_once_and_then_changed_in_place(connection: Connection) -> None:
    make(connection, "a")
    ingest(connection, "a")
    own, before = dataset_of(connection, "a"), row_counts(connection)

    ingest(connection, "a")
    remove_all(connection, "a", CHANGE_ROWS)

    assert dataset_of(connection, "a") == own
    assert row_counts(connection)["commits"] == before["commits"] + 1
    assert row_counts(connection)["dataset"] == before["dataset"]


def test_a_world_changes_its_own_rows_in_place_again_once_the_snapshot_is_forgotten(
    connection: Connection,
) -> None:
    make(connection, "a")
    ingest(connection, "a")
    take_snapshot(connection, "a", "s", now=0)
    kept = dataset_of(connection, "a")
    ingest(connection, "a")
    own = dataset_of(connection, "a")

    drop_snapshot(connection, "a", "s")
    ingest(connection, "a")

    assert dataset_of(connection, "a") == own != kept


def test_the_ids_of_a_copy_differ_by_one_number(connection: Connection) -> None:
    origin = make(connection, "a", plan=HOSTILE)

    copy = own_dataset(connection, "a")

    teams, copied = teams_of(connection, origin), teams_of(connection, copy)
    assert len(teams) == len(copied) == 4
    assert len({new - old for new, old in zip(copied, teams, strict=True)}) == 1
    for old, new in zip(teams, copied, strict=True):
        assert contents(connection, new) == contents(connection, old)
    facts = [
        connection.execute(
            select(TEAMS.c.ordinal, TEAMS.c.name, TEAMS.c.plan, TEAMS.c.has_detail)
            .where(TEAMS.c.dataset_id == one)
            .order_by(TEAMS.c.id)
        ).all()
        for one in (origin, copy)
    ]
    assert facts[0] == facts[1]
    assert contents(connection, copied[0])["line_annotation"]


def test_rows_of_another_team_stay_as_they_are(connection: Connection) -> None:
    make(connection, "a", plan=HOSTILE)
    others = teams_of(connection, own_dataset(connection, "a"))
    before = [contents(connection, team) for team in others]

    ingest(connection, "a", "no-data")

    after = [contents(connection, team) for team in others]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True]
    assert len(after[2]["commits"]) == 1


@pytest.mark.parametrize("is_own", [False, True])
def test_a_kind_of_rows_that_a_copy_does_without_is_left_out_of_it(
    connection: Connection, is_own: bool
) -> None:
    make(connection, "a")
    if is_own:
        ingest(connection, "a")
    changes = world_facts(connection, "a").changes

    remove_all(connection, "a", COMMIT_ROWS)

    (team,) = teams_of(connection, dataset_of(connection, "a"))
    left = {name: len(rows) for name, rows in contents(connection, team).items()}
    assert left["commits"] == left["commit_json"] == left["commit_csv"] == 0
    assert left["changes"] == left["change_json"] == left["change_csv"] == changes
    assert left["conversation"]
    assert world_facts(connection, "a").commits == 0
    assert world_facts(connection, "default").commits == 6


def test_a_snapshot_keeps_the_rows_that_its_world_changes(connection: Connection) -> None:
    make(connection, "a")
    ingest(connection, "a")
    (team,) = teams_of(connection, dataset_of(connection, "a"))
    before, digest = contents(connection, team), world_facts(connection, "a").digest
    take_snapshot(connection, "a", "s", now=0)

    ingest(connection, "a")
    remove_all(connection, "a", CHANGE_ROWS)
    restore_snapshot(connection, "a", "s")

    (team,) = teams_of(connection, dataset_of(connection, "a"))
    assert contents(connection, team) == before
    assert world_facts(connection, "a").digest == digest


@pytest.mark.parametrize(
    "other",
    [
        replace(TINY, seed=43),
        replace(TINY, anchor=ANCHOR + timedelta(days=1)),
        replace(TINY, commits=6),
        replace(TINY, changes=6),
        replace(TINY, scenario_name="duet"),
        replace(TINY, scenario=TINY.scenario.model_copy(update={"days": 8})),
    ],
)
def test_an_origin_is_made_once_and_any_other_is_another(connection: Connection, other: WorldPlan) -> None:
    tiny = template_of(connection, TINY, now=1)
    made, counts = template_of(connection, other, now=2)

    again = template_of(connection, other, now=3)

    assert tiny == (dataset_of(connection, "default"), None)
    assert counts is not None
    assert counts.commits == 6
    assert again == (made, None)
    assert made != tiny[0]


def test_rows_that_were_changed_are_no_template(connection: Connection) -> None:
    origin = make(connection, "a")
    ingest(connection, "a")

    assert template_of(connection, TINY, now=0) == (origin, None)


def test_eight_templates_are_spared_those_used_last(connection: Connection) -> None:
    plans = [replace(EMPTY, seed=seed) for seed in range(12)]
    ids = [template_of(connection, plan, now=number)[0] for number, plan in enumerate(plans)]
    template_of(connection, plans[0], now=100)
    make(connection, "user", plan=plans[1])

    drop_unused(connection)

    left = set(connection.scalars(select(DATASETS.c.id)))
    default = dataset_of(connection, "default")
    assert left == {default, ids[0], ids[1], *ids[5:]}


def test_nothing_is_dropped_while_a_world_or_a_snapshot_refers_to_it(connection: Connection) -> None:
    make(connection, "a", plan=replace(EMPTY, seed=1))
    take_snapshot(connection, "a", "s", now=0)
    connection.execute(update(DATASETS).values(is_template=False))
    ingest(connection, "a")
    before = row_counts(connection)

    drop_unused(connection)

    assert row_counts(connection) == before


def forget(connection: Connection, world: str) -> None:
    reset_world(connection, world)
    drop_snapshot(connection, world, "changed")


def restore_first(connection: Connection, world: str) -> None:
    drop_snapshot(connection, world, "changed")
    restore_snapshot(connection, world, "first")


@pytest.mark.parametrize("leave", [forget, restore_first])
def test_rows_are_dropped_as_soon_as_nobody_refers_to_them(
    connection: Connection, leave: Callable[[Connection, str], None]
) -> None:
    make(connection, "a")
    take_snapshot(connection, "a", "first", now=0)
    before = row_counts(connection)
    ingest(connection, "a")
    take_snapshot(connection, "a", "changed", now=0)

    leave(connection, "a")

    assert row_counts(connection) == before


def reset(connection: Connection, world: str) -> None:
    reset_world(connection, world)


def keep(connection: Connection, world: str) -> None:
    take_snapshot(connection, world, str(row_counts(connection)["snapshot"]), now=0)


def restore(connection: Connection, world: str) -> None:
    snapshots = Base.metadata.tables["snapshot"]
    name = connection.scalar(select(snapshots.c.name).where(snapshots.c.world_id == world).limit(1))
    if name is not None:
        restore_snapshot(connection, world, name)


def remove(connection: Connection, world: str) -> None:
    remove_all(connection, world, COMMIT_ROWS)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([ingest, reset, keep, restore, remove]))))
def test_whatever_happened_nothing_is_left_once_the_worlds_are_gone(
    twin: Twin, operations: list[tuple[str, Callable[[Connection, str], None]]]
) -> None:
    with twin.store.rearranging() as connection:
        before = row_counts(connection)
        make(connection, "a", "b")

        for world, operate in operations:
            operate(connection, world)
        drop_world(connection, "a")
        drop_world(connection, "b")

        assert row_counts(connection) == before
        connection.rollback()


def test_dropping_one_world_leaves_the_rows_of_the_next_alone(connection: Connection) -> None:
    make(connection, "a", "b", "c")
    for world in ("a", "b", "c"):
        ingest(connection, world)
    kept = [contents(connection, *teams_of(connection, dataset_of(connection, world))) for world in "ac"]

    drop_world(connection, "b")

    left = [contents(connection, *teams_of(connection, dataset_of(connection, world))) for world in "ac"]
    assert left == kept
    assert connection.scalar(select(func.count()).select_from(COMMITS)) == 6 + 7 + 7
