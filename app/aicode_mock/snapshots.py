"""Named snapshots of worlds: rows, contract and clock as they were."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from aicode_mock.clock import from_ms
from aicode_mock.datasets import drop_unused
from aicode_mock.worldrecords import Conditions, conditions_of, set_conditions
from aicode_mock.worldtables import SNAPSHOTS, WORLDS

MOST_SNAPSHOTS = 1_000  # of a world; each may keep a copy of its rows


class NoSnapshotError(LookupError):
    """The world has no such snapshot."""


class TooManySnapshotsError(ValueError):
    """The world keeps no more snapshots."""


class SnapshotExistsError(ValueError):
    """The world has a snapshot of this name."""


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """A snapshot; ``made_at`` is wall time."""

    name: str
    made_at: datetime


def take_snapshot(connection: Connection, world_id: str, name: str, *, now: int) -> SnapshotEntry:
    """Keep a world as it is; ``now`` is wall time in milliseconds.

    Raises:
        NoWorldError: there is no such world.
        SnapshotExistsError: the name is taken.
        TooManySnapshotsError: there is no place for another.
    """
    state = conditions_of(connection, world_id).text
    names = {one.name for one in list_snapshots(connection, world_id)}
    if name in names:
        raise SnapshotExistsError(f"name must be new: world {world_id!r} has a snapshot {name!r}")
    if len(names) >= MOST_SNAPSHOTS:
        raise TooManySnapshotsError(f"a world keeps {MOST_SNAPSHOTS} snapshots, and no more: forget one")
    dataset_id = select(WORLDS.c.dataset_id).where(WORLDS.c.id == world_id).scalar_subquery()
    values = {"world_id": world_id, "name": name, "state": state, "made_at": now}
    connection.execute(insert(SNAPSHOTS).values(**values, dataset_id=dataset_id))
    return SnapshotEntry(name, from_ms(now))


def list_snapshots(connection: Connection, world_id: str) -> list[SnapshotEntry]:
    """The snapshots of a world, by their names."""
    rows = connection.execute(
        select(SNAPSHOTS.c.name, SNAPSHOTS.c.made_at).where(SNAPSHOTS.c.world_id == world_id)
    )
    # Here, as databases order texts in their own ways.
    return sorted((SnapshotEntry(row.name, from_ms(row.made_at)) for row in rows), key=attrgetter("name"))


def restore_snapshot(connection: Connection, world_id: str, name: str) -> None:
    """Take a world back to a snapshot; its faults, journal, limits and keys stay as they are.

    Raises:
        NoSnapshotError: the world has no such snapshot.
    """
    condition = (SNAPSHOTS.c.world_id == world_id) & (SNAPSHOTS.c.name == name)
    row = connection.execute(select(*SNAPSHOTS.c["dataset_id", "state"]).where(condition)).one_or_none()
    if row is None:
        raise _no_snapshot(world_id, name)
    connection.execute(update(WORLDS).where(WORLDS.c.id == world_id).values(dataset_id=row.dataset_id))
    set_conditions(connection, world_id, Conditions.read(row.state))
    drop_unused(connection)


def drop_snapshot(connection: Connection, world_id: str, name: str) -> None:
    """Forget a snapshot.

    Raises:
        NoSnapshotError: the world has no such snapshot.
    """
    condition = (SNAPSHOTS.c.world_id == world_id) & (SNAPSHOTS.c.name == name)
    if not connection.execute(delete(SNAPSHOTS).where(condition)).rowcount:
        raise _no_snapshot(world_id, name)
    drop_unused(connection)


def _no_snapshot(world_id: str, name: str) -> NoSnapshotError:
    return NoSnapshotError(f"world {world_id!r} has no snapshot {name!r}")
