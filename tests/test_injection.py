"""Texts that mean something to somebody else: line ends, escapes, NUL, formulas, bytes that are no UTF-8."""

import csv
import io
import socket
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.ownworld import OwnWorld, own_world

NASTY = [
    "a\r\nSet-Cookie: b=c",
    "a\nb",
    "\x1b[31mred\x1b[0m",
    "\x00",
    "\u2028\u2029\x85",
    "'; DROP TABLE commits; --",
    '"><script>alert(1)</script>',
    "../../etc/passwd",
    "%s%n{0}${jndi:x}",
    "\u202egnp.exe",
]
RAW = [b"%C0%AF", b"%ED%A0%80", b"%FF%FE", b"%E0%80%80", b"%00", b"%0D%0ASet-Cookie:%20b=c", b"%", b"%zz"]


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    settings = Settings(
        scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"}
    )
    with serving(open_twin(settings)) as client:
        yield client


@pytest.fixture
def world(server: Client) -> Iterator[OwnWorld]:
    with own_world(server) as world:
        yield world


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize(
    "path",
    [
        f"{API}/commits?user={{}}",
        f"{API}/commits?startDate={{}}",
        f"{API}/commits.csv?endDate={{}}",
        f"{API}/commits/{{}}",
        f"{API}/{{}}",
        "/_mock/{}",
        "/_mock/worlds/{}",
        "/_mock/worlds/default/answers?user={}",
        "/docs/{}",
        "/openapi/{}.yaml",
    ],
)
def test_a_text_becomes_no_header_and_no_failure(server: Client, path: str, text: str) -> None:
    answer = server.http.get(path.format(quote(text, safe="")), headers=basic(KEY))

    assert answer.status_code < 500, answer.text
    assert "set-cookie" not in answer.headers
    assert not answer.is_success or "root:" not in answer.text
    if "json" in answer.headers["Content-Type"]:
        assert answer.json() is not None


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize("path", [b"/%b", b"%b/commits/%%b" % API.encode(), b"/_mock/worlds/%b", b"/docs/%b"])
def test_bytes_that_are_no_text_are_answered(server: Client, path: bytes, raw: bytes) -> None:
    url = httpx.URL(server.url)
    for target in (path % raw, b"%b/commits?user=%b" % (API.encode(), raw)):
        with socket.create_connection((url.host, url.port or 0), 30) as client:
            authorization = basic(KEY)["Authorization"].encode()
            head = b"GET %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: %b\r\nConnection: close\r\n\r\n"
            client.sendall(head % (target, authorization))
            status, *headers = client.makefile("rb").read().partition(b"\r\n\r\n")[0].split(b"\r\n")

        assert 200 <= int(status.split()[1]) < 500
        assert not [header for header in headers if header.lower().startswith(b"set-cookie")]


@given(st.binary(max_size=40))
def test_no_header_of_any_bytes_is_a_failure(server: Client, value: bytes) -> None:
    url = httpx.URL(server.url)
    for name in (b"Authorization", b"If-None-Match", b"Host", b"Origin", b"Content-Type", b"Content-Length"):
        with socket.create_connection((url.host, url.port or 0), 30) as client:
            client.sendall(
                b"GET /_mock/worlds HTTP/1.1\r\n%b: %b\r\nConnection: close\r\n\r\n" % (name, value)
            )
            client.shutdown(socket.SHUT_WR)
            status = client.makefile("rb").readline()

        assert not status or int(status.split()[1]) < 500


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://evil.example","x")', "+1+1", "-1", "@SUM(A1)", "\t=1", 'a","b\r\nc']
)
def test_a_message_comes_back_as_it_went_in_also_if_a_spreadsheet_would_run_it(
    world: OwnWorld, text: str
) -> None:
    """The contract: quoted, and no formula escaped (docs/contract.md); a client has to expect it."""
    world.control("POST", "/commits", json=[{"userEmail": "ada@duo.example", "message": text}])

    item = world.get("commits", pageSize=1).json()["items"][0]
    record = next(csv.DictReader(io.StringIO(world.get("commits.csv").text, newline="")))

    assert (item["message"], record["message"]) == (text, text)


@pytest.mark.parametrize("text", [text for text in NASTY if "\0" not in text])
def test_a_name_of_a_world_or_a_fault_is_told_as_text(world: OwnWorld, text: str) -> None:
    declared = world.control(
        "POST", "/faults", json={"name": text, "action": {"kind": "status", "status": 500}}
    )
    made = world.client.http.post("/_mock/worlds", json={"id": text})
    html = world.client.http.get("/docs/control")

    assert declared.status_code in (201, 400)
    assert declared.headers["Content-Type"] == "application/json"
    assert (made.status_code, made.headers["Content-Type"]) == (400, "application/json")
    assert text not in html.text
