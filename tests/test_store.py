"""The database: what can be opened and what is refused, and what readers and writers see."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from aicode_mock.bulk import bulk_insert, create_indexes
from aicode_mock.databases import StoreError, shown
from aicode_mock.store import Store
from aicode_mock.tables import COMMIT_JSON, Base
from aicode_mock.worldtables import RATE_WINDOWS, SCHEMA_VERSION, STORE_INFO

WINDOWS = [("a", "w", 1, 1, 1), ("b", "w", 2, 2, 2), ("c", "w", 3, 3, 3)]


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.open(None)) as store:
        yield store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "twin.db"


def refusal(database: str, *, create: bool = True) -> str:
    with pytest.raises(StoreError) as refused:
        Store.open(database, create=create)
    return str(refused.value)


def keys(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(RATE_WINDOWS.c.key).order_by(RATE_WINDOWS.c.key)))


def write(store: Store, rows: list[tuple[str, str, int, int, int]]) -> None:
    with store.writing() as connection:
        bulk_insert(connection, RATE_WINDOWS, rows)


def replace_by_twins(connection: Connection) -> None:
    """Fails at its last row, two rows with one key."""
    create_indexes(connection)
    connection.execute(RATE_WINDOWS.delete())
    bulk_insert(connection, RATE_WINDOWS, [("d", "w", 4, 4, 4), ("d", "w", 5, 5, 5)])


def test_a_private_file_is_there_while_it_is_open_and_gone_after() -> None:
    store = Store.open(None)
    folder = Path(store.name).parent
    assert Path(store.name).exists()

    store.close()

    assert not folder.exists()


def test_two_private_stores_do_not_meet(store: Store) -> None:
    with closing(Store.open(None)) as other:
        write(other, WINDOWS)

        assert keys(store) == []


def test_a_file_keeps_its_rows(file: Path) -> None:
    with closing(Store.open(str(file))) as store:
        assert store.name == str(file)
        write(store, WINDOWS)

    with closing(Store.open(str(file), create=False)) as store:
        assert keys(store) == ["a", "b", "c"]


def test_a_url_names_the_same_file(file: Path) -> None:
    with closing(Store.open(str(file))) as store:
        write(store, WINDOWS)

    with closing(Store.open(f"sqlite:///{file}", create=False)) as store:
        assert keys(store) == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["with space.db", "what?.db", "100%.db", "データ.db", "a#b;c.db"])
def test_any_name_of_a_file_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    Store.open(str(tmp_path / name)).close()

    assert (tmp_path / name).exists()


def test_a_url_may_say_more_than_a_name(tmp_path: Path) -> None:
    url = f"sqlite:///file:{tmp_path}/twin.db?uri=true"

    with closing(Store.open(url)) as store:
        write(store, WINDOWS)

    with closing(Store.open(str(tmp_path / "twin.db"))) as store:
        assert keys(store) == ["a", "b", "c"]


def test_an_empty_file_gets_tables(file: Path) -> None:
    file.touch()

    with closing(Store.open(str(file))) as store:
        assert keys(store) == []


def test_a_new_store_holds_all_tables_and_its_version(store: Store) -> None:
    with store.reading() as connection:
        assert set(inspect(connection).get_table_names()) == set(Base.metadata.tables)
        assert connection.scalars(select(STORE_INFO.c.schema_version)).all() == [SCHEMA_VERSION]


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    file.write_text("commit_hash,user_id\n" * 100)

    assert refusal(str(file)) == f"database {file} cannot be opened: file is not a database"


def test_a_database_of_somebody_else_is_refused_and_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")

    assert refusal(str(file)) == f"database {file} holds other tables: use another file"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("customers",)]


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        (1, "make a new one with 'aicode-mock seed'"),
        (None, "make a new one with 'aicode-mock seed'"),
        (SCHEMA_VERSION + 1, "use the newer aicode-mock that made it"),
    ],
)
def test_a_database_of_another_version_is_refused_with_what_to_do(
    file: Path, version: int | None, advice: str
) -> None:
    with closing(Store.open(str(file))) as store, store.writing() as connection:
        connection.execute(STORE_INFO.delete())
        if version is not None:
            connection.execute(STORE_INFO.insert(), {"schema_version": version})

    assert refusal(str(file)) == (
        f"database {file} has schema version {version}, this program {SCHEMA_VERSION}: {advice}"
    )


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "missing" / "twin.db"

    assert refusal(str(database)) == f"database {database} cannot be opened: unable to open database file"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)).endswith("cannot be opened: unable to open database file")


def test_a_file_that_cannot_be_written_is_refused() -> None:
    assert refusal("/proc/version").startswith("database /proc/version cannot be opened: ")


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_missing_file_is_refused_where_it_must_be_there_and_not_made(file: Path, prefix: str) -> None:
    database = f"{prefix}{file}"

    assert refusal(database, create=False) == f"database {database} does not exist"
    assert not file.exists()


def test_an_empty_file_is_refused_where_it_must_be_there(file: Path) -> None:
    file.touch()

    assert refusal(str(file), create=False) == f"database {file} is empty"


@pytest.mark.parametrize("database", ["", "sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(database: str) -> None:
    assert refusal(database) == f"database {database!r} is no file: name one, or none for a private one"


@pytest.mark.parametrize(
    "database", ["nope://here", "://", "postgresql://h:port/x", "http://127.0.0.1/x", "sqlite+nope:///x.db"]
)
def test_a_database_that_nobody_can_speak_to_is_refused(database: str) -> None:
    assert refusal(database).startswith(f"database {database} cannot be opened: ")


@pytest.mark.parametrize(
    ("database", "told"),
    [
        ("postgresql://me:hunter2@host:1/x", "postgresql://me:***@host:1/x"),
        ("postgresql://me:hunt@er2@host:port/x", "postgresql://me:***@host:port/x"),
        ("postgresql://me@host/x", "postgresql://me@host/x"),
        ("postgresql://host/x?user=me&password=hunter2&a=b", "postgresql://host/x?user=me&password=***&a=b"),
        ("postgresql://host/x?sslpassword=hunter2", "postgresql://host/x?sslpassword=***"),
        ("data:me@home/x.db", "data:me@home/x.db"),
    ],
)
def test_a_database_is_shown_without_its_password(database: str, told: str) -> None:
    assert shown(database) == told


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+nope", "mysql+nope"])
def test_a_password_is_never_shown(scheme: str) -> None:
    message = refusal(f"{scheme}://me:hunter2@127.0.0.1:1/x")

    assert "hunter2" not in message
    assert f"{scheme}://me:***@127.0.0.1:1/x" in message


def test_a_server_that_does_not_answer_is_refused() -> None:
    message = refusal("postgresql+psycopg://me:hunter2@127.0.0.1:1/twin")

    assert message.startswith("database postgresql+psycopg://me:***@127.0.0.1:1/twin cannot be opened: ")
    assert "hunter2" not in message


def test_a_reader_keeps_its_snapshot_while_a_writer_replaces_the_rows(store: Store) -> None:
    write(store, WINDOWS)

    with store.reading() as reader:
        before = reader.scalar(select(func.sum(RATE_WINDOWS.c.hits)))
        with store.writing() as writer:
            writer.execute(RATE_WINDOWS.delete())
            bulk_insert(writer, RATE_WINDOWS, [("d", "w", 4, 4, 40)])
            during = reader.scalar(select(func.sum(RATE_WINDOWS.c.hits)))
        after = reader.scalar(select(func.sum(RATE_WINDOWS.c.hits)))

    assert (before, during, after) == (6, 6, 6)
    assert keys(store) == ["d"]


def test_a_reader_keeps_its_snapshot_through_a_stream(store: Store) -> None:
    rows = [(number, "x") for number in range(5000)]
    with store.writing() as writer:
        bulk_insert(writer, COMMIT_JSON, rows)

    with store.reading() as reader:
        ordered = select(COMMIT_JSON).order_by(COMMIT_JSON.c.id)
        stream = reader.execute(ordered, execution_options={"yield_per": 100})
        first = next(stream).id
        with store.writing() as writer:
            writer.execute(COMMIT_JSON.delete())
        rest = [row.id for row in stream]

    assert [first, *rest] == list(range(5000))


def test_a_writer_that_fails_writes_nothing(store: Store) -> None:
    write(store, WINDOWS)

    with pytest.raises(IntegrityError), store.writing() as connection:
        replace_by_twins(connection)

    assert keys(store) == ["a", "b", "c"]


def test_indexes_that_are_made_in_a_failed_transaction_are_not_there(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as connection:
        replace_by_twins(connection)

    with store.reading() as connection:
        assert inspect(connection).get_indexes("commits") == []


def test_writers_wait_for_each_other(store: Store) -> None:
    write(store, [("a", "w", 0, 0, 0)])

    def count() -> None:
        for _ in range(10):
            with store.writing() as connection:
                hits = connection.scalar(select(RATE_WINDOWS.c.hits))
                connection.execute(RATE_WINDOWS.update().values(hits=(hits or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.reading() as connection:
        assert connection.scalar(select(RATE_WINDOWS.c.hits)) == 40


def test_connections_are_in_use_until_they_are_given_back(store: Store) -> None:
    assert store.connections_in_use == 0

    with store.reading(), store.reading(), store.writing():
        assert store.connections_in_use == 3

    assert store.connections_in_use == 0


def test_indexes_are_made_once_and_all_of_them(store: Store) -> None:
    with store.reading() as connection:
        assert inspect(connection).get_indexes("commits") == []

    for _ in range(2):
        with store.writing() as connection:
            create_indexes(connection)

    with store.reading() as connection:
        made = {
            index["name"] for name in Base.metadata.tables for index in inspect(connection).get_indexes(name)
        }
    assert made == {index.name for table in Base.metadata.sorted_tables for index in table.indexes}
    assert {"commits_by_instant", "changes_by_member", "annotations_by_hash"} <= made


def test_bulk_rows_stand_in_the_order_of_the_columns(store: Store) -> None:
    write(store, WINDOWS)

    with store.reading() as connection:
        assert connection.execute(select(RATE_WINDOWS)).all() == WINDOWS


def test_no_rows_are_no_statement(store: Store) -> None:
    write(store, [])

    assert keys(store) == []


def test_a_database_of_another_kind_is_refused() -> None:
    assert refusal("mysql+pymysql://me:secret@127.0.0.1/x") == (
        "database mysql+pymysql://me:***@127.0.0.1/x cannot be opened: "
        "mysql is not supported (allowed: sqlite, postgresql)"
    )


@pytest.mark.parametrize(("private", "synchronous"), [(True, 0), (False, 1)])
def test_a_file_that_stays_is_written_with_more_care(file: Path, private: bool, synchronous: int) -> None:
    with closing(Store.open(None if private else str(file))) as store, store.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == synchronous
