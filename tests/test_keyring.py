"""The keys of worlds: derived from their teams, or chosen; each leads to one team of one world."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from aicode_mock.directory import find_caller
from aicode_mock.keyring import KEY_PREFIXES, KeyTakenError, NoEnterpriseTeamError, give_key, keys_of
from aicode_mock.settings import Settings
from aicode_mock.tables import TEAMS
from aicode_mock.teamkeys import api_key
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import Conditions, dataset_of
from aicode_mock.worlds import add_world, drop_world
from aicode_mock.worldtables import API_KEYS
from tests.conftest import ANCHOR
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

NAMES = ["gauntlet", "no-enterprise", "no-data", "no-detail"]


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with closing(open_twin(Settings(scenario="hostile", anchor=ANCHOR))) as twin:
        yield twin


@pytest.fixture
def connection(twin: Twin) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with twin.store.rearranging() as connection:
        yield connection
        connection.rollback()


def make(connection: Connection, world: str, *, key: str | None = None) -> str:
    dataset_id = dataset_of(connection, "default")
    return add_world(connection, world, dataset_id=dataset_id, conditions=Conditions(), now=0, key=key)


def owner(connection: Connection, key: str) -> tuple[str, str] | None:
    """World and team that a key leads to."""
    caller = find_caller(connection, key)
    return None if caller is None else (caller.world.world_id, caller.name)


def told(connection: Connection, world: str, prefix: str = "crsr_") -> dict[str, str]:
    return {entry.team: entry.key for entry in keys_of(connection, world, prefix=prefix)}


@pytest.mark.parametrize("prefix", KEY_PREFIXES)
def test_every_team_has_a_key_of_its_own_of_each_form(connection: Connection, prefix: str) -> None:
    make(connection, "a")

    keys = told(connection, "a", prefix)

    assert list(keys) == NAMES
    assert all(key.startswith(prefix) for key in keys.values())
    assert [owner(connection, key) for key in keys.values()] == [("a", team) for team in NAMES]


def test_keys_are_told_with_the_plans_of_their_teams(connection: Connection) -> None:
    entries = keys_of(connection, "default", prefix="crsr_")

    assert [(entry.team, entry.plan) for entry in entries] == [
        ("gauntlet", "enterprise"),
        ("no-enterprise", "business"),
        ("no-data", "enterprise"),
        ("no-detail", "enterprise"),
    ]


def test_the_keys_of_two_worlds_differ_and_those_of_the_default_one_name_no_world(
    connection: Connection,
) -> None:
    for world in ("a", "b"):
        make(connection, world)

    default, a, b = (told(connection, world) for world in ("default", "a", "b"))

    assert default == {team: api_key("crsr_", "hostile", 42, team) for team in NAMES}
    assert a == {team: api_key("crsr_", "hostile", 42, team, "a") for team in NAMES}
    assert len({*default.values(), *a.values(), *b.values()}) == 12


def test_a_chosen_key_is_the_only_one_of_the_first_enterprise_team(connection: Connection) -> None:
    own = told(connection, "default")

    give_key(connection, "default", "chosen")

    assert owner(connection, "chosen") == ("default", "gauntlet")
    assert owner(connection, own["gauntlet"]) is None
    assert owner(connection, api_key("key_", "hostile", 42, "gauntlet")) is None
    assert told(connection, "default") == {**own, "gauntlet": "chosen"}


def test_without_a_choice_a_team_has_its_own_keys_back(connection: Connection) -> None:
    own = [told(connection, "default", prefix) for prefix in KEY_PREFIXES]
    give_key(connection, "default", "chosen")

    give_key(connection, "default", None)

    assert [told(connection, "default", prefix) for prefix in KEY_PREFIXES] == own
    assert owner(connection, "chosen") is None


def test_a_key_may_be_chosen_again(connection: Connection) -> None:
    make(connection, "a", key="chosen")

    give_key(connection, "a", "chosen")

    assert owner(connection, "chosen") == ("a", "gauntlet")


@pytest.mark.parametrize("team", ["gauntlet", "no-data"])
def test_a_key_of_the_same_world_moves_to_the_first_team(connection: Connection, team: str) -> None:
    key = told(connection, "default")[team]

    give_key(connection, "default", key)

    assert owner(connection, key) == ("default", "gauntlet")
    assert connection.scalar(select(func.count()).select_from(API_KEYS).where(API_KEYS.c.key == key)) == 1


def test_a_key_of_another_world_is_refused(connection: Connection) -> None:
    make(connection, "a", key="chosen")

    with pytest.raises(KeyTakenError, match="apiKey must be new: it leads to another world"):
        give_key(connection, "default", "chosen")

    assert owner(connection, "chosen") == ("a", "gauntlet")


def test_a_world_whose_own_key_was_chosen_for_another_is_refused(connection: Connection) -> None:
    make(connection, "a")
    key = told(connection, "a")["no-data"]
    drop_world(connection, "a")
    make(connection, "b", key=key)

    with pytest.raises(KeyTakenError, match="leads to another world"):
        make(connection, "a")


def test_a_world_without_an_enterprise_team_takes_no_key_and_needs_none(connection: Connection) -> None:
    connection.execute(update(TEAMS).values(plan="business"))

    with pytest.raises(NoEnterpriseTeamError, match="no Enterprise team"):
        give_key(connection, "default", "chosen")

    give_key(connection, "default", None)
    assert list(told(connection, "default")) == NAMES
