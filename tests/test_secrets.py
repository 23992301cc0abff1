"""Keys and tokens: told where they are made, found in nothing else that the server says."""

import base64
import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from tests.conftest import API, basic
from tests.exported import page_of
from tests.test_importing_identity import CHANGE, ONE
from tests.test_serve import started

KEY = "my-own-secret-key"
TOKEN = "s3cret-T0ken-of-this-test"  # noqa: S105  # of this test
ROTTEN = "crsr_" + "0123456789abcdef" * 4  # a key of nobody


def forms(secret: str) -> list[str]:
    """A secret as somebody may find it."""
    return [
        secret,
        base64.b64encode(f"{secret}:".encode()).decode(),
        base64.b64encode(f":{secret}".encode()).decode(),
        base64.b64encode(secret.encode()).decode().rstrip("="),
        "".join(f"%{byte:02X}" for byte in secret.encode()),
    ]


def misuse(http: httpx.Client, key: str) -> list[str]:
    """Send a key in every place where a client might put it; what came back."""
    control = {"Authorization": f"Bearer {TOKEN}"}
    hashes = f"{API}/commits"
    requests = [
        ("GET", f"{hashes}?pageSize=1", basic(key), None),
        ("GET", f"{hashes}?pageSize=x&user={key}", basic(key), None),
        ("GET", f"{hashes}?api_key={key}", basic(key), None),
        ("GET", f"{hashes}?{key}", basic(key), None),
        ("GET", f"{hashes}/{key}", basic(key), None),
        ("GET", f"{hashes}?startDate={key}", basic(key), None),
        ("GET", f"/nowhere/{key}", basic(key), None),
        ("GET", hashes, basic("", key), None),
        ("GET", f"{hashes}.csv", basic(key, key), None),
        ("GET", hashes, {"Authorization": f"Bearer {key}"}, None),
        ("GET", hashes, {"Authorization": f"Token {key}", "Cookie": f"key={key}"}, None),
        ("POST", hashes, basic(key), {"key": key}),
        ("GET", "/docs", basic(key), None),
        ("GET", "/openapi/control.yaml", basic(key), None),
        ("GET", "/_mock/worlds", {"Authorization": f"Bearer {TOKEN}x"}, None),
        ("GET", f"/_mock/worlds?token={TOKEN}", {}, None),
        ("GET", f"/_mock/worlds/default/requests?team={TOKEN}", control, None),
        ("GET", "/_mock/worlds", control, None),
        ("GET", "/_mock/worlds/default", control, None),
        ("GET", "/_mock/worlds/default/requests", control, None),
        ("GET", "/_mock/worlds/default/answers", control, None),
        ("GET", "/_mock/worlds/default/report", control, None),
        ("GET", "/_mock/worlds/default/report?format=junit", control, None),
        ("GET", "/_mock/worlds/default/faults", control, None),
        ("GET", "/_mock/worlds/default/contract", control, None),
        ("GET", "/_mock/ready", {}, None),
        ("GET", "/_mock/health", {}, None),
        ("PUT", "/_mock/worlds/default/clock", control, {"advance": "soon"}),
    ]
    answers = [
        http.request(method, url, headers=headers, json=body) for method, url, headers, body in requests
    ]
    assert all(answer.status_code < 500 for answer in answers)
    return [f"{answer.headers}{answer.text}" for answer in answers]


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_output_holds_a_key_or_the_token(tmp_path: Path, log_format: str) -> None:
    options = ["--scenario", "tiny", "--api-key", KEY, "--log-format", log_format, "--rate-limit", "off"]
    with started(tmp_path, *options, AICODE_MOCK_CONTROL_TOKEN=TOKEN) as server:
        with httpx.Client(base_url=server.url, timeout=30) as http:
            told = [*misuse(http, KEY), *misuse(http, ROTTEN)]
            told.append(
                http.get("/_mock/worlds/default/requests", headers={"Authorization": f"Bearer {TOKEN}"}).text
            )
        server.stop(signal.SIGTERM)

    everything = "\n".join([*told, *server.output, server.errors])
    assert len(json.loads(told[-1])["requests"]) > 20
    assert server.errors.count("\n") > 40
    for secret in (KEY, TOKEN, ROTTEN.removeprefix("crsr_")):
        assert [form for form in forms(secret) if form in everything] == []


def test_a_key_that_is_made_is_told_once(tmp_path: Path) -> None:
    with (
        started(tmp_path, "--scenario", "tiny") as server,
        httpx.Client(base_url=server.url, timeout=30) as http,
    ):
        (made,) = http.post("/_mock/worlds", json={"id": "x"}).json()["keys"]
        http.get(f"{API}/commits", headers=basic(made["key"]))
        paths = ["", "/x", "/x/requests", "/x/answers", "/x/report", "/x/contract"]
        told = [http.get(f"/_mock/worlds{path}").text for path in paths]
        again = http.post("/_mock/worlds", json={"id": "y", "apiKey": made["key"]}).text
        server.stop(signal.SIGTERM)

    assert made["key"].startswith("crsr_")
    assert made["key"] not in "\n".join([*told, again, *server.output, server.errors])


def test_the_password_of_a_database_is_in_nothing_that_commands_print(database: str, tmp_path: Path) -> None:
    password = "hunter2"  # noqa: S105  # PostgreSQL trusts us without
    url = make_url(database).set(password=password).render_as_string(hide_password=False)
    file = tmp_path / "rows.json"
    file.write_text(page_of([ONE, CHANGE]), encoding="utf-8")
    arguments = [
        ["seed", "--scenario", "tiny"],
        ["seed"],
        ["import", str(file)],
        ["keys"],
        ["import", "none.csv"],
    ]

    runs = [
        subprocess.run(
            [sys.executable, "-m", "aicode_mock", *one, "--database", url], capture_output=True, text=True
        )
        for one in arguments
    ]

    assert [one.returncode for one in runs] == [0, 1, 0, 0, 2]
    printed = "".join(one.stdout + one.stderr for one in runs)
    assert ":***@" in printed
    assert password not in printed
