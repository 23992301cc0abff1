"""The commands that ask a running server: what they print, and how they end."""

import json
import os
import socket
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from aicode_mock.control.guard import Watch
from aicode_mock.report.findings import Report
from aicode_mock.report.text import as_text
from tests.answering import answering, http
from tests.conftest import Client
from tests.ownworld import OwnWorld, own_world
from tests.test_cli import Command
from tests.test_cli import command as command
from tests.test_guard import TOKEN, served


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


@pytest.fixture
def careless(world: OwnWorld) -> OwnWorld:
    """A world whose client misspelt a parameter, an error, and sent one that there is not, a warning."""
    world.get("commits", page_size=2)
    world.get("changes", colour="red")
    return world


def test_a_report_is_printed_as_text_and_ends_with_4_if_there_is_an_error(
    command: Command, careless: OwnWorld
) -> None:
    result = command("report", "--url", careless.client.url, "--world", careless.id)

    found = Report.model_validate(careless.told("/report"))
    assert (result.code, result.err) == (4, "")
    assert result.out == as_text(found)


def test_a_report_without_an_error_ends_with_0(command: Command, world: OwnWorld) -> None:
    world.get("/teams/members")

    result = command("report", "--url", f"{world.client.url}/", "--world", world.id)

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("1 request read: ")


@pytest.mark.parametrize(("fail_on", "code"), [("error", 4), ("info", 4), ("never", 0)])
def test_a_report_of_nothing_is_none_to_be_content_with(
    command: Command, world: OwnWorld, fail_on: str, code: int
) -> None:
    result = command("report", "--url", world.client.url, "--world", world.id, "--fail-on", fail_on)

    assert result.code == code
    assert result.out.startswith("0 requests read")


def test_a_report_may_leave_rules_out(command: Command, careless: OwnWorld) -> None:
    argv = ["report", "--url", careless.client.url, "--world", careless.id, "--format", "json"]

    one = command(*argv, "--ignore", "misspelt-parameter")
    both = command(*argv, "--ignore", "misspelt-parameter", "--ignore", "unknown-parameter")
    wrong = command(*argv, "--ignore", "mispelt-parameter")

    told = careless.told("/report", ignore="misspelt-parameter")
    assert (one.code, json.loads(one.out)) == (0, told)
    assert '"rule": "misspelt-parameter"' not in one.out
    assert '"rule": "unknown-parameter"' in one.out
    assert '"rule": "unknown-parameter"' not in both.out
    assert wrong.code == 2
    assert "there is no rule 'mispelt-parameter': did you mean misspelt-parameter?" in wrong.complaint


def test_a_report_of_nothing_tells_which_worlds_were_asked(command: Command, world: OwnWorld) -> None:
    with own_world(world.client) as other:
        other.get("commits")
        result = command("report", "--url", world.client.url, "--world", world.id)

    assert result.code == 4
    assert result.out.startswith("0 requests read: empty")
    assert result.err.startswith("aicode-mock: note: requests came to other worlds: ")
    assert f"{other.id} (1)" in result.err


def test_a_report_of_nothing_on_a_server_that_nobody_asked_has_no_note(command: Command) -> None:
    with served(Watch()) as http_client:
        result = command("report", "--url", str(http_client.base_url))

    assert (result.code, result.err) == (4, "")


def test_a_report_of_a_misspelt_sandbox_makes_none(command: Command, client: Client) -> None:
    results = [command("report", "--url", client.url, "--world", "sandbox_misspelt") for _ in range(2)]

    assert {result.code for result in results} == {1}
    assert "there is no world 'sandbox_misspelt': a sandbox opens with the first request of its key" in (
        results[0].complaint
    )


@pytest.mark.parametrize(
    ("worst", "codes"),
    [
        ("error", {"error": 4, "warning": 4, "info": 4, "never": 0}),
        ("warning", {"error": 0, "warning": 4, "info": 4, "never": 0}),
        ("clean", {"error": 0, "warning": 0, "info": 0, "never": 0}),
    ],
)
def test_the_exit_code_tells_whether_a_finding_is_that_severe(
    command: Command, world: OwnWorld, worst: str, codes: dict[str, int]
) -> None:
    sent: dict[str, dict[str, Any]] = {"error": {"page_size": 2}, "warning": {"colour": "red"}, "clean": {}}
    world.get("commits.csv" if worst == "clean" else "commits", startDate="2026-06-23", **sent[worst])

    ended = {
        severity: command(
            "report", "--url", world.client.url, "--world", world.id, "--fail-on", severity
        ).code
        for severity in codes
    }

    assert world.told("/report")["worst"] == (None if worst == "clean" else worst)
    assert ended == codes


