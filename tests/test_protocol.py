"""What a stranger may send: how much, how slowly, and that nothing else comes of it than a refusal."""

import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import h11
import httpx
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.launch import open_twin
from aicode_mock.protocol import MOST_HEAD_BYTES, BoundedProtocol
from aicode_mock.server import Server, bind, create_app
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, Client, basic
from tests.test_serve import started
from tests.test_streaming import until

TRACES = ("Traceback", 'File "', "sqlalchemy", "sqlite3", "site-packages", "Error:", ".py")


WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"POST /_mock/worlds HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"


class Hasty(BoundedProtocol):
    """Does not wait."""

    head_s = 0.2
    body_s = 0.2


class Told(NamedTuple):
    """An answer as it came over the wire; no status if there was none."""

    status: int | None
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """The message of an error."""
        text: str = json.loads(self.body)["message"]
        return text


@contextmanager
def hasty_server() -> Iterator[tuple[str, int]]:
    """A server that waits for no client."""
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY))
    listener, ready = bind("127.0.0.1", 0), threading.Event()
    server = Server(create_app(twin), on_ready=ready.set)
    server.config.http = Hasty
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert ready.wait(30)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def hasty() -> Iterator[tuple[str, int]]:
    with hasty_server() as address:
        yield address


@pytest.fixture
def address(client: Client) -> tuple[str, int]:
    url = httpx.URL(client.url)
    return url.host, url.port or 0


def exchange(address: tuple[str, int], *parts: bytes) -> Told:
    """Send parts, and read the answer to the first request until the server closes the connection."""
    return first_answer(talk(address, *parts))


def first_answer(received: bytes) -> Told:
    """The first of the answers that came."""
    parser = h11.Connection(h11.CLIENT)
    if not received:
        return Told(None, {}, b"")
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(received)
    parser.receive_data(b"")
    answer, body = parser.next_event(), b""
    assert isinstance(answer, h11.Response)
    while isinstance(event := parser.next_event(), h11.Data):
        body += event.data
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Told(answer.status_code, headers, body)


def talk(address: tuple[str, int], *parts: bytes) -> bytes:
    """Send parts, and read until the server closes the connection."""
    with socket.create_connection(address, 30) as client:
        for part in parts:
            client.sendall(part)
        return b"".join(iter(lambda: _receive(client), b""))


def _receive(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        (b"\x00\xff\x16\x03\x01\r\n\r\n", 400, "Invalid HTTP request received."),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "Invalid HTTP request received."),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\nA b: c\r\n\r\n", 400, "Invalid HTTP request received."),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            400,
            "Invalid HTTP request received.",
        ),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "Invalid HTTP request received."),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
            501,
            "Invalid HTTP request received.",
        ),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            501,
            "Invalid HTTP request received.",
        ),
        (
            b"GET /" + b"a" * 3 * MOST_HEAD_BYTES,
            431,
            f"URL and headers must not be over {MOST_HEAD_BYTES} bytes",
        ),
        (
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * MOST_HEAD_BYTES,
            431,
            f"URL and headers must not be over {MOST_HEAD_BYTES} bytes",
        ),
    ],
)
def test_what_is_no_request_is_refused_in_the_contracts_shape(
    address: tuple[str, int], sent: bytes, status: int, message: str
) -> None:
    told = exchange(address, sent)

    assert (told.status, told.message, told.headers["connection"]) == (status, message, "close")
    assert told.headers["content-type"] == "application/json"


def test_a_body_that_is_none_ends_an_answer_that_has_begun(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    authorization = basic(KEY)["Authorization"].encode()
    head = b"GET %b/commits.csv HTTP/1.1\r\nHost: x\r\nAuthorization: %b\r\n" % (API.encode(), authorization)
    with socket.create_connection(address, 30) as client:
        client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        client.sendall(b"no chunk\r\n")
        while _receive(client):
            pass

    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


POST = b"POST /_mock/worlds HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "flood", [b"1;" + b"a" * 3 * MOST_HEAD_BYTES, b"0\r\nA: " + b"a" * 3 * MOST_HEAD_BYTES]
)
def test_what_is_beside_a_body_is_bounded_too(address: tuple[str, int], flood: bytes) -> None:
    told = exchange(address, POST, flood)

    assert told.status == 431


def test_a_trailer_is_no_part_of_the_request(address: tuple[str, int]) -> None:
    head = f"GET {API}/commits HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    target = head + "Transfer-Encoding: chunked\r\n\r\n0\r\n"
    trailer = f"Authorization: {basic(KEY)['Authorization']}\r\n\r\n"

    told = exchange(address, (target + trailer).encode())  # known when the request is

    assert told.status == 401


@pytest.mark.parametrize(
    ("ahead", "statuses"),
    [
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nno request\r\n\r\n", [200, 404, 400]),
        (POST + b"no chunk\r\n", [200, 400]),
        (POST + b"1;" + b"a" * 3 * MOST_HEAD_BYTES, [200, 431]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", [200, 501]),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\nConnection: close\r\n\r\n"
            b"GET /hidden HTTP/1.1\r\n",
            [200, 404, 404],
        ),
    ],
)
def test_what_is_sent_ahead_is_answered_in_turn(
    address: tuple[str, int], ahead: bytes, statuses: list[int]
) -> None:
    authorization = f"Authorization: {basic(KEY)['Authorization']}\r\n\r\n"
    first = f"GET {API}/commits.csv?startDate=3650d HTTP/1.1\r\nHost: x\r\n{authorization}".encode()

    received = talk(address, first + ahead)

    assert [int(one) for one in re.findall(rb"HTTP/1\.1 (\d+)", received)] == statuses
    assert b"0\r\n\r\nHTTP/1.1 %d" % statuses[1] in received


