"""The database: opening it, and its transactions.

A reader sees one snapshot from its first statement to its end, streams included; a
writer waits for other writers and never for readers.  The default is a private SQLite
file in write-ahead mode, removed on close.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Protocol, Self

from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from aicode_mock.connections import Connections, Turn
from aicode_mock.databases import FileWatch, StoreError, make_file, read_url, shown
from aicode_mock.outage import StoreBusyError, reason
from aicode_mock.privatefolder import PRIVATE_PREFIX, PrivateFolder
from aicode_mock.schema import expect_schema

_READ = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ"}  # one snapshot
_WRITE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}
_PATIENCE_S = 60.0  # for whoever writes: rows of a large world take their time
_SHARED = (
    "journal_mode = WAL",
    "wal_autocheckpoint = 8000",  # 32 MB: each checkpoint waits for the disk, and a request for it
    f"journal_size_limit = {64 * 1024 * 1024}",  # after a large transaction
)
_DURABLE = (*_SHARED, "synchronous = NORMAL")
_PRIVATE = (*_SHARED, "synchronous = OFF")
_CROWDED = ("PRAGMA cache_size = -256",)  # KiB: a crowd of readers that go on row by row needs no pages twice
_HASTY = ("PRAGMA busy_timeout = 0", "PRAGMA wal_autocheckpoint = 0")  # others wait for the disk
_LOADING = ("locking_mode = EXCLUSIVE", "journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
_REARRANGING = 0x61_69_63_6F_64_65  # names the lock among all of a PostgreSQL database


class Transactions(Protocol):
    """What requests need of a store: its transactions."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that reads one snapshot."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes all or nothing."""

    def rearranging(self) -> AbstractContextManager[Connection]:
        """A transaction that makes or drops worlds and data sets."""


class Store:
    """A database of worlds.  Close it to give back its files."""

    def __init__(
        self,
        connections: Connections,
        turn: Turn | None,
        *,
        name: str,
        location: str,
        private: PrivateFolder | None = None,
    ) -> None:
        """Use ``open``, which also looks whether the database is one of ours.

        Writers take ``turn``s where the database has one writer at a time; None is PostgreSQL.
        """
        self.name, self.location = name, location
        self._connections, self._turn, self._private = connections, turn, private
        self._kind = "postgresql" if turn is None else "sqlite"

    @classmethod
    def open(
        cls,
        database: str | None,
        *,
        create: bool = True,
        loading: bool = False,
        private: PrivateFolder | None = None,
        patience_s: float = _PATIENCE_S,
    ) -> Self:
        """Open a file or an SQLAlchemy URL; None makes a private file.

        A missing or empty database gets its tables, unless it must be there (``create``
        False).  ``loading`` is for a file that nobody else knows of yet: writing is
        fast, and a failure leaves rubbish.  A ``private`` folder goes with the store.
        ``patience_s`` is how long a writer waits for those of this process, and then for others.

        Raises:
            StoreError: it cannot be read or written, or is not of this version.
        """
        if database is None:
            private = PrivateFolder(PRIVATE_PREFIX)
            database = f"{private.name}/store.db"
        url = read_url(database, create=create)
        name = shown(database)
        try:
            engine = create_engine(
                url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
            )
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(f"database {name} cannot be opened: {error}") from error
        if engine.name == "sqlite":
            pragmas = _LOADING if loading else _DURABLE if private is None else _PRIVATE
            _prepare_sqlite(engine, (f"busy_timeout = {round(1000 * patience_s)}", *pragmas))
            make_file(url)
        watch = FileWatch(name)
        turn = Turn(patience_s, Lock()) if engine.name == "sqlite" else None
        store = cls(_connections(engine, watch), turn, name=name, location=database, private=private)
        try:
            with store.rearranging() as connection:  # two that start on an empty one make its tables once
                expect_schema(connection, name, create=create)
        except SQLAlchemyError as error:
            store.close()
            raise StoreError(f"database {name} cannot be opened: {reason(error)}") from error
        except StoreError:
            store.close()
            raise
        watch.begin(url)
        return store

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that reads one snapshot."""
        return self._connections.transaction(_READ[self._kind])

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes all or nothing."""
        with self._turn or nullcontext(), self._connections.transaction(_WRITE[self._kind]) as connection:
            yield connection

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """A transaction that reads and writes, and waits for nobody.

        Raises:
            StoreBusyError: somebody of this process writes.
            DBAPIError: somebody else does.
        """
        if self._turn is None:
            raise StoreBusyError("every statement waits for the network")
        with (
            self._turn.at_once(),
            self._connections.transaction(_WRITE[self._kind], hasty=True) as connection,
        ):
            yield connection

    @contextmanager
    def rearranging(self) -> Iterator[Connection]:
        """A transaction that makes or drops worlds and data sets, one at a time in the whole store."""
        with self.writing() as connection:
            if self._turn is None:  # else there is one writer anyway
                connection.execute(select(func.pg_advisory_xact_lock(_REARRANGING)))
            yield connection

    def close(self) -> None:
        """Close all connections, those in use when they are given back, and remove a private file."""
        self._connections.close()
        if self._private is not None:
            self._private.cleanup()

    @property
    def connections_in_use(self) -> int:
        """Connections that a request or a stream holds now."""
        return self._connections.in_use


def _connections(engine: Engine, watch: FileWatch) -> Connections:
    if engine.name == "sqlite":
        return Connections(engine, identity=watch.identity, crowded=_CROWDED, hasty=_HASTY)
    return Connections(engine)


def _prepare_sqlite(engine: Engine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins transactions of its own
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
