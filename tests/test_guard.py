"""Who may use the control plane: tokens, origins, hosts, and none at all."""

import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from aicode_mock.control.guard import Watch
from aicode_mock.launch import open_twin, watch
from aicode_mock.server import Server, bind, create_app
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API
from tests.test_serve import started

TOKEN = "s3cret-T0ken"  # noqa: S105  # of this test
WORLDS = "/_mock/worlds"
MIB = 1024 * 1024
CONTROL = Path(__file__).parent.parent / "openapi" / "control.yaml"


@contextmanager
def served(guard: Watch) -> Iterator[httpx.Client]:
    """A client of a server whose control plane is guarded so."""
    listener, ready = bind("127.0.0.1", 0), threading.Event()
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR))
    server = Server(create_app(twin, watch=guard), on_ready=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert ready.wait(timeout=30)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, httpx.Client]]:
    guards = {"open": Watch(), "token": Watch(token=TOKEN), "closed": Watch(is_open=False)}
    with ExitStack() as running:
        yield {name: running.enter_context(served(guard)) for name, guard in guards.items()}


@pytest.fixture
def loopback(servers: dict[str, httpx.Client]) -> httpx.Client:
    return servers["open"]


@pytest.fixture
def beyond(servers: dict[str, httpx.Client]) -> httpx.Client:
    """A server that is bound beyond loopback, as far as its guard knows."""
    return servers["token"]


def assert_refused(answer: httpx.Response, status: int, message: str) -> None:
    names = {401: "Unauthorized", 403: "Forbidden"}
    assert (answer.status_code, answer.json()) == (status, {"error": names[status], "message": message})


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example/http://127.0.0.1:{port}",
        "127.0.0.1:{port}",
        "http://[",
        "http://]:{port}",
        "file://",
    ],
)
def test_a_page_of_another_origin_is_refused(loopback: httpx.Client, method: str, origin: str) -> None:
    answer = loopback.request(
        method, WORLDS, headers={"Origin": origin.format(port=loopback.base_url.port)}, json={}
    )

    assert_refused(answer, 403, "Origin must be that of this server: another page asks")


def test_no_world_is_made_for_another_origin(loopback: httpx.Client) -> None:
    loopback.post(WORLDS, headers={"Origin": "http://evil.example"})

    assert [world["id"] for world in loopback.get(WORLDS).json()["worlds"]] == ["default"]


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("", 403), ("none", 200)]
)
def test_a_browser_says_itself_that_another_page_asks(loopback: httpx.Client, site: str, status: int) -> None:
    answer = loopback.get(WORLDS, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == status
    assert answer.is_success or answer.json()["message"] == (
        "Sec-Fetch-Site must be same-origin: another page asks"
    )


def test_a_page_of_this_server_may_ask(loopback: httpx.Client) -> None:
    answer = loopback.get(
        WORLDS, headers={"Origin": str(loopback.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "a b",
        "[",
        "a]",
        "[::1",
        "",
        ":80",
    ],
)
def test_a_name_that_points_to_loopback_is_refused(loopback: httpx.Client, host: str) -> None:
    answer = loopback.get(WORLDS, headers={"Host": host})

    assert_refused(answer, 403, "Host must be localhost or an address: got another name")


def test_a_name_of_another_is_refused_though_its_page_has_that_origin(loopback: httpx.Client) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}

    answer = loopback.delete(f"{WORLDS}/x", headers=headers)

    assert_refused(answer, 403, "Host must be localhost or an address: got another name")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "app.localhost", "127.0.0.1", "10.1.2.3:80", "[::1]", "[::1]:8484"]
)
def test_localhost_and_addresses_are_hosts(loopback: httpx.Client, host: str) -> None:
    assert loopback.get(WORLDS, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer wrong",
        b"Bearer s3cret-T0ke",
        b"Bearer s3cret-T0ken2",
        b"Bearer S3CRET-T0KEN",
        b"Basic s3cret-T0ken",
        b"s3cret-T0ken",
        b"Bearer=s3cret-T0ken",
        "Bearer s3crét-T0ken".encode(),
        b"Bearer s3cr\xe9t-T0ken",
    ],
)
@pytest.mark.parametrize("path", [WORLDS, "/_mock/nothing", f"{WORLDS}/default/reset", "/_mock/health/"])
def test_beyond_loopback_the_token_is_asked_for(
    beyond: httpx.Client, path: str, authorization: bytes | None
) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization)]

    answer = beyond.get(path, headers=headers)

    is_wrong = authorization is not None and authorization.startswith(b"Bearer ")
    complaint = (
        "the token in the header Authorization is not that of the control plane"
        if is_wrong
        else "the control plane needs the header Authorization: Bearer <token>"
    )
    assert_refused(answer, 401, complaint)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_token_opens(beyond: httpx.Client, scheme: str) -> None:
    answer = beyond.get(WORLDS, headers={"Authorization": f"{scheme}{TOKEN}"})

    assert answer.status_code == 200


def test_with_a_token_any_name_is_a_host_and_a_foreign_origin_is_refused_still(beyond: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "mock.internal:8484"}

    own = beyond.get(WORLDS, headers={**headers, "Origin": "https://mock.internal:8484"})
    foreign = beyond.get(WORLDS, headers={**headers, "Origin": "https://evil.example"})

    assert own.status_code == 200
    assert_refused(foreign, 403, "Origin must be that of this server: another page asks")


