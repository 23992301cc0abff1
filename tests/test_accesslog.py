"""The access log: a line a request, and no key in any of them."""

import base64
import io
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from aicode_mock import answering
from aicode_mock.accesslog import LogFormat
from aicode_mock.launch import open_twin
from aicode_mock.server import Server, bind, create_app
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, basic

TEXT_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ \S+ \d{3} \d+B \d+\.\dms")
REAL_KEYS = [f"crsr_{'0123456789abcdef' * 4}", f"key_{'fedcba9876543210' * 4}"]


@dataclass
class Logged:
    """A server and what it logged; requests are told apart by their order."""

    url: str
    out: io.StringIO = field(default_factory=io.StringIO)

    def lines_of(self, *requests: httpx.Request, silent: int = 0) -> list[str]:
        """The lines of some requests, of which some are ``silent``; a last one of our own ends them.

        A line is written when its answer is let go of: of a stream that may be after the next one.
        """
        before = len(self.out.getvalue())
        with httpx.Client() as http:
            for request in requests:
                http.send(request)
            http.get(f"{self.url}/last")
        deadline = time.monotonic() + 10
        while True:
            *lines, rest = self.out.getvalue()[before:].split("\n")
            others = [line for line in lines if "/last" not in line]
            if len(others) < len(lines) and len(others) >= len(requests) - silent and not rest:
                return others
            assert time.monotonic() < deadline, lines

    def request(
        self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None
    ) -> httpx.Request:
        """A request that carries the key of the team."""
        return httpx.Request(method, f"{self.url}{path}", headers=headers or basic(KEY))


@contextmanager
def logged_server(log_format: LogFormat) -> Iterator[Logged]:
    listener, ready = bind("127.0.0.1", 0), threading.Event()
    logged = Logged(f"http://127.0.0.1:{listener.getsockname()[1]}")
    settings = Settings(
        scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"}
    )
    app = create_app(open_twin(settings), log_format=log_format, log_to=logged.out)
    server = Server(app, on_ready=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert ready.wait(timeout=30)
    try:
        yield logged
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[LogFormat, Logged]]:
    with ExitStack() as running:
        yield {one: running.enter_context(logged_server(one)) for one in LogFormat}


@pytest.fixture
def text(servers: dict[LogFormat, Logged]) -> Logged:
    return servers[LogFormat.TEXT]


def test_a_request_is_a_line_of_text(text: Logged) -> None:
    requests = [
        text.request(f"{API}/commits?startDate=2026-06-29&page=1"),
        text.request(f"{API}/commits?page=x"),
        text.request(f"{API}/changes", method="POST"),
        text.request("/docs"),
    ]

    lines = text.lines_of(*requests)

    assert all(TEXT_LINE.fullmatch(line) for line in lines), lines
    assert [line.split()[1:4] for line in lines] == [
        ["GET", f"{API}/commits?startDate=2026-06-29&page=1", "200"],
        ["GET", f"{API}/commits?page=x", "400"],
        ["POST", f"{API}/changes", "404"],
        ["GET", "/docs", "307"],
    ]


def test_a_request_is_a_json_object_too(servers: dict[LogFormat, Logged]) -> None:
    logged = servers[LogFormat.JSON]
    request = logged.request(f"{API}/commits.csv?user=bo@duo.example")
    size = len(httpx.get(request.url, headers=basic(KEY)).content)

    *_, line = logged.lines_of(request)

    entry = json.loads(line)
    assert list(entry) == ["time", "method", "target", "status", "bytes", "ms", "host", "pid"]
    assert (entry["method"], entry["status"], entry["bytes"]) == ("GET", 200, size)
    assert entry["target"] == f"{API}/commits.csv?user=bo@duo.example"
    assert entry["ms"] > 0


def test_the_bytes_of_an_answer_are_those_of_its_body(text: Logged) -> None:
    requests = [text.request(f"{API}/commits"), text.request(f"{API}/commits.csv")]
    sizes = [len(httpx.get(request.url, headers=basic(KEY)).content) for request in requests]
    conditional = text.request(f"{API}/commits", headers={**basic(KEY), "If-None-Match": "*"})

    lines = text.lines_of(*requests, conditional)[-3:]  # a stream's line may come after the next one's

    assert sorted(line.split()[3:5] for line in lines) == sorted(
        [*[["200", f"{size}B"] for size in sizes], ["304", "0B"]]
    )


def test_nothing_is_logged_when_it_is_off(servers: dict[LogFormat, Logged]) -> None:
    logged = servers[LogFormat.OFF]

    statuses = [httpx.get(f"{logged.url}{path}", headers=basic(KEY)).status_code for path in ("/x", "/docs")]

    assert statuses == [404, 307]
    assert logged.out.getvalue() == ""


