"""Whose key it is: a key leads to its team, the team to its world."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import bindparam, or_, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, from_ms
from aicode_mock.contract import Contract, resolve
from aicode_mock.tables import API_KEYS, MEMBERS, TEAMS, WORLDS

ENTERPRISE = "enterprise"
_NUMBER = re.compile(r"\d{1,19}", re.ASCII)
_MOST_SQL_INTEGER = 2**63 - 1

_team_of_key = (
    select(
        TEAMS.c.id,
        TEAMS.c.plan,
        TEAMS.c.has_detail,
        WORLDS.c.revision,
        WORLDS.c.behavior,
        WORLDS.c.settings,
        WORLDS.c.frozen_at,
        WORLDS.c.offset_ms,
        WORLDS.c.digest,
    )
    .select_from(API_KEYS)
    .join(TEAMS, TEAMS.c.id == API_KEYS.c.team_id)
    .join(WORLDS, WORLDS.c.id == TEAMS.c.world_id)
    .where(API_KEYS.c.digest == bindparam("digest"))
)
_contract_of_world = select(WORLDS.c.revision, WORLDS.c.behavior, WORLDS.c.settings).where(
    WORLDS.c.id == bindparam("world")
)
_members_of_team = select(MEMBERS).where(MEMBERS.c.team_id == bindparam("team")).order_by(MEMBERS.c.id)


@dataclass(frozen=True, slots=True)
class Caller:
    """A team that calls, and the contract, clock and data of its world."""

    team_id: int
    is_enterprise: bool
    has_detail: bool
    contract: Contract
    clock: Clock
    data_digest: str


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member as ``/teams/members`` lists it."""

    user_id: str
    name: str
    email: str
    role: str
    is_removed: bool


def key_digest(key: str) -> str:
    """What a key is found by."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def find_caller(connection: Connection, key: str) -> Caller | None:
    """The team of a key, or None if there is no such key."""
    row = connection.execute(_team_of_key, {"digest": key_digest(key)}).one_or_none()
    if row is None:
        return None
    frozen_at = None if row.frozen_at is None else from_ms(row.frozen_at)
    return Caller(
        team_id=row.id,
        is_enterprise=row.plan == ENTERPRISE,
        has_detail=row.has_detail,
        contract=_contract(row.revision, row.behavior, row.settings),
        clock=Clock(frozen_at=frozen_at, offset=timedelta(milliseconds=row.offset_ms)),
        data_digest=row.digest,
    )


def contract_of(connection: Connection, world_id: str) -> Contract:
    """The contract of a world."""
    return _contract(*connection.execute(_contract_of_world, {"world": world_id}).one())


def members_of(connection: Connection, team_id: int) -> list[MemberEntry]:
    """Everybody of a team, removed members too, in the order in which they joined."""
    return [
        MemberEntry(row.user_id, row.name, row.email, row.role, row.is_removed)
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


@lru_cache(maxsize=256)
def _contract(revision: str, behavior: str, settings: str) -> Contract:
    return resolve(revision, behavior, json.loads(settings))
