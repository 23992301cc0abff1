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


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_the_page_of_a_revision_shows_its_file(client: Client, revision: str) -> None:
    page = client.http.get(f"/docs/{revision}")

    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert f"'/openapi/{revision}.yaml'" in page.text
    assert f"<title>AI Code Tracking API {revision} - aicode-mock</title>" in page.text


def test_the_page_loads_from_this_server_only(client: Client) -> None:
    page = client.http.get("/docs/2026-06").text

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


@pytest.mark.parametrize(
    "path",
    [
        "/docs/2024-01",
        "/docs/latest",
        "/docs/2026-06/",
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
