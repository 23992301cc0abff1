"""A store that is locked, full, gone or out of reach: what clients are told, and that it comes back."""

import json
import resource
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import make_url, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from aicode_mock.directory import find_caller
from aicode_mock.journal import find_entries
from aicode_mock.launch import open_twin
from aicode_mock.outage import (
    StoreBusyError,
    StoreGoneError,
    describe,
    is_busy,
    reason,
    report,
    why_unwritable,
)
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.tables import CONVERSATIONS
from aicode_mock.twin import Twin
from aicode_mock.worldtables import WORLDS
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.stores import POSTGRESQL, few_connections
from tests.test_journal import draft
from tests.test_serve import Started, started

PAGE = f"{API}/commits"
TELLS = "aicode_mock"
UNAVAILABLE = {
    "error": "Service Unavailable",
    "message": "Service temporarily unavailable. Please try again later.",
}
SETTINGS = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "twin.db"


def made(file: Path, *, rate_limit: str = "off") -> None:
    open_twin(
        Settings(
            scenario="tiny",
            anchor=ANCHOR,
            now=ANCHOR,
            api_key=KEY,
            database=str(file),
            switches={"rate_limit": rate_limit},
        )
    ).close()


@contextmanager
def served(file: Path, *, patience_s: float = 60.0, rate_limit: str = "off") -> Iterator[Client]:
    """A server over a file, whose writers wait for others as long as they are told."""
    made(file, rate_limit=rate_limit)
    with serving(Twin.of(Store.open(str(file), patience_s=patience_s))) as client:
        yield client


def page(client: Client, key: str = KEY) -> tuple[int, object]:
    """Status and body, or how many rows there are."""
    answer = client.http.get(PAGE, headers=basic(key))
    return answer.status_code, answer.json()["totalCount"] if answer.is_success else answer.json()


def control(
    client: Client, method: str = "GET", path: str = "/worlds/default/requests/count"
) -> httpx.Response:
    return client.http.request(method, f"/_mock{path}")


