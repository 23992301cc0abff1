"""Whose key it is: a key leads to its team, the team to its world."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock
from aicode_mock.contract import Contract, resolve
from aicode_mock.prepared import Prepared
from aicode_mock.tables import DATASETS, MEMBERS, TEAMS
from aicode_mock.worldtables import API_KEYS, FAULTS, WORLDS

ENTERPRISE = "enterprise"
_NUMBER = re.compile(r"\d{1,19}", re.ASCII)
_MOST_SQL_INTEGER = 2**63 - 1

_world = (
    WORLDS.c.id.label("world_id"),
    WORLDS.c.revision,
    WORLDS.c.behavior,
    WORLDS.c.settings,
    WORLDS.c.frozen_at,
    WORLDS.c.offset_ms,
    DATASETS.c.digest,
    exists().where(FAULTS.c.world_id == WORLDS.c.id).label("has_faults"),
)
_team_of_key = Prepared(
    select(TEAMS.c.id, TEAMS.c.ordinal, TEAMS.c.name, TEAMS.c.plan, TEAMS.c.has_detail, *_world)
    .select_from(API_KEYS)
    .join(WORLDS, WORLDS.c.id == API_KEYS.c.world_id)
    .join(DATASETS, DATASETS.c.id == WORLDS.c.dataset_id)
    .join(TEAMS, and_(TEAMS.c.dataset_id == DATASETS.c.id, TEAMS.c.ordinal == API_KEYS.c.team_ordinal))
    .where(API_KEYS.c.digest == bindparam("digest"))
)
_world_by_id = Prepared(
    select(*_world)
    .join(DATASETS, DATASETS.c.id == WORLDS.c.dataset_id)
    .where(WORLDS.c.id == bindparam("world"))
)
_clock_by_id = Prepared(select(*WORLDS.c["frozen_at", "offset_ms"]).where(WORLDS.c.id == bindparam("world")))
_members_of_team = select(MEMBERS).where(MEMBERS.c.team_id == bindparam("team")).order_by(MEMBERS.c.id)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a request meets in its world: the contract, the clock, the data, and whether faults wait."""

    world_id: str
    contract: Contract
    clock: Clock
    data_digest: str
    has_faults: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """A team that calls; ``ordinal`` counts the teams of its world, from 0."""

    world: Surroundings
    team_id: int
    ordinal: int
    name: str
    is_enterprise: bool
    has_detail: bool

    @property
    def contract(self) -> Contract:
        """The contract of the caller's world."""
        return self.world.contract


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member as ``/teams/members`` lists it, with what the store knows it by."""

    user_id: str
    name: str
    email: str
    role: str
    is_removed: bool
    member_id: int
    numeric_id: int


def key_digest(key: str) -> str:
    """What a key is found by."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def find_caller(connection: Connection, key: str) -> Caller | None:
    """The team of a key, or None if there is no such key."""
    row = _team_of_key.row(connection, {"digest": key_digest(key)})
    if row is None:
        return None
    team_id, ordinal, name, plan, has_detail, *world = row
    return Caller(
        world=_surroundings(*world),
        team_id=team_id,
        ordinal=ordinal,
        name=name,
        is_enterprise=plan == ENTERPRISE,
        has_detail=bool(has_detail),
    )


def surroundings_of(connection: Connection, world_id: str) -> Surroundings:
    """What a request meets in a world that exists."""
    return _surroundings(*_world_by_id.one(connection, {"world": world_id}))


def clock_of(connection: Connection, world_id: str) -> Clock:
    """The clock of a world; wall time, if the world is gone."""
    row = _clock_by_id.row(connection, {"world": world_id})
    return Clock() if row is None else Clock.of(frozen_at=row[0], offset_ms=row[1])


def members_of(connection: Connection, team_id: int) -> list[MemberEntry]:
    """Everybody of a team, removed members too, in the order in which they joined."""
    return [
        MemberEntry(row.user_id, row.name, row.email, row.role, row.is_removed, row.id, row.numeric_id)
        for row in connection.execute(_members_of_team, {"team": team_id})
    ]


def find_members(connection: Connection, team_id: int, user: str) -> list[int]:
    """The ids of the members whom a ``user`` parameter names; mostly one, or none.

    Source: documented (e-mail, ``user_…`` id, numeric id); an e-mail without regard
    to case is assumed.
    """
    if "\0" in user:  # no text in any database
        return []
    names = [MEMBERS.c.email_key == user.casefold(), MEMBERS.c.user_id == user]
    if _NUMBER.fullmatch(user) and int(user) <= _MOST_SQL_INTEGER:
        names.append(MEMBERS.c.numeric_id == int(user))
    return list(connection.scalars(select(MEMBERS.c.id).where(MEMBERS.c.team_id == team_id, or_(*names))))


def _surroundings(
    world_id: str,
    revision: str,
    behavior: str,
    settings: str,
    frozen_at: int | None,
    offset_ms: int,
    data_digest: str,
    has_faults: bool,
) -> Surroundings:
    """What the columns ``_world`` tell."""
    contract, clock = _contract(revision, behavior, settings), _clock(frozen_at, offset_ms)
    return Surroundings(world_id, contract, clock, data_digest, bool(has_faults))


@lru_cache(maxsize=256)
def _contract(revision: str, behavior: str, settings: str) -> Contract:
    return resolve(revision, behavior, json.loads(settings))


@lru_cache(maxsize=256)
def _clock(frozen_at: int | None, offset_ms: int) -> Clock:
    return Clock.of(frozen_at=frozen_at, offset_ms=offset_ms)
