"""Every fault as clients meet it: a server on a socket, httpx and curl before it."""

import json
import logging
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from aicode_mock.faults.distorted import Distorted
from aicode_mock.faults.model import Fault
from aicode_mock.faults.replacement import replacement
from aicode_mock.faults.taken import Taken
from aicode_mock.faults.transport import BreakableProtocol
from aicode_mock.switches import Switches

pytestmark = pytest.mark.both_stores

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
HEADER, RECORD = b"hash,message\n", 'f00,"Grüße, ""you"""\n'.encode()
TABLE = HEADER + RECORD * 25_000
PAGE = (
    b'{"items":[{"hash":"f00","message":"gr\xc3\xbc\xc3\x9fe"},{"hash":"f01","message":"x"}],"totalCount":2}'
)
PIECE_BYTES = 256 * 1024

pytestmark = pytest.mark.filterwarnings("error")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


class Site:
    """A server of one answer, which each test sets; ``now`` is its world's clock."""

    def __init__(self, url: str) -> None:
        """The site is served at ``url``."""
        self.url = url
        self.now = NOON
        self.answer: Callable[[], Response] = Response
        self.faults: list[Fault] = []
        self.entered, self.left = threading.Event(), threading.Event()
        self.distorted: Distorted | None = None

    def serve(self, answer: Callable[[], Response], *actions: dict[str, Any]) -> None:
        """Answer all requests so from now on."""
        self.answer, self.now = answer, NOON
        self.faults = [Fault.model_validate({"action": action}) for action in actions]
        self.entered, self.left = threading.Event(), threading.Event()  # an answer before may still end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless the path says that nothing goes wrong there."""
        if scope["path"] == "/fine":
            await Response("fine")(scope, receive, send)
            return
        taken = [Taken(number, fault.action) for number, fault in enumerate(self.faults, start=1)]
        response = replacement(taken, Switches()) or self.answer()
        self.distorted = Distorted(response, taken, now=lambda: self.now, on_missed=lambda _numbers: None)
        left = self.left
        self.entered.set()
        try:
            await self.distorted(scope, receive, send)
        finally:
            left.set()


