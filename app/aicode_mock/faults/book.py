"""The faults of a world: declaring and listing them, and counting the requests they are for.

Each count is one statement that reads and writes, so that several processes may share the
table.  Every function works within the caller's transaction.
"""

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from aicode_mock.faults.effects import Visit
from aicode_mock.faults.matching import effective, falls, fits
from aicode_mock.faults.model import Declared, Fault
from aicode_mock.faults.taken import Taken
from aicode_mock.worldtables import FAULTS, WORLDS

MOST_FAULTS = 1_000  # of a world; every request looks at all of them


class TooManyFaultsError(ValueError):
    """The world takes no more faults."""


class NoFaultError(LookupError):
    """There is no such fault; the message names it."""


def declare(connection: Connection, world_id: str, fault: Fault) -> int:
    """Add a fault to a world that exists, and return its number.

    Raises:
        TooManyFaultsError: there is no place for another.
    """
    count = select(func.count()).where(FAULTS.c.world_id == world_id)
    if (connection.scalar(count) or 0) >= MOST_FAULTS:
        raise TooManyFaultsError(f"a world has {MOST_FAULTS} faults, and no more: take some back")
    number: int = connection.execute(
        update(WORLDS)
        .where(WORLDS.c.id == world_id)
        .values(last_fault=WORLDS.c.last_fault + 1)
        .returning(WORLDS.c.last_fault)
    ).scalar_one()
    row = {"world_id": world_id, "number": number, "fault": fault.model_dump_json(), "seen": 0, "hits": 0}
    connection.execute(insert(FAULTS), row)
    return number


def list_faults(connection: Connection, world_id: str, *, unused: bool = False) -> list[Declared]:
    """The faults of a world in the order of their declaration, or only those that never hit."""
    statement = _faults_of(world_id)
    if unused:
        statement = statement.where(FAULTS.c.hits == 0)
    return [_declared(row) for row in connection.execute(statement)]


def find_fault(connection: Connection, world_id: str, number: int) -> Declared:
    """One fault of a world.

    Raises:
        NoFaultError: there is none of this number.
    """
    row = connection.execute(_faults_of(world_id).where(FAULTS.c.number == number)).one_or_none()
    if row is None:
        raise NoFaultError(f"there is no fault {number}")
    return _declared(row)


def remove_fault(connection: Connection, world_id: str, number: int) -> None:
    """Take a fault back.

    Raises:
        NoFaultError: there is none of this number.
    """
    if not connection.execute(delete(FAULTS).where(_is(world_id, number))).rowcount:
        raise NoFaultError(f"there is no fault {number}")


def clear_faults(connection: Connection, world_id: str) -> None:
    """Take all faults of a world back; numbers go on."""
    connection.execute(delete(FAULTS).where(FAULTS.c.world_id == world_id))


def is_expected(connection: Connection, world_id: str, visit: Visit) -> bool:
    """Whether a fault is for this request; if none is, there is nothing to ``take``, and to write."""
    return bool(_fitting(connection, world_id, visit))


def take(connection: Connection, world_id: str, visit: Visit) -> tuple[Taken, ...]:
    """Count a request in every fault that it fits, and return those that hit it.

    A fault that another one leaves nothing to do does not count it.
    """
    falling = []
    for number, fault in _fitting(connection, world_id, visit):  # in one order, so that no two deadlock
        nth = _count(connection, world_id, number, "seen", 1)
        if nth is not None and falls(fault.match, nth):
            falling.append((number, fault.action))
    taken: list[Taken] = []
    hitting = effective([action for _, action in falling])
    for (number, action), hits in zip(falling, hitting, strict=True):
        if hits:
            hit = _count(connection, world_id, number, "hits", 1)
            taken += [] if hit is None else [Taken(number, action, hit)]
        else:
            _count(connection, world_id, number, "seen", -1)
    return tuple(taken)


def give_back(connection: Connection, world_id: str, numbers: Collection[int]) -> None:
    """Let faults that found nothing to do in the answer forget that they saw the request."""
    for number in sorted(numbers):
        statement = update(FAULTS).where(_is(world_id, number), FAULTS.c.hits > 0)
        connection.execute(statement.values(seen=FAULTS.c.seen - 1, hits=FAULTS.c.hits - 1))


def _count(connection: Connection, world_id: str, number: int, column: str, by: int) -> int | None:
    """The count after this one; None if the fault has been removed meanwhile."""
    count = FAULTS.c[column]
    statement = update(FAULTS).where(_is(world_id, number)).values({column: count + by}).returning(count)
    return connection.execute(statement).scalar_one_or_none()


def _fitting(connection: Connection, world_id: str, visit: Visit) -> list[tuple[int, Fault]]:
    faults = [(row.number, _parse(row.fault)) for row in connection.execute(_faults_of(world_id))]
    return [(number, fault) for number, fault in faults if fits(fault.match, visit)]


def _faults_of(world_id: str) -> Select[tuple[int, str, int, int]]:
    columns = FAULTS.c["number", "fault", "seen", "hits"]
    return select(*columns).where(FAULTS.c.world_id == world_id).order_by(FAULTS.c.number)


def _is(world_id: str, number: int) -> ColumnElement[bool]:
    return (FAULTS.c.world_id == world_id) & (FAULTS.c.number == number)


def _declared(row: Row[tuple[int, str, int, int]]) -> Declared:
    fault = _parse(row.fault)
    return Declared(
        name=fault.name, match=fault.match, action=fault.action, id=row.number, seen=row.seen, hits=row.hits
    )


@lru_cache(maxsize=1024)  # every request reads them
def _parse(text: str) -> Fault:
    return Fault.model_validate_json(text)
