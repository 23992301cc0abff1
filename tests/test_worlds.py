"""Worlds: made, found, reset and dropped, each with a contract and a clock of its own."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, from_ms, to_ms
from aicode_mock.directory import find_caller
from aicode_mock.faults.book import declare
from aicode_mock.faults.model import Fault
from aicode_mock.ingest import Inlet
from aicode_mock.keyring import keys_of
from aicode_mock.newrows import NewCommit
from aicode_mock.settings import Settings
from aicode_mock.snapshots import list_snapshots, take_snapshot
from aicode_mock.tables import CHANGES, COMMITS, Base
from aicode_mock.worldfacts import list_worlds, world_facts
from aicode_mock.worldrecords import (
    Conditions,
    NoWorldError,
    conditions_of,
    dataset_of,
    expect_world,
    has_world,
    hold_world,
    set_conditions,
)
from aicode_mock.worlds import WorldExistsError, add_world, drop_world, reset_world
from tests.conftest import ANCHOR, KEY, Client, serving
from tests.stores import open_twin
from tests.worldplayer import Api

pytestmark = pytest.mark.both_stores

OBSERVED = Conditions("2025-12", "observed", '{"order": "shuffled"}', to_ms(ANCHOR), 0)
FAULT = Fault.model_validate({"action": {"kind": "empty"}})
COMMIT = NewCommit(userEmail="ada@duo.example")


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    settings = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY)
    with serving(open_twin(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def api(server: Client) -> Iterator[Api]:
    with closing(Api(server.url)) as api:
        yield api


@pytest.fixture
def connection(server: Client) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with server.twin.store.rearranging() as connection:
        yield connection
        connection.rollback()


def make(connection: Connection, world: str | None, conditions: Conditions = Conditions()) -> str:
    dataset_id = dataset_of(connection, "default")
    return add_world(connection, world, dataset_id=dataset_id, conditions=conditions, now=0)


def rows_of(connection: Connection, world: str) -> dict[str, int]:
    """How many rows of a world each table holds that has such."""
    counts = {}
    for name, table in Base.metadata.tables.items():
        if "world_id" in table.c:
            mine = select(func.count()).select_from(table).where(table.c.world_id == world)
            counts[name] = connection.scalar(mine) or 0
    return counts


def test_a_new_world_has_the_rows_contract_and_clock_that_it_is_made_with(connection: Connection) -> None:
    make(connection, "a", OBSERVED)

    facts = world_facts(connection, "a")

    default = world_facts(connection, "default")
    assert (facts.world_id, facts.is_sandbox, facts.requests) == ("a", False, 0)
    assert (facts.revision, facts.behavior, facts.settings) == ("2025-12", "observed", {"order": "shuffled"})
    assert facts.clock == Clock(ANCHOR)
    assert (facts.scenario, facts.seed, facts.anchor) == ("tiny", 42, ANCHOR)
    assert (facts.digest, facts.commits, facts.changes) == (default.digest, 6, 6)


def test_a_world_gets_a_random_id_unless_one_is_given(connection: Connection) -> None:
    ids = [make(connection, None) for _ in range(5)]

    assert len(set(ids)) == 5
    assert all(len(world) == 12 and has_world(connection, world) for world in ids)


def test_an_id_that_is_taken_is_refused(connection: Connection) -> None:
    with pytest.raises(WorldExistsError, match="id must be new: there is a world 'default'"):
        make(connection, "default")


def test_worlds_are_listed_by_their_ids(connection: Connection) -> None:
    for world in ("z", "b"):
        make(connection, world)

    listed = list_worlds(connection)

    ids = [facts.world_id for facts in listed]
    assert ids == sorted(ids)
    assert {"b", "default", "z"} <= set(ids)
    assert listed == [world_facts(connection, facts.world_id) for facts in listed]


@pytest.mark.parametrize(
    "operation",
    [expect_world, hold_world, world_facts, dataset_of, drop_world, reset_world, conditions_of],
)
def test_a_world_that_is_not_there_is_told_so(
    connection: Connection, operation: Callable[[Connection, str], object]
) -> None:
    with pytest.raises(NoWorldError, match="there is no world 'nowhere'"):
        operation(connection, "nowhere")


@pytest.mark.parametrize("operation", [expect_world, hold_world])
def test_a_world_that_is_there_may_be_gone_on_with(
    connection: Connection, operation: Callable[[Connection, str], None]
) -> None:
    operation(connection, "default")

    assert has_world(connection, "default")


INSTANTS = st.integers(0, 253_000_000_000_000)


@given(st.none() | INSTANTS, st.integers(-(10**14), 10**14), st.dictionaries(st.text(), st.text()))
def test_conditions_survive_the_way_into_the_store_and_back(
    frozen_at: int | None, offset_ms: int, settings: dict[str, str]
) -> None:
    conditions = Conditions.of("r", "b", settings, frozen_at=frozen_at, offset_ms=offset_ms)

    assert Conditions.read(conditions.text) == conditions
    assert conditions.settings_by_name == settings
    assert conditions.with_clock(conditions.clock).clock == conditions.clock


def test_a_clock_is_kept_in_whole_milliseconds() -> None:
    moment = from_ms(1234) + timedelta(microseconds=999)

    frozen, running = (
        Conditions().with_clock(Clock(moment)),
        Conditions().with_clock(Clock(offset=timedelta(microseconds=-1))),
    )

    assert (frozen.frozen_at, frozen.offset_ms) == (1234, 0)
    assert (running.frozen_at, running.offset_ms) == (None, -1)


def test_a_reset_takes_rows_contract_and_clock_back(connection: Connection) -> None:
    make(connection, "a", OBSERVED)
    created = world_facts(connection, "a")
    Inlet.open(connection, "a", None, now=ANCHOR).add_commits([COMMIT])
    set_conditions(connection, "a", Conditions(offset_ms=5))
    changed = world_facts(connection, "a")

    reset_world(connection, "a")

    assert (changed.commits, changed.revision, changed.clock) == (
        7,
        "2026-06",
        Clock.of(frozen_at=None, offset_ms=5),
    )
    assert world_facts(connection, "a") == created


def test_a_reset_goes_back_to_conditions_that_were_set_for_good(connection: Connection) -> None:
    make(connection, "a")
    set_conditions(connection, "a", OBSERVED, as_created=True)
    set_conditions(connection, "a", Conditions())

    reset_world(connection, "a")

    assert conditions_of(connection, "a") == OBSERVED


def test_a_reset_empties_journal_faults_and_limits_and_leaves_keys_snapshots_and_numbers(
    server: Client, api: Api
) -> None:
    api.control("POST", "/worlds", {"id": "busy", "apiKey": "busy", "settings": {"rate_limit": 1}})
    api.control("POST", "/worlds/busy/faults", {"match": {"first": 5}, "action": {"kind": "empty"}})
    api.control("POST", "/worlds/busy/snapshots", {"name": "s"})
    before = [api.get("busy", "commits").status for _ in range(2)]
    with server.twin.store.reading() as connection:
        full = rows_of(connection, "busy")

    api.control("POST", "/worlds/busy/reset", expected=204)

    with server.twin.store.reading() as connection:
        empty = rows_of(connection, "busy")
    assert (before, api.get("busy", "commits").status) == ([200, 429], 200)
    assert full == {"api_key": 1, "snapshot": 1, "fault": 1, "journal": 2, "rate_window": 1}
    assert empty == {"api_key": 1, "snapshot": 1, "fault": 0, "journal": 0, "rate_window": 0}
    assert [one["id"] for one in api.control("GET", "/worlds/busy/requests")["requests"]] == [1]
    assert api.control("POST", "/worlds/busy/faults", {"action": {"kind": "empty"}})["faults"][0]["id"] == 2


def test_a_reset_leaves_other_worlds_alone(connection: Connection) -> None:
    for world in ("a", "b"):
        make(connection, world)
        Inlet.open(connection, world, None, now=ANCHOR).add_commits([COMMIT])
        declare(connection, world, FAULT)

    reset_world(connection, "a")

    assert [world_facts(connection, world).commits for world in "ab"] == [6, 7]
    assert [rows_of(connection, world)["fault"] for world in "ab"] == [0, 1]


def test_a_reader_ends_with_what_it_began_with(server: Client, api: Api) -> None:
    api.control("POST", "/worlds", {"id": "read", "apiKey": "read"})
    api.control("DELETE", "/worlds/read/commits")
    with server.twin.store.reading() as reader:
        before = world_facts(reader, "read")

        api.control("POST", "/worlds/read/reset", expected=204)
        api.control("DELETE", "/worlds/read")

        assert world_facts(reader, "read") == before
        assert before.commits == 0
    with server.twin.store.reading() as reader:
        assert not has_world(reader, "read")


def test_everything_of_its_own_goes_with_a_world(server: Client, api: Api) -> None:
    api.control("POST", "/worlds", {"id": "gone", "apiKey": "gone"})
    api.control("POST", "/worlds/gone/faults", {"match": {"first": 5}, "action": {"kind": "empty"}})
    api.control("POST", "/worlds/gone/snapshots", {"name": "s"})
    api.get("gone", "commits")
    with server.twin.store.reading() as connection:
        before = rows_of(connection, "gone")

    api.control("DELETE", "/worlds/gone")

    with server.twin.store.reading() as connection:
        after = rows_of(connection, "gone")
    assert set(before.values()) == {1}
    assert set(after.values()) == {0}
    assert api.get("gone", "commits").status == 401
    assert api.control("GET", "/worlds/gone", expected=404)["message"] == "there is no world 'gone'"


def test_a_world_that_is_dropped_leaves_its_name_and_its_key_to_the_next(api: Api) -> None:
    for _ in range(2):
        api.control("POST", "/worlds", {"id": "again", "apiKey": "again"})
        assert api.get("again", "commits").status == 200
        api.control("DELETE", "/worlds/again")


def test_the_default_world_stays(api: Api) -> None:
    told = api.control("DELETE", "/worlds/default", expected=409)

    assert told["message"] == "the default world stays: POST /_mock/worlds/default/reset"
    assert api.get(KEY, "commits").status == 200


def test_a_world_is_told_in_full(server: Client, api: Api) -> None:
    made = api.control(
        "POST",
        "/worlds",
        {"id": "told", "now": "2026-06-29T12:00:00Z", "revision": "2025-12", "settings": {"rate_limit": 3}},
    )
    (key,) = made.pop("keys")

    assert api.get(key["key"], "commits").status == 200
    assert (key["team"], key["plan"]) == ("duo", "enterprise")
    assert key["key"].startswith("key_")
    looked = api.control("GET", "/worlds/told")
    assert {**looked, "requests": 0} == made
    assert looked == {
        "id": "told",
        "baseUrl": server.url,
        "isSandbox": False,
        "scenario": "tiny",
        "seed": 42,
        "anchor": "2026-06-30T00:00:00.000Z",
        "now": "2026-06-29T12:00:00.000Z",
        "isFrozen": True,
        "revision": "2025-12",
        "behavior": "documented",
        "settings": {"rate_limit": "3"},
        "commits": 6,
        "changes": 6,
        "digest": api.control("GET", "/worlds/default")["digest"],
        "requests": 1,
    }
    assert looked in api.control("GET", "/worlds")["worlds"]


def test_keys_are_told_when_a_world_is_made_and_nowhere_else(server: Client, api: Api) -> None:
    made = api.control("POST", "/worlds", {"id": "secret"})

    looked = api.control("GET", "/worlds/secret"), api.control("GET", "/worlds")
    with server.twin.store.reading() as connection:
        keys = [entry.key for entry in keys_of(connection, "secret", prefix="crsr_")]

    assert [entry["key"] for entry in made["keys"]] == keys
    assert keys[0] not in str(looked)


def test_contract_and_clock_are_those_of_one_world(api: Api) -> None:
    for world in ("one", "two"):
        api.control("POST", "/worlds", {"id": world, "apiKey": world})
    before = api.control("GET", "/worlds/two")

    changed = api.control("PATCH", "/worlds/one/contract", {"settings": {"caching": "off"}})
    api.control("PUT", "/worlds/one/clock", {"advance": "7d"})

    assert changed["settings"] == {"caching": "off"}
    assert api.control("GET", "/worlds/two") == before
    told = [api.get(world, "commits") for world in ("one", "two")]
    assert [("etag" in answer.headers) for answer in told] == [False, True]
    assert [answer.json["totalCount"] for answer in told] == [0, 6]


def test_the_same_limit_is_counted_in_each_world_apart(api: Api) -> None:
    worlds = [
        api.control("POST", "/worlds", {"settings": {"rate_limit": 2}})["keys"][0]["key"] for _ in range(2)
    ]

    statuses = [[api.get(key, "commits").status for _ in range(3)] for key in worlds]

    assert statuses == [[200, 200, 429]] * 2


def test_limits_are_forgotten_in_one_world_and_everything_else_stays(api: Api) -> None:
    keys = {
        name: api.control("POST", "/worlds", {"id": name, "settings": {"rate_limit": 1}})["keys"][0]["key"]
        for name in ("eased", "strict")
    }
    before = {name: [api.get(key, "commits").status for _ in range(2)] for name, key in keys.items()}

    api.control("DELETE", "/worlds/eased/limits")

    assert before == {"eased": [200, 429], "strict": [200, 429]}
    assert {name: api.get(key, "commits").status for name, key in keys.items()} == {
        "eased": 200,
        "strict": 429,
    }
    assert api.control("GET", "/worlds/eased/requests/count") == {"count": 3}


def test_all_worlds_but_the_default_one_are_dropped_at_once(server: Client, api: Api) -> None:
    api.get("sandbox_a", "commits")
    api.control("POST", "/worlds", {"id": "made", "apiKey": "made"})
    api.control("DELETE", "/worlds/made/commits")
    api.control("POST", "/worlds/made/snapshots", {"name": "s"})

    api.control("DELETE", "/worlds")

    with server.twin.store.reading() as connection:
        assert [facts.world_id for facts in list_worlds(connection)] == ["default"]
        assert connection.scalar(select(func.count()).select_from(COMMITS)) == 6
        assert [rows_of(connection, "made")[name] for name in ("api_key", "snapshot")] == [0, 0]
    assert (api.get("made", "commits").status, api.get(KEY, "commits").status) == (401, 200)


@pytest.mark.parametrize(
    ("change", "contract"),
    [
        ({}, ("2025-12", "observed", {"order": "shuffled"})),
        ({"revision": "2026-06"}, ("2026-06", "observed", {"order": "shuffled"})),
        ({"behavior": "documented"}, ("2025-12", "documented", {"order": "shuffled"})),
        (
            {"settings": {"rate_limit": 7}},
            ("2025-12", "observed", {"order": "shuffled", "rate_limit": "7"}),
        ),
        ({"settings": {"order": None}}, ("2025-12", "observed", {})),
        ({"settings": {}}, ("2025-12", "observed", {"order": "shuffled"})),
    ],
)
def test_what_a_contract_change_does_not_name_stays(
    api: Api, change: dict[str, Any], contract: tuple[str, str, dict[str, str]]
) -> None:
    first = {"revision": "2025-12", "behavior": "observed", "settings": {"order": "shuffled"}}
    world = api.control("POST", "/worlds", first)["id"]

    told = api.control("PATCH", f"/worlds/{world}/contract", change)

    assert (told["revision"], told["behavior"], told["settings"]) == contract
    assert api.control("GET", f"/worlds/{world}/contract") == told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"revision": "2027-01"}, "unknown revision '2027-01'"),
        ({"behavior": "real"}, "unknown behavior 'real'"),
        ({"settings": {"order": "x"}}, "order must be newest_first, shuffled: got 'x'"),
        ({"settings": {"odor": "x"}}, "settings: unknown switch 'odor'"),
        ({"setting": {}}, "body: unknown field 'setting', did you mean settings?"),
    ],
)
def test_a_contract_that_does_not_exist_is_refused_and_changes_nothing(
    api: Api, change: dict[str, Any], message: str
) -> None:
    before = api.control("GET", "/worlds/default/contract")

    told = api.control("PATCH", "/worlds/default/contract", change, expected=400)

    assert told["message"].startswith(message)
    assert api.control("GET", "/worlds/default/contract") == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/reset"),
        ("GET", "/clock"),
        ("PUT", "/clock"),
        ("GET", "/contract"),
        ("PATCH", "/contract"),
    ],
)
def test_every_path_tells_that_there_is_no_such_world(api: Api, method: str, path: str) -> None:
    body = {"isFrozen": True} if path == "/clock" else {}

    told = api.control(
        method, f"/worlds/nowhere{path}", body if method in ("PUT", "PATCH") else None, expected=404
    )

    assert told == {"error": "Not Found", "message": "there is no world 'nowhere'"}


def test_snapshots_of_a_dropped_world_are_not_those_of_the_next_of_its_name(connection: Connection) -> None:
    make(connection, "a")
    take_snapshot(connection, "a", "s", now=0)
    drop_world(connection, "a")

    make(connection, "a")

    assert list_snapshots(connection, "a") == []
    assert find_caller(connection, keys_of(connection, "a", prefix="crsr_")[0].key) is not None


def test_counts_are_those_of_all_teams() -> None:
    with (
        closing(open_twin(Settings(scenario="hostile", anchor=ANCHOR))) as twin,
        twin.store.reading() as connection,
    ):
        facts = world_facts(connection, "default")
        counted = [connection.scalar(select(func.count()).select_from(table)) for table in (COMMITS, CHANGES)]

    assert [facts.commits, facts.changes] == counted
