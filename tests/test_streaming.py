"""CSV of many rows: sent as it is made, from one snapshot, and let go of when nobody reads it."""

import csv
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from aicode_mock.faults.places import FETCH_ROWS
from aicode_mock.launch import open_twin, write_database
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving

COMMITS = 40_000
PATH = f"{API}/commits.csv?startDate=90d"  # all commits
WORLD = Settings(scenario="default", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"})
FORMS = [
    {},
    {"csv_line_end": "crlf"},
]  # texts that the store joins, rows that are printed


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large world; nobody writes rows to it."""
    file = tmp_path_factory.mktemp("streaming") / "world.db"
    write_database(
        str(file), replace(WORLD, commits=COMMITS, changes=100).plan(), progress=lambda _rows: None
    )
    return file


@pytest.fixture(scope="module")
def large(database: Path) -> Iterator[Client]:
    with serving(open_twin(replace(WORLD, database=str(database)))) as client:
        yield client


def until(condition: Callable[[], bool], *, seconds: float = 15) -> bool:
    """Whether a condition comes true before the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def unread_stream(url: str) -> Iterator[socket.socket]:
    """A client that asks for a stream, takes its first bytes, and no more."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        client.settimeout(30)
        client.connect((host, int(port)))
        authorization = basic(KEY)["Authorization"]
        client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode())
        assert client.recv(9) == b"HTTP/1.1 "
        yield client


def chunks_from(client: socket.socket) -> list[bytes]:
    """The chunks of a body as they come over the wire."""
    with client.makefile("rb") as answer:
        while answer.readline() != b"\r\n":
            pass
        chunks = []
        while size := int(answer.readline(), 16):
            chunks.append(answer.read(size))
            assert answer.readline() == b"\r\n"
        return chunks


def hashes_in(text: str) -> list[str]:
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [record[0] for record in records][1:]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_csv_comes_in_many_chunks_of_bounded_size(large: Client, form: dict[str, str]) -> None:
    large.promise(**form)
    total = large.get("commits", startDate="90d", pageSize=1).json()["totalCount"]

    with unread_stream(large.url) as client:
        header, *chunks = chunks_from(client)

    assert header.startswith(b"commit_hash,")
    assert header.count(b"\n") == 1
    assert len(chunks) >= total // FETCH_ROWS
    assert max(map(len, chunks)) <= 256 * 1024
    assert len(hashes_in((header + b"".join(chunks)).decode())) == total > 39_000


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_client_that_goes_away_frees_its_connection(
    large: Client, database: Path, form: dict[str, str]
) -> None:
    large.promise(**form)
    store = large.twin.store
    assert until(lambda: store.connections_in_use == 0)

    with ExitStack() as streams:
        for _ in range(3):
            streams.enter_context(unread_stream(large.url))
        held = until(lambda: store.connections_in_use == 3)
        time.sleep(0.2)  # the streams stand still now: nobody reads
        still_held = store.connections_in_use

    assert (held, still_held) == (True, 3)
    assert until(lambda: store.connections_in_use == 0)
    assert not _somebody_reads(database), "a pooled connection holds an old snapshot"


def _somebody_reads(database: Path) -> bool:
    """Whether a statement is open: the write-ahead log cannot be emptied then."""
    with closing(sqlite3.connect(database)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)


def resident_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_clients_that_read_nothing_hold_up_neither_memory_nor_others_nor_the_end(
    database: Path, tmp_path: Path
) -> None:
    log, temporary, clients = tmp_path / "log", tmp_path / "tmp", 6
    temporary.mkdir()
    with _served(database, temporary, log) as (process, url):
        whole = len(httpx.get(f"{url}{PATH}", headers=basic(KEY)).content)
        before = resident_mib(process.pid)
        with ExitStack() as streams:
            for _ in range(clients):
                streams.enter_context(unread_stream(url))
            pages = [
                httpx.get(f"{url}{API}/commits?pageSize=1", headers=basic(KEY), timeout=10).status_code
                for _ in range(5)
            ]
            grown = resident_mib(process.pid) - before
            began = time.monotonic()
            process.terminate()
            code = process.wait(timeout=30)
            seconds_to_stop = time.monotonic() - began

    ready, *lines = log.read_text().splitlines()
    assert [line for line in lines if not line.startswith("{")] == [], "no traceback"
    sent = [json.loads(line)["bytes"] for line in lines if "commits.csv" in line]
    assert ready.startswith(f"aicode-mock ready {url} ")
    assert f" commits={COMMITS} changes=100 digest=" in ready
    assert pages == [200] * 5
    assert (len(sent), sent[0]) == (clients + 1, whole)
    assert max(sent[1:]) < whole / 2, "no more is made than fits into buffers"
    assert grown < clients * 40  # what one block takes, in a few copies, one of them with 4 bytes a letter
    assert (code, seconds_to_stop < 3) == (0, True)  # a second is promised; a busy machine gets more
    assert [json.loads(line)["status"] for line in lines] == [200] * len(lines)
    assert list(temporary.iterdir()) == []


@contextmanager
def _served(database: Path, temporary: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port_file = log.with_name("port")
    command = [sys.executable, "-m", "aicode_mock", "serve", "--port", "0", "--port-file", str(port_file)]
    options = ["--database", str(database), "--now", ANCHOR.isoformat(), "--api-key", KEY, "--seed", "42"]
    options += ["--rate-limit", "off", "--log-format", "json"]
    # A server that measures its own coverage writes it down when it is told to stop, and stops later.
    env = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
    env["TMPDIR"] = str(temporary)
    with (
        log.open("wb") as out,
        subprocess.Popen([*command, *options], stdout=out, stderr=out, env=env) as process,
    ):
        try:
            assert until(lambda: port_file.exists() and bool(port_file.read_text()), seconds=60)
            yield process, f"http://127.0.0.1:{port_file.read_text().strip()}"
        finally:
            process.kill()


@pytest.mark.parametrize("form", [{}, {"csv_quoting": "minimal"}], ids=str)
def test_a_stream_stays_as_it_was_while_its_rows_are_replaced(
    database: Path, tmp_path: Path, form: dict[str, str]
) -> None:
    own = tmp_path / "world.db"
    # By SQLite itself: a file that is opened and closed beside it loses this process all its locks.
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(own)) as target:
        source.backup(target)
    with serving(open_twin(replace(WORLD, database=str(own)))) as client:
        client.promise(**form)
        pages = [client.get("commits", startDate="90d", page=page, pageSize=1000).json() for page in (1, 20)]
        whole = client.http.get(PATH, headers=basic(KEY)).content

        with unread_stream(client.url) as reader:
            _replace_commits(client)
            still_streaming = client.twin.store.connections_in_use
            streamed = b"".join(chunks_from(reader))
        after = client.get("commits.csv", startDate="2d").text

    assert still_streaming == 1
    assert streamed == whole
    hashes = hashes_in(streamed.decode())
    assert [item["commitHash"] for item in pages[0]["items"]] == hashes[:1000]
    assert [item["commitHash"] for item in pages[1]["items"]] == hashes[19_000:20_000]
    assert set(hashes_in(after)) == {"replaced"}


def _replace_commits(client: Client) -> None:
    """Put other rows in the place of all commits, in one transaction."""
    with client.twin.store.writing() as connection:
        for table, columns in (
            ("commits", "*"),
            ("commit_csv", "id, 'replaced' || substr(text, 41) AS text"),
        ):
            connection.exec_driver_sql(f"CREATE TEMP TABLE other AS SELECT {columns} FROM {table}")
            connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM other")
            connection.exec_driver_sql("DROP TABLE other")
        connection.exec_driver_sql("UPDATE commits SET commit_hash = 'replaced'")
