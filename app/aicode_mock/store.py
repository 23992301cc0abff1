"""The database: opening it, and its transactions.

A reader sees one snapshot from its first statement to its end, streams included; a
writer waits for other writers and never for readers.  The default is a private SQLite
file in write-ahead mode, removed on close.
"""

import os
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Self

from sqlalchemy import Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from aicode_mock.bulk import bulk_insert
from aicode_mock.connections import Connections, Turn
from aicode_mock.outage import StoreGoneError, reason
from aicode_mock.privatefolder import PRIVATE_PREFIX, PrivateFolder
from aicode_mock.tables import Base
from aicode_mock.upgrades import can_upgrade, upgrade
from aicode_mock.worldtables import SCHEMA_VERSION, STORE_INFO

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
_FRUGAL = "PRAGMA cache_size = -256"  # KiB: a crowd of readers that go on row by row needs no pages twice
_LOADING = ("locking_mode = EXCLUSIVE", "journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
_UTF8 = "UTF8"
_REARRANGING = 0x61_69_63_6F_64_65  # names the lock among all of a PostgreSQL database


class StoreError(Exception):
    """The database cannot be used; the message names it, the reason and what to do."""


class Store:
    """A database of worlds.  Close it to give back its files."""

    def __init__(
        self,
        engine: Engine,
        *,
        name: str,
        location: str,
        private: PrivateFolder | None,
        patience_s: float,
    ) -> None:
        """Use ``open``, which also looks whether the database is one of ours."""
        self.name, self.location = name, location
        self._private = private
        self._engine = engine
        self._file: Path | None = None
        self._seen: Hashable = None
        self._connections = Connections(
            engine, identity=self._identity, crowded=_FRUGAL if engine.name == "sqlite" else None
        )
        # SQLite has one writer: the threads of this process queue here, where the next is woken at once.
        self._turn: AbstractContextManager[object] = (
            Turn(patience_s) if engine.name == "sqlite" else nullcontext()
        )

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
        url = _read_url(database, create=create)
        name = url.render_as_string(hide_password=True) if "://" in database else database
        try:
            engine = create_engine(
                url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
            )
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(f"database {name} cannot be opened: {error}") from error
        if engine.name == "sqlite":
            pragmas = _LOADING if loading else _DURABLE if private is None else _PRIVATE
            _prepare_sqlite(engine, (f"busy_timeout = {round(1000 * patience_s)}", *pragmas))
            _make_file(url)
        store = cls(engine, name=name, location=database, private=private, patience_s=patience_s)
        try:
            store._check_schema(create=create)
        except SQLAlchemyError as error:
            store.close()
            raise StoreError(f"database {name} cannot be opened: {reason(error)}") from error
        except StoreError:
            store.close()
            raise
        store._file = _plain_file(url)
        return store

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that reads one snapshot."""
        return self._connections.transaction(_READ[self._engine.name])

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes all or nothing."""
        with self._turn, self._connections.transaction(_WRITE[self._engine.name]) as connection:
            yield connection

    @contextmanager
    def rearranging(self) -> Iterator[Connection]:
        """A transaction that makes or drops worlds and data sets, one at a time in the whole store."""
        with self.writing() as connection:
            if self._is_shared:  # SQLite has one writer anyway
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

    def _identity(self) -> Hashable:
        """Which file lies under the name now.

        Raises:
            StoreGoneError: none, or another than before while the log of that one is there:
                SQLite would take it for that of the new file, and spoil it.
        """
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError as error:
            raise StoreGoneError(f"{self.name} is gone") from error
        identity = found.st_dev, found.st_ino
        if self._seen not in (None, identity) and (log := Path(f"{self._file}-wal")).exists():
            raise StoreGoneError(
                f"{self.name} is another file now, and {log} that of the one before: remove it"
            )
        self._seen = identity
        return identity

    @property
    def _is_shared(self) -> bool:
        """Whether a server keeps the database, for many."""
        return self._engine.name == "postgresql"

    def _check_schema(self, *, create: bool) -> None:
        with self.rearranging() as connection:  # two that start on an empty database make its tables once
            self._check_encoding(connection)
            names = inspect(connection).get_table_names()
            if not names and not create:
                raise StoreError(f"database {self.name} is empty")
            if not names:
                _create_tables(connection)
            elif STORE_INFO.name not in names:
                raise StoreError(f"database {self.name} holds other tables: use another file")
            else:
                self._check_version(connection)

    def _check_encoding(self, connection: Connection) -> None:
        encoding = connection.scalar(text("SHOW server_encoding")) if self._is_shared else _UTF8
        if encoding != _UTF8:
            raise StoreError(
                f"database {self.name} has the encoding {encoding}, which does not hold every text: "
                "make it with ENCODING 'UTF8' TEMPLATE template0"
            )

    def _check_version(self, connection: Connection) -> None:
        """Bring an older store up to date.

        Raises:
            StoreError: there is no way from its version to ours.
        """
        version = connection.scalar(select(STORE_INFO.c.schema_version))
        if version is not None and can_upgrade(version):
            upgrade(connection, version)
        elif version != SCHEMA_VERSION:
            is_newer = version is not None and version > SCHEMA_VERSION
            raise StoreError(
                f"database {self.name} has schema version {version}, this program {SCHEMA_VERSION}: "
                + (
                    "use the newer aicode-mock that made it"
                    if is_newer
                    else "make a new one with 'aicode-mock seed'"
                )
            )


def new_file(database: str) -> Path | None:
    """The file that opening a database would make; None if it is there, or no plain SQLite file.

    Raises:
        StoreError: the database cannot be any.
    """
    file = _plain_file(_read_url(database, create=True))
    if file is None:
        return None
    # The log of a file that is gone would be taken for ours; SQLite itself drops it for an empty file.
    logs = (Path(f"{file}-wal"), Path(f"{file}-journal"))
    return None if file.is_symlink() or any(one.exists() for one in (file, *logs)) else file


def _plain_file(url: URL) -> Path | None:
    """The file of an SQLite database, unless its URL says more than a name."""
    is_plain = url.get_backend_name() == "sqlite" and not url.query
    return Path(str(url.database)) if is_plain else None


def _make_file(url: URL) -> None:
    """Make a file that is missing, for its owner alone: keys lie in it.  Why it cannot be, SQLite tells."""
    if file := _plain_file(url):
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT, mode=0o600))


def _read_url(database: str, *, create: bool) -> URL:
    """The URL of a database; a path is an SQLite file."""
    try:
        url = make_url(database) if "://" in database else URL.create("sqlite", database=database)
    except ArgumentError as error:
        raise StoreError(f"database {database} cannot be opened: {error}") from error
    if url.get_backend_name() not in _READ:
        kinds = f"{url.get_backend_name()} is not supported (allowed: {', '.join(_READ)})"
        raise StoreError(f"database {url.render_as_string(hide_password=True)} cannot be opened: {kinds}")
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise StoreError(f"database {database!r} is no file: name one, or none for a private one")
        if not create and not Path(url.database).exists():
            raise StoreError(f"database {database} does not exist")
    return url


def _create_tables(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        connection.execute(CreateTable(table))
    bulk_insert(connection, STORE_INFO, [(SCHEMA_VERSION,)])


def _prepare_sqlite(engine: Engine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins transactions of its own
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
