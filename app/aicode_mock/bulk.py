"""Writing many rows at once; every function works within the caller's transaction."""

from typing import TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex

from aicode_mock.prepared import wrapped
from aicode_mock.tables import Base

# Their names, at once: to inspect table by table took a twentieth of the start of a server.
_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()",
}
_Values = TypeVar("_Values", bound=tuple[object, ...])


def bulk_insert(connection: Connection, table: Table, rows: list[_Values]) -> None:
    """Insert rows whose values stand in the order of the table's columns.

    Raises:
        DBAPIError: the database does not take them.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    else:
        markers = ",".join("?" * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({markers})", rows)  # noqa: S608  # our own names


def next_id(connection: Connection, table: Table) -> int:
    """The id that the next data set or team gets."""
    return (connection.scalar(select(func.max(table.c.id))) or 0) + 1


def create_indexes(connection: Connection) -> None:
    """Make the indexes that the store does not have yet; a first bulk write is faster without."""
    there = set(connection.exec_driver_sql(_INDEXES[connection.dialect.name]).scalars())
    for table in Base.metadata.sorted_tables:
        for index in table.indexes:
            if index.name not in there:  # asking for it again would lock the table all the same
                # Said for one kind of database: naming another one loads what SQLAlchemy has for it.
                condition = index.dialect_options["sqlite"]["where"]
                index.dialect_options[connection.dialect.name]["where"] = condition
                connection.execute(CreateIndex(index))


def tell_planner(connection: Connection) -> None:
    """Let PostgreSQL look at what was written.

    Until it does so by itself, it guesses, and sorts what an index has in order.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.exec_driver_sql(f"ANALYZE {names}")


def _copy(connection: Connection, table: Table, rows: list[_Values]) -> None:
    statement = f"COPY {table.name} FROM STDIN"
    try:
        with connection.connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(connection, statement, error) from error
