"""Keeping the journal while an answer is sent: there before its first byte, right after its last."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from aicode_mock.recording import Draft
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.ownworld import OwnWorld, own_world
from tests.stores import open_twin
from tests.test_streaming import until

pytestmark = pytest.mark.both_stores

LINES = 2500
LETTERS = 2500  # of each message: more than fits into all buffers between server and client


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


@pytest.fixture(scope="module")
def large() -> Iterator[OwnWorld]:
    """A world whose CSV is long."""
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY))
    commit = {"userEmail": "ada@duo.example", "message": "x" * LETTERS}
    with serving(twin) as client, own_world(client, commits=[commit] * LINES) as one:
        yield one


@contextmanager
def reading(world: OwnWorld, path: str) -> Iterator[socket.socket]:
    """A client that takes a piece of an answer, and closes the connection at the end."""
    host, _, port = world.client.url.removeprefix("http://").partition(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        client.settimeout(30)
        client.connect((host, int(port)))
        authorization = basic(world.key)["Authorization"]
        client.sendall(
            f"GET {API}/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode()
        )
        yield client


def take_body(client: socket.socket, size: int) -> None:
    """Read the headers of an answer, and so many bytes of what comes after them."""
    with client.makefile("rb") as answer:
        while answer.readline() != b"\r\n":
            pass
        assert len(answer.read(size)) == size


def test_the_entry_of_a_stream_is_there_before_its_first_byte_and_right_after_its_last(
    large: OwnWorld,
) -> None:
    with httpx.stream("GET", large.target("commits.csv"), headers=basic(large.key)) as answer:
        at_the_headers = large.last
        body = answer.read()
        at_the_end = large.last

    assert len(body) > LINES * LETTERS
    assert [at_the_headers[name] for name in ("status", "rows", "bytes", "complete")] == [
        200,
        LINES + 6,
        0,
        False,
    ]
    assert at_the_end == at_the_headers | {
        "bytes": len(body),
        "complete": True,
        "ms": pytest.approx(at_the_end["ms"]),
    }
    assert at_the_end["ms"] >= at_the_headers["ms"] > 0


def test_a_client_that_leaves_a_stream_has_no_whole_answer(large: OwnWorld) -> None:
    with reading(large, "commits.csv") as client:
        take_body(client, 10_000)

    assert until(lambda: large.last["bytes"] > 0)
    assert [large.last[name] for name in ("status", "complete", "faults")] == [200, False, []]
    assert 0 < large.last["bytes"] < LINES * LETTERS


@pytest.mark.parametrize("path", ["commits", "commits.csv"])
def test_a_client_that_leaves_a_slow_body_has_no_whole_answer(world: OwnWorld, path: str) -> None:
    whole = len(world.get(path).content)
    world.declare("drip", bytesPerSecond=200)

    with reading(world, path) as client:
        take_body(client, 20)

    assert until(lambda: world.last["bytes"] > 0)
    assert not world.last["complete"]
    assert world.last["bytes"] < whole


@pytest.mark.parametrize("path", ["commits", "commits.csv"])
@pytest.mark.parametrize("clock", ["real", "world"])
def test_a_client_that_does_not_wait_for_the_first_byte_has_no_answer(
    world: OwnWorld, path: str, clock: str
) -> None:
    world.declare("delay", seconds=60, clock=clock)

    with reading(world, path):
        assert until(lambda: len(world.entries()) == 1)

    assert until(lambda: world.last["status"] == 0)
    assert [world.last[name] for name in ("bytes", "complete", "faults")] == [0, False, [1]]


def test_a_client_that_resets_the_connection_has_no_whole_answer(world: OwnWorld) -> None:
    world.declare("drip", bytesPerSecond=200)

    with reading(world, "changes") as client:
        take_body(client, 20)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert until(lambda: world.last["bytes"] > 0)
    assert not world.last["complete"]


def test_the_entry_of_a_late_answer_waits_with_it(world: OwnWorld) -> None:
    world.declare("delay", seconds=61, clock="world")
    with reading(world, "commits") as client:
        assert until(lambda: len(world.entries()) == 1)
        waiting = world.last
        world.control("PUT", "/clock", json={"advance": "61s"})
        head = client.recv(15)
        assert until(lambda: bool(world.last["complete"]))

    assert [waiting[name] for name in ("status", "bytes", "complete", "faults")] == [200, 0, False, [1]]
    assert head == b"HTTP/1.1 200 OK"
    assert world.last["bytes"] > 0


def test_a_slow_body_is_whole_in_the_end(world: OwnWorld) -> None:
    number = world.declare("drip", bytesPerSecond=100_000)

    body = world.get("commits").content

    assert [world.last[name] for name in ("bytes", "complete", "faults")] == [len(body), True, [number]]


def test_a_stream_that_breaks_on_the_server_is_not_whole() -> None:
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY))
    with serving(twin) as client:
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE commit_csv")
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("commits.csv")
        assert until(lambda: not twin.store.connections_in_use)

        (entry,) = client.http.get("/_mock/worlds/default/requests").json()["requests"]
    assert [entry[name] for name in ("status", "rows", "complete")] == [200, 6, False]


def test_a_journal_that_cannot_be_written_holds_no_connection() -> None:
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY))
    with serving(twin) as client:
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE journal")

        answers = [client.get(path) for path in ("commits.csv", "commits")]

        assert [answer.status_code for answer in answers] == [503, 503]
        assert answers[0].json()["message"] == "Service temporarily unavailable. Please try again later."
        assert twin.store.connections_in_use == 0


def test_a_draft_without_a_world_is_no_entry() -> None:
    request = httpx.Request("GET", "http://x")
    with closing(open_twin(Settings(scenario="empty", anchor=ANCHOR))) as twin:
        draft = Draft(request, None)  # type: ignore[arg-type]  # nothing of it is read

        with pytest.raises(RuntimeError, match="journaled in the world that it came to"):
            draft.open(twin.journal, body_bytes=0, is_complete=True)
