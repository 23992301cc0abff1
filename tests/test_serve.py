"""The command as a process of its own: started, asked, told to stop."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from aicode_mock import __version__
from aicode_mock.launch import open_twin
from aicode_mock.server import Server, bind, create_app
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, basic

READY = re.compile(
    r"aicode-mock ready (http://127\.0\.0\.1:(\d+)) revision=(\S+) behavior=(\S+) seed=(\d+) commits=(\d+) "
    r"changes=(\d+) digest=([0-9a-f]{16}) in \d+\.\d\ds"
)
MODULE = [sys.executable, "-m", "aicode_mock"]
SERVE = [*MODULE, "serve", "--port", "0"]
INSTALLED = [str(Path(sys.executable).with_name("aicode-mock"))]
STOP_S = 3  # a second is promised; a busy machine gets more


@dataclass
class Started:
    """A server process that is ready, and what it left behind after it was stopped."""

    process: subprocess.Popen[str]
    output: list[str]
    errors: str = ""
    seconds_to_stop: float = 0

    @property
    def url(self) -> str:
        """Where it listens, as its ready line says."""
        match = READY.fullmatch(self.output[-1])
        assert match, self.output
        return match[1]

    def stop(self, with_signal: signal.Signals) -> int:
        """Send a signal; the exit code."""
        began = time.monotonic()
        self.process.send_signal(with_signal)
        rest, self.errors = self.process.communicate(timeout=30)
        self.seconds_to_stop = time.monotonic() - began
        self.output += rest.splitlines()
        return self.process.returncode


def environment(folder: Path) -> dict[str, str]:
    """Nothing of our own environment but what Python needs, and a temp folder to look into."""
    folder.joinpath("tmp").mkdir(exist_ok=True)
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AICODE_MOCK", "PORT"))}
    return {**kept, "TMPDIR": str(folder / "tmp")}


@contextmanager
def started(
    folder: Path, *options: str, command: Sequence[str] = SERVE, **variables: str
) -> Iterator[Started]:
    """Run the server until it says that it is ready; ends it if the test does not."""
    with subprocess.Popen(
        [*command, *options],
        cwd=folder,
        env={**environment(folder), **variables},
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            output = []
            for line in process.stdout:
                output.append(line.rstrip("\n"))
                if line.startswith("aicode-mock ready"):
                    break
            yield Started(process, output)
        finally:
            process.kill()


def test_a_server_from_its_ready_line_to_its_end(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    options = ["--scenario", "tiny", "--now", "2026-06-30", "--api-key", "chosen", "--seed", "7"]
    with started(tmp_path, *options, "--port-file", str(port_file)) as server:
        match = READY.fullmatch(server.output[-1])
        ready = httpx.get(f"{server.url}/_mock/ready").json()
        page = httpx.get(f"{server.url}{API}/commits", headers=basic("chosen"))
        port = port_file.read_text(encoding="ascii")
        temporary = [file.name for file in tmp_path.joinpath("tmp").iterdir()]
        code = server.stop(signal.SIGTERM)

    assert match
    assert match.groups()[2:7] == ("2026-06", "documented", "7", "6", "6")
    assert (ready["scenario"], ready["seed"], ready["commits"]) == ("tiny", 7, 6)
    assert ready["digest"].startswith(match[8])
    assert page.json()["totalCount"] == 6
    assert port == f"{match[2]}\n"
    assert len(temporary) == 1
    assert temporary[0].startswith("aicode-mock-")
    assert code == 0
    assert server.seconds_to_stop < STOP_S
    assert len(server.output) == 1, "nobody watches: neither keys nor examples"
    assert re.fullmatch(rf"\S+Z GET {API}/commits 200 \d+B \S+ms\n", server.errors)
    assert not port_file.exists()
    assert list(tmp_path.joinpath("tmp").iterdir()) == []


def test_a_scenario_is_served_scaled_to_so_many_rows(tmp_path: Path) -> None:
    with started(tmp_path, "--scenario", "hostile", "--commits", "120", AICODE_MOCK_CHANGES="90") as server:
        ready = httpx.get(f"{server.url}/_mock/ready").json()

    assert (ready["commits"], ready["changes"]) == (120, 90)


def test_a_world_that_is_drawn_ahead_is_the_one_of_its_origin(tmp_path: Path) -> None:
    with closing(open_twin(Settings(anchor=ANCHOR))) as twin:
        expected = twin.facts().digest

    with started(tmp_path, "--now", f"{ANCHOR:%Y-%m-%d}") as server:
        others = psutil.Process(server.process.pid).children()
        digest = httpx.get(f"{server.url}/_mock/ready").json()["digest"]

    assert digest == expected
    assert not others, "whoever drew is gone"


def test_a_server_that_cannot_say_that_it_is_ready_stops() -> None:
    def refuse() -> None:
        raise OSError("nobody is there to hear it")

    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR))
    listener = bind("127.0.0.1", 0)

    with pytest.raises(OSError, match="nobody is there"):
        Server(create_app(twin), on_ready=refuse).run(sockets=[listener])

    assert listener.fileno() == -1
    assert not Path(twin.store.location).exists(), "a private store goes with its server"


def test_a_server_that_is_tied_to_its_starter_ends_with_standard_input(tmp_path: Path) -> None:
    command = [*MODULE, "serve", "--port", "0", "--scenario", "tiny", "--until-eof"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        ready = READY.fullmatch(process.stdout.readline().rstrip("\n"))
        assert ready
        alive = httpx.get(f"{ready[1]}/_mock/health").status_code
        _, errors = process.communicate(timeout=30)  # closes it

    assert (alive, process.returncode, errors) == (200, 0, "")
    assert list(tmp_path.joinpath("tmp").iterdir()) == []


def test_settings_from_the_environment_and_a_file_with_all_there_is_to_say(tmp_path: Path) -> None:
    tmp_path.joinpath("settings.toml").write_text(
        'scenario = "hostile"\nseed = 5\nrevision = "2026-03"\nverbose = true\nanchor = 2026-01-01\n'
        'log-format = "json"\n[set]\nomit_nulls = "on"\n',
        encoding="utf-8",
    )
    variables = {"AICODE_MOCK_CONFIG": "settings.toml", "AICODE_MOCK_SEED": "6", "PORT": "1"}
    with started(
        tmp_path, "--behavior", "observed", AICODE_MOCK_SCENARIO="tiny", AICODE_MOCK_API_KEY="k", **variables
    ) as server:
        match = READY.fullmatch(server.output[-1])
        page = httpx.get(
            f"{server.url}{API}/commits?startDate=2026-01-01&endDate=2025-12-01", headers=basic("k")
        )
        code = server.stop(signal.SIGINT)

    assert match
    assert match.groups()[2:7] == ("2026-03", "observed", "6", "6", "6")
    assert server.output[:-1] == [
        f'try   curl -u k: "{server.url}/analytics/ai-code/commits?pageSize=1"',
        f"docs  {server.url}/docs and {server.url}/docs/control",
        "keys  duo  enterprise  k",
    ]
    note, log = server.errors.splitlines()
    assert note == (
        "aicode-mock: note: the newest rows are of 2026-01-01T00:00:00.000Z, startDate=7d finds none: "
        "freeze the clock with --now 2026-01-01T00:00:00.000Z"
    )
    assert '"status": 400' in log
    assert page.json()["code"] == "error"
    assert (code, server.seconds_to_stop < STOP_S) == (0, True)


@pytest.mark.parametrize("options", [(), ("--workers", "2"), ("--tls", "--tls-port", "0")], ids=" ".join)
def test_who_waits_while_the_server_stops_gets_no_answer(tmp_path: Path, options: Sequence[str]) -> None:
    fixed = ["--scenario", "tiny", "--api-key", "chosen"]
    held = {"match": {"endpoint": "commits"}, "action": {"kind": "delay", "seconds": 60}}
    with started(tmp_path, *fixed, *options) as server, ThreadPoolExecutor() as threads:
        urls = re.findall(r"https?://\S+", server.output[-1])
        faults = f"{urls[0]}/_mock/worlds/default/faults"
        httpx.post(faults, json=held).raise_for_status()
        with httpx.Client(verify=False, headers=basic("chosen"), timeout=30) as http:  # noqa: S501
            waiting = threads.submit(http.get, f"{urls[-1]}{API}/commits")
            while httpx.get(faults).json()["faults"][0]["hits"] == 0:
                time.sleep(0.01)
            code = server.stop(signal.SIGTERM)
            error = waiting.exception()

    assert code == 0
    assert isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)


def test_a_signal_while_rows_are_made_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [*MODULE, "serve", "--port", "0", "--port-file", str(tmp_path / "port")]
    # A signal may come while coverage holds a lock of its own, which it then waits for in vain.
    env = {name: text for name, text in environment(tmp_path).items() if not name.startswith("COVERAGE_")}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert _until(lambda: any(tmp_path.joinpath("tmp").glob("*/store.db")))
            process.terminate()
            output, errors = process.communicate(timeout=30)
        finally:
            process.kill()

    assert (process.returncode, output, errors) == (0, "", "")
    assert list(tmp_path.joinpath("tmp").iterdir()) == []
    assert not tmp_path.joinpath("port").exists()


def _until(condition: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("command", [MODULE, INSTALLED], ids=["module", "installed"])
def test_the_command_runs_as_a_module_and_installed(tmp_path: Path, command: list[str]) -> None:
    result = subprocess.run(
        [*command, "--version"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, f"{__version__}\n", "")
