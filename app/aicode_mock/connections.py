"""Connections that stay open from one transaction to the next.

Taking a connection from a pool, with a transaction object around it, costs more than most
of our queries (docs/decisions.md): here a transaction is its two statements.

A database may go away and come back, or be another one under the same name: connections
that were opened before are then dropped, not used.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from aicode_mock.outage import StoreBusyError, why_unwritable
from aicode_mock.prepared import commit, rollback, run_raw

_MOST_IDLE = 16  # each keeps some megabytes of pages
_MOST_FRUGAL_IDLE = 32  # each keeps some hundred kilobytes


class Connections:
    """Lends connections of an engine in AUTOCOMMIT, whose pool keeps none itself."""

    def __init__(
        self, engine: Engine, *, identity: Callable[[], Hashable] = lambda: None, crowded: str | None = None
    ) -> None:
        """None is open yet; ``identity`` names the database that a connection would lead to now.

        The statement ``crowded`` makes a connection frugal that is opened while many are lent.
        """
        self._engine = engine
        self._identity = identity
        self._crowded = crowded
        self._known: Hashable = None
        self._idle: deque[Connection] = deque(maxlen=_MOST_IDLE)
        self._frugal_idle: deque[Connection] = deque(maxlen=_MOST_FRUGAL_IDLE)
        self._is_closed = False
        self._lent: dict[Connection, tuple[Hashable, deque[Connection]]] = {}  # where each leads and belongs

    @property
    def in_use(self) -> int:
        """How many are lent."""
        return len(self._lent)

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Connection]:
        """A transaction that begins with the statement ``begin``; an exception rolls it back.

        Raises:
            SQLAlchemyError: the database cannot be used, or not now.
        """
        connection = self._begun(begin)
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

    def _begun(self, begin: str, *, is_second_try: bool = False) -> Connection:
        connection = self._take()
        try:
            run_raw(connection, begin)
        except BaseException as error:
            self._drop(connection)
            if is_second_try or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise
        else:
            return connection
        self._drop_idle()  # the server ended this one while nobody used it, and so the others
        return self._begun(begin, is_second_try=True)

    def _take(self) -> Connection:
        self._notice_another_database()
        for shelf in (self._idle, self._frugal_idle):
            with suppress(IndexError):
                connection = shelf.pop()  # the last one used has the pages that are wanted
                break
        else:
            connection, shelf = self._opened()
        self._lent[connection] = self._known, shelf
        return connection

    def _opened(self) -> tuple[Connection, deque[Connection]]:
        connection = self._engine.connect()
        if self._crowded is None or len(self._lent) < _MOST_IDLE:
            return connection, self._idle
        run_raw(connection, self._crowded)
        return connection, self._frugal_idle

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
        for shelf in (self._idle, self._frugal_idle):
            while shelf:
                shelf.pop().close()

    def _give_back(self, connection: Connection) -> None:
        known, shelf = self._lent.pop(connection)
        has_room = shelf.maxlen is not None and len(shelf) < shelf.maxlen
        if known == self._known and has_room and not self._is_closed:
            shelf.append(connection)
        else:
            connection.close()


class Turn:
    """Whose turn it is to write: one thread at a time, the next is woken at once."""

    def __init__(self, patience_s: float) -> None:
        """Nobody waits longer than ``patience_s``."""
        self._lock = Lock()
        self._patience_s = patience_s

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience_s):
            raise StoreBusyError(f"another request has been writing for over {self._patience_s:g} s")

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