def test_health_checks_are_not_logged(text: Logged) -> None:
    lines = text.lines_of(
        text.request("/_mock/health"),
        text.request("/_mock/ready"),
        text.request("/_mock/health", method="HEAD"),
        text.request("/_mock/other"),
        silent=3,
    )

    assert [line.split()[2] for line in lines] == ["/_mock/other"]


@pytest.mark.parametrize("key", [*REAL_KEYS, KEY])
def test_no_key_in_a_header_is_logged(text: Logged, key: str) -> None:
    encoded = base64.b64encode(f"{key}:".encode()).decode()
    forms = [f"Basic {encoded}", f"Bearer {key}", key, f"Basic {key}", f"Token {key}"]

    lines = text.lines_of(
        *[text.request(f"{API}/commits", headers={"Authorization": form}) for form in forms],
        text.request(f"{API}/commits", headers={"X-Api-Key": key, "Cookie": f"key={key}"}),
    )

    assert len(lines) == 6
    assert not [line for line in lines if key in line or encoded in line]


@pytest.mark.parametrize("key", [*REAL_KEYS, KEY])
@pytest.mark.parametrize(
    "query", ["api_key={}", "apiKey={}&page=1", "token={}", "page=1&x={}", "{}", "&&={}"]
)
def test_no_key_in_an_unknown_parameter_is_logged(text: Logged, key: str, query: str) -> None:
    (line,) = text.lines_of(text.request(f"{API}/commits?{query.format(key)}"))

    assert key not in line


@pytest.mark.parametrize("key", REAL_KEYS)
@pytest.mark.parametrize(
    "target",
    [
        "/{}",
        "/{}/x",
        f"{API}/commits/{{}}",
        f"{API}/commits?user={{}}",
        f"{API}/commits?{{}}=1",
        f"{API}/commits?startDate={{}}&page=1",
        f"{API}/commits?user=a,{{}}",
    ],
)
def test_no_key_of_the_documented_form_is_logged_wherever_it_stands(
    text: Logged, key: str, target: str
) -> None:
    secret = key.partition("_")[2]
    encoded = "".join(f"%{byte:02X}" for byte in key.encode())

    lines = text.lines_of(
        text.request(target.format(key)),
        text.request(target.format(encoded)),
        text.request(target.format(key.replace("_", "%5F"))),
    )

    assert len(lines) == 3
    for line in lines:
        assert TEXT_LINE.fullmatch(line)
        assert secret[:9] not in line
        assert encoded[-9:] not in line


@pytest.mark.parametrize(
    "target",
    [
        f"{API}/commits?user=x%0A2026-06-30T00:00:00.000Z%20GET%20/forged%20200%200B%200.0ms",
        f"{API}/commits?startDate=%0D%0Aforged&endDate=%1B[31mred",
        "/x%0Aforged%00%E2%80%A8%C2%85",
        f"{API}/commits/%0A%22%7D%0A%7B%22forged%22:1",
        f"{API}/commits?user=%22%2C%22status%22%3A200%7D",
    ],
)
def test_a_line_cannot_be_forged(servers: dict[LogFormat, Logged], target: str) -> None:
    text, as_json = servers[LogFormat.TEXT], servers[LogFormat.JSON]

    (line,) = text.lines_of(text.request(target))
    (json_line,) = as_json.lines_of(as_json.request(target))

    assert TEXT_LINE.fullmatch(line)
    assert line.isprintable()
    assert list(json.loads(json_line)) == ["time", "method", "target", "status", "bytes", "ms", "host", "pid"]


def test_known_parameters_are_logged_as_they_came(text: Logged) -> None:
    query = "startDate=7d&endDate=now&user=ada%40duo.example&page=1&pageSize=5&branch=main"

    (line,) = text.lines_of(text.request(f"{API}/commits?{query}&nonce=abc&flag"))

    assert line.split()[2] == f"{API}/commits?{query}&nonce=…&…"


def test_an_answer_to_head_has_no_bytes(text: Logged) -> None:
    (line,) = text.lines_of(text.request(f"{API}/commits", method="HEAD"))

    assert re.search(r" HEAD \S+ 200 0B ", line)


def test_an_answer_that_failed_is_logged_as_its_client_got_it(
    text: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(answering, "parse_date_range", fail)

    (line,) = text.lines_of(text.request(f"{API}/commits"))

    assert re.search(rf" GET {API}/commits 500 [1-9]\d+B ", line)


def test_a_client_that_leaves_while_it_posts_is_logged_without_a_status(text: Logged) -> None:
    before = len(text.out.getvalue())
    address = httpx.URL(text.url)
    with socket.create_connection((address.host, address.port or 0), 10) as client:
        client.sendall(b"POST /teams/spend HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")

    deadline = time.monotonic() + 10
    while "/teams/spend" not in (line := text.out.getvalue()[before:]):
        assert time.monotonic() < deadline

    assert " POST /teams/spend 0 0B " in line
