"""The one mutable thing: a store with its worlds, and the limits that count in it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from aicode_mock.clock import from_ms, to_ms
from aicode_mock.company import api_key
from aicode_mock.directory import ENTERPRISE, key_digest
from aicode_mock.ratelimit import RateLimits
from aicode_mock.seeding import KEY_PREFIXES, Counts, make_world, silent
from aicode_mock.store import Store
from aicode_mock.tables import API_KEYS, CHANGES, COMMITS, POSITIONS, TEAMS, WORLDS, first_id
from aicode_mock.worldplan import MAIN_WORLD, WorldPlan

_FIRST_ENTERPRISE_TEAM = (
    select(TEAMS.c.id, TEAMS.c.name, WORLDS.c.scenario, WORLDS.c.seed)
    .join(WORLDS, WORLDS.c.id == TEAMS.c.world_id)
    .where(WORLDS.c.id == MAIN_WORLD, TEAMS.c.plan == ENTERPRISE)
    .order_by(TEAMS.c.id)
    .limit(1)
)


class NoEnterpriseTeamError(ValueError):
    """No team of the world has an Enterprise plan."""


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """What a world is, for those who ask whether it is there."""

    scenario: str
    scenario_digest: str
    seed: int
    anchor: datetime
    revision: str
    behavior: str
    frozen_at: datetime | None
    digest: str
    commits: int
    changes: int


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key, whose it is, and what the team's plan is."""

    team: str
    plan: str
    key: str


class Twin:
    """Worlds in a store.  Close it to give back its files."""

    def __init__(self, store: Store) -> None:
        """``store`` is open and is closed with the twin."""
        self.store = store
        self.limits = RateLimits(store)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def ensure_main_world(
        self, plan: WorldPlan, *, progress: Callable[[int], None] = silent
    ) -> Counts | None:
        """Make the default world; None if there is one already."""
        with self.store.writing() as connection:
            if connection.scalar(select(WORLDS.c.id).where(WORLDS.c.id == MAIN_WORLD)):
                return None
            return make_world(connection, plan, progress=progress)

    def set_contract(self, revision: str, behavior: str, settings: Mapping[str, str]) -> None:
        """Give the default world a contract that ``contract.resolve`` accepts."""
        values = {"revision": revision, "behavior": behavior, "settings": json.dumps(dict(settings))}
        with self.store.writing() as connection:
            connection.execute(update(WORLDS).where(WORLDS.c.id == MAIN_WORLD).values(values))

    def set_clock(self, frozen_at: datetime | None) -> None:
        """Freeze the default world's clock at an instant, or let it run with wall time."""
        values = {"frozen_at": None if frozen_at is None else to_ms(frozen_at), "offset_ms": 0}
        with self.store.writing() as connection:
            connection.execute(update(WORLDS).where(WORLDS.c.id == MAIN_WORLD).values(values))

    def set_key(self, key: str | None) -> None:
        """Make ``key`` the only key of the default world's first Enterprise team; None gives its own back.

        Raises:
            NoEnterpriseTeamError: there is no such team.
        """
        with self.store.writing() as connection:
            team = connection.execute(_FIRST_ENTERPRISE_TEAM).one_or_none()
            if team is None:
                if key is None:
                    return
                raise NoEnterpriseTeamError("the world has no Enterprise team to give the key to")
            own = [api_key(prefix, team.scenario, team.seed, team.name) for prefix in KEY_PREFIXES]
            keys = own if key is None else [key]
            others = (API_KEYS.c.team_id == team.id) | API_KEYS.c.key.in_(keys)
            connection.execute(delete(API_KEYS).where(others))
            rows = [{"digest": key_digest(one), "key": one, "team_id": team.id} for one in keys]
            connection.execute(insert(API_KEYS), rows)

    def keys(self, *, prefix: str) -> list[KeyEntry]:
        """The keys of the default world, one a team: the one with the prefix, or the only one."""
        with self.store.reading() as connection:
            rows = connection.execute(
                select(TEAMS.c.name, TEAMS.c.plan, API_KEYS.c.key)
                .select_from(API_KEYS)
                .join(TEAMS, TEAMS.c.id == API_KEYS.c.team_id)
                .where(TEAMS.c.world_id == MAIN_WORLD)
                .order_by(TEAMS.c.id, API_KEYS.c.key.startswith(prefix), API_KEYS.c.key)
            )
            return list({row.name: KeyEntry(row.name, row.plan, row.key) for row in rows}.values())

    def facts(self) -> WorldFacts:
        """What the default world is."""
        with self.store.reading() as connection:
            world = connection.execute(select(WORLDS).where(WORLDS.c.id == MAIN_WORLD)).one()
            return WorldFacts(
                scenario=world.scenario,
                scenario_digest=world.scenario_digest,
                seed=world.seed,
                anchor=from_ms(world.anchor),
                revision=world.revision,
                behavior=world.behavior,
                frozen_at=None if world.frozen_at is None else from_ms(world.frozen_at),
                digest=world.digest,
                commits=_count(connection, COMMITS),
                changes=_count(connection, CHANGES),
            )


def _count(connection: Connection, table: Table) -> int:
    """Rows of the default world: each team's last position tells, without counting."""
    teams = connection.scalars(select(TEAMS.c.id).where(TEAMS.c.world_id == MAIN_WORLD)).all()
    lasts = [
        connection.scalar(
            select(func.max(table.c.id)).where(table.c.id >= first_id(team), table.c.id < first_id(team + 1))
        )
        for team in teams
    ]
    return sum(last % POSITIONS + 1 for last in lasts if last is not None)
