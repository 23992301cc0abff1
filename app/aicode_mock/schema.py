"""The tables of a store: making them, bringing older ones up to date, refusing what is none of ours."""

from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from aicode_mock.bulk import bulk_insert
from aicode_mock.databases import StoreError
from aicode_mock.tables import Base
from aicode_mock.upgrades import can_upgrade, upgrade
from aicode_mock.worldtables import SCHEMA_VERSION, STORE_INFO

_UTF8 = "UTF8"


def expect_schema(connection: Connection, name: str, *, create: bool) -> None:
    """Go on with the tables of this program; an empty database gets them, if it may be one (``create``).

    ``name`` is what the database is called in complaints.

    Raises:
        StoreError: it is empty, not ours, or of a version from which there is no way to this one.
    """
    _expect_encoding(connection, name)
    names = inspect(connection).get_table_names()
    if not names and not create:
        raise StoreError(f"database {name} is empty")
    if not names:
        _create_tables(connection)
    elif STORE_INFO.name not in names:
        raise StoreError(f"database {name} holds other tables: use another file")
    else:
        _expect_version(connection, name)


def _expect_encoding(connection: Connection, name: str) -> None:
    is_postgresql = connection.dialect.name == "postgresql"  # SQLite is in UTF-8 as we make it
    encoding = connection.scalar(text("SHOW server_encoding")) if is_postgresql else _UTF8
    if encoding != _UTF8:
        raise StoreError(
            f"database {name} has the encoding {encoding}, which does not hold every text: "
            "make it with ENCODING 'UTF8' TEMPLATE template0"
        )


def _expect_version(connection: Connection, name: str) -> None:
    version = connection.scalar(select(STORE_INFO.c.schema_version))
    if version is not None and can_upgrade(version):
        upgrade(connection, version)
    elif version != SCHEMA_VERSION:
        is_newer = version is not None and version > SCHEMA_VERSION
        raise StoreError(
            f"database {name} has schema version {version}, this program {SCHEMA_VERSION}: "
            + (
                "use the newer aicode-mock that made it"
                if is_newer
                else "make a new one with 'aicode-mock seed'"
            )
        )


def _create_tables(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        connection.execute(CreateTable(table))
    bulk_insert(connection, STORE_INFO, [(SCHEMA_VERSION,)])