def test_the_other_formats_are_those_of_the_endpoint(command: Command, careless: OwnWorld) -> None:
    argv = ["report", "--url", careless.client.url, "--world", careless.id]
    printed = {
        name: command(*argv, "--format", name, "--fail-on", "warning").out for name in ("json", "junit")
    }

    assert json.loads(printed["json"]) == careless.told("/report")
    assert printed["json"].startswith('{\n  "requests": 2,')
    told = careless.control("GET", "/report?format=junit&threshold=warning").text
    assert printed["junit"].rstrip() == told.rstrip()
    assert printed["junit"].endswith(">\n")
    assert not printed["junit"].endswith("\n\n")


@pytest.mark.parametrize(("fail_on", "failures"), [("error", "1"), ("warning", "2"), ("never", "1")])
def test_junit_fails_where_the_command_does_and_at_errors_if_it_never_does(
    command: Command, careless: OwnWorld, fail_on: str, failures: str
) -> None:
    result = command(
        *["report", "--url", careless.client.url, "--world", careless.id],
        *["--format", "junit", "--fail-on", fail_on],
    )

    assert ET.fromstring(result.out).get("failures") == failures  # noqa: S314  # our own
    assert result.code == (0 if fail_on == "never" else 4)


@pytest.mark.parametrize(
    ("argv", "query"),
    [
        ([], {}),
        (["--start-date", "2026-06-28", "--end-date", "now"], {"startDate": "2026-06-28", "endDate": "now"}),
        (["--user", "ada@duo.example"], {"user": "ada@duo.example"}),
        (["--user", "nobody & co=1"], {"user": "nobody & co=1"}),
        (["--team", "duo"], {"team": "duo"}),
    ],
)
def test_answers_are_those_of_the_endpoint(
    command: Command, world: OwnWorld, argv: list[str], query: dict[str, str]
) -> None:
    result = command("answers", "--url", world.client.url, "--world", world.id, *argv)

    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out) == world.told("/answers", **query)
    assert result.out.startswith('{\n  "startDate": ')


@pytest.mark.parametrize("name", ["answers", "report"])
def test_without_a_url_host_and_port_are_asked_and_no_proxy(
    command: Command, client: Client, name: str
) -> None:
    port = client.url.rpartition(":")[2]
    env = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}

    results = [
        command(
            name, "--port", port, "--host", host, *(["--fail-on", "never"] if name == "report" else []), **env
        )
        for host in ("127.0.0.1", "0.0.0.0")  # noqa: S104  # asked, not bound
    ]

    assert [result.code for result in results] == [0, 0]


@pytest.mark.parametrize("name", ["answers", "report"])
@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8484",
        "localhost",
        "",
        "ftp://127.0.0.1",
        "http://",
        "http://:8484",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://a b",
        "http://127.0.0.1:8484/analytics/ai-code",
        "http://127.0.0.1:8484?x=1",
        "http://127.0.0.1:8484#x",
    ],
)
def test_a_url_that_is_none_of_a_server_ends_with_2(command: Command, name: str, url: str) -> None:
    result = command(name, "--url", url)

    assert (result.code, result.complaint) == (2, f"--url must be http://HOST:PORT: got {url!r}")


@pytest.mark.parametrize("name", ["answers", "report"])
def test_a_host_that_is_no_name_ends_with_2(command: Command, name: str) -> None:
    result = command(name, "--host", "a b")

    assert (result.code, result.complaint) == (2, "--host 'a b' is no host name")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["report", "--format", "xml"], "'xml' is not one of 'text', 'json', 'junit'"),
        (["report", "--fail-on", "fatal"], "'fatal' is not one of 'error', 'warning', 'info', 'never'"),
        (["report", "--start-date", "7d"], "No such option"),
        (["answers", "--format", "json"], "No such option"),
        (["answers", "--control-token", ""], "a token must be printable ASCII without spaces"),
        (["report", "--control-token", "a b"], "a token must be printable ASCII without spaces"),
        (["serve", "--control-token", "s\u00e9cret"], "a token must be printable ASCII without spaces"),
        (["serve", "--control-token", "a\nb"], "a token must be printable ASCII without spaces"),
    ],
)
def test_a_wrong_option_ends_with_2(command: Command, argv: list[str], reason: str) -> None:
    result = command(*argv)

    assert result.code == 2
    assert reason in result.complaint


