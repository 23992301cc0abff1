"""The command ``run``: what it gives another command, and how it ends."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

API = "/analytics/ai-code"
OURS = ("AICODE_MOCK", "CURSOR_API")
ASK = f'curl -s -u "$CURSOR_API_KEY:" "$CURSOR_API_URL{API}/commits?$QUERY"'
TINY = ("--scenario", "tiny", "--now", "2026-06-30")


@dataclass(frozen=True)
class Result:
    """How it ended and what it printed."""

    code: int
    output: str
    complaint: str


def arguments(*given: str) -> list[str]:
    return [sys.executable, "-m", "aicode_mock", "run", *given]


def environment(**more: str) -> dict[str, str]:
    return {**{name: text for name, text in os.environ.items() if not name.startswith(OURS)}, **more}


def run(*given: str, **variables: str) -> Result:
    done = subprocess.run(
        arguments(*given), env=environment(**variables), capture_output=True, text=True, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


def shell(script: str, *options: str, **variables: str) -> Result:
    return run(*options, "--", "sh", "-c", script, **variables)


def test_a_command_finds_the_twin_by_its_environment() -> None:
    result = shell(ASK, *TINY, QUERY="pageSize=1")

    assert result.code == 0
    assert '"totalCount":6,"page":1,"pageSize":1' in result.output
    assert result.complaint == ""


def test_the_pytest_plugin_of_a_command_takes_the_twin() -> None:
    result = shell('test "$AICODE_MOCK_URL" = "$CURSOR_API_URL" && echo same', *TINY)

    assert (result.code, result.output) == (0, "same\n")


def test_a_command_behind_a_proxy_reaches_the_twin_and_keeps_its_exceptions() -> None:
    proxies = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}

    result = shell(f"{ASK}; echo; echo $NO_PROXY", *TINY, QUERY="pageSize=1", NO_PROXY="corp", **proxies)

    assert '"totalCount":6' in result.output
    assert result.output.endswith("\ncorp,127.0.0.1,localhost\n")


def test_options_come_from_flags_the_environment_and_a_file(tmp_path: Path) -> None:
    tmp_path.joinpath("mock.toml").write_text(
        'scenario = "tiny"\n[set]\nomit_nulls = "on"\n', encoding="utf-8"
    )

    result = shell(
        f"{ASK}; echo; echo $CURSOR_API_KEY",
        "--revision=2025-12",
        "--config",
        str(tmp_path / "mock.toml"),
        AICODE_MOCK_API_KEY="chosen",
        AICODE_MOCK_NOW="2026-06-30T12:00:00Z",
        QUERY="startDate=36h",
    )
    with_rows = shell(
        ASK,
        "--set",
        "omit_nulls=on",
        "--anchor=2026-06-30",
        *TINY,
        QUERY="startDate=2d&pageSize=10",
    )

    assert "startDate" in result.output, "36h is no date"
    assert result.output.endswith("chosen\n")
    assert '"totalCount":4' in with_rows.output
    assert "null" not in with_rows.output


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("true", 0)])
def test_it_ends_as_its_command_ends(script: str, code: int) -> None:
    assert shell(script, *TINY).code == code


@pytest.mark.parametrize(
    ("query", "options", "code"),
    [
        ("pagesize=9", [], 4),
        ("pagesize=9", ["--ignore", "misspelt-parameter"], 0),
        ("pageSize=9", [], 0),
    ],
    ids=["misspelt", "ignored", "clean"],
)
def test_requests_are_reviewed_if_it_is_asked_for(query: str, options: list[str], code: int) -> None:
    result = shell(f"{ASK} >/dev/null", *TINY, "--fail-on", "warning", *options, QUERY=query)

    assert result.code == code
    assert result.complaint.startswith("1 request read")
    assert result.output == ""


SANDBOX = f'curl -s -u sandbox_a: "$CURSOR_API_URL{API}/commits?pageSize=9" >/dev/null'


def test_requests_of_a_sandbox_key_are_reviewed_in_their_world() -> None:
    default = shell(SANDBOX, *TINY, "--fail-on", "warning")
    own = shell(SANDBOX, *TINY, "--fail-on", "warning", "--world", "sandbox_a")
    misspelt = shell(SANDBOX, *TINY, "--fail-on", "warning", "--world", "sandbox_b")

    assert (default.code, own.code, misspelt.code) == (4, 0, 1)
    assert default.complaint == (
        "0 requests read: empty\n"
        "aicode-mock: note: requests came to other worlds: sandbox_a (1); --world reviews one of them\n"
    )
    assert own.complaint.startswith("1 request read")
    assert "there is no world 'sandbox_b': a sandbox opens" in misspelt.complaint


def test_a_command_without_a_request_has_no_note() -> None:
    result = shell("true", *TINY, "--fail-on", "error")

    assert (result.code, result.complaint) == (4, "0 requests read: empty\n")


@pytest.mark.parametrize("options", [["--fail-on", "warning"], []], ids=["review", "none"])
def test_a_misspelt_rule_is_told_before_the_command_runs(options: list[str]) -> None:
    result = shell("echo ran", *options, "--ignore", "over-limits")

    assert (result.code, result.output) == (2, "")
    assert ": there is no rule 'over-limits': did you mean over-limit? (there are: " in result.complaint


def test_a_command_that_fails_is_not_hidden_by_its_review() -> None:
    result = shell(f"{ASK}; exit 3", *TINY, "--fail-on", "info", QUERY="pagesize=9")

    assert result.code == 3
    assert "has no parameter pagesize" in result.complaint


def test_a_review_that_fails_hides_no_exit_code() -> None:
    result = shell("exit 3", *TINY, "--fail-on", "info", "--world", "sandbox_none")

    assert result.code == 3
    assert "aicode-mock: error: there is no world 'sandbox_none'" in result.complaint


@pytest.mark.parametrize("options", [["--scenario", "tinny"], ["--database", "mysql://x/y"]], ids=str)
def test_a_wrong_option_of_the_twin_is_a_wrong_call(options: list[str]) -> None:
    assert shell("true", *options).code == 2


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        ([], 2, "what to run is missing: aicode-mock run [OPTIONS] -- COMMAND"),
        (["true"], 2, "Got unexpected extra argument (true)"),
        (["--", "no-such-command"], 127, "no-such-command: command not found"),
        (["--", "."], 126, ".: Permission denied"),
        (["--scenario", "tinny", "--", "true"], 2, "the server did not start: unknown scenario 'tinny'"),
        (["--fail-on", "warning", "--ignore", "x", "--", "true"], 2, "ignore"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_line(given: list[str], code: int, reason: str) -> None:
    result = run(*given)

    assert result.code == code
    assert result.complaint.startswith("aicode-mock: error: ")
    assert reason in result.complaint
    assert result.complaint.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_its_command_decides_what_becomes_of_a_signal(number: signal.Signals) -> None:
    script = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5));"
    script += "signal.signal(signal.SIGINT, lambda *_: sys.exit(6)); print('up', flush=True); signal.pause()"
    with subprocess.Popen(
        arguments(*TINY, "--", sys.executable, "-c", script),
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        if number == signal.SIGINT:  # as a terminal sends it, to the whole group
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)

    assert process.returncode == {signal.SIGTERM: 5, signal.SIGINT: 6}[number]
