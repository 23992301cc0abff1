"""Connections that stay open from one transaction to the next.

Taking a connection from a pool, with a transaction object around it, costs more than most
of our queries (docs/decisions.md): here a transaction is its two statements.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from aicode_mock.prepared import commit, run_raw

_MOST_IDLE = 16  # each keeps some megabytes of pages


class Connections:
    """Lends connections of an engine in AUTOCOMMIT, whose pool keeps none itself."""

    def __init__(self, engine: Engine) -> None:
        """None is open yet."""
        self._engine = engine
        self._idle: deque[Connection] = deque()
        self._most_idle = _MOST_IDLE
        self._lent: set[Connection] = set()

    @property
    def in_use(self) -> int:
        """How many are lent."""
        return len(self._lent)

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Connection]:
        """A transaction that begins with the statement ``begin``; an exception rolls it back."""
        connection = self._take()
        try:
            run_raw(connection, begin)
            yield connection
            commit(connection)
        except BaseException:
            self._lent.discard(connection)
            connection.close()  # which rolls back
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Close all that are not in use, now and when they come back."""
        self._most_idle = 0
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Connection:
        try:
            connection = self._idle.pop()  # the last one used has the pages that are wanted
        except IndexError:
            connection = self._engine.connect()
        self._lent.add(connection)
        return connection

    def _give_back(self, connection: Connection) -> None:
        self._lent.discard(connection)
        if len(self._idle) < self._most_idle:
            self._idle.append(connection)
        else:
            connection.close()
