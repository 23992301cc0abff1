"""Connections that stay open from one transaction to the next.

Taking a connection from a pool, with a transaction object around it, costs more than most
of our queries (docs/decisions.md): here a transaction is its two statements.

A database may go away and come back, or be another one under the same name: connections
that were opened before are then dropped, not used.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from aicode_mock.outage import StoreBusyError, is_busy, why_unwritable
from aicode_mock.prepared import commit, rollback, run_raw

_MOST_IDLE = 16  # each keeps some megabytes of pages
_MOST_FRUGAL_IDLE = 32  # each keeps some hundred kilobytes


@dataclass(frozen=True, slots=True, eq=False)
class _Shelf:
    """Connections that wait for their next use; each was prepared by the same statements."""

    most: int
    preparing: Sequence[str] = ()
    idle: deque[Connection] = field(default_factory=deque)


class Connections:
    """Lends connections of an engine in AUTOCOMMIT, whose pool keeps none itself."""

    def __init__(
        self,
        engine: Engine,
        *,
        identity: Callable[[], Hashable] = lambda: None,
        crowded: Sequence[str] = (),
        hasty: Sequence[str] = (),
    ) -> None:
        """None is open yet; ``identity`` names the database that a connection would lead to now.

        The statements ``crowded`` make a connection frugal that is opened while many are lent, and
        ``hasty`` make one that never waits.
        """
        self._engine = engine
        self._identity = identity
        self._known: Hashable = None
        usual, frugal, quick = _Shelf(_MOST_IDLE), _Shelf(_MOST_FRUGAL_IDLE, crowded), _Shelf(1, hasty)
        self._patient = (usual, frugal) if crowded else (usual,)
        self._hasty = (quick,)
        self._is_closed = False
        self._lent: dict[Connection, tuple[Hashable, _Shelf]] = {}  # where each leads and belongs

    @property
    def in_use(self) -> int:
        """How many are lent."""
        return len(self._lent)

    @contextmanager
    def transaction(self, begin: str, *, hasty: bool = False) -> Iterator[Connection]:
        """A transaction that begins with the statement ``begin``; an exception rolls it back.

        Raises:
            SQLAlchemyError: the database cannot be used, or not now.
        """
        connection = self._begun(begin, self._hasty if hasty else self._patient)
        try:
            yield connection
            commit(connection)
        except DBAPIError as error:
            if why_unwritable(error):  # the last one to close would take the log along, which needs room anew
                rollback(connection)
                self._give_back(connection)
            else:
                self._drop(connection)
            raise
        except BaseException:
            self._drop(connection)
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Close all that are not in use, now and when they come back."""
        self._is_closed = True
        self._drop_idle()

    def _begun(self, begin: str, shelves: Sequence[_Shelf], *, is_second_try: bool = False) -> Connection:
        connection = self._take(shelves)
        try:
            run_raw(connection, begin)
        except BaseException as error:
            if isinstance(error, DBAPIError) and is_busy(error):  # the connection is as good as before
                self._give_back(connection)
                raise
            self._drop(connection)
            if is_second_try or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise
        else:
            return connection
        self._drop_idle()  # the server ended this one while nobody used it, and so the others
        return self._begun(begin, shelves, is_second_try=True)

    def _take(self, shelves: Sequence[_Shelf]) -> Connection:
        self._notice_another_database()
        for shelf in shelves:
            with suppress(IndexError):
                connection = shelf.idle.pop()  # the last one used has the pages that are wanted
                break
        else:
            shelf = shelves[0] if len(self._lent) < _MOST_IDLE else shelves[-1]
            connection = self._opened(shelf)
        self._lent[connection] = self._known, shelf
        return connection

    def _opened(self, shelf: _Shelf) -> Connection:
        connection = self._engine.connect()
        for statement in shelf.preparing:
            run_raw(connection, statement)
        return connection

    def _notice_another_database(self) -> None:
        try:
            found = self._identity()
        except BaseException:
            self._drop_idle()
            raise
        if found != self._known:
            self._drop_idle()  # before another is opened: SQLite then removes the log of the old file
            self._known = found

    def _drop(self, connection: Connection) -> None:
        self._lent.pop(connection, None)
        connection.close()  # which rolls back

    def _drop_idle(self) -> None:
        for shelf in (*self._patient, *self._hasty):
            while shelf.idle:
                shelf.idle.pop().close()

    def _give_back(self, connection: Connection) -> None:
        known, shelf = self._lent.pop(connection)
        if known == self._known and len(shelf.idle) < shelf.most and not self._is_closed:
            shelf.idle.append(connection)
        else:
            connection.close()


class Turn:
    """Whose turn it is to write: one thread at a time, the next is woken at once."""

    def __init__(self, patience_s: float, lock: Lock) -> None:
        """Nobody waits longer than ``patience_s``; turns of one ``lock`` exclude each other."""
        self._lock = lock
        self._patience_s = patience_s

    def at_once(self) -> "Turn":
        """The same for those who never wait."""
        return Turn(0, self._lock)

    def __enter__(self) -> None:
        """Take the turn.

        Raises:
            StoreBusyError: it is another's.
        """
        if not self._lock.acquire(timeout=self._patience_s):
            raise StoreBusyError(f"another request has been writing for over {self._patience_s:g} s")

    def __exit__(self, *_error: object) -> None:
        """Give it back."""
        self._lock.release()
