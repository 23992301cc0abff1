"""The contract files and the page that shows them, from this server alone."""

import re
from pathlib import Path

import pytest
import yaml

from aicode_mock.contract import REVISIONS
from tests.conftest import Client

OPENAPI = Path(__file__).parent.parent / "openapi"


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_docs_lead_to_the_revision_that_is_served(client: Client, revision: str) -> None:
    client.promise(revision=revision)

    answer = client.http.get("/docs")

    assert answer.status_code == 307
    assert answer.headers["Location"] == f"/docs/{revision}"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/docs/", "/docs/2026-06"),
        ("/docs/control/", "/docs/control"),
        ("/docs/2025-08/", "/docs/2025-08"),
        ("/", "/docs"),
    ],
)
def test_what_a_person_types_leads_to_a_page(client: Client, path: str, page: str) -> None:
    answer = client.http.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["Location"]) == (307, page)
    assert client.http.get(path, headers={"Accept": "text/html"}, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    ("method", "accept"), [("GET", "*/*"), ("GET", "application/json"), ("POST", "text/html")]
)
def test_at_the_root_there_is_nothing_for_other_clients(client: Client, method: str, accept: str) -> None:
    answer = client.http.request(method, "/", headers={"Accept": accept})

    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "Not Found", "message": "Resource not found"},
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        *((revision, f"AI Code Tracking API {revision}") for revision in REVISIONS),
        ("control", "Control plane"),
    ],
)
def test_each_file_has_a_page_that_shows_it(client: Client, name: str, title: str) -> None:
    page = client.http.get(f"/docs/{name}")

    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert f"'/openapi/{name}.yaml'" in page.text
    assert f"<title>{title} - aicode-mock</title>" in page.text


@pytest.mark.parametrize("name", ["2026-06", "control"])
def test_the_page_loads_from_this_server_only(client: Client, name: str) -> None:
    page = client.http.get(f"/docs/{name}").text

    parts = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page)

    assert len(parts) == 4, parts
    assert all(part.startswith("/") and not part.startswith("//") for part in parts)
    assert "://" not in page
    for part in parts:
        answer = client.http.get(part)
        assert answer.status_code == 200, part
        assert len(answer.content) > 100, part


def test_the_style_sheet_asks_for_nothing_from_elsewhere(client: Client) -> None:
    css = client.http.get("/docs/assets/swagger-ui.css").text

    assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", css)


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_the_contract_file_is_the_committed_one(client: Client, revision: str) -> None:
    answer = client.http.get(f"/openapi/{revision}.yaml")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/yaml")
    assert answer.content == OPENAPI.joinpath(f"{revision}.yaml").read_bytes()
    assert yaml.safe_load(answer.text)["info"]["version"] == revision


def test_the_file_of_the_control_plane_leads_to_the_control_plane(client: Client) -> None:
    answer = client.http.get("/openapi/control.yaml")

    (server,) = yaml.safe_load(answer.text)["servers"]
    assert answer.content == OPENAPI.joinpath("control.yaml").read_bytes()
    assert client.http.get(f"{server['url']}/health").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/docs/2024-01",
        "/docs/latest",
        "/docs/Control/",
        "/docs/Control",
        "/openapi/control.json",
        "/openapi/control",
        "/openapi/control.yaml/",
        "/openapi/..%2Fcontrol.yaml",
        "/docs/2024-01/",
        "/docs/assets/",
        "/docs/assets/nothing.js",
        "/openapi/2024-01.yaml",
        "/openapi/2026-06.json",
        "/openapi/2026-06.yml",
        "/openapi/",
        "/openapi.yaml",
    ],
)
def test_an_unknown_document_is_not_found(client: Client, path: str) -> None:
    answer = client.http.get(path)

    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "Not Found", "message": "Resource not found"},
    )
