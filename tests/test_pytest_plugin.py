"""The plugin in projects of others: worlds, settings, what fails a test, one server a run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from aicode_mock import connect
from aicode_mock.testing.process import ServerProcess
from tests.scratchproject import FILES, PYTEST, make_project, run_pytest, servers, surroundings
from tests.test_guard import TOKEN

pytest_plugins = "pytester"

GET = """\
import base64
import urllib.error
import urllib.request

import pytest


def get(mock, target):
    token = base64.b64encode(f"{mock.api_key}:".encode()).decode()
    url = f"{mock.base_url}/analytics/ai-code/{target}"
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.status

"""
Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server in a process of its own: pytester unloads what is loaded while it runs tests."""
    started = ServerProcess.start(["--scenario", "tiny", "--control-token", TOKEN])
    yield started.server.url
    started.stop()


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, server: str) -> Run:
    """Runs a module of tests against a server that runs; outcomes and output."""
    monkeypatch.setenv("AICODE_MOCK_URL", server)
    monkeypatch.setenv("AICODE_MOCK_CONTROL_TOKEN", TOKEN)

    def run(tests: str, *options: str, ini: str = "") -> pytest.RunResult:
        pytester.makeini(f"[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n{ini}")
        pytester.makepyfile(GET + tests)
        return pytester.runpytest_inprocess("-p", "no:randomly", *options)

    return run


def test_each_test_has_a_world_of_its_own(run: Run) -> None:
    result = run("""
@pytest.mark.parametrize("number", [1, 2])
def test_limit(aicode_mock, number):
    aicode_mock.promise(rate_limit=1)
    aicode_mock.clock.advance("1d")
    assert [get(aicode_mock, "commits") for _ in range(2)] == [200, 429]
    assert str(aicode_mock.clock.now()) == "2026-07-01 00:00:00+00:00"
""")

    result.assert_outcomes(passed=2)


def test_marker_goes_before_module_and_that_before_fixture_and_ini(run: Run) -> None:
    result = run(
        """
pytestmark = pytest.mark.aicode_mock(revision="2026-03", behavior="observed")

@pytest.fixture
def aicode_mock_settings():
    return {"scenario": "empty", "revision": "2025-08", "rate_limit": 3, "now": "2026-07-15"}

def told(mock):
    return mock.plane.ask("GET")

def test_module(aicode_mock):
    world = told(aicode_mock)
    assert (world["scenario"], world["revision"], world["behavior"]) == ("empty", "2026-03", "observed")
    assert (world["settings"], world["now"]) == ({"rate_limit": "3"}, "2026-07-15T00:00:00.000Z")

@pytest.mark.aicode_mock(revision="2025-12", scenario="tiny", seed=7, api_key="chosen", unknown_user=404)
def test_marker(aicode_mock):
    world = told(aicode_mock)
    assert (world["scenario"], world["revision"], world["behavior"]) == ("tiny", "2025-12", "observed")
    assert (world["seed"], aicode_mock.api_key) == (7, "chosen")
    assert world["settings"] == {"rate_limit": "3", "unknown_user": "404"}
""",
        ini="aicode_mock_scenario = hostile",
    )

    result.assert_outcomes(passed=2)


