"""How a test speaks to the control plane, and what it is told when that goes wrong."""

import socket

import pytest

from aicode_mock.control.guard import Watch
from aicode_mock.testing.plane import MockError, Plane, Server
from tests.answering import answering, http
from tests.conftest import Client
from tests.ownworld import own_world
from tests.test_guard import TOKEN, served


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8484", "http://127.0.0.1:8484/", "https://mock.example", "http://[::1]:80"]
)
def test_a_server_is_named_by_its_url(url: str) -> None:
    assert Server.at(url).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8484",
        "ftp://127.0.0.1",
        "http://",
        "http://:8484",
        "http://127.0.0.1:port",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://127.0.0.1:8484/analytics",
        "http://127.0.0.1:8484?x=1",
        "http://127.0.0.1:8484#x",
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(MockError) as refused:
        Server.at(url)

    assert str(refused.value) == f"the URL of the server must be http://HOST:PORT: got {url!r}"


def test_what_is_true_or_none_is_sent_as_the_control_plane_reads_it(client: Client) -> None:
    with own_world(client) as world:
        plane = Plane(Server.at(client.url), world.id)
        world.get("commits")

        told = plane.ask("GET", "/requests/count", query={"faulted": True, "team": None})

    assert told == {"count": 0}


def test_a_refusal_is_one_exception_with_the_message(client: Client) -> None:
    with pytest.raises(MockError) as refused:
        Plane(Server.at(client.url), "a world").ask("GET")

    assert str(refused.value) == "there is no world 'a world'"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no aicode-mock answers at {url}: SSH-2.0-OpenSSH_9.6"),
        (http("200 OK", "<html>"), "what answers at {url} is no aicode-mock: 200 <html>"),
        (http("502 Oh", "<html>"), "what answers at {url} is no aicode-mock: 502 <html>"),
        (http("404 Oh", "[]"), "what answers at {url} is no aicode-mock: 404 []"),
        (http("404 Oh", "{}"), "what answers at {url} is no aicode-mock: 404 {{}}"),
        (http("404 Oh", ""), "what answers at {url} is no aicode-mock: 404 "),
    ],
)
def test_another_program_is_told_as_such(answer: bytes, complaint: str) -> None:
    with answering(answer) as port, pytest.raises(MockError) as refused:
        Server.at(f"http://127.0.0.1:{port}").ask("GET", "/worlds")

    assert str(refused.value).strip() == complaint.format(url=f"http://127.0.0.1:{port}").strip()


def test_a_server_that_is_gone_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

    with pytest.raises(MockError) as refused:
        Server.at(url).ask("GET", "/worlds")

    assert str(refused.value).startswith(f"no aicode-mock answers at {url}: ")


def test_the_token_is_sent() -> None:
    with served(Watch(token=TOKEN)) as http_client:
        url = str(http_client.base_url)

        told = Server.at(url, TOKEN).ask("GET", "/worlds")
        with pytest.raises(MockError) as refused:
            Server.at(url).ask("GET", "/worlds")

    assert [world["id"] for world in told["worlds"]] == ["default"]
    assert str(refused.value) == (
        "the control plane needs the header Authorization: Bearer <token>: control_token=, or "
        "AICODE_MOCK_CONTROL_TOKEN for pytest"
    )