def test_no_host_is_the_origin_of_nobody(beyond: httpx.Client) -> None:
    lines = ["GET /_mock/worlds HTTP/1.0", "Origin: null", f"Authorization: Bearer {TOKEN}", "", ""]
    with socket.create_connection((str(beyond.base_url.host), beyond.base_url.port or 0), 10) as client:
        client.sendall("\r\n".join(lines).encode())

        assert client.makefile("rb").readline().split()[1] == b"403"


@pytest.mark.parametrize("name", ["open", "token", "closed"])
@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready"])
def test_health_is_open_to_everybody(servers: dict[str, httpx.Client], name: str, path: str) -> None:
    headers = {"Origin": "http://[", "Host": "evil.example", "Authorization": "Bearer wrong"}

    assert servers[name].get(path, headers=headers).status_code == 200


def test_without_a_control_plane_there_are_health_and_ready_alone(servers: dict[str, httpx.Client]) -> None:
    closed, paths = servers["closed"], yaml.safe_load(CONTROL.read_text(encoding="utf-8"))["paths"]
    message = "this server has no control plane (--no-control), only /_mock/health and /_mock/ready"
    asked = [
        closed.request(
            method,
            f"/_mock{path}".format(world="default", id=1, name="x", rule="window-gap"),
            headers={"Host": "evil.example", "Origin": "null"},
        )
        for path in paths
        if path not in ("/health", "/ready")
        for method in paths[path]
    ]

    assert len(asked) > 25
    for answer in asked:
        assert (answer.status_code, answer.json()) == (404, {"error": "Not Found", "message": message})
    assert closed.post("/_mock/health").status_code == 405


@pytest.mark.parametrize("name", ["open", "token", "closed"])
def test_the_mirrored_api_asks_for_none_of_it(servers: dict[str, httpx.Client], name: str) -> None:
    answer = servers[name].get(f"{API}/commits", headers={"Host": "evil.example", "Origin": "null"})

    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")


def chunked(text: bytes) -> Iterator[bytes]:
    """A body whose length is not told."""
    for start in range(0, len(text), MIB):
        yield text[start : start + MIB]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_16_mib_is_too_large(loopback: httpx.Client, is_chunked: bool) -> None:
    whole = b'{"id": "' + b"x" * (16 * MIB - 10) + b'"}'
    sizes = (whole, whole + b" ")
    json = {"Content-Type": "application/json"}

    fits, over = (
        loopback.post(WORLDS, content=chunked(text) if is_chunked else text, headers=json) for text in sizes
    )

    assert (fits.status_code, fits.json()["message"][:3]) == (400, "id:")
    assert (over.status_code, over.json()["message"]) == (413, "body: must not be over 16777216 bytes")
    assert loopback.get(WORLDS).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_on_loopback_no_token_is_made(host: str) -> None:
    assert watch(host, token=None, no_control=False) == Watch(is_open=True, token=None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104  # not bound
def test_beyond_loopback_a_token_is_made_that_nobody_guesses(host: str) -> None:
    guards = [watch(host, token=None, no_control=False) for _ in range(20)]

    tokens = {guard.token or "" for guard in guards}
    assert len(tokens) == 20
    assert all(len(token) >= 32 and re.fullmatch(r"[\w-]+", token, re.ASCII) for token in tokens)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104  # not bound
def test_a_chosen_token_is_asked_for_everywhere_but_where_nothing_is(host: str) -> None:
    assert watch(host, token="mine", no_control=False) == Watch(token="mine")  # noqa: S106  # of this test
    assert watch(host, token="mine", no_control=True) == Watch(is_open=False)  # noqa: S106  # likewise
    assert watch(host, token=None, no_control=True) == Watch(is_open=False)


def test_a_made_token_is_printed_once_and_never_logged(tmp_path: Path) -> None:
    options = ["--scenario", "tiny", "--host", "0.0.0.0", "--log-format", "json"]  # noqa: S104  # free port
    with started(tmp_path, *options) as server:
        printed = [line for line in server.output if line.startswith("control token ")]
        token = printed[0].removeprefix("control token ")
        match = re.search(r":(\d+) revision", server.output[-1])
        assert match
        url = f"http://127.0.0.1:{match[1]}"
        statuses = [
            httpx.get(f"{url}{WORLDS}", headers=headers).status_code
            for headers in ({}, {"Authorization": f"Bearer {token}"})
        ]
        server.stop(signal.SIGTERM)

    everything = "\n".join([*server.output, server.errors])
    assert statuses == [401, 200]
    assert everything.count(token) == len(printed) == 1


def test_a_chosen_token_is_printed_nowhere(tmp_path: Path) -> None:
    with started(tmp_path, "--scenario", "tiny", "--verbose", AICODE_MOCK_CONTROL_TOKEN=TOKEN) as server:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        statuses = [httpx.get(f"{server.url}{WORLDS}", headers=given).status_code for given in ({}, headers)]
        server.stop(signal.SIGTERM)

    everything = "\n".join([*server.output, server.errors])
    assert statuses == [401, 200]
    assert TOKEN not in everything
    assert "token" not in "\n".join(server.output)
