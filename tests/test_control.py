"""The control plane: alive, ready, and nothing else."""

import re
from collections.abc import Callable

import httpx
import pytest

from aicode_mock import __version__
from aicode_mock.launch import Settings, open_twin
from tests.conftest import ANCHOR, Client, serving


def test_health_tells_version_and_uptime(client: Client) -> None:
    answers = [httpx.get(f"{client.url}/_mock/health") for _ in range(2)]

    bodies = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [list(body) for body in bodies] == [["status", "version", "uptimeSeconds"]] * 2
    assert (bodies[0]["status"], bodies[0]["version"]) == ("ok", __version__)
    assert 0 <= bodies[0]["uptimeSeconds"] <= bodies[1]["uptimeSeconds"]


def test_ready_tells_what_is_served(client: Client) -> None:
    client.promise(revision="2026-03", behavior="observed")

    ready = httpx.get(f"{client.url}/_mock/ready").json()

    assert re.fullmatch("[0-9a-f]{64}", ready.pop("digest"))
    assert ready.pop("uptimeSeconds") >= 0
    assert ready == {
        "status": "ok",
        "version": __version__,
        "scenario": "tiny",
        "seed": 42,
        "anchor": "2026-06-30T00:00:00.000Z",
        "revision": "2026-03",
        "behavior": "observed",
        "commits": 6,
        "changes": 6,
    }


def test_counts_are_those_of_all_teams(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    keys = [entry.key for entry in client.twin.keys(prefix="crsr_") if entry.plan == "enterprise"]

    ready = client.get("/_mock/ready").json()

    for kind in ("commits", "changes"):
        totals = [
            client.get(kind, headers={"Authorization": f"Bearer {key}"}, startDate="30d").json()["totalCount"]
            for key in keys
        ]
        assert ready[kind] == sum(totals)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic nonsense"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready"])
def test_no_key_is_needed(client: Client, path: str, headers: dict[str, str]) -> None:
    get, head = (httpx.request(method, f"{client.url}{path}", headers=headers) for method in ("GET", "HEAD"))

    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert get.headers["Content-Type"] == head.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/_mock/", 404, "Not Found"),
        ("GET", "/_mock/health/", 404, "Not Found"),
        ("GET", "/_mock/Ready", 404, "Not Found"),
        ("GET", "/_mock/reset", 404, "Not Found"),
        ("GET", "/_mock/%00", 404, "Not Found"),
        ("GET", "/_mock/openapi.json", 404, "Not Found"),
        ("GET", "/_mock/docs", 404, "Not Found"),
        ("POST", "/_mock/health", 405, "Method Not Allowed"),
        ("OPTIONS", "/_mock/ready", 405, "Method Not Allowed"),
    ],
)
def test_anything_else_is_refused_with_what_there_is(
    client: Client, method: str, path: str, status: int, name: str
) -> None:
    answer = client.http.request(method, path)

    message = "the control plane has GET /_mock/health and /_mock/ready"
    assert (answer.status_code, answer.json()) == (status, {"error": name, "message": message})


def test_a_server_whose_store_is_gone_is_alive_but_not_ready() -> None:
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR))
    with serving(twin) as client:
        before = client.http.get("/_mock/ready").status_code
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE world")

        alive, ready = (client.http.get(f"/_mock/{name}") for name in ("health", "ready"))

    assert (before, alive.status_code, ready.status_code) == (200, 200, 503)
    assert ready.json() == {"error": "Service Unavailable", "message": "the store does not answer"}
