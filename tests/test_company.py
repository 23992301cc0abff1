"""Who works in a team, with which ids, keys and habits: the same people every time."""

import re

import pytest

from aicode_mock.company import Worker, hire
from aicode_mock.pools import Pools, load_pools
from aicode_mock.scenario import PersonPlan, TeamPlan
from aicode_mock.teamkeys import api_key

POOLS = load_pools(("en_US", "ja_JP"))
ADA = PersonPlan(login="ada", name="Ada", role="owner", user_id="user_ada", numeric_id=7, privacy=True)
OFFICES = [{"utc_offset": "+00:00", "share": 2}, {"utc_offset": "+05:30", "share": 1}]


def crew(pools: Pools = POOLS, **parts: object) -> list[Worker]:
    team = TeamPlan.model_validate({"name": "t", "domain": "t.example", "offices": OFFICES, **parts})
    return hire(team, pools, "test", 42, team.name)


@pytest.mark.parametrize("prefix", ["key_", "crsr_"])
def test_a_key_is_the_prefix_and_64_hexadecimal_digits(prefix: str) -> None:
    assert re.fullmatch(prefix + "[0-9a-f]{64}", api_key(prefix, "default", 42, "northwind"))


def test_a_key_follows_from_scenario_seed_and_team() -> None:
    keys = {
        api_key("crsr_", *labels)
        for labels in (("default", 42, "a"), ("default", 42, "b"), ("default", 43, "a"), ("tiny", 42, "a"))
    }

    assert len(keys) == 4
    assert api_key("crsr_", "default", 42, "a") in keys


def test_the_same_people_are_hired_every_time() -> None:
    assert crew(members=10, people=[ADA]) == crew(members=10, people=[ADA])


def test_people_by_name_come_first_and_as_they_were_named() -> None:
    ada, stranger = crew(people=[ADA], members=1)

    assert (ada.user_id, ada.numeric_id, ada.email, ada.name, ada.role) == (
        "user_ada",
        7,
        "ada@t.example",
        "Ada",
        "owner",
    )
    assert ada.privacy
    assert stranger.role == "member"


def test_ids_have_the_form_of_the_wire() -> None:
    people = crew(members=200)

    assert all(re.fullmatch("user_[0-9A-Za-z]{26}", worker.user_id) for worker in people)
    assert all(0 < worker.numeric_id < 10**8 for worker in people)
    assert len({worker.user_id for worker in people}) == 200
    assert [worker.index for worker in people] == list(range(200))


def test_everybody_has_an_address_of_their_own_even_when_the_pools_run_out() -> None:
    people = crew(members=300)

    assert len({worker.email for worker in people}) == 300
    assert all(worker.email.isascii() and worker.email.endswith("@t.example") for worker in people)


def test_a_stranger_does_not_take_the_address_of_a_person_by_name() -> None:
    login = POOLS.people[0].login

    named, stranger = crew(people=[{"login": login, "name": "First"}], members=1)

    assert named.email == f"{login}@t.example"
    assert stranger.email == f"{login}2@t.example"


def test_the_first_stranger_owns_a_team_without_people_by_name() -> None:
    assert [worker.role for worker in crew(members=3)] == ["owner", "member", "member"]


def test_the_last_are_idle_those_before_them_removed_and_some_keep_private() -> None:
    people = crew(members=10, idle_members=2, removed_members=3, privacy_members=2)

    assert [worker.index for worker in people if worker.activity == 0] == [8, 9]
    assert [worker.index for worker in people if worker.removed] == [5, 6, 7]
    assert [worker.index for worker in people if worker.privacy] == [1, 2]


def test_the_first_work_most() -> None:
    activity = [worker.activity for worker in crew(members=30)]

    assert activity == sorted(activity, reverse=True)
    assert activity[0] > 5 * activity[-1] > 0


def test_offices_are_filled_by_their_shares() -> None:
    offices = [worker.office for worker in crew(members=30)]

    assert (offices.count(0), offices.count(1)) == (20, 10)


def test_a_team_without_offices_has_people_all_the_same() -> None:
    assert [worker.office for worker in crew(members=2, offices=[])] == [0, 0]


def test_a_team_may_be_of_nobody() -> None:
    assert crew() == []
