"""The request journal: the last requests of each world and their answers, in the store.

An entry is written before the client sees the first byte of the answer, and ended before
the client sees the last.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aicode_mock.entries import Entry
from aicode_mock.outage import pass_over, report
from aicode_mock.prepared import Prepared
from aicode_mock.settings import JOURNAL_SIZE
from aicode_mock.store import Transactions
from aicode_mock.worldtables import JOURNAL, WORLDS

_SLACK, _MOST_SLACK = 0.01, 64  # how far the ring may be over its size before it is trimmed
_NO_NUMBER = 1  # of an entry that is not kept


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are meant; None is any."""

    team: str | None = None
    endpoint: str | None = None
    status: int | None = None
    faulted: bool | None = None
    after: int = 0

    def condition(self, world_id: str) -> ColumnElement[bool]:
        """The entries of a world that fit."""
        condition = (JOURNAL.c.world_id == world_id) & (JOURNAL.c.number > self.after)
        for column, wanted in (
            (JOURNAL.c.team, self.team),
            (JOURNAL.c.endpoint, self.endpoint),
            (JOURNAL.c.status, self.status),
            (JOURNAL.c.has_fault, self.faulted),
        ):
            if wanted is not None:
                condition &= column == wanted
        return condition


_count_request = Prepared(
    update(WORLDS)
    .where(WORLDS.c.id == bindparam("world"))
    .values(last_request=WORLDS.c.last_request + 1, used_at=bindparam("now"))
    .returning(WORLDS.c.last_request)
)
_insert = Prepared(insert(JOURNAL))
_trim = Prepared(
    delete(JOURNAL).where(JOURNAL.c.world_id == bindparam("world"), JOURNAL.c.number <= bindparam("oldest"))
)


class NoEntryError(LookupError):
    """The journal has no such entry, or no longer."""


class Journal:
    """Keeps the last ``size`` requests of each world; 0 keeps none."""

    def __init__(
        self, store: Transactions, count: Callable[[Entry], None], *, size: int = JOURNAL_SIZE
    ) -> None:
        """Entries are kept in ``store``; there may be one in a hundred more than ``size`` at times.

        ``count`` is called with each entry when it ends.
        """
        self._store, self._count = store, count
        self.size = size
        self._trim_every = max(1, min(_MOST_SLACK, int(_SLACK * size)))

    def open(self, world_id: str, numbered: Callable[[int], Entry], *, now: int) -> Entry:
        """Write an entry, made for the number that it gets; ``now`` is wall time.

        A world that is gone gets none, and nothing is written where there is no room: the
        answer goes out, and the log tells of it.
        """
        try:
            with self._store.writing() as connection:
                entry = self._write(connection, world_id, numbered, now)
        except DBAPIError as error:
            pass_over(error, doing="write the journal, a request is answered without it")
            entry = numbered(_NO_NUMBER)
        if entry.complete:
            self._count(entry)
        return entry

    def close(self, world_id: str, opened: Entry, ended: Entry) -> None:
        """Write how an answer ended, unless its entry was forgotten meanwhile.

        Its client has the answer's beginning, so it gets the rest whatever the store says: the log
        tells of an entry that cannot be ended.
        """
        self._count(ended)
        condition = (JOURNAL.c.world_id == world_id) & (JOURNAL.c.number == opened.id)
        condition &= JOURNAL.c.entry == opened.model_dump_json()  # after a reset the number is another's
        try:
            with self._store.writing() as connection:
                connection.execute(update(JOURNAL).where(condition).values(_row(world_id, ended)))
        except SQLAlchemyError as error:
            report(error, doing="end an entry of the journal, its answer goes on")

    def _write(
        self, connection: Connection, world_id: str, numbered: Callable[[int], Entry], now: int
    ) -> Entry:
        counted = _count_request.row(connection, {"world": world_id, "now": now})
        if counted is None:
            return numbered(_NO_NUMBER)
        entry = numbered(counted[0])
        if self.size:
            _insert.run(connection, _row(world_id, entry))
        if entry.id % self._trim_every == 0:
            _trim.run(connection, {"world": world_id, "oldest": entry.id - self.size})
        return entry


def find_entries(
    connection: Connection, world_id: str, wanted: Filter = Filter(), *, limit: int | None = None
) -> list[Entry]:
    """The last entries that fit, at most ``limit``, oldest first."""
    rows = select(JOURNAL.c.entry).where(wanted.condition(world_id)).order_by(JOURNAL.c.number.desc())
    texts = connection.scalars(rows.limit(limit)).all()
    return [Entry.model_validate_json(text) for text in reversed(texts)]


def find_entry(connection: Connection, world_id: str, number: int) -> Entry:
    """One entry.

    Raises:
        NoEntryError: there is none of this number, or no longer.
    """
    condition = (JOURNAL.c.world_id == world_id) & (JOURNAL.c.number == number)
    text = connection.scalar(select(JOURNAL.c.entry).where(condition))
    if text is None:
        raise NoEntryError(f"the journal has no entry {number}")
    return Entry.model_validate_json(text)


def count_entries(connection: Connection, world_id: str, wanted: Filter = Filter()) -> int:
    """How many entries fit."""
    return connection.scalar(select(func.count()).where(wanted.condition(world_id))) or 0


def forget_entries(connection: Connection, world_id: str) -> None:
    """Forget the journal of a world; numbers go on."""
    connection.execute(delete(JOURNAL).where(JOURNAL.c.world_id == world_id))


def _row(world_id: str, entry: Entry) -> dict[str, object]:
    return {
        "world_id": world_id,
        "number": entry.id,
        "team": entry.team,
        "endpoint": entry.endpoint,
        "status": entry.status,
        "has_fault": bool(entry.faults),
        "entry": entry.model_dump_json(),
    }
