"""Sandboxes: a key ``sandbox_<anything>`` opens a world of its own with its first request.

The world is a copy of the default one as it was created, and the key, which is also the
id of the world, that of its first Enterprise team.  So parallel tests are isolated by the
key that their client must send anyway.
"""

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Connection

from aicode_mock.directory import find_caller, surroundings_of
from aicode_mock.keyring import NoEnterpriseTeamError
from aicode_mock.worldrecords import Conditions, has_world, is_world_id
from aicode_mock.worlds import add_world, drop_world
from aicode_mock.worldtables import MAIN_WORLD, SANDBOX_PREFIX, WORLDS

_MOST_DROPPED = 20  # in one request
UNUSED_MS = 3_600_000  # wall time after which a sandbox that nobody used is dropped
NOTED_MS = 300_000  # how old a noted use may be before the control plane notes another


def may_open(connection: Connection, key: str) -> bool:
    """Whether a key that leads nowhere would open a sandbox."""
    if not (key.startswith(SANDBOX_PREFIX) and len(key) > len(SANDBOX_PREFIX) and is_world_id(key)):
        return False
    return surroundings_of(connection, MAIN_WORLD).contract.switches.sandboxes == "auto"


def open_sandbox(connection: Connection, key: str, *, now: int) -> bool:
    """Make the world of a key, if nobody did it meanwhile; whether the key leads there now.

    ``now`` is wall time in milliseconds.  Sandboxes that nobody has used for an hour are
    dropped.  A world of this id that has other keys keeps them, and the key leads nowhere.

    Raises:
        TooManyWorldsError: there is no place for another.
    """
    if find_caller(connection, key) is not None:
        return True
    if has_world(connection, key):
        return False
    _drop_stale(connection, now)
    origin_id, created_as = connection.execute(
        select(WORLDS.c.origin_id, WORLDS.c.created_as).where(WORLDS.c.id == MAIN_WORLD)
    ).one()
    try:
        add_world(
            connection,
            key,
            dataset_id=origin_id,
            conditions=Conditions.read(created_as),
            now=now,
            key=key,
            is_sandbox=True,
        )
    except NoEnterpriseTeamError:  # a scenario in which no key opens anything
        drop_world(connection, key)
        return False
    return True


def is_noted_long_ago(connection: Connection, world_id: str, *, now: int) -> bool:
    """Whether a world is a sandbox whose noted use is some minutes old; ``now`` is wall time."""
    noted = select(WORLDS.c.used_at).where(WORLDS.c.id == world_id, WORLDS.c.is_sandbox)
    used_at = connection.scalar(noted)
    return used_at is not None and used_at < now - NOTED_MS


def note_use(connection: Connection, world_id: str, *, now: int) -> None:
    """Let a sandbox stay for another hour, if it is still there; requests of clients do so themselves."""
    connection.execute(update(WORLDS).where(WORLDS.c.id == world_id).values(used_at=now))


def _drop_stale(connection: Connection, now: int) -> None:
    unused = and_(WORLDS.c.is_sandbox, WORLDS.c.used_at < now - UNUSED_MS)
    oldest = select(WORLDS.c.id).where(unused).order_by(WORLDS.c.used_at).limit(_MOST_DROPPED)
    for world_id in connection.scalars(oldest).all():
        drop_world(connection, world_id)
