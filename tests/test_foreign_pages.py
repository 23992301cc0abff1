"""No page of another origin drives the control plane, on any of its routes, as the route table has them."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from aicode_mock.control.application import build_control
from aicode_mock.control.guard import Watch
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR
from tests.test_guard import TOKEN, served

OPEN = ("/health", "/ready")
BODIES = {
    "application/json": b'{"id": "driven"}',
    "text/plain": b'{"id": "driven"}',  # what a form of another page may send unasked
    "application/x-www-form-urlencoded": b"id=driven",
    "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\nx\r\n--x--',
}


def table() -> list[tuple[str, str]]:
    """Every method and path of the control plane, its parameters filled in."""
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR))
    try:
        paths = build_control(twin).openapi()["paths"]  # which FastAPI makes of its routes
    finally:
        twin.close()
    given = {"world": "default", "id": "1", "name": "x", "rule": "window-gap"}
    return [
        (method.upper(), path.format_map(given))
        for path, methods in paths.items()
        if path not in OPEN
        for method in methods
    ]


TABLE = table()


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, httpx.Client]]:
    guards = {"open": Watch(), "token": Watch(token=TOKEN)}
    with ExitStack() as running:
        yield {name: running.enter_context(served(guard)) for name, guard in guards.items()}


def state(client: httpx.Client, **headers: str) -> object:
    """What there is: worlds, and everything that the default one keeps."""
    paths = (
        "",
        "/default/faults",
        "/default/snapshots",
        "/default/requests",
        "/default/contract",
        "/default",
    )
    told = [client.get(f"/_mock/worlds{path}", headers=headers).json() for path in paths]
    return [
        {name: value for name, value in one.items() if name != "now"} for one in told if "worlds" not in one
    ] + [[world["id"] for world in told[0]["worlds"]]]


def test_the_table_has_all_groups() -> None:
    assert len(TABLE) > 30
    assert {method for method, _ in TABLE} == {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("content_type", BODIES)
def test_another_page_drives_nothing(servers: dict[str, httpx.Client], content_type: str) -> None:
    client = servers["open"]
    before = state(client)
    ways = (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example", "Origin": "http://evil.example"},  # a name that is bound to 127.0.0.1 anew
    )
    for method, path in TABLE:
        for headers in ways:
            answer = client.request(
                method,
                f"/_mock{path}",
                headers={**headers, "Content-Type": content_type},
                content=BODIES[content_type],
            )

            assert answer.status_code == 403, (method, path, headers, answer.text)
            assert not [name for name in answer.headers if name.startswith("access-control")]

    assert state(client) == before


def test_a_preflight_allows_nothing(servers: dict[str, httpx.Client]) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    for client in servers.values():
        for path in {path for _, path in TABLE}:
            answer = client.options(f"/_mock{path}", headers=asked)

            assert answer.status_code in (401, 403)
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_asking_changes_nothing(servers: dict[str, httpx.Client]) -> None:
    client = servers["open"]
    before = state(client)

    for method, path in TABLE:
        if method == "GET":
            client.get(f"/_mock{path}")

    assert state(client) == before


def test_beyond_loopback_nothing_is_told_or_done_without_the_token(servers: dict[str, httpx.Client]) -> None:
    client = servers["token"]
    given = {"Authorization": f"Bearer {TOKEN}"}
    before = state(client, **given)
    ways: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Control-Token": TOKEN},
        {"Cookie": f"token={TOKEN}"},
    )
    for method, path in TABLE:
        for headers in ways:
            answer = client.request(method, f"/_mock{path}?token={TOKEN}", headers=headers, json={"id": "x"})

            assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized"), (
                method,
                path,
                headers,
            )

    assert state(client, **given) == before
