"""Writing many rows at once; every function works within the caller's transaction."""

from typing import TypeVar

from sqlalchemy import Table, func, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex

from aicode_mock.tables import Base

_Values = TypeVar("_Values", bound=tuple[object, ...])


def bulk_insert(connection: Connection, table: Table, rows: list[_Values]) -> None:
    """Insert rows whose values stand in the order of the table's columns."""
    marker = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    markers = ",".join([marker] * len(table.columns))
    if rows:
        insert = f"INSERT INTO {table.name} VALUES ({markers})"  # noqa: S608  # our own names
        connection.exec_driver_sql(insert, rows)


def next_id(connection: Connection, table: Table) -> int:
    """The id that the next data set or team gets."""
    return (connection.scalar(select(func.max(table.c.id))) or 0) + 1


def create_indexes(connection: Connection) -> None:
    """Make the indexes that the store does not have yet; a first bulk write is faster without."""
    inspector = inspect(connection)
    for table in Base.metadata.sorted_tables:
        there = {index["name"] for index in inspector.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in there:  # asking for it again would lock the table all the same
                # Said for one kind of database: naming another one loads what SQLAlchemy has for it.
                condition = index.dialect_options["sqlite"]["where"]
                index.dialect_options[connection.dialect.name]["where"] = condition
                connection.execute(CreateIndex(index))
