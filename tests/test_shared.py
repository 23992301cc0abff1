"""Three replicas behind a load balancer, over one PostgreSQL, are one server."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import API, KEY, basic
from tests.replicas import COUNT, Replica, Shared, replicas
from tests.test_streaming import until

MANY = 30  # requests, each over a connection of its own
WORLD = "/worlds/default"
EVER = "startDate=1970-01-01&endDate=9999-01-01"
NEW_ROWS = [{"userEmail": "ada@duo.example", "createdAt": "2026-06-20T10:00:00Z"}] * 5


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with replicas(tmp_path_factory.mktemp("replicas")) as shared:
        yield shared


@pytest.fixture
def shared(running: Shared) -> Shared:
    """The replicas, with nothing but their default world, as new."""
    running.control("DELETE", "/worlds")
    running.control("POST", f"{WORLD}/reset")
    return running


def statuses(shared: Shared, path: str) -> Counter[int]:
    """How often there was which status through the load balancer, asked by several at once."""
    with ThreadPoolExecutor(6) as crowd:
        return Counter(crowd.map(lambda _: shared.get(path).status_code, range(MANY)))


def test_three_that_begin_on_an_empty_database_make_one_world(shared: Shared) -> None:
    told = [answer.json() for answer in shared.from_all("/_mock/ready")]

    assert len({one["digest"] for one in told}) == 1
    assert {one["commits"] for one in told} == {6}


def test_the_load_balancer_asks_all_of_them(shared: Shared) -> None:
    shared.control("PATCH", f"{WORLD}/contract", json={"settings": {"rate_limit": "off"}})
    before = [one.log.read_text().count("\n") for one in shared.replicas]
    statuses(shared, "/teams/members")

    assert until(
        lambda: all(
            one.log.read_text().count("\n") > n for one, n in zip(shared.replicas, before, strict=True)
        )
    )


def test_a_limit_of_five_is_five(shared: Shared) -> None:
    assert statuses(shared, f"{API}/commits") == {200: 5, 429: MANY - 5}


def test_a_window_is_open_on_all_of_them(shared: Shared) -> None:
    told = [answer.status_code for _ in range(2) for answer in shared.from_all(f"{API}/commits")]

    assert told == [200] * 5 + [429]


def test_a_fault_for_one_request_hits_one(shared: Shared) -> None:
    once = {"match": {"endpoint": "members", "last": 1}, "action": {"kind": "status", "status": 503}}
    shared.control("POST", f"{WORLD}/faults", json=once)

    assert statuses(shared, "/teams/members")[503] == 1


def test_every_request_is_in_the_journal_once(shared: Shared) -> None:
    statuses(shared, f"{API}/changes.csv")

    told = [answer.json()["requests"] for answer in shared.from_all(f"/_mock{WORLD}/requests")]

    assert [entry["id"] for entry in told[0]] == list(range(1, MANY + 1))
    assert told[0] == told[1] == told[2]


def test_a_world_that_is_made_on_one_is_there_on_all(shared: Shared) -> None:
    shared.control("POST", "/worlds", at=shared.replicas[0].url, json={"id": "made", "apiKey": "made-key"})

    answers = shared.from_all(f"{API}/commits", key="made-key")

    assert [answer.status_code for answer in answers] == [200] * COUNT
    assert len({answer.content for answer in answers}) == 1


def test_a_sandbox_that_all_are_asked_for_at_once_is_opened_once(shared: Shared) -> None:
    with ThreadPoolExecutor(COUNT) as crowd:
        asked = crowd.map(
            lambda one: shared.get("/teams/members", at=one.url, key="sandbox_all"), shared.replicas
        )
        told = [answer.status_code for answer in asked]

    worlds = [one["id"] for one in shared.control("GET", "/worlds").json()["worlds"]]
    assert (told, worlds) == ([200] * COUNT, ["default", "sandbox_all"])
    assert [one.json()["requests"] for one in shared.from_all("/_mock/worlds/sandbox_all")] == [COUNT] * COUNT


def test_a_clock_that_is_moved_on_one_is_moved_on_all(shared: Shared) -> None:
    for place, replica in enumerate(shared.replicas, 1):
        shared.control("PUT", f"{WORLD}/clock", at=replica.url, json={"advance": "1d"})

        told = [answer.json() for answer in shared.from_all(f"/_mock{WORLD}/clock")]

        noon = "2026-07-0{0}T00:00:00.000Z"
        assert told == [{"now": noon.format(place), "isFrozen": True}] * COUNT


def test_rows_that_come_in_on_one_are_read_from_all(shared: Shared) -> None:
    shared.control("POST", f"{WORLD}/commits", at=shared.replicas[1].url, json=NEW_ROWS)

    pages = shared.from_all(f"{API}/commits?{EVER}")

    assert [page.json()["totalCount"] for page in pages] == [11] * COUNT
    assert len({page.headers["ETag"] for page in pages}) == 1


def test_a_reset_is_seen_whole_or_not_at_all(shared: Shared) -> None:
    shared.control("PATCH", f"{WORLD}/contract", json={"settings": {"rate_limit": "off"}})
    shared.control("POST", f"{WORLD}/snapshots", json={"name": "without-limit"})
    is_over = threading.Event()

    def read(replica: Replica) -> set[tuple[int, int]]:
        """What was told: the rows of pages, and of files."""
        told = set()
        with httpx.Client(base_url=replica.url, headers=basic(KEY), timeout=30) as http:
            while not is_over.is_set():
                page = http.get(f"{API}/commits?{EVER}").json()
                assert len(page["items"]) == page["totalCount"]
                lines = http.get(f"{API}/commits.csv?{EVER}").text.count("2026-06-")
                told.add((page["totalCount"], lines))
        return told

    with ThreadPoolExecutor(COUNT) as crowd:
        readers = [crowd.submit(read, one) for one in shared.replicas]
        try:
            for number in range(8):
                at = shared.replicas[number % COUNT].url
                shared.control("POST", f"{WORLD}/commits", at=at, json=NEW_ROWS)
                shared.control("POST", f"{WORLD}/snapshots/without-limit/restore", at=at)
        finally:
            is_over.set()
        told = set().union(*(reader.result() for reader in readers))
    shared.control("DELETE", f"{WORLD}/snapshots/without-limit")

    assert {rows for rows, _ in told} == {6, 11}
    assert len({lines for _, lines in told}) == 2


def test_a_log_line_is_one_object_and_says_which_replica_wrote_it(shared: Shared) -> None:
    for replica in shared.replicas:
        shared.get("/nothing", at=replica.url, key="crsr_" + "0" * 64)

    assert until(lambda: all("/nothing" in one.log.read_text() for one in shared.replicas))
    lines: list[dict[str, Any]] = [
        json.loads(line) for one in shared.replicas for line in one.log.read_text().splitlines()
    ]
    assert {line["pid"] for line in lines} == {one.process.pid for one in shared.replicas}
    assert all(line["host"] for line in lines)
    assert not any(KEY in json.dumps(line) or "0" * 64 in json.dumps(line) for line in lines)


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Shared]:
    with replicas(tmp_path) as shared:
        shared.control("POST", f"{WORLD}/reset")  # forget who looked whether the load balancer answers
        yield shared


def test_one_that_dies_costs_its_clients_their_stream_and_nobody_else_anything(doomed: Shared) -> None:
    slow = {"match": {"endpoint": "commits.csv"}, "action": {"kind": "drip", "bytesPerSecond": 400}}
    doomed.control("POST", f"{WORLD}/faults", json=slow)
    doomed.control("PATCH", f"{WORLD}/contract", json={"settings": {"rate_limit": "off"}})
    is_streaming = [threading.Event() for _ in range(COUNT)]

    def stream(number: int) -> bytes | None:
        """The file, or None if it was cut."""
        body = b""
        try:
            with httpx.stream(
                "GET", f"{doomed.url}{API}/commits.csv?{EVER}", headers=basic(KEY), timeout=60
            ) as answer:
                for part in answer.iter_raw():
                    body += part
                    is_streaming[number].set()
        except httpx.RemoteProtocolError:
            return None
        return body

    with ThreadPoolExecutor(COUNT) as crowd:
        streams = []
        for number in range(COUNT):  # one after the other: each goes to the replica with the fewest
            streams.append(crowd.submit(stream, number))
            assert is_streaming[number].wait(30)
        victim = doomed.replicas[1]
        lost = victim.streams
        victim.process.kill()
        meanwhile = [doomed.get("/teams/members").status_code for _ in range(MANY)]
        bodies = [one.result() for one in streams]

    assert meanwhile == [200] * MANY
    assert 1 <= lost == bodies.count(None)
    whole = doomed.get(f"{API}/commits.csv?{EVER}", at=doomed.replicas[0].url).content
    assert [body for body in bodies if body is not None] == [whole] * (COUNT - lost)
    told = doomed.control("GET", f"{WORLD}/requests").json()["requests"]
    assert len(told) == COUNT + MANY + 1
