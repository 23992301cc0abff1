"""Whose key it is, and whom a ``user`` parameter names."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock
from aicode_mock.contract import resolve
from aicode_mock.directory import (
    MemberEntry,
    clock_of,
    find_caller,
    find_members,
    key_digest,
    members_of,
    surroundings_of,
)
from aicode_mock.faults.book import clear_faults, declare
from aicode_mock.faults.model import Fault
from aicode_mock.tables import MEMBERS, TEAMS
from aicode_mock.teamids import first_id
from aicode_mock.teamkeys import api_key
from aicode_mock.twin import Twin
from tests.conftest import ANCHOR, KEY, set_clock, set_contract

pytestmark = pytest.mark.both_stores

ADA, BO = "user_00000000000000000000000ada", "user_000000000000000000000000bo"


@pytest.fixture(scope="module")
def tiny(twin_of: Callable[[str], Twin]) -> Iterator[Connection]:
    with twin_of("tiny").store.reading() as connection:
        yield connection


@pytest.fixture(scope="module")
def hostile(twin_of: Callable[[str], Twin]) -> Iterator[Connection]:
    with twin_of("hostile").store.reading() as connection:
        yield connection


def team_id(connection: Connection, name: str) -> int:
    return int(connection.execute(select(TEAMS.c.id).where(TEAMS.c.name == name)).scalar_one())


def found(connection: Connection, user: str, *, team: str) -> list[str]:
    """The user ids of whom the text names."""
    ids = find_members(connection, team_id(connection, team), user)
    return list(connection.scalars(select(MEMBERS.c.user_id).where(MEMBERS.c.id.in_(ids))))


def hostile_key(team: str) -> str:
    return api_key("crsr_", "hostile", 42, team)


def test_a_key_leads_to_its_team(tiny: Connection) -> None:
    caller = find_caller(tiny, KEY)

    assert caller is not None
    assert caller.team_id == team_id(tiny, "duo")
    assert caller.is_enterprise
    assert caller.has_detail
    assert len(caller.world.data_digest) == 64


@pytest.mark.parametrize("key", ["", "test-keY", "test-key ", "\0", "\ud800", "x" * 100_000, "' OR 1=1 --"])
def test_any_other_key_leads_nowhere(tiny: Connection, key: str) -> None:
    assert find_caller(tiny, key) is None


@pytest.mark.parametrize(
    ("team", "is_enterprise", "has_detail"),
    [("no-enterprise", False, True), ("no-data", True, True), ("no-detail", True, False)],
)
def test_a_caller_has_the_plan_and_the_part_in_the_alpha_of_their_team(
    hostile: Connection, team: str, is_enterprise: bool, has_detail: bool
) -> None:
    caller = find_caller(hostile, hostile_key(team))

    assert caller is not None
    assert caller.team_id == team_id(hostile, team)
    assert (caller.is_enterprise, caller.has_detail) == (is_enterprise, has_detail)


def test_a_caller_has_the_contract_and_the_clock_of_their_world(twin_of: Callable[[str], Twin]) -> None:
    twin = twin_of("hostile")
    set_contract(twin, "2025-12", "observed", {"order": "shuffled"})
    set_clock(twin, ANCHOR)

    with twin.store.reading() as connection:
        caller = find_caller(connection, hostile_key("no-data"))
        contract = surroundings_of(connection, "default").contract

    assert caller is not None
    assert caller.contract == contract == resolve("2025-12", "observed", {"order": "shuffled"})
    assert caller.world.clock == Clock(frozen_at=ANCHOR)


def test_a_clock_that_is_not_frozen_runs(twin_of: Callable[[str], Twin]) -> None:
    twin = twin_of("hostile")
    set_clock(twin, None)

    with twin.store.reading() as connection:
        caller = find_caller(connection, hostile_key("no-data"))

    assert caller is not None
    assert caller.world.clock == Clock()


@pytest.mark.parametrize(
    ("user", "member"),
    [
        ("ada@duo.example", ADA),
        ("ADA@Duo.EXAMPLE", ADA),
        (ADA, ADA),
        (BO, BO),
        ("101", ADA),
        ("102", BO),
        ("000101", ADA),
    ],
)
def test_a_member_is_found_by_address_in_any_case_by_id_and_by_number(
    tiny: Connection, user: str, member: str
) -> None:
    assert found(tiny, user, team="duo") == [member]


@pytest.mark.parametrize(
    "user", ["mixedcase@gauntlet.example", "MIXEDCASE@GAUNTLET.EXAMPLE", "MixedCase@gauntlet.example"]
)
def test_an_address_that_is_written_in_capitals_is_found_in_any_case(hostile: Connection, user: str) -> None:
    assert len(found(hostile, user, team="gauntlet")) == 1


def test_an_address_may_hold_what_other_languages_quote(hostile: Connection) -> None:
    assert len(found(hostile, "o'brien+tag@gauntlet.example", team="gauntlet")) == 1


@pytest.mark.parametrize(
    "user",
    [
        "ada",
        "ada@duo.example ",
        "%@duo.example",
        ADA.upper(),
        ADA[:-1],
        "-101",
        "+101",
        "101.0",
        "1e2",
        "\u0661\u0660\u0661",
        "\uff11\uff10\uff11",
        "9223372036854775807",
        "9223372036854775808",
        "9" * 5000,
        "0" * 17 + "101" + "7" * 10,
        "\0",
        "101\0",
        "ada@duo.example\0",
        "' OR 1=1 --",
    ],
)
def test_nobody_else_is_found(tiny: Connection, user: str) -> None:
    assert found(tiny, user, team="duo") == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_is_an_error(twin_of: Callable[[str], Twin], user: str) -> None:
    with twin_of("tiny").store.reading() as connection:
        members = find_members(connection, team_id(connection, "duo"), user)

    assert len(members) == (user in ("101", "102"))


@pytest.mark.parametrize("column", ["user_id", "numeric_id", "email"])
def test_members_of_other_teams_are_not_found(hostile: Connection, column: str) -> None:
    strangers = hostile.scalars(
        select(MEMBERS.c[column]).where(MEMBERS.c.team_id != team_id(hostile, "gauntlet"))
    )

    users = [str(user) for user in strangers]

    assert len(users) == 6
    assert [found(hostile, user, team="gauntlet") for user in users] == [[]] * 6


def test_all_members_are_listed_in_the_order_in_which_they_joined_removed_ones_too(
    hostile: Connection,
) -> None:
    listed = members_of(hostile, team_id(hostile, "gauntlet"))

    assert len(listed) == 11
    assert [one.email.partition("@")[0] for one in listed[:5]] == [
        "owner",
        "private",
        "gone",
        "o'brien+tag",
        "MixedCase",
    ]
    assert [one.is_removed for one in listed[:5]] == [False, False, True, False, False]
    assert listed[0].role == "owner"


def test_a_member_is_listed_as_they_are(tiny: Connection) -> None:
    assert members_of(tiny, team_id(tiny, "duo")) == [
        MemberEntry(ADA, "Ada Ito", "ada@duo.example", "owner", False, first_id(team_id(tiny, "duo")), 101),
        MemberEntry(
            BO, "Bo Lund", "bo@duo.example", "member", False, first_id(team_id(tiny, "duo")) + 1, 102
        ),
    ]


def test_a_key_is_found_by_its_sha_256() -> None:
    assert key_digest("test-key") == "62af8704764faf8ea82fc61ce9c4c3908b6cb97d463a634e9e587d7c885db0ef"


def test_the_clock_of_a_world_that_is_gone_is_wall_time(twin_of: Callable[[str], Twin]) -> None:
    twin = twin_of("hostile")
    set_clock(twin, ANCHOR)

    with twin.store.reading() as connection:
        clocks = clock_of(connection, "default"), clock_of(connection, "gone")

    assert clocks == (Clock(ANCHOR), Clock())


def test_a_world_tells_whether_faults_wait_in_it(twin_of: Callable[[str], Twin]) -> None:
    with twin_of("hostile").store.writing() as connection:
        before = surroundings_of(connection, "default").has_faults
        declare(connection, "default", Fault.model_validate({"action": {"kind": "empty"}}))
        caller = find_caller(connection, hostile_key("no-data"))
        clear_faults(connection, "default")
        after = surroundings_of(connection, "default").has_faults

    assert caller is not None
    assert (before, caller.world.has_faults, after) == (False, True, False)