@contextmanager
def serving() -> Iterator[Site]:
    """A site on a free port of this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        site, http=BreakableProtocol, lifespan="off", ws="none", access_log=False, log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="module")
def shared_site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def site(shared_site: Site, caplog: pytest.LogCaptureFixture) -> Iterator[Site]:
    """The site; nothing that goes wrong there on purpose is an error in its log."""
    with caplog.at_level(logging.WARNING):
        yield shared_site
    assert [record.getMessage() for record in caplog.get_records("call")] == []


class Got(NamedTuple):
    """What httpx got: everything until the connection failed, and how it failed."""

    status: int
    headers: httpx.Headers
    body: bytes
    failure: type[Exception] | None


def get(site: Site, *, method: str = "GET") -> Got:
    body = b""
    try:
        with httpx.stream(method, site.url, timeout=30) as response:
            try:
                for piece in response.iter_raw():
                    body += piece
            except httpx.TransportError as failure:
                return Got(response.status_code, response.headers, body, type(failure))
            return Got(response.status_code, response.headers, body, None)
    except httpx.TransportError as failure:
        return Got(0, httpx.Headers(), b"", type(failure))


def curl(site: Site, *options: str) -> tuple[int, bytes]:
    """The exit code of curl, and what it printed."""
    command = ["curl", "--silent", "--max-time", "30", *options, site.url]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode, done.stdout


def page() -> Response:
    return Response(PAGE, media_type="application/json")


def table() -> Response:
    return StreamingResponse(pieces_of(TABLE), media_type="text/csv; charset=utf-8")


def pieces_of(body: bytes) -> Iterable[bytes]:
    return (body[start : start + PIECE_BYTES] for start in range(0, len(body), PIECE_BYTES))


def cut(at: str, count: int = 1, how: str = "close") -> dict[str, Any]:
    return {"kind": "cut", "at": at, "count": count, "how": how}


BROKEN_PAGE = PAGE[:-1] + b"]"
WINDOWS_TABLE = b"\xef\xbb\xbf" + TABLE.replace(b"\n", b"\r\n")
WHOLE = [
    (page, {"kind": "malformed-json"}, 200, "application/json", BROKEN_PAGE),
    (page, {"kind": "content-type", "value": "text/html"}, 200, "text/html", PAGE),
    (page, {"kind": "empty"}, 200, None, b""),
    (page, {"kind": "drip", "bytesPerSecond": 2_000}, 200, "application/json", PAGE),
    (page, {"kind": "delay", "seconds": 0.05}, 200, "application/json", PAGE),
    (
        table,
        {"kind": "csv", "lineEnd": "crlf", "bom": True},
        200,
        "text/csv; charset=utf-8",
        WINDOWS_TABLE,
    ),
    (table, cut("at-fetch", 3), 200, "text/csv; charset=utf-8", TABLE),
]


@pytest.mark.parametrize(("answer", "action", "status", "content_type", "body"), WHOLE)
def test_httpx_gets_changed_answers_whole(
    site: Site,
    answer: Callable[[], Response],
    action: dict[str, Any],
    status: int,
    content_type: str | None,
    body: bytes,
) -> None:
    site.serve(answer, action)

    got = get(site)

    assert (got.status, got.headers.get("Content-Type"), got.body, got.failure) == (
        status,
        content_type,
        body,
        None,
    )


@needs_curl
@pytest.mark.parametrize(("answer", "action", "status", "content_type", "body"), WHOLE)
def test_curl_gets_changed_answers_whole(
    site: Site,
    answer: Callable[[], Response],
    action: dict[str, Any],
    status: int,
    content_type: str | None,
    body: bytes,
) -> None:
    site.serve(answer, action)

    code, printed = curl(site, "--write-out", "|%{http_code}|%{content_type}")

    assert (code, printed) == (0, body + f"|{status}|{content_type or ''}".encode())


REFUSALS = [
    ({"kind": "status", "status": 429, "retryAfter": 3}, 429, "3", b'"message":"Rate limit exceeded.'),
    ({"kind": "status", "status": 429}, 429, None, b'"error":"Too Many Requests"'),
    ({"kind": "status", "status": 503}, 503, None, b'"error":"Service Unavailable"'),
    ({"kind": "status", "status": 599}, 599, None, b'"error":"Unknown Status"'),
    ({"kind": "proxy-page", "status": 504}, 504, None, b"<title>504 Gateway Timeout</title>"),
]


@pytest.mark.parametrize(("action", "status", "retry_after", "part"), REFUSALS)
def test_httpx_gets_refusals(
    site: Site, action: dict[str, Any], status: int, retry_after: str | None, part: bytes
) -> None:
    site.serve(page, action)

    got = get(site)

    assert (got.status, got.headers.get("Retry-After"), got.failure) == (status, retry_after, None)
    assert part in got.body


@needs_curl
@pytest.mark.parametrize(("action", "status", "retry_after", "part"), REFUSALS)
def test_curl_gets_refusals(
    site: Site, action: dict[str, Any], status: int, retry_after: str | None, part: bytes
) -> None:
    site.serve(page, action)

    code, printed = curl(site, "--fail-with-body", "--write-out", "|%{http_code}|%header{retry-after}")

    assert code == 22  # curl: an HTTP error
    assert printed.endswith(f"|{status}|{retry_after or ''}".encode())
    assert part in printed


AT_FETCH = len(HEADER) + 10_000 * len(RECORD)
CUTS = [
    (page, cut("bytes", 0), 0),
    (page, cut("bytes", 10), 10),
    (page, cut("rows"), PAGE.index(b"}") + 1),
    (page, cut("mid-row"), PAGE.index(b",") + 1),
    (page, cut("in-quotes"), 2),
    (page, cut("in-utf8", 2), PAGE.index(b"\xc3\x9f") + 1),
    (table, cut("bytes", 0), 0),
    (table, cut("bytes", PIECE_BYTES), PIECE_BYTES),
    (table, cut("rows", 0), len(HEADER)),
    (table, cut("rows", 20_000), len(HEADER) + 20_000 * len(RECORD)),
    (table, cut("mid-row", 20_001), len(HEADER) + 20_000 * len(RECORD) + 4),
    (table, cut("in-quotes", 20_001), len(HEADER) + 20_000 * len(RECORD) + 5),
    (table, cut("in-utf8", 3), len(HEADER) + len(RECORD) + RECORD.index(b"\xc3") + 1),
    (table, cut("at-fetch"), AT_FETCH),
    (table, cut("at-fetch", 2), AT_FETCH + 10_000 * len(RECORD)),
    (table, cut("before-last-chunk"), len(TABLE)),
]
HOW = [("close", httpx.RemoteProtocolError, 18), ("reset", httpx.ReadError, 56)]


@pytest.mark.parametrize(("how", "failure", "_code"), HOW)
@pytest.mark.parametrize(("answer", "action", "length"), CUTS)
def test_httpx_gets_a_body_up_to_its_cut(
    site: Site,
    answer: Callable[[], Response],
    action: dict[str, Any],
    length: int,
    how: str,
    failure: type[Exception],
    _code: int,
) -> None:
    site.serve(answer, {**action, "how": how})

    got = get(site)

    whole = bytes(answer().body) if answer is page else TABLE
    assert (got.status, got.failure) == (200, failure)
    assert got.body == whole[:length]
    assert got.headers.get("Content-Length") == (str(len(PAGE)) if answer is page else None)


@needs_curl
@pytest.mark.parametrize(("how", "_failure", "code"), HOW)
@pytest.mark.parametrize(("answer", "action", "length"), CUTS)
def test_curl_gets_a_body_up_to_its_cut(
    site: Site,
    answer: Callable[[], Response],
    action: dict[str, Any],
    length: int,
    how: str,
    _failure: type[Exception],
    code: int,
) -> None:
    site.serve(answer, {**action, "how": how})

    assert curl(site) == (code, (PAGE if answer is page else TABLE)[:length])


def test_httpx_meets_a_reset_before_the_first_byte(site: Site) -> None:
    site.serve(page, {"kind": "reset"})

    assert get(site) == Got(0, httpx.Headers(), b"", httpx.ReadError)


@needs_curl
def test_curl_meets_a_reset_before_the_first_byte(site: Site) -> None:
    site.serve(page, {"kind": "reset"})

    assert curl(site, "--include") == (56, b"")  # curl: failure in receiving


def test_a_broken_connection_leaves_others_alone(site: Site) -> None:
    site.serve(table, cut("rows", 5, "reset"))

    with httpx.Client(base_url=site.url) as other:
        before = other.get("/fine")
        failures = [get(site).failure for _ in range(3)]
        after = other.get("/fine")

    assert failures == [httpx.ReadError] * 3
    assert (before.text, after.text) == ("fine", "fine")
    assert before.extensions["network_stream"] is after.extensions["network_stream"]


def test_a_whole_answer_keeps_its_connection(site: Site) -> None:
    site.serve(page, {"kind": "malformed-json"}, {"kind": "delay", "seconds": 0.01})

    with httpx.Client(base_url=site.url) as client:
        streams = {id(client.get("/").extensions["network_stream"]) for _ in range(3)}

    assert len(streams) == 1


def test_a_head_has_no_body_to_cut(site: Site) -> None:
    site.serve(page, cut("bytes", 1), {"kind": "csv", "bom": True})

    got = get(site, method="HEAD")

    assert (got.status, got.body, got.failure) == (200, b"", None)
    assert site.distorted is not None
    assert site.distorted.missed == (1, 2)


def test_a_304_stays_one(site: Site) -> None:
    site.serve(lambda: Response(status_code=304), {"kind": "malformed-json"}, cut("before-last-chunk"))

    assert get(site)[:1] + get(site)[2:] == (304, b"", None)


def seconds_of(get_answer: Callable[[], object]) -> float:
    began = time.monotonic()
    get_answer()
    return time.monotonic() - began


def test_delays_add_up_and_come_before_the_first_byte(site: Site) -> None:
    site.serve(page, {"kind": "delay", "seconds": 0.1}, {"kind": "delay", "seconds": 0.2})

    began = time.monotonic()
    with httpx.stream("GET", site.url):
        seconds_to_headers = time.monotonic() - began

    assert seconds_to_headers >= 0.3


def test_a_refusal_and_a_reset_may_come_late(site: Site) -> None:
    site.serve(page, {"kind": "delay", "seconds": 0.15}, {"kind": "status", "status": 500})
    assert seconds_of(lambda: get(site)) >= 0.15

    site.serve(page, {"kind": "delay", "seconds": 0.15}, {"kind": "reset"})
    assert seconds_of(lambda: get(site)) >= 0.15


def test_the_slowest_drip_counts(site: Site) -> None:
    body = b"x" * 300
    site.serve(
        lambda: Response(body),
        {"kind": "drip", "bytesPerSecond": 1000},
        {"kind": "drip", "bytesPerSecond": 10**6},
    )

    assert seconds_of(lambda: get(site)) >= 0.2


def test_a_dripping_stream_is_made_as_it_is_taken(site: Site) -> None:
    made: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            made.append(1)
            yield b"y" * 1000

    site.serve(lambda: StreamingResponse(endless()), {"kind": "drip", "bytesPerSecond": 20_000})

    with httpx.stream("GET", site.url) as response:
        next(response.iter_raw(chunk_size=3000))
        assert len(made) < 200  # and not as fast as it can be
    assert site.left.wait(timeout=10)


def test_a_delay_on_the_clock_of_the_world_ends_when_that_has_moved(site: Site) -> None:
    site.serve(page, {"kind": "delay", "seconds": 3600, "clock": "world"})

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(get, site)
        assert site.entered.wait(timeout=10)
        site.now += timedelta(minutes=59)
        with pytest.raises(NotYet):
            answer.result(timeout=0.2)
        site.now += timedelta(minutes=1)
        got = answer.result(timeout=10)

    assert (got.body, got.failure) == (PAGE, None)


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "delay", "seconds": 3600},
        {"kind": "delay", "seconds": 3600, "clock": "world"},
        {"kind": "drip", "bytesPerSecond": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("answer", [page, table])
def test_a_client_that_goes_ends_the_wait(
    site: Site, answer: Callable[[], Response], action: dict[str, Any]
) -> None:
    site.serve(answer, action)

    with socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2]))) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert site.entered.wait(timeout=10)
        assert not site.left.wait(timeout=0.05)

    assert site.left.wait(timeout=10)


def drain(client: socket.socket) -> tuple[int, type[Exception] | None]:
    """How many bytes come, and how that ends."""
    received = 0
    try:
        while piece := client.recv(65_536):
            received += len(piece)
    except OSError as failure:
        return received, type(failure)
    return received, None


def test_a_reset_waits_until_a_slow_client_has_everything(site: Site) -> None:
    site.serve(table, cut("before-last-chunk", how="reset"))

    with socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2]))) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        client.settimeout(30)
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not site.left.wait(timeout=0.2)
        received, failure = drain(client)

    assert received > len(TABLE)
    assert failure is ConnectionResetError


def test_a_client_that_goes_before_the_reset_is_no_error(site: Site) -> None:
    site.serve(table, cut("before-last-chunk", how="reset"))

    with socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2]))) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not site.left.wait(timeout=0.1)

    assert site.left.wait(timeout=10)


def test_malformed_json_is_refused_by_parsers(site: Site) -> None:
    site.serve(page, {"kind": "malformed-json"})

    with pytest.raises(json.JSONDecodeError):
        httpx.get(site.url).json()
