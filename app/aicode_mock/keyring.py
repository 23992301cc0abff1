"""The keys of worlds: those that follow from their teams, and those that somebody chose."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection, Row

from aicode_mock.contract import REVISIONS
from aicode_mock.directory import ENTERPRISE, key_digest
from aicode_mock.tables import DATASETS, TEAMS
from aicode_mock.teamkeys import api_key
from aicode_mock.worldtables import API_KEYS, MAIN_WORLD, WORLDS

KEY_PREFIXES = tuple(dict.fromkeys(revision.key_prefix for revision in REVISIONS.values()))


class KeyTakenError(ValueError):
    """The key leads to another world."""


class NoEnterpriseTeamError(ValueError):
    """No team of the world has an Enterprise plan."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key, whose it is, and what the team's plan is."""

    team: str
    plan: str
    key: str


_teams = (
    select(TEAMS.c.ordinal, TEAMS.c.name, WORLDS.c.id, DATASETS.c.scenario, DATASETS.c.seed)
    .select_from(WORLDS)
    .join(DATASETS, DATASETS.c.id == WORLDS.c.dataset_id)
    .join(TEAMS, TEAMS.c.dataset_id == DATASETS.c.id)
    .order_by(TEAMS.c.ordinal)
)


def expect_new_key(connection: Connection, key: str, *, but_for: str | None = None) -> None:
    """Go on if a key leads to no world, or to ``but_for``.

    Raises:
        KeyTakenError: it leads to another.
    """
    owner = connection.scalar(select(API_KEYS.c.world_id).where(API_KEYS.c.digest == key_digest(key)))
    if owner not in (None, but_for):
        raise KeyTakenError("apiKey must be new: it leads to another world")


def give_key(connection: Connection, world_id: str, key: str | None) -> None:
    """Make ``key`` the only key of the first Enterprise team; None gives its own back.

    Raises:
        KeyTakenError: the key leads to another world.
        NoEnterpriseTeamError: there is no such team.
    """
    team = connection.execute(
        _teams.where(WORLDS.c.id == world_id, TEAMS.c.plan == ENTERPRISE).limit(1)
    ).one_or_none()
    if team is None:
        if key is None:
            return
        raise NoEnterpriseTeamError("the world has no Enterprise team to give the key to")
    if key is not None:
        expect_new_key(connection, key, but_for=world_id)
    others = API_KEYS.c.team_ordinal == team.ordinal
    if key is not None:
        others |= API_KEYS.c.digest == key_digest(key)
    connection.execute(delete(API_KEYS).where(API_KEYS.c.world_id == world_id, others))
    _add_keys(connection, world_id, team.ordinal, _derived_keys(team) if key is None else [key])


def keys_of(connection: Connection, world_id: str, *, prefix: str) -> list[KeyEntry]:
    """The keys of a world, one a team: the one with the prefix, or the only one."""
    rows = connection.execute(
        select(*TEAMS.c["ordinal", "name", "plan"], API_KEYS.c.key)
        .select_from(API_KEYS)
        .join(WORLDS, WORLDS.c.id == API_KEYS.c.world_id)
        .join(
            TEAMS, (TEAMS.c.dataset_id == WORLDS.c.dataset_id) & (TEAMS.c.ordinal == API_KEYS.c.team_ordinal)
        )
        .where(WORLDS.c.id == world_id)
    )
    # Here, as databases order texts in their own ways.
    ordered = sorted(rows, key=lambda row: (row.ordinal, row.key.startswith(prefix), row.key))
    return list({row.name: KeyEntry(row.name, row.plan, row.key) for row in ordered}.values())


def add_own_keys(connection: Connection, world_id: str) -> None:
    """Give every team of a world the keys that follow from it.

    Raises:
        KeyTakenError: one of them was chosen for another world.
    """
    for team in connection.execute(_teams.where(WORLDS.c.id == world_id)).all():
        keys = _derived_keys(team)
        for key in keys:
            expect_new_key(connection, key, but_for=world_id)
        _add_keys(connection, world_id, team.ordinal, keys)


def _derived_keys(team: Row[*tuple[Any, ...]]) -> list[str]:
    """A team's key for each prefix: those of the default world follow from scenario and seed alone."""
    elsewhere = () if team.id == MAIN_WORLD else (team.id,)
    return [api_key(prefix, team.scenario, team.seed, team.name, *elsewhere) for prefix in KEY_PREFIXES]


def _add_keys(connection: Connection, world_id: str, ordinal: int, keys: list[str]) -> None:
    rows = [
        {"digest": key_digest(key), "key": key, "world_id": world_id, "team_ordinal": ordinal} for key in keys
    ]
    connection.execute(insert(API_KEYS), rows)