def test_an_answer_before_http_1_1_ends_with_its_connection(address: tuple[str, int]) -> None:
    authorization = f"Authorization: {basic(KEY)['Authorization']}\r\n\r\n"

    streamed, page = [
        talk(address, f"GET {API}/{target} HTTP/1.0\r\n{authorization}".encode()).partition(b"\r\n\r\n")
        for target in ("commits.csv", "commits?pageSize=2")
    ]

    assert b"transfer-encoding" not in streamed[0]
    assert streamed[2].startswith(b"commit_hash,")
    assert streamed[2].endswith(b"\n")
    assert b"content-length: %d" % len(page[2]) in page[0]
    assert len(json.loads(page[2])["items"]) == 2


def test_who_asks_for_another_protocol_is_answered_in_this_one(address: tuple[str, int]) -> None:
    upgrade = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}

    with closing(HTTPConnection(*address)) as client:
        statuses = []
        for method, body in (("GET", None), ("POST", '{"id": "upgraded"}'), ("GET", None)):
            client.request(method, "/_mock/worlds", body, {**upgrade, "Content-Type": "application/json"})
            answer = client.getresponse()
            statuses.append((answer.status, len(answer.read()) > 0))

    assert statuses == [(200, True), (201, True), (200, True)]


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"", []),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", [b"408"]),
        (WHOLE + b"GET / HTTP", [b"404", b"408"]),
        (HALF, [b"408"]),
        (WHOLE + HALF, [b"404", b"408"]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", [b"404"]),
    ],
)
def test_nobody_is_waited_for_without_end(hasty: tuple[str, int], sent: bytes, statuses: list[bytes]) -> None:
    began = time.monotonic()
    received = talk(hasty, sent)

    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == statuses
    assert time.monotonic() - began < 10
    if b"408" in statuses:
        assert received.endswith(b'"The request did not come to its end in time"}')


def test_a_client_in_time_is_not_hurried(hasty: tuple[str, int]) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{hasty[1]}") as client:
        statuses = [client.get("/_mock/worlds").status_code for _ in range(3)]
        statuses.append(client.post("/_mock/worlds", json={"id": "x"}).status_code)

    assert statuses == [200, 200, 200, 201]


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"GET ", b"GET /_mock/", b"GET / HTTP/1.1\r\nHost: x\r\n"])
)
def test_random_bytes_never_bring_out_more_than_an_error(
    hasty: tuple[str, int], rest: bytes, start: bytes
) -> None:
    told = exchange(hasty, start + rest + b"\r\n\r\n")

    assert told.status is None or 400 <= told.status < 500
    assert not [trace for trace in TRACES if trace.encode() in told.body]


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (f"http://api.cursor.com{API}/commits?pageSize=1", "x", 200),
        (f"https://anybody:secret@api.cursor.com:443{API}/commits", "x", 200),
        ("http://api.cursor.com", "x", 404),
        ("http://localhost/_mock/worlds", "evil.example", 200),
        ("http://evil.example/_mock/worlds", "localhost", 403),
        ("http:/_mock/worlds", "localhost", 404),
        ("http://evil.example?@localhost/_mock/worlds", "localhost", 404),
    ],
)
def test_a_target_may_be_absolute_as_for_a_proxy(
    address: tuple[str, int], target: str, host: str, status: int
) -> None:
    head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    authorization = f"Authorization: {basic(KEY)['Authorization']}\r\n\r\n"

    told = exchange(address, (head + authorization).encode())

    assert told.status == status
    if status == 200 and API in target:
        assert json.loads(told.body)["items"]


def test_a_thousand_connections_are_held_and_let_go_where_few_files_are_allowed(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 4096:
        pytest.skip("this machine allows too few files")
    script = (
        "import resource, sys; from aicode_mock.cli import main; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (200, 4096)); main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", script, "serve", "--port", "0", "--scenario", "tiny", "--api-key", KEY]
    with started(tmp_path, command=command) as server, ExitStack() as crowd:
        process, url = psutil.Process(server.process.pid), httpx.URL(server.url)
        httpx.get(f"{url}{API}/commits", headers=basic(KEY))
        before = process.num_fds()
        for number in range(1000):
            client = crowd.enter_context(socket.create_connection((url.host, url.port), 30))
            client.sendall(b"GET / HTTP/1.1\r\n"[: number % 16])
        held = until(lambda: process.num_fds() >= before + 980, seconds=60)  # the first one may be gone
        answered = [httpx.get(f"{url}{API}/commits", headers=basic(KEY)).status_code for _ in range(5)]
        crowd.close()
        is_let_go = until(lambda: process.num_fds() <= before + 20, seconds=60)

    assert (held, is_let_go) == (True, True)
    assert answered == [200] * 5


def test_a_connection_is_kept_longer_than_clients_keep_it(client: Client) -> None:
    """That is 5 s for httpx: closed in that moment by the server, the next request would fail."""
    host, _, port = client.url.removeprefix("http://").partition(":")
    with closing(HTTPConnection(host, int(port), timeout=10)) as connection:
        connection.auto_open = 0  # as little as a pool opens one under a request that is on its way
        connection.connect()
        statuses = []
        for pause_s in (0, 6):
            time.sleep(pause_s)
            connection.request("GET", f"{API}/commits", headers=basic(KEY))
            with connection.getresponse() as answer:
                answer.read()
                statuses.append(answer.status)

    assert statuses == [200, 200]
