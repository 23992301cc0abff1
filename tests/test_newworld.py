"""Worlds that a caller asks for: whatever is left out is as the default world was made."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock
from aicode_mock.datafiles import data_folder
from aicode_mock.directory import find_caller
from aicode_mock.ingest import remove_all
from aicode_mock.keyring import NoEnterpriseTeamError, keys_of
from aicode_mock.newrows import NewChange, NewCommit
from aicode_mock.newworld import NewWorld, make_world
from aicode_mock.scenariofile import ScenarioError
from aicode_mock.selection import COMMIT_ROWS
from aicode_mock.settings import Settings
from aicode_mock.tables import DATASETS, TEAMS
from aicode_mock.twin import Twin
from aicode_mock.worldfacts import list_worlds, world_facts
from aicode_mock.worldrecords import Conditions, dataset_of, set_conditions
from aicode_mock.worlds import reset_world
from tests.conftest import ANCHOR, KEY, serving
from tests.stores import open_store, open_twin
from tests.worldplayer import Api

pytestmark = pytest.mark.both_stores

MAIN = Settings(
    scenario="tiny",
    anchor=ANCHOR,
    now=ANCHOR,
    api_key=KEY,
    revision="2025-12",
    behavior="observed",
    switches={"order": "shuffled"},
)
COMMIT, CHANGE = NewCommit(userEmail="ada@duo.example"), NewChange(userEmail="new@duo.example")


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with serving(open_twin(MAIN)) as client, closing(Api(client.url)) as api:
        yield api


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with closing(open_twin(MAIN)) as twin:
        yield twin


@pytest.fixture
def connection(twin: Twin) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with twin.store.rearranging() as connection:
        yield connection
        connection.rollback()


def new(**fields: Any) -> NewWorld:
    return NewWorld.model_validate(fields)


def test_whatever_is_left_out_is_as_the_default_world_was_made(connection: Connection) -> None:
    created = world_facts(connection, "default")
    set_conditions(connection, "default", Conditions())
    remove_all(connection, "default", COMMIT_ROWS)

    made = make_world(connection, NewWorld(id="a"), now=0)

    assert made == replace(created, world_id="a")
    assert (made.revision, made.settings, made.clock) == ("2025-12", {"order": "shuffled"}, Clock(ANCHOR))
    assert dataset_of(connection, "a") != dataset_of(connection, "default")


def test_a_world_of_the_same_origin_shares_the_rows_of_the_default_one(connection: Connection) -> None:
    for fields in ({}, {"scenario": "tiny"}, {"seed": 42}, {"anchor": "2026-06-30T02:00:00+02:00"}):
        made = make_world(connection, new(**fields), now=0)
        assert dataset_of(connection, made.world_id) == dataset_of(connection, "default")

    assert connection.scalar(select(func.count()).select_from(DATASETS)) == 1


def test_contract_and_clock_may_be_others(connection: Connection) -> None:
    made = make_world(
        connection,
        new(
            revision="2026-06",
            behavior="documented",
            settings={"rate_limit": 5, "caching": False},
            now="2026-01-02",
        ),
        now=0,
    )

    assert (made.revision, made.behavior, made.settings) == (
        "2026-06",
        "documented",
        {"rate_limit": "5", "caching": "off"},
    )
    assert made.clock.now().isoformat() == "2026-01-02T00:00:00+00:00"


def test_a_contract_may_be_another_in_part(connection: Connection) -> None:
    made = make_world(connection, new(behavior="documented"), now=0)

    assert (made.revision, made.behavior, made.settings) == ("2025-12", "documented", {"order": "shuffled"})


@pytest.mark.parametrize("fields", [{"seed": 43}, {"anchor": "2026-06-29"}, {"scenario": "empty"}])
def test_another_origin_makes_other_rows_once(connection: Connection, fields: dict[str, Any]) -> None:
    made = [make_world(connection, new(**fields), now=0) for _ in range(2)]

    origins = {dataset_of(connection, one.world_id) for one in made}
    assert len(origins) == 1
    assert origins != {dataset_of(connection, "default")}


def test_a_key_may_be_chosen(connection: Connection) -> None:
    make_world(connection, NewWorld(id="a", apiKey="chosen"), now=0)

    caller = find_caller(connection, "chosen")

    assert caller is not None
    assert (caller.world.world_id, caller.name) == ("a", "duo")
    assert [entry.key for entry in keys_of(connection, "a", prefix="crsr_")] == ["chosen"]


def test_rows_to_begin_with_come_back_with_a_reset(connection: Connection) -> None:
    made = make_world(connection, NewWorld(id="a", commits=[COMMIT], changes=[CHANGE, CHANGE]), now=0)
    remove_all(connection, "a", COMMIT_ROWS)
    changed = world_facts(connection, "a")

    reset_world(connection, "a")

    assert (made.commits, made.changes, changed.commits) == (7, 8, 0)
    assert world_facts(connection, "a") == made


def test_rows_to_begin_with_are_created_at_the_now_of_their_world(connection: Connection) -> None:
    make_world(connection, new(id="a", now="2026-03-04T05:06:07Z", commits=[COMMIT.model_dump()]), now=0)

    newest = connection.exec_driver_sql("SELECT MIN(created_at) FROM commits").scalar_one()

    assert newest == 1_772_600_767_000


def test_the_same_request_makes_the_same_rows(connection: Connection) -> None:
    made = [
        make_world(connection, NewWorld(commits=[COMMIT, COMMIT], changes=[CHANGE]), now=number)
        for number in range(2)
    ]

    assert made[0].digest == made[1].digest != world_facts(connection, "default").digest


def test_worlds_with_rows_of_their_own_leave_no_more_than_the_spare_templates(
    connection: Connection,
) -> None:
    for seed in range(12):
        make_world(connection, NewWorld(scenario="empty", seed=seed, commits=[COMMIT]), now=seed)

    assert connection.scalar(select(func.count()).select_from(DATASETS)) == 1 + 8 + 12


def test_rows_that_do_not_fit_make_no_world(api: Api) -> None:
    before = api.control("GET", "/worlds")
    rows = [{"userEmail": "new@duo.example"}] * 3

    told = api.control("POST", "/worlds", {"commits": rows, "changes": [{"userId": "nobody"}]}, expected=400)

    assert told["message"].startswith("userId 'nobody' is no member of the team")
    assert api.control("GET", "/worlds") == before


def test_without_an_enterprise_team_there_is_no_key_to_choose(connection: Connection) -> None:
    connection.execute(update(TEAMS).values(plan="business"))

    with pytest.raises(NoEnterpriseTeamError, match="no Enterprise team to give the key to"):
        make_world(connection, NewWorld(apiKey="chosen"), now=0)


def test_another_seed_makes_as_many_rows_as_the_default_world_was_scaled_to() -> None:
    plan = Settings(anchor=ANCHOR, commits=60, changes=50).plan()
    with closing(Twin.of(open_store())) as twin:
        twin.ensure_main_world(plan)
        with twin.store.rearranging() as connection:
            same = make_world(connection, NewWorld(), now=0)
            other = make_world(connection, NewWorld(seed=1), now=0)
            tiny = make_world(connection, NewWorld(scenario="tiny"), now=0)

    assert [(one.commits, one.changes) for one in (same, other, tiny)] == [(60, 50), (60, 50), (6, 6)]
    assert same.digest != other.digest


@pytest.mark.parametrize("name", ["own", "tiny"])
def test_a_scenario_of_the_servers_own_is_there_with_its_seed_and_anchor_only(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / f"{name}.toml"
    file.write_text((data_folder("seed") / "empty.toml").read_text())
    with (
        closing(open_twin(replace(MAIN, scenario=str(file)))) as twin,
        twin.store.rearranging() as connection,
    ):
        made = make_world(connection, NewWorld(scenario=name, seed=42), now=0)
        other = make_world(connection, NewWorld(scenario="hostile"), now=0)

        with pytest.raises(ScenarioError, match=f"server's: its '{name}' is no shipped scenario"):
            make_world(connection, NewWorld(seed=43), now=0)

    assert (made.scenario, made.commits) == (name, 0)
    assert other.commits > 0


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"id": "default"}, 409, "id must be new: there is a world 'default'"),
        ({"apiKey": KEY}, 409, "apiKey must be new: it leads to another world"),
        ({"scenario": "tinny"}, 400, "scenario must be one of default, empty, hostile, tiny: got 'tinny'"),
        ({"scenario": "../seed/tiny.toml"}, 400, "scenario must be one of"),
        ({"revision": "2027-01"}, 400, "unknown revision '2027-01'"),
        ({"behavior": "real"}, 400, "unknown behavior 'real'"),
        ({"settings": {"odor": "x"}}, 400, "unknown switch 'odor'"),
        ({"seed": -1}, 400, "seed: "),
        ({"seed": 2**63}, 400, "seed: "),
        ({"anchor": "soon"}, 400, "anchor: not YYYY-MM-DD"),
        ({"now": "1969-12-31"}, 400, "now: must be between 1970 and 9998"),
        ({"now": "0001-01-01T00:00:00+01:00"}, 400, "now: is out of range"),
        ({"id": "a/b"}, 400, "id: "),
        ({"id": ".."}, 400, "id: "),
        ({"id": ""}, 400, "id: "),
        ({"apiKey": "a b"}, 400, "apiKey: must be printable ASCII, without spaces and colons"),
        ({"apiKey": "a:b"}, 400, "apiKey: must be printable"),
        ({"apiKey": "\n"}, 400, "apiKey: must be printable"),
        ({"apiKey": "s\u00e9cret"}, 400, "apiKey: must be printable ASCII"),
        ({"commits": [{}]}, 400, "commits.0: userId or userEmail is needed"),
        ({"rows": []}, 400, "body: unknown field 'rows'"),
        ([], 400, "body: "),
    ],
)
def test_what_cannot_be_is_refused_by_name(api: Api, body: object, status: int, message: str) -> None:
    before = api.control("GET", "/worlds")

    told = api.control("POST", "/worlds", body, expected=status)

    assert told["message"].startswith(message)
    assert api.control("GET", "/worlds") == before


def test_a_world_is_made_without_saying_anything(api: Api) -> None:
    made = api.control("POST", "/worlds")

    key = made["keys"][0]["key"]
    assert api.get(key, "commits").json["totalCount"] == 6
    api.control("DELETE", f"/worlds/{made['id']}")


def test_the_default_world_is_listed_among_those_that_were_made(connection: Connection) -> None:
    make_world(connection, NewWorld(id="a"), now=0)

    assert [facts.world_id for facts in list_worlds(connection)] == ["a", "default"]
