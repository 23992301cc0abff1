"""Named snapshots: rows, contract and clock of a world as they were."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, from_ms
from aicode_mock.faults.book import declare, list_faults
from aicode_mock.faults.model import Fault
from aicode_mock.ingest import Inlet, remove_all
from aicode_mock.newrows import NewCommit
from aicode_mock.selection import COMMIT_ROWS
from aicode_mock.settings import Settings
from aicode_mock.snapshots import (
    NoSnapshotError,
    SnapshotEntry,
    SnapshotExistsError,
    drop_snapshot,
    list_snapshots,
    restore_snapshot,
    take_snapshot,
)
from aicode_mock.twin import Twin
from aicode_mock.worldfacts import world_facts
from aicode_mock.worldrecords import Conditions, NoWorldError, conditions_of, dataset_of, set_conditions
from aicode_mock.worlds import add_world, drop_world, reset_world
from tests.conftest import ANCHOR, KEY, serving
from tests.stores import open_twin
from tests.worldplayer import Api

pytestmark = pytest.mark.both_stores

FAULT = Fault.model_validate({"action": {"kind": "empty"}})


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with closing(open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR))) as twin:
        yield twin


@pytest.fixture
def connection(twin: Twin) -> Iterator[Connection]:
    """A transaction with the worlds ``a`` and ``b``, rolled back."""
    with twin.store.rearranging() as connection:
        for world in ("a", "b"):
            dataset_id = dataset_of(connection, "default")
            add_world(connection, world, dataset_id=dataset_id, conditions=Conditions(), now=0)
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """Asks a server of its own."""
    settings = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY)
    with serving(open_twin(settings)) as client, closing(Api(client.url)) as api:
        yield api


def names(connection: Connection, world: str) -> list[str]:
    return [one.name for one in list_snapshots(connection, world)]


def test_a_restored_world_has_the_rows_the_contract_and_the_clock_that_it_had(connection: Connection) -> None:
    set_conditions(connection, "a", Conditions("2025-12", "observed", '{"order": "shuffled"}', 1234, 0))
    Inlet.open(connection, "a", None, now=ANCHOR).add_commits([NewCommit(userEmail="ada@duo.example")])
    before = world_facts(connection, "a")
    take_snapshot(connection, "a", "s", now=0)

    remove_all(connection, "a", COMMIT_ROWS)
    set_conditions(connection, "a", Conditions(offset_ms=77))
    restore_snapshot(connection, "a", "s")

    assert world_facts(connection, "a") == before
    assert (before.commits, before.clock) == (7, Clock(from_ms(1234)))


def test_a_clock_that_ran_shifted_runs_on_shifted(connection: Connection) -> None:
    set_conditions(connection, "a", Conditions().with_clock(Clock(offset=timedelta(days=-3))))
    take_snapshot(connection, "a", "s", now=0)
    set_conditions(connection, "a", Conditions().with_clock(Clock(ANCHOR)))

    restore_snapshot(connection, "a", "s")

    assert conditions_of(connection, "a").clock == Clock(offset=timedelta(days=-3))


def test_a_snapshot_may_be_restored_again_and_again(connection: Connection) -> None:
    take_snapshot(connection, "a", "s", now=0)
    digests = []

    for _ in range(3):
        remove_all(connection, "a", COMMIT_ROWS)
        restore_snapshot(connection, "a", "s")
        digests.append(world_facts(connection, "a").digest)

    assert set(digests) == {world_facts(connection, "b").digest}


def test_faults_stay_when_a_snapshot_is_restored(connection: Connection) -> None:
    take_snapshot(connection, "a", "s", now=0)
    declare(connection, "a", FAULT)

    restore_snapshot(connection, "a", "s")

    assert len(list_faults(connection, "a")) == 1


def test_snapshots_stay_when_the_world_is_reset(connection: Connection) -> None:
    Inlet.open(connection, "a", None, now=ANCHOR).add_commits([NewCommit(userEmail="ada@duo.example")])
    take_snapshot(connection, "a", "s", now=0)
    reset_world(connection, "a")

    restore_snapshot(connection, "a", "s")

    assert world_facts(connection, "a").commits == 7


def test_snapshots_are_listed_by_their_names_with_the_wall_time_of_their_making(
    connection: Connection,
) -> None:
    entries = [take_snapshot(connection, "a", name, now=now) for name, now in (("z", 1), ("a", 2000))]

    assert list_snapshots(connection, "a") == entries[::-1]
    assert entries[1] == SnapshotEntry("a", from_ms(2000))


def test_the_snapshots_of_two_worlds_may_have_one_name(connection: Connection) -> None:
    take_snapshot(connection, "a", "s", now=0)
    remove_all(connection, "b", COMMIT_ROWS)
    take_snapshot(connection, "b", "s", now=0)

    restore_snapshot(connection, "a", "s")
    drop_snapshot(connection, "a", "s")
    restore_snapshot(connection, "b", "s")

    assert (names(connection, "a"), names(connection, "b")) == ([], ["s"])
    assert [world_facts(connection, world).commits for world in "ab"] == [6, 0]


def test_a_name_that_is_taken_is_refused(connection: Connection) -> None:
    take_snapshot(connection, "a", "s", now=0)

    with pytest.raises(SnapshotExistsError, match="name must be new: world 'a' has a snapshot 's'"):
        take_snapshot(connection, "a", "s", now=0)


def test_what_is_not_there_cannot_be_taken_restored_or_forgotten(connection: Connection) -> None:
    with pytest.raises(NoWorldError, match="there is no world 'nowhere'"):
        take_snapshot(connection, "nowhere", "s", now=0)
    for operation in (restore_snapshot, drop_snapshot):
        with pytest.raises(NoSnapshotError, match="world 'a' has no snapshot 's'"):
            operation(connection, "a", "s")


def test_snapshots_go_with_their_world(connection: Connection) -> None:
    take_snapshot(connection, "a", "s", now=0)

    drop_world(connection, "a")

    assert names(connection, "a") == []


def test_the_control_plane_takes_lists_restores_and_forgets(api: Api) -> None:
    world = api.control("POST", "/worlds", {"id": "whole", "apiKey": "whole"})["id"]
    made = api.control("POST", f"/worlds/{world}/snapshots", {"name": "full"})
    api.control("DELETE", f"/worlds/{world}/commits")
    listed = api.control("GET", f"/worlds/{world}/snapshots")
    empty = api.get("whole", "commits").json["totalCount"]

    api.control("POST", f"/worlds/{world}/snapshots/full/restore", expected=204)
    full = api.get("whole", "commits").json["totalCount"]
    api.control("DELETE", f"/worlds/{world}/snapshots/full")

    assert listed == {"snapshots": [made]}
    assert set(made) == {"name", "madeAt"}
    assert (empty, full) == (0, 6)
    assert api.control("GET", f"/worlds/{world}/snapshots") == {"snapshots": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "/worlds/nowhere/snapshots", {"name": "s"}, 404, "there is no world 'nowhere'"),
        ("GET", "/worlds/nowhere/snapshots", None, 404, "there is no world 'nowhere'"),
        ("POST", "/worlds/nowhere/snapshots/s/restore", None, 404, "there is no world 'nowhere'"),
        ("DELETE", "/worlds/nowhere/snapshots/s", None, 404, "there is no world 'nowhere'"),
        ("POST", "/worlds/default/snapshots/s/restore", None, 404, "world 'default' has no snapshot 's'"),
        ("DELETE", "/worlds/default/snapshots/s", None, 404, "world 'default' has no snapshot 's'"),
        ("POST", "/worlds/default/snapshots", {}, 400, "name: is required"),
        ("POST", "/worlds/default/snapshots", {"name": "a/b"}, 400, "name: String should match pattern"),
        ("POST", "/worlds/default/snapshots", {"name": ".."}, 400, "name: String should match pattern"),
        ("POST", "/worlds/default/snapshots", {"name": "s", "x": 1}, 400, "body: unknown field 'x'"),
    ],
)
def test_the_control_plane_says_what_is_wrong(
    api: Api, method: str, path: str, body: object, status: int, message: str
) -> None:
    answer = api.control(method, path, body, expected=status)

    assert answer["message"].startswith(message)


def test_a_snapshot_of_the_same_name_is_a_conflict(api: Api) -> None:
    api.control("POST", "/worlds/default/snapshots", {"name": "twice"})

    again = api.control("POST", "/worlds/default/snapshots", {"name": "twice"}, expected=409)

    assert again["error"] == "Conflict"