def test_the_ini_file_sets_the_scenario_of_the_run(run: Run) -> None:
    result = run(
        "def test_it(aicode_mock):\n    assert aicode_mock.plane.ask('GET')['scenario'] == 'empty'\n",
        ini="aicode_mock_scenario = empty",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "complaint"),
    [
        ("scenaro='tiny'", "unknown setting 'scenaro', did you mean scenario? (allowed: scenario, seed, *"),
        ("failon='error'", "unknown setting 'failon', did you mean fail_on? (allowed: *"),
        ("fail_on='fatal'", "fail_on must be one of never, error, warning, info: got 'fatal'"),
        ("scenario='none'", "scenario must be one of default, empty, hostile, tiny: got 'none'"),
        (
            "scenario='data/company.toml'",
            "scenario must be one of default, *: got 'company': a world takes no file, but a server is "
            "started with one: *aicode_mock_scenario, or aicode_mock.serve(scenario='data/company.toml')",
        ),
        ("revision='2025-09'", "unknown revision '2025-09', did you mean 2025-08? (allowed: *"),
        ("rate_limit='x'", "rate_limit must be revision, off, a number from 1 to 999999999: got 'x'"),
        ("now='soon'", "now must be wall, YYYY-MM-DD, or an ISO 8601 date and time: got 'soon'"),
        ("'tiny'", "the marker takes keywords only, such as scenario='tiny'"),
    ],
)
def test_a_wrong_setting_is_one_line_that_says_what_is_allowed(run: Run, marker: str, complaint: str) -> None:
    result = run(
        f"@pytest.mark.aicode_mock({marker})\ndef test_it(aicode_mock):\n    pass\n", "-W", "default"
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"aicode-mock: {complaint.replace('[', '[[]')}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_fault_that_never_hit_fails_the_test_and_tells_what_came_instead(run: Run) -> None:
    result = run("""
def test_it(aicode_mock):
    aicode_mock.faults.add("status", status=503, endpoint="commits", query={"page": 2}, last=1)
    get(aicode_mock, "commits?page=3")
    get(aicode_mock, "changes")
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ test_it _*",
            "aicode-mock: a fault was declared and never hit: status (status=503) for endpoint='commits', *",
            "none of the 2 requests in the journal fitted; the nearest:",
            "  1: GET /analytics/ai-code/commits?page=3 -> 200: page is 3, not 2",
            "  2: GET /analytics/ai-code/changes -> 200: endpoint is changes, not commits, page was not sent",
            "FAILED *::test_it*",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_faults_that_hit_or_are_optional_fail_nothing(run: Run) -> None:
    result = run("""
def test_it(aicode_mock):
    aicode_mock.faults.add("status", status=503, last=1)
    aicode_mock.faults.add("reset", endpoint="changes", optional=True)
    assert [get(aicode_mock, "commits") for _ in range(2)] == [503, 200]
""")

    result.assert_outcomes(passed=1)


FINDING = """
def test_it(aicode_mock):
    get(aicode_mock, "commits?colour=red")
"""


@pytest.mark.parametrize(
    ("marker", "ini", "outcome"),
    [
        ("", "", "passed"),
        ("fail_on='error'", "", "passed"),
        ("fail_on='warning'", "", "failed"),
        ("", "aicode_mock_fail_on = warning", "failed"),
        ("fail_on='never'", "aicode_mock_fail_on = warning", "passed"),
        ("", "aicode_mock_fail_on = warning\naicode_mock_ignore = over-limit unknown-parameter", "passed"),
        (
            "ignore='over-limit'",
            "aicode_mock_fail_on = warning\naicode_mock_ignore = unknown-parameter",
            "failed",
        ),
        ("ignore='unknown-parameter'", "aicode_mock_fail_on = warning", "passed"),
        ("ignore=['unknown-parameter']", "aicode_mock_fail_on = warning", "passed"),
        ("ignore=['none']", "aicode_mock_fail_on = warning", "failed"),
    ],
)
def test_findings_of_the_report_fail_a_test_if_that_is_wanted(
    run: Run, marker: str, ini: str, outcome: str
) -> None:
    result = run(f"@pytest.mark.aicode_mock({marker})" + FINDING, ini=ini)

    result.assert_outcomes(**{outcome: 1})


def test_a_test_that_fails_skips_or_is_expected_to_fail_is_not_failed_again(run: Run) -> None:
    result = run("""
import unittest

@pytest.mark.parametrize("how", [pytest.fail, pytest.skip, pytest.xfail])
def test_it(aicode_mock, how):
    aicode_mock.faults.add("reset")
    how("for a reason of its own")

@pytest.mark.xfail(strict=True)
def test_known(aicode_mock):
    aicode_mock.faults.add("reset")

class TestOld(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def world(self, aicode_mock):
        self.mock = aicode_mock

    def test_it(self):
        self.mock.faults.add("reset")
        self.fail("for a reason of its own")

    def test_never_hit(self):
        self.mock.faults.add("empty")
""")

    result.assert_outcomes(failed=3, skipped=1, xfailed=2)
    result.stdout.no_fnmatch_line("*never hit: reset*")
    result.stdout.fnmatch_lines(["*never hit: empty*"])


def test_a_failure_is_one_for_last_failed(run: Run) -> None:
    tests = """
def test_it(aicode_mock):
    aicode_mock.faults.add("reset")

def test_other(aicode_mock):
    pass
"""
    run(tests)

    again = run(tests, "--last-failed")

    again.assert_outcomes(failed=1)


def test_a_world_of_a_wider_scope_is_made_from_the_server_of_the_run(run: Run) -> None:
    result = run("""
@pytest.fixture(scope="module")
def shared(aicode_mock_server):
    with aicode_mock_server.world(rate_limit="off") as mock:
        yield mock

def test_one(shared):
    get(shared, "commits")

def test_two(shared, aicode_mock_server):
    get(shared, "commits")
    assert shared.journal.count() == 2
    assert shared.base_url == aicode_mock_server.url
""")

    result.assert_outcomes(passed=2)


def test_a_server_that_runs_is_used_with_its_token(
    run: Run, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    tests = f"def test_it(aicode_mock):\n    assert aicode_mock.base_url == {server!r}\n"
    with_token = run(tests)
    monkeypatch.delenv("AICODE_MOCK_CONTROL_TOKEN")
    without = run(tests)

    with_token.assert_outcomes(passed=1)
    without.assert_outcomes(errors=1)
    without.stdout.fnmatch_lines(
        ["*needs the header Authorization: *, or AICODE_MOCK_CONTROL_TOKEN for pytest"]
    )


def test_a_client_behind_a_proxy_reaches_the_twin_and_the_environment_is_put_back(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "corp.example")

    result = run("""
import os

def test_it(aicode_mock):
    assert get(aicode_mock, "commits") == 200
    assert aicode_mock.env["NO_PROXY"] == os.environ["no_proxy"] == "corp.example,127.0.0.1,localhost"
""")

    result.assert_outcomes(passed=1)
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "corp.example"


def test_an_empty_url_is_none(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile("def test_it(aicode_mock):\n    assert aicode_mock.clock.now()\n")
    monkeypatch.setenv("AICODE_MOCK_URL", "")

    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_url_that_is_none_is_told_once_a_test_asks(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_it(aicode_mock):\n    pass\n\ndef test_without():\n    pass\n")
    monkeypatch.setenv("AICODE_MOCK_URL", "localhost:8484")

    result = pytester.runpytest_inprocess("-p", "no:randomly")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["aicode-mock: the URL of the server must be http://HOST:PORT: *"])


def test_marker_fixtures_and_settings_explain_themselves(pytester: pytest.Pytester) -> None:
    markers = pytester.runpytest_inprocess("--markers").stdout
    fixtures = pytester.runpytest_inprocess("--fixtures").stdout
    settings = pytester.runpytest_inprocess("--help").stdout

    markers.fnmatch_lines(["@pytest.mark.aicode_mock(scenario=..., *"])
    for name in ("aicode_mock", "aicode_mock_server", "aicode_mock_settings"):
        fixtures.fnmatch_lines([f"{name} *"])
    settings.fnmatch_lines(
        [
            "*aicode_mock_scenario (string):*",
            "*aicode_mock_fail_on (string):*",
            "*aicode_mock_ignore (args):*",
        ]
    )


@pytest.mark.parametrize("options", [[], ["-n", "2"], ["-n", "2", "--dist", "loadfile"]], ids=" ".join)
def test_a_project_of_somebody_else_has_one_server_a_run_and_nothing_is_left(
    tmp_path: Path, options: list[str]
) -> None:
    done = run_pytest(make_project(tmp_path), *options)

    assert "8 passed" in done.stdout, done.stdout
    (url,) = servers(tmp_path)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_workers_use_a_server_that_runs_already(tmp_path: Path, server: str) -> None:
    variables = {"AICODE_MOCK_URL": server, "AICODE_MOCK_CONTROL_TOKEN": TOKEN}

    done = run_pytest(make_project(tmp_path), "-n", "1", **variables)

    assert "8 passed" in done.stdout, done.stdout
    assert servers(tmp_path) == {server}


def test_a_run_in_which_nobody_asks_starts_nothing(tmp_path: Path) -> None:
    tests = (
        "import sys\n\n\ndef test_it():\n"
        "    assert not [name for name in sys.modules if name.startswith('aicode_mock.testing')]\n"
    )
    project = make_project(tmp_path, {**FILES, "test_client.py": tests})

    alone, spread = run_pytest(project), run_pytest(project, "-n", "1")

    assert "1 passed" in alone.stdout, alone.stdout
    assert "1 passed" in spread.stdout, spread.stdout


def test_a_scenario_of_the_project_is_found_from_its_ini_file(tmp_path: Path) -> None:
    tiny = Path(__file__).parent.parent.joinpath("seed", "tiny.toml").read_text(encoding="utf-8")
    ini = f"{FILES['pytest.ini']}aicode_mock_scenario = data/mine.toml\n"
    tests = (
        "def test_it(aicode_mock):\n"
        "    assert aicode_mock.plane.ask('GET')['scenario'] == 'mine'\n"
        "    assert aicode_mock.answers().commits.count == 6\n"
    )
    files = {"pytest.ini": ini, "data/mine.toml": tiny, "tests/test_it.py": tests}

    done = run_pytest(make_project(tmp_path, files), "tests")

    assert "1 passed" in done.stdout, done.stdout


IMPORTED = """
import pytest

def test_plain(aicode_mock):
    assert get(aicode_mock, "commits") == 200
    assert aicode_mock.answers("2026-06-01").commits.count == 6

@pytest.mark.aicode_mock(now="2026-07-30T12:00:00Z")
def test_later(aicode_mock):
    assert str(aicode_mock.clock.now()) == "2026-07-30 12:00:00+00:00"
    assert aicode_mock.answers().commits.count == 0
    assert aicode_mock.answers("60d").commits.count == 6
    aicode_mock.delete_commits()
    aicode_mock.reset()
    assert aicode_mock.answers("60d").commits.count == 6
"""


def test_imported_rows_of_a_server_that_runs_are_there_for_every_test(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    with connect(server, control_token=TOKEN) as tiny:
        page = httpx.get(f"{server}/analytics/ai-code/commits", auth=tiny.auth).text
    (tmp_path / "page.json").write_text(page, encoding="utf-8")
    command = [sys.executable, "-m", "aicode_mock", "import", "--database", "real.db", "page.json"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    real = ServerProcess.start(["--database", str(tmp_path / "real.db")])
    monkeypatch.setenv("AICODE_MOCK_URL", real.server.url)
    monkeypatch.delenv("AICODE_MOCK_CONTROL_TOKEN")

    result = run(IMPORTED, ini="aicode_mock_scenario = imported")
    real.stop()

    result.assert_outcomes(passed=2)


def test_a_server_that_does_not_start_is_told_in_its_own_words(tmp_path: Path) -> None:
    ini = f"{FILES['pytest.ini']}aicode_mock_scenario = gone.toml\n"

    done = run_pytest(make_project(tmp_path, {**FILES, "pytest.ini": ini}), "-n", "2")

    assert "1 passed, 7 errors" in done.stdout, done.stdout
    assert "aicode-mock: the server did not start: " in done.stdout
    assert "gone.toml" in done.stdout


WAITING = """
import os
import pathlib
import time


def test_it(aicode_mock):
    with open(os.environ["SERVERS"], "w") as servers:
        servers.write(aicode_mock.base_url + "\\n")
    while not pathlib.Path(os.environ["SERVERS"]).with_name("go").exists():
        time.sleep(0.02)
"""


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """What is started hears SIGINT, also if we were started where it is ignored: behind ``&`` in a script."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("options", [[], ["-n", "1"]], ids=["alone", "xdist"])
@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_interrupted_or_killed_leaves_no_server(
    tmp_path: Path, options: list[str], with_signal: signal.Signals
) -> None:
    project = make_project(tmp_path, {**FILES, "test_client.py": WAITING})
    command = [*PYTEST, *options]
    # A signal may come while coverage holds a lock of its own, which it then waits for in vain.
    env = {name: text for name, text in surroundings(project).items() if not name.startswith("COVERAGE_")}
    with subprocess.Popen(command, cwd=project, env=env, stdout=subprocess.DEVNULL) as running:
        try:
            assert _until(lambda: (project / "servers.txt").exists() and servers(project) != set())
            (url,) = servers(project)
            alive = httpx.get(f"{url}/_mock/health").status_code
            running.send_signal(with_signal)
            running.wait(timeout=60)

            assert alive == 200
            assert _until(lambda: _is_gone(url))
        finally:
            (project / "go").touch()
            running.kill()


KILLING = """
import os
import signal


def test_killing(aicode_mock):
    os.kill(os.getpid(), signal.SIGKILL)


def test_counts(aicode_mock):
    with open(os.environ["SERVERS"], "a") as servers:
        servers.write(aicode_mock.base_url + "\\n")


def test_again(aicode_mock):
    test_counts(aicode_mock)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_worker_that_is_killed_takes_no_server_with_it(tmp_path: Path) -> None:
    done = run_pytest(make_project(tmp_path, {**FILES, "test_client.py": KILLING}), "-n", "1")

    assert "1 failed, 2 passed" in done.stdout, done.stdout
    (url,) = servers(tmp_path)
    assert _is_gone(url)


def _until(condition: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _is_gone(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.TransportError:
        return True
    return False


def test_this_suite_tests_the_plugin_that_is_installed(pytestconfig: pytest.Config) -> None:
    plugin = pytestconfig.pluginmanager.get_plugin("aicode_mock")

    assert plugin is sys.modules["aicode_mock.pytest_plugin"]