@pytest.mark.parametrize("name", ["answers", "report"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "host.invalid", "a..b"])
def test_a_server_that_is_gone_ends_with_1(command: Command, name: str, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    result = command(name, "--url", f"http://{host}:{port}")

    assert result.code == 1
    assert result.complaint.startswith(f"{host.strip('[]')} port {port} does not answer: ")


@pytest.mark.parametrize(
    ("url", "port"), [("http://[::1]", 80), ("https://[::1]", 443), ("http://[::1]/", 80)]
)
def test_a_url_without_a_port_means_that_of_its_scheme(command: Command, url: str, port: int) -> None:
    result = command("answers", "--url", url)

    assert result.code == 1
    assert result.complaint.startswith(f"::1 port {port} does not answer: ")


@pytest.mark.parametrize("name", ["answers", "report"])
@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not answer: "),
        (b"", "does not answer: "),
        (http("200 OK", "<html>"), "what answers there is no aicode-mock of this version"),
        (http("404 Not Found", "<html>\n nginx\n</html>"), "refused: <html> nginx </html>"),
        (http("500 Oh", "[]"), "refused: []"),
        (http("500 Oh", '{"error": "x"}'), 'refused: {"error": "x"}'),
        (http("302 Found", ""), "refused:"),
    ],
)
def test_another_program_ends_with_1_and_one_line(
    command: Command, name: str, answer: bytes, complaint: str
) -> None:
    with answering(answer) as port:
        result = command(name, "--port", str(port))

    assert result.code == 1
    assert complaint in result.complaint


def test_a_report_of_another_version_ends_with_1(command: Command) -> None:
    with answering(http("200 OK", '{"requests": 1}')) as port:
        result = command("report", "--port", str(port))

    assert (result.code, result.complaint) == (1, "what answers there is no aicode-mock of this version")


@pytest.mark.parametrize("name", ["answers", "report"])
@pytest.mark.parametrize("world_id", ["none", "a b", "a/b", "..", "\u00e9", "?x=1", ""])
def test_a_world_that_there_is_not_ends_with_1(
    command: Command, client: Client, name: str, world_id: str
) -> None:
    result = command(name, "--url", client.url, "--world", world_id)

    assert result.code == 1
    assert " refused: " in result.complaint


def test_a_question_that_is_wrong_ends_with_1_and_the_answer(command: Command, world: OwnWorld) -> None:
    results = [
        command("answers", "--url", world.client.url, "--world", world.id, *argv)
        for argv in (["--start-date", "soon"], ["--team", "none"])
    ]

    port = world.client.url.rpartition(":")[2]
    assert [result.code for result in results] == [1, 1]
    assert results[0].complaint.startswith(f"127.0.0.1 port {port} refused: startDate must be now, today, ")
    assert results[1].complaint.endswith("refused: unknown team 'none' (allowed: duo)")


def test_the_token_is_sent(command: Command) -> None:
    with served(Watch(token=TOKEN)) as client:
        argv = ["answers", "--url", str(client.base_url)]

        without, wrong, right, by_variable = (
            command(*argv),
            command(*argv, "--control-token", "wrong"),
            command(*argv, "--control-token", TOKEN),
            command(*argv, AICODE_MOCK_CONTROL_TOKEN=TOKEN),
        )

    assert [result.code for result in (without, wrong, right, by_variable)] == [1, 1, 0, 0]
    assert without.complaint.endswith(
        "refused: the control plane needs the header Authorization: Bearer <token> (--control-token)"
    )
    assert wrong.complaint.endswith(
        "refused: the token in the header Authorization is not that of the control plane (--control-token)"
    )


def test_a_server_without_a_control_plane_says_so(command: Command) -> None:
    with served(Watch(is_open=False)) as client:
        result = command("answers", "--url", str(client.base_url))

    assert result.code == 1
    assert "refused: this server has no control plane (--no-control)" in result.complaint


@pytest.mark.parametrize("output_format", ["text", "json", "junit"])
def test_a_report_is_whole_whatever_the_terminal_can_show(world: OwnWorld, output_format: str) -> None:
    world.get("commits", user="grüße@\N{ROCKET}.example")
    options = ["--url", world.client.url, "--world", world.id, "--format", output_format]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}

    done = subprocess.run(
        [sys.executable, "-m", "aicode_mock", "report", *options], env=environment, capture_output=True
    )

    encoding = "latin-1" if output_format == "text" else "utf-8"
    rocket = r"\U0001f680" if output_format == "text" else "\N{ROCKET}"
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"grüße@{rocket}.example" in done.stdout.decode(encoding)
