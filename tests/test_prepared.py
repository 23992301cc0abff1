"""Statements that are made once: what they find, and how they fail."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Integer, bindparam, create_engine, literal, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, OperationalError
from sqlalchemy.pool import NullPool

from aicode_mock.bulk import bulk_insert
from aicode_mock.prepared import JoinedBytes, Prepared, commit, run_raw
from aicode_mock.store import Store
from aicode_mock.tables import COMMIT_JSON

_BY_ID = Prepared(select(COMMIT_JSON.c.text).where(COMMIT_JSON.c.id == text(":id")))


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.open(None)) as store:
        with store.writing() as connection:
            bulk_insert(connection, COMMIT_JSON, [(1, "ein"), (2, "zweiß")])
        yield store


def test_a_row_is_found_or_is_none(store: Store) -> None:
    with store.reading() as connection:
        assert _BY_ID.row(connection, {"id": 2}) == ("zweiß",)
        assert _BY_ID.row(connection, {"id": 3}) is None


def test_a_row_that_must_be_there_is_missed(store: Store) -> None:
    with store.reading() as connection, pytest.raises(NoResultFound):
        _BY_ID.one(connection, {"id": 3})


_QUOTIENT = Prepared(select(literal(12) / bindparam("by", type_=Integer)))


@pytest.mark.parametrize("url", ["sqlite://", "postgresql"])
def test_rows_come_one_run_after_the_other(url: str, request: pytest.FixtureRequest) -> None:
    database = request.getfixturevalue("database") if url == "postgresql" else url
    engine = create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        run_raw(connection, "BEGIN")
        rows = _QUOTIENT.each(connection, ({"by": number} for number in (1, 2, 3, 4, 6)))
        assert [int(row[0]) for row in rows] == [12, 6, 4, 3, 2]
        assert not list(_QUOTIENT.each(connection, []))

        begun = _QUOTIENT.each(connection, ({"by": number} for number in (1, 2, 3, 4, 6)))
        assert int(next(begun)[0]) == 12
        begun.close()
        assert int(_QUOTIENT.one(connection, {"by": 4})[0]) == 3, "the connection is free again"


def test_a_run_ahead_that_fails_is_told_of_as_any_other(database: str) -> None:
    engine = create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        rows = _QUOTIENT.each(connection, ({"by": number} for number in (1, 2, 0, 3)))

        with pytest.raises(DBAPIError, match="division by zero"):
            list(rows)


def test_a_connection_that_ends_between_runs_is_not_used_again(database: str) -> None:
    engine = create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, engine.connect() as other:
        victim = run_raw(connection, "SELECT pg_backend_pid()").fetchone()[0]
        rows = _QUOTIENT.each(connection, ({"by": number} for number in range(1, 50)))
        next(rows)
        run_raw(other, "SELECT pg_terminate_backend(%(pid)s, 10000)", {"pid": victim})

        with pytest.raises(DBAPIError) as raised:
            list(rows)

        assert raised.value.connection_invalidated


def test_texts_are_joined_as_bytes(store: Store) -> None:
    joined = Prepared(select(JoinedBytes(COMMIT_JSON.c.text, literal("+"))))

    with store.reading() as connection:
        assert joined.one(connection, {}) == ("ein+zweiß".encode(),)


def test_an_error_of_the_driver_is_one_of_sqlalchemy(store: Store) -> None:
    with store.reading() as connection, pytest.raises(OperationalError, match="no such table: nowhere"):
        run_raw(connection, "SELECT 1 FROM nowhere")


def test_a_connection_that_the_server_has_ended_is_not_used_again(database: str) -> None:
    engine = create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, engine.connect() as other:
        victim = run_raw(connection, "SELECT pg_backend_pid()").fetchone()[0]
        run_raw(other, "SELECT pg_terminate_backend(%(pid)s)", {"pid": victim})

        with pytest.raises(DBAPIError) as raised:
            run_raw(connection, "SELECT 1")

        assert raised.value.connection_invalidated
        assert connection.invalidated


def test_a_commit_fails_as_the_driver_says(store: Store) -> None:
    with store.writing() as connection:
        commit(connection)
        for line in ("PRAGMA foreign_keys = ON", "BEGIN", "PRAGMA defer_foreign_keys = ON"):
            run_raw(connection, line)
        run_raw(connection, "INSERT INTO snapshot VALUES ('no world', 'x', 1, '', 0)")

        with pytest.raises(IntegrityError, match="FOREIGN KEY constraint failed"):
            commit(connection)

        connection.connection.rollback()


def test_who_rolls_back_has_written_nothing(store: Store) -> None:
    with store.writing() as connection:
        bulk_insert(connection, COMMIT_JSON, [(3, "drei")])
        connection.rollback()

    with store.reading() as connection:
        assert _BY_ID.row(connection, {"id": 3}) is None
