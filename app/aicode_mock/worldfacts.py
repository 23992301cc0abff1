"""What worlds are, for those who look at them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import BigInteger, Row, ScalarSelect, Table, cast, func, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, from_ms
from aicode_mock.tables import CHANGES, COMMITS, DATASETS, TEAMS
from aicode_mock.teamids import POSITIONS
from aicode_mock.worldrecords import NoWorldError
from aicode_mock.worldtables import WORLDS


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """What a world is, for those who ask whether it is there.

    ``scaled_commits`` and ``scaled_changes`` are the numbers that its origin was scaled to, ``commits`` and
    ``changes`` what it holds now.  ``requests`` is what its journal counted.
    """

    world_id: str
    is_sandbox: bool
    scenario: str
    scenario_digest: str
    seed: int
    anchor: datetime
    scaled_commits: int | None
    scaled_changes: int | None
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
        raise NoWorldError(world_id)
    return _facts(world)


def list_worlds(connection: Connection) -> list[WorldFacts]:
    """All worlds, by their ids."""
    # Here, as databases order texts in their own ways.
    return sorted(map(_facts, connection.execute(_worlds)), key=attrgetter("world_id"))


def _rows_of_world(table: Table) -> ScalarSelect[Any]:
    """How many rows a world has: the last position of each of its teams tells, without counting."""
    first = cast(TEAMS.c.id, BigInteger) * POSITIONS
    mine = table.c.id.between(first, first + POSITIONS - 1)
    last = select(func.max(table.c.id)).where(mine).correlate(TEAMS).scalar_subquery()
    of_world = select(func.sum(last - first + 1)).where(TEAMS.c.dataset_id == WORLDS.c.dataset_id)
    return of_world.correlate(WORLDS).scalar_subquery()


_worlds = select(
    *WORLDS.c["id", "is_sandbox", "revision", "behavior", "settings"],
    *WORLDS.c["frozen_at", "offset_ms", "last_request"],
    *DATASETS.c["scenario", "scenario_digest", "seed", "anchor", "digest"],
    DATASETS.c.commits.label("scaled_commits"),
    DATASETS.c.changes.label("scaled_changes"),
    _rows_of_world(COMMITS).label("commits"),
    _rows_of_world(CHANGES).label("changes"),
).join(DATASETS, DATASETS.c.id == WORLDS.c.dataset_id)


def _facts(world: Row[*tuple[Any, ...]]) -> WorldFacts:
    return WorldFacts(
        world_id=world.id,
        is_sandbox=world.is_sandbox,
        scenario=world.scenario,
        scenario_digest=world.scenario_digest,
        seed=world.seed,
        anchor=from_ms(world.anchor),
        scaled_commits=world.scaled_commits,
        scaled_changes=world.scaled_changes,
        revision=world.revision,
        behavior=world.behavior,
        settings=json.loads(world.settings),
        clock=Clock.of(frozen_at=world.frozen_at, offset_ms=world.offset_ms),
        digest=world.digest,
        commits=int(world.commits or 0),
        changes=int(world.changes or 0),
        requests=world.last_request,
    )
