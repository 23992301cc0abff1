"""What worlds are, for those who look at them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, func, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, from_ms
from aicode_mock.tables import CHANGES, COMMITS, DATASETS, POSITIONS, TEAMS, owned_by
from aicode_mock.worldrecords import NoWorldError
from aicode_mock.worldtables import WORLDS


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """What a world is, for those who ask whether it is there.  ``requests`` is what its journal counted."""

    world_id: str
    is_sandbox: bool
    scenario: str
    scenario_digest: str
    seed: int
    anchor: datetime
    revision: str
    behavior: str
    settings: Mapping[str, str]
    clock: Clock
    digest: str
    commits: int
    changes: int
    requests: int


def world_facts(connection: Connection, world_id: str) -> WorldFacts:
    """What a world is.

    Raises:
        NoWorldError: there is none.
    """
    world = connection.execute(_worlds.where(WORLDS.c.id == world_id)).one_or_none()
    if world is None:
        raise NoWorldError(f"there is no world {world_id!r}")
    return _facts(connection, world)


def list_worlds(connection: Connection) -> list[WorldFacts]:
    """All worlds, by their ids."""
    return [_facts(connection, world) for world in connection.execute(_worlds.order_by(WORLDS.c.id)).all()]


_worlds = select(
    *WORLDS.c["id", "is_sandbox", "dataset_id", "revision", "behavior", "settings"],
    *WORLDS.c["frozen_at", "offset_ms", "last_request"],
    *DATASETS.c["scenario", "scenario_digest", "seed", "anchor", "digest"],
).join(DATASETS, DATASETS.c.id == WORLDS.c.dataset_id)


def _facts(connection: Connection, world: Row[*tuple[Any, ...]]) -> WorldFacts:
    return WorldFacts(
        world_id=world.id,
        is_sandbox=world.is_sandbox,
        scenario=world.scenario,
        scenario_digest=world.scenario_digest,
        seed=world.seed,
        anchor=from_ms(world.anchor),
        revision=world.revision,
        behavior=world.behavior,
        settings=json.loads(world.settings),
        clock=Clock.of(frozen_at=world.frozen_at, offset_ms=world.offset_ms),
        digest=world.digest,
        commits=_count(connection, world.dataset_id, COMMITS),
        changes=_count(connection, world.dataset_id, CHANGES),
        requests=world.last_request,
    )


def _count(connection: Connection, dataset_id: int, table: Table) -> int:
    """Rows of a data set: each team's last position tells, without counting."""
    teams = connection.scalars(select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id)).all()
    lasts = [
        connection.scalar(select(func.max(table.c.id)).where(owned_by(team, table.c.id))) for team in teams
    ]
    return sum(last % POSITIONS + 1 for last in lasts if last is not None)