def driver_error(statement: str, file: Path | str = ":memory:") -> DBAPIError:
    """What SQLAlchemy makes of what the driver raises."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        try:
            for one in statement.split("; "):
                connection.execute(one)
        except sqlite3.Error as error:
            return OperationalError(statement, {}, error)
    raise AssertionError


def test_a_file_that_is_renamed_is_missed_and_found_again(file: Path) -> None:
    with served(file) as client:
        before = page(client)
        file.rename(file.with_name("away.db"))
        told = control(client)
        away = page(client)
        no_endpoint = client.get("nothing").json()
        is_made_anew = file.exists()
        file.with_name("away.db").rename(file)
        after = page(client)
        counted = control(client).json()

    assert (before, away, after) == ((200, 6), (503, UNAVAILABLE), (200, 6))
    assert (told.status_code, told.json()["message"]) == (503, "the store does not answer: its file is gone")
    assert no_endpoint == UNAVAILABLE
    assert not is_made_anew
    assert counted == {"count": 2}


def test_another_file_under_the_name_is_served_when_the_log_of_the_old_one_is_gone(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other, log = file.with_name("other.db"), Path(f"{file}-wal")
    made(other)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE api_key SET key = 'other'")
    whole = other.read_bytes()
    with served(file) as client:
        page(client)
        other.rename(file)
        with_log, is_untouched = page(client), file.read_bytes() == whole
        log.unlink()
        Path(f"{file}-shm").unlink()
        without_log = page(client)
        keys = client.twin.keys(prefix="crsr_")

    assert (with_log, without_log) == ((503, UNAVAILABLE), (200, 6))
    assert is_untouched
    assert {entry.key for entry in keys} == {"other"}
    assert f"{file} is another file now, and {log} that of the one before: remove it" in caplog.text


def test_a_stream_on_a_file_that_is_replaced_meanwhile_gives_its_connection_up(file: Path) -> None:
    made(file)
    with closing(Store.open(str(file))) as store:
        with store.reading():
            file.rename(file.with_name("away.db"))
            made(file)
            for left in file.parent.glob("twin.db-*"):
                left.unlink()
            with store.reading() as connection:
                assert connection.scalar(text("SELECT count(*) FROM journal")) == 0
        assert store.connections_in_use == 0


@pytest.mark.parametrize("rate_limit", ["off", "5"])
def test_a_store_that_another_process_writes_to_is_answered_when_that_ends(
    file: Path, caplog: pytest.LogCaptureFixture, rate_limit: str
) -> None:
    with (
        served(file, patience_s=0.05, rate_limit=rate_limit) as client,
        closing(sqlite3.connect(file)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        locked = page(client)
        reading = control(client)
        writing = control(client, "POST", "/worlds/default/reset")
        other.rollback()
        after = page(client)

    assert (locked, after) == ((503, UNAVAILABLE), (200, 6))
    assert reading.status_code == 200
    assert (writing.status_code, writing.json()["message"]) == (
        503,
        "the store does not answer: somebody else writes to it",
    )
    assert [record.message for record in caplog.records if record.name == TELLS] == [
        "aicode-mock: error: cannot answer: database is locked"
    ] * 2


def test_a_thread_waits_for_the_others_no_longer_than_it_has_patience(file: Path) -> None:
    ended = Event()
    with closing(Store.open(str(file), patience_s=0.05)) as store:
        with store.writing():
            failed: list[BaseException] = []

            def write() -> None:
                try:
                    with store.writing():
                        pass
                except SQLAlchemyError as error:
                    failed.append(error)
                ended.set()

            Thread(target=write).start()
            assert ended.wait(30)
        with store.writing():
            pass

    assert [str(error) for error in failed] == ["another request has been writing for over 0.05 s"]
    assert isinstance(failed[0], StoreBusyError)
    assert is_busy(failed[0])


@contextmanager
def no_room(server: Started) -> Iterator[None]:
    """No file of a server may grow."""
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process")
def test_a_full_disk_ends_no_reading_and_leaves_nothing_half_written(tmp_path: Path, file: Path) -> None:
    options = ["--scenario", "tiny", "--now", "2026-06-30", "--api-key", KEY, "--rate-limit", "1"]
    row = [{"userEmail": "ada@duo.example"}]
    with started(tmp_path, *options, "--database", str(file), "--log-format", "off") as server:
        with httpx.Client(base_url=server.url, timeout=30) as http:

            def ask(path: str, key: str = KEY) -> tuple[int, str]:
                answer = http.get(f"{API}/{path}", headers=basic(key))
                return answer.status_code, answer.text

            rows = "/_mock/worlds/default/commits"
            with no_room(server):
                pages = [ask("commits") for _ in range(3)]
                csv = ask("commits.csv?startDate=30d")
                sandbox = ask("commits", "sandbox_full")
                refused = [http.post(path, json=body) for path, body in ((rows, row), ("/_mock/worlds", {}))]
                told = [http.get(f"/_mock/{path}").status_code for path in ("ready", "worlds", "metrics")]
            added, limited, other = http.post(rows, json=row), ask("commits"), ask("changes")
            then, entries = ask("commits"), http.get("/_mock/worlds/default/requests/count").json()
            worlds = http.get("/_mock/worlds").json()["worlds"]
        server.stop(signal.SIGTERM)

    assert {status for status, _ in pages} == {200}, "nobody is limited where nothing can be counted"
    assert (csv[0], csv[1].count("\n")) == (200, 9)
    assert (sandbox[0], json.loads(sandbox[1])) == (503, UNAVAILABLE)
    for answer in refused:
        message = "the store cannot be written: its disk is full"
        assert (answer.status_code, answer.json()["message"]) == (503, message)
    assert told == [200, 200, 200]
    assert (added.status_code, limited[0], other[0], then[0], entries) == (201, 200, 200, 429, {"count": 3})
    assert [world["commits"] for world in worlds] == [7]
    lines = server.errors.splitlines()
    assert len(lines) == 8
    assert all(line.startswith("aicode-mock: error: cannot ") for line in lines)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_stream_ends_well_though_its_entry_cannot_be_ended(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made(file)
    with closing(Twin.of(Store.open(str(file)))) as twin:
        opened = twin.journal.open("default", draft(), now=0)
        with twin.store.writing() as connection:
            connection.exec_driver_sql("PRAGMA query_only = on")
        twin.journal.close("default", opened, opened.model_copy(update={"bytes": 7}))
        with twin.store.reading() as connection:
            (entry,) = find_entries(connection, "default")

    assert entry == opened
    assert "attempt to write a readonly database" in caplog.text


def test_a_sandbox_is_looked_at_though_its_use_cannot_be_noted(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with served(file) as client:
        control(client, "POST", "/worlds/sandbox_a/reset")
        with client.twin.store.writing() as connection:
            connection.execute(update(WORLDS).values(used_at=0))
        with client.twin.store.writing() as connection:
            connection.exec_driver_sql("PRAGMA query_only = on")
        told = control(client, path="/worlds/sandbox_a")

    assert (told.status_code, told.json()["commits"]) == (200, 6)
    assert "cannot note that a sandbox is used" in caplog.text


def test_what_is_no_matter_of_room_is_raised(file: Path) -> None:
    made(file)
    with closing(Twin.of(Store.open(str(file)))) as twin:
        with twin.store.reading() as connection:
            caller = find_caller(connection, KEY)
        assert caller is not None
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE rate_window")

        with pytest.raises(OperationalError, match="no such table"):
            twin.limits.count(caller, "commits", per_minute=1, is_free=False)


def test_a_failure_that_is_none_of_the_store_is_a_500_in_the_journal(file: Path) -> None:
    with served(file) as client:
        with client.twin.store.writing() as connection:
            connection.execute(update(CONVERSATIONS).values(bullets="no JSON"))
        answer = client.get(f"commits/{'6' * 40}")
        (entry,) = client.http.get("/_mock/worlds/default/requests").json()["requests"]

    assert answer.json() == {"error": "Internal Server Error", "message": "An unexpected error occurred"}
    assert (entry["status"], entry["message"]) == (500, "An unexpected error occurred")


@pytest.mark.parametrize(
    ("statement", "why", "told"),
    [
        ("SELECT 1 FROM nothing", None, "the store does not answer"),
        (
            "PRAGMA query_only = on; CREATE TABLE x (y)",
            "read-only",
            "the store cannot be written: its disk is read-only",
        ),
        (
            "PRAGMA max_page_count = 1; CREATE TABLE x (y)",
            "full",
            "the store cannot be written: its disk is full",
        ),
    ],
)
def test_what_is_the_matter_is_told_in_words(statement: str, why: str | None, told: str) -> None:
    error = driver_error(statement)

    assert (why_unwritable(error), describe(error), is_busy(error)) == (why, told, False)


def test_what_postgresql_says_is_told_in_the_same_words() -> None:
    full = OperationalError("x", {}, psycopg.errors.DiskFull("no space"))
    standby = OperationalError("x", {}, psycopg.errors.ReadOnlySqlTransaction("standby"))

    assert [why_unwritable(error) for error in (full, standby)] == ["full", "read-only"]
    assert describe(StoreGoneError("x")) == "the store does not answer: its file is gone"


def test_the_log_gets_one_line_without_statement_and_parameters(caplog: pytest.LogCaptureFixture) -> None:
    report(OperationalError("SELECT secret", {"key": "secret"}, ValueError("first line\nsecond")))

    assert [record.message for record in caplog.records] == ["aicode-mock: error: cannot answer: first line"]
    assert reason(StoreBusyError("busy")) == "busy"


@pytest.fixture
def ours(database: str) -> str:
    """The URL of a schema of our own, whose connections can be told from those of others."""
    return f"{database}&application_name={uuid4().hex}"


def end_connections(url: str) -> int:
    """Let PostgreSQL end all connections of a URL, as when it is started anew; how many there were."""
    name = url.rpartition("=")[2]
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [name]
        )
        return len(found.fetchall())


def test_connections_that_postgresql_ended_are_made_anew(ours: str) -> None:
    with serving(open_twin(replace(SETTINGS, database=ours))) as client:
        with ThreadPoolExecutor(8) as crowd:
            list(crowd.map(lambda _: page(client), range(32)))
        ended = end_connections(ours)
        after = [page(client) for _ in range(20)]
        in_use = client.twin.store.connections_in_use

    assert ended > 0
    assert after == [(200, 6)] * 20
    assert in_use == 0


def test_an_answer_whose_connection_postgresql_ends_is_a_503_and_the_next_one_is_not(ours: str) -> None:
    with closing(open_twin(replace(SETTINGS, database=ours))) as twin:
        with suppress(SQLAlchemyError), twin.store.reading() as connection:
            ended = end_connections(ours)
            find_caller(connection, KEY)
            pytest.fail("its connection is gone")
        assert ended > 0
        with twin.store.reading() as connection:
            assert find_caller(connection, KEY)
        assert twin.store.connections_in_use == 0


@contextmanager
def forwarding(port: int, to: tuple[str, int]) -> Iterator[None]:
    """Bytes to and from a port of this machine; at the end its connections are closed, and nobody listens."""
    pairs: list[socket.socket] = []

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(65536):
                sink.sendall(block)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(to, 10)
                pairs.extend((client, server))
                for ends in ((client, server), (server, client)):
                    Thread(target=copy, args=ends).start()

    with socket.create_server(("127.0.0.1", port)) as listener:
        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for one in pairs:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            accepting.join()


def test_a_postgresql_that_refuses_connections_is_asked_again(ours: str) -> None:
    direct = make_url(ours)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = direct.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    to = (direct.host or "", direct.port or 5432)
    with ExitStack() as up:
        up.enter_context(forwarding(port, to))
        with serving(open_twin(replace(SETTINGS, database=url))) as client:
            before = page(client)
            up.close()
            down = [page(client), page(client)]
            told = control(client).json()["message"]
            health = client.http.get("/_mock/health").status_code
            with forwarding(port, to):
                after = [page(client), page(client)]
                in_use = client.twin.store.connections_in_use
                client.twin.store.close()

    assert (before, down, after) == ((200, 6), [(503, UNAVAILABLE)] * 2, [(200, 6)] * 2)
    assert (told, health, in_use) == ("the store does not answer", 200, 0)


def hold_all_connections(store: Store, held: ExitStack) -> None:
    """Take connections until the database refuses another."""
    mine, is_all = 0, False
    while not is_all:
        try:
            held.enter_context(store.reading())
            mine += 1
        except SQLAlchemyError:
            is_all = store.connections_in_use == mine  # else the server gives one back that it uses now


def test_beyond_the_connections_that_postgresql_gives_all_is_a_503_until_there_are_some(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        few_connections(3) as url,
        serving(open_twin(replace(SETTINGS, database=url))) as client,
    ):
        before = page(client)
        with ExitStack() as held:
            hold_all_connections(client.twin.store, held)
            refused = [client.get(path) for path in ("commits", "commits.csv", "nothing", "/teams/members")]
            sandbox = client.get("nothing", headers=basic("sandbox_crowd"))
            told = [control(client), control(client, "POST", "/worlds/default/reset")]
            is_ready, health = (client.http.get(f"/_mock/{path}").status_code for path in ("ready", "health"))
        after = [page(client), page(client, "sandbox_crowd")]
        in_use = client.twin.store.connections_in_use

    assert (before, after, in_use) == ((200, 6), [(200, 6)] * 2, 0)
    assert [(answer.status_code, answer.json()) for answer in (*refused, sandbox)] == [(503, UNAVAILABLE)] * 5
    assert [(answer.status_code, answer.json()["message"]) for answer in told] == [
        (503, "the store does not answer")
    ] * 2
    assert (is_ready, health) == (503, 200)
    assert "cannot answer: connection failed" in caplog.text


def test_an_answer_under_way_is_whole_though_there_is_no_connection_to_end_its_entry(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with few_connections(3) as url, closing(open_twin(replace(SETTINGS, database=url))) as twin:
        opened = twin.journal.open("default", draft(), now=0)
        with ExitStack() as held:
            hold_all_connections(twin.store, held)
            twin.journal.close("default", opened, opened.model_copy(update={"bytes": 7}))
        with twin.store.reading() as connection:
            (entry,) = find_entries(connection, "default")

    assert entry == opened
    assert "cannot end an entry of the journal, its answer goes on: connection failed" in caplog.text
