"""Worlds: making, finding, resetting and dropping them, and their contract and clock.

A world is isolated: keys, data, clock, limits, faults and journal of its own.  The
*default* world always exists.  Every function works within the caller's transaction.
"""

import secrets
from dataclasses import asdict

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from aicode_mock.datasets import drop_unused
from aicode_mock.keyring import add_own_keys, expect_new_key, give_key
from aicode_mock.worldrecords import (
    Conditions,
    has_world,
    hold_world,
)
from aicode_mock.worldtables import API_KEYS, FAULTS, JOURNAL, MAIN_WORLD, RATE_WINDOWS, SNAPSHOTS, WORLDS

MOST_WORLDS = 10_000  # sandboxes too: whoever may send a key may open one


class MainWorldError(ValueError):
    """The default world cannot be dropped."""


class TooManyWorldsError(ValueError):
    """There is no place for another world."""


class WorldExistsError(ValueError):
    """A world of this id is there already."""


def add_world(
    connection: Connection,
    world_id: str | None,
    *,
    dataset_id: int,
    conditions: Conditions,
    now: int,
    key: str | None = None,
    is_sandbox: bool = False,
) -> str:
    """Make a world and return its id, a random one if none is given; ``now`` is wall time.

    ``key`` becomes the only key of the first Enterprise team; a sandbox has no other.

    Raises:
        TooManyWorldsError: there is no place for another.
        WorldExistsError: the id is taken.
        KeyTakenError: the key is.
        NoEnterpriseTeamError: there is no team to give the key to.
    """
    expect_new(connection, world_id, key)
    _expect_place(connection)
    name = world_id or secrets.token_hex(6)
    connection.execute(
        insert(WORLDS),
        {
            "id": name,
            "dataset_id": dataset_id,
            "origin_id": dataset_id,
            **asdict(conditions),
            "created_as": conditions.text,
            "is_sandbox": is_sandbox,
            "last_request": 0,
            "last_fault": 0,
            "used_at": now,
        },
    )
    if not is_sandbox:
        add_own_keys(connection, name)
    if key is not None:
        give_key(connection, name, key)
    return name


def expect_new(connection: Connection, world_id: str | None, key: str | None) -> None:
    """Go on if no world has this id or key.

    Raises:
        WorldExistsError: one has the id.
        KeyTakenError: one has the key.
    """
    if world_id is not None and has_world(connection, world_id):
        raise WorldExistsError(f"id must be new: there is a world {world_id!r}")
    if key is not None:
        expect_new_key(connection, key)


def _expect_place(connection: Connection) -> None:
    if (connection.scalar(select(func.count()).select_from(WORLDS)) or 0) >= MOST_WORLDS:
        raise TooManyWorldsError(
            f"there are {MOST_WORLDS} worlds, and no more: drop one, or all by DELETE /_mock/worlds"
        )


def drop_world(connection: Connection, world_id: str) -> None:
    """Drop a world with everything of its own.

    Raises:
        NoWorldError: there is none.
        MainWorldError: it is the default world.
    """
    if world_id == MAIN_WORLD:
        raise MainWorldError("the default world stays: POST /_mock/worlds/default/reset")
    hold_world(connection, world_id)  # else a request under way may leave something behind
    _forget(connection, world_id, API_KEYS, SNAPSHOTS, JOURNAL, FAULTS, RATE_WINDOWS)
    connection.execute(delete(WORLDS).where(WORLDS.c.id == world_id))
    drop_unused(connection)


def drop_worlds(connection: Connection) -> None:
    """Drop all worlds but the default one."""
    for world_id in connection.scalars(select(WORLDS.c.id).where(WORLDS.c.id != MAIN_WORLD)).all():
        drop_world(connection, world_id)


def forget_limits(connection: Connection, world_id: str) -> None:
    """Forget what the rate limits of a world have counted."""
    _forget(connection, world_id, RATE_WINDOWS)


def reset_world(connection: Connection, world_id: str) -> None:
    """Take a world back to how it was created: rows, contract, clock; no faults, journal, limits.

    Keys and snapshots stay, and the numbers of faults go on: a request under way may hold one.

    Raises:
        NoWorldError: there is none.
    """
    hold_world(connection, world_id)
    origin = connection.execute(
        select(*WORLDS.c["origin_id", "created_as"]).where(WORLDS.c.id == world_id)
    ).one()
    _forget(connection, world_id, JOURNAL, FAULTS, RATE_WINDOWS)
    created = asdict(Conditions.read(origin.created_as))
    _update(connection, world_id, dataset_id=origin.origin_id, last_request=0, **created)
    drop_unused(connection)


def keep_as_origin(connection: Connection, world_id: str) -> None:
    """Let ``reset_world`` go back to the rows that the world has now."""
    connection.execute(update(WORLDS).where(WORLDS.c.id == world_id).values(origin_id=WORLDS.c.dataset_id))


def _update(connection: Connection, world_id: str, **values: object) -> None:
    connection.execute(update(WORLDS).where(WORLDS.c.id == world_id).values(values))


def _forget(connection: Connection, world_id: str, *tables: Table) -> None:
    for table in tables:
        connection.execute(delete(table).where(table.c.world_id == world_id))
