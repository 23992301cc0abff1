"""The people of a team: scenario and seed in, the same people out."""

import string
from collections import Counter
from dataclasses import dataclass

from aicode_mock.chance import token
from aicode_mock.pools import Person, Pools
from aicode_mock.scenario import PersonPlan, TeamPlan

_BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_USER_ID_DIGITS = 26


@dataclass(frozen=True, slots=True)
class Worker:
    """A member of a team.  ``activity`` weighs how much of the team's work is theirs."""

    index: int
    user_id: str
    numeric_id: int
    email: str
    name: str
    role: str
    removed: bool
    privacy: bool
    office: int
    activity: int


def hire(team: TeamPlan, pools: Pools, *labels: str | int) -> list[Worker]:
    """Everybody of a team: people by name first, then as many as ``members`` from the pools."""
    plans = [*team.people, *_strangers(team, pools)]
    seats = [index for index, office in enumerate(team.offices) for _ in range(office.share)] or [0]
    return [
        Worker(
            index=index,
            user_id=plan.user_id or "user_" + token(_BASE_62, _USER_ID_DIGITS, "user", *labels, plan.login),
            numeric_id=plan.numeric_id or int(token(string.digits, 8, "number", *labels, plan.login)),
            email=f"{plan.login}@{team.domain}",
            name=plan.name,
            role=plan.role,
            removed=plan.removed,
            privacy=plan.privacy,
            office=seats[index % len(seats)],
            activity=0 if index >= len(plans) - team.idle_members else 6000 // (6 + index),
        )
        for index, plan in enumerate(plans)
    ]


def _strangers(team: TeamPlan, pools: Pools) -> list[PersonPlan]:
    logins: Counter[str] = Counter(person.login for person in team.people)
    plans = []
    for index in range(team.members):
        person = pools.people[index % len(pools.people)]
        plans.append(
            PersonPlan(
                login=_free_login(person, logins),
                name=person.name,
                role="owner" if index == 0 and not team.people else "member",
                # The last ones, next to the idle, are removed; the first of the others keep private.
                removed=team.idle_members
                <= team.members - 1 - index
                < team.idle_members + team.removed_members,
                privacy=0 < index <= team.privacy_members,
            )
        )
    return plans


def _free_login(person: Person, taken: Counter[str]) -> str:
    taken[person.login] += 1
    count = taken[person.login]
    return person.login if count == 1 else f"{person.login}{count}"
