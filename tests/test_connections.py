"""Connections that stay open: lent, given back, closed."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from aicode_mock.connections import Connections
from aicode_mock.prepared import run_raw


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return create_engine(f"sqlite:///{tmp_path}/x.db", poolclass=NullPool, isolation_level="AUTOCOMMIT")


@pytest.fixture
def opened(engine: Engine) -> list[object]:
    """Every connection that is opened, while it is open."""
    opened: list[object] = []
    event.listen(engine, "connect", lambda connection, _record: opened.append(connection))
    event.listen(engine, "close", lambda connection, _record: opened.remove(connection))
    return opened


def test_the_next_transaction_has_the_same_connection(engine: Engine, opened: list[object]) -> None:
    connections = Connections(engine)

    for _ in range(3):
        with connections.transaction("BEGIN"):
            assert connections.in_use == 1

    assert (connections.in_use, len(opened)) == (0, 1)
    connections.close()
    assert opened == []


def test_a_transaction_that_fails_is_rolled_back_and_its_connection_closed(
    engine: Engine, opened: list[object]
) -> None:
    connections = Connections(engine)
    with connections.transaction("BEGIN") as connection:
        run_raw(connection, "CREATE TABLE x (n)")

    with pytest.raises(OperationalError), connections.transaction("BEGIN IMMEDIATE") as connection:
        run_raw(connection, "INSERT INTO x VALUES (1), (abs(-9223372036854775808))")

    assert (connections.in_use, opened) == (0, [])
    with connections.transaction("BEGIN") as connection:
        assert run_raw(connection, "SELECT count(*) FROM x").fetchone() == (0,)
    connections.close()


def test_a_connection_that_found_another_writer_is_used_again(engine: Engine, opened: list[object]) -> None:
    connections = Connections(engine, hasty=("PRAGMA busy_timeout = 0",))

    with connections.transaction("BEGIN IMMEDIATE"):
        for _ in range(3):
            with (
                pytest.raises(OperationalError, match="locked"),
                connections.transaction("BEGIN IMMEDIATE", hasty=True),
            ):
                pass
        assert (connections.in_use, len(opened)) == (1, 2)

    with connections.transaction("BEGIN IMMEDIATE", hasty=True):
        assert len(opened) == 2
    connections.close()
    assert opened == []


def test_many_connections_at_once_are_not_kept(engine: Engine, opened: list[object]) -> None:
    connections = Connections(engine)

    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(connections.transaction("BEGIN"))
        assert (connections.in_use, len(opened)) == (20, 20)

    assert len(opened) == 16
    connections.close()
    assert opened == []


def test_a_connection_in_use_is_closed_when_it_comes_back(engine: Engine, opened: list[object]) -> None:
    connections = Connections(engine)

    with connections.transaction("BEGIN") as connection:
        connections.close()
        assert run_raw(connection, "SELECT 1").fetchone() == (1,)

    assert opened == []


def test_what_is_opened_for_a_crowd_is_frugal_and_the_last_to_be_used_again(
    engine: Engine, opened: list[object]
) -> None:
    connections = Connections(engine, crowded=("PRAGMA cache_size = -256",))

    def sizes_of_crowd(count: int) -> list[int]:
        with ExitStack() as held:
            crowd = [held.enter_context(connections.transaction("BEGIN")) for _ in range(count)]
            return [run_raw(one, "PRAGMA cache_size").fetchone()[0] for one in crowd]

    assert sizes_of_crowd(60) == [-2000] * 16 + [-256] * 44
    assert len(opened) == 16 + 32
    assert sizes_of_crowd(20) == [-2000] * 16 + [-256] * 4
    assert len(opened) == 16 + 32
    connections.close()
    assert opened == []


def test_a_database_of_another_identity_gets_connections_of_its_own(
    engine: Engine, opened: list[object]
) -> None:
    names = ["first"]
    connections = Connections(engine, identity=lambda: names[-1])

    with connections.transaction("BEGIN"):
        names.append("second")
        with connections.transaction("BEGIN"):
            assert len(opened) == 2

    assert (connections.in_use, len(opened)) == (0, 1)
    connections.close()


def test_connections_that_the_server_has_ended_are_replaced(database: str) -> None:
    engine = create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    connections = Connections(engine)
    with ExitStack() as held:
        lent = [held.enter_context(connections.transaction("BEGIN")) for _ in range(4)]
        numbers = [run_raw(one, "SELECT pg_backend_pid()").fetchone()[0] for one in lent]
    with engine.connect() as other:
        for number in numbers:
            run_raw(other, "SELECT pg_terminate_backend(%(number)s, 10000)", {"number": number})

    with connections.transaction("BEGIN") as connection:
        assert run_raw(connection, "SELECT 1").fetchone() == (1,)

    assert connections.in_use == 0
    connections.close()


def test_a_new_connection_that_cannot_begin_is_not_tried_again(engine: Engine, opened: list[object]) -> None:
    connections = Connections(engine)

    with pytest.raises(OperationalError), connections.transaction("BEGIN NOTHING"):
        pass

    assert (connections.in_use, opened) == (0, [])
