"""The examples are run as they are, or else the commands and settings that they name."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from aicode_mock.cli import commands

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
COMMAND = Path(sys.executable).with_name("aicode-mock")
OURS = ("AICODE_MOCK", "CURSOR_API", "PYTEST_", "COVERAGE_", "PORT")
TIMEOUT_S = 300


def environment(**more: str) -> dict[str, str]:
    """Our own, without what would change the outcome, and our commands first."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "AICODE_MOCK": str(COMMAND), **more}


def run(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _named(file: Path) -> set[str]:
    """The variables of ours that a file names."""
    return (
        set(re.findall(r"\bAICODE_MOCK_[A-Z_]+", file.read_text(encoding="utf-8")))
        if file.is_file()
        else set()
    )


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where a program is missing."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """The Python client and its tests, in a folder of their own."""
    return Path(shutil.copytree(EXAMPLES / "python", tmp_path / "client"))


@contextmanager
def serving(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """A twin that is told everything by its environment, as a service container is; its URL."""
    port_file = folder / "port"
    command = [str(COMMAND), "serve", "--port", "0", "--port-file", str(port_file), "--log-format", "off"]
    with subprocess.Popen(command, env=environment(**settings), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            ready = next(line for line in server.stdout if line.startswith("aicode-mock ready"))
            yield ready.split()[2]
        finally:
            server.terminate()


def test_the_tests_of_the_python_client_pass(client: Path) -> None:
    printed = run([sys.executable, "-m", "pytest", "-q", "-W", "error"], client, environment())

    assert " passed" in printed
    assert "failed" not in printed


@needs("node")
def test_the_tests_of_the_node_client_pass() -> None:
    printed = run(["node", "--test"], EXAMPLES / "node", environment())

    assert "# pass 2" in printed


@needs("node")
def test_the_global_setup_of_vitest_starts_a_twin_and_stops_it() -> None:
    program = (
        "import { setup, teardown } from './global-setup.mjs';"
        "await setup({ provide: async (name, url) => {"
        "  console.log(name, (await fetch(`${url}/_mock/ready`)).status);"
        "  teardown();"
        "} });"
    )

    printed = run(["node", "--input-type=module", "-e", program], EXAMPLES / "vitest", environment())

    assert printed == "twinUrl 200\n"


@needs("go")
def test_the_tests_of_the_go_client_pass(tmp_path: Path) -> None:
    env = environment(GOFLAGS="-mod=mod", GOPROXY="off", GOTOOLCHAIN="local", GOCACHE=str(tmp_path / "cache"))

    assert run(["gofmt", "-l", "."], EXAMPLES / "go", env) == ""
    run(["go", "vet", "./..."], EXAMPLES / "go", env)
    assert run(["go", "test", "-count=1", "./..."], EXAMPLES / "go", env).startswith("ok")


def github_job(document: Any) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Settings of the service, the job's environment, and its commands."""
    job = document["jobs"]["tests"]
    steps = [step["run"] for step in job["steps"] if "run" in step]
    return job["services"]["aicode-mock"]["env"], job["env"], steps


def gitlab_job(document: Any) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Likewise."""
    job = document["client tests"]
    return job["services"][0]["variables"], job["variables"], job["script"]


def compose_job(document: Any) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Likewise, of the service that is the client."""
    twin, client = document["services"]["aicode-mock"], document["services"]["client"]
    shell, option, script = client["command"]
    assert (shell, option) == ("sh", "-c")
    steps = script.replace("$$", "$").split(" && ")  # as compose reads it
    return twin["environment"], client["environment"], steps


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("github-actions/client-tests.yml", github_job),
        ("gitlab/.gitlab-ci.yml", gitlab_job),
        ("compose/docker-compose.yml", compose_job),
    ],
    ids=["github", "gitlab", "compose"],
)
def test_the_commands_of_a_pipeline_succeed_beside_its_service(
    client: Path,
    tmp_path: Path,
    file: str,
    read: Callable[[Any], tuple[dict[str, str], dict[str, str], list[str]]],
) -> None:
    settings, variables, script = read(yaml.safe_load((EXAMPLES / file).read_text(encoding="utf-8")))
    install, *others = script
    urls = {text for text in variables.values() if text.startswith("http://")}

    with serving(tmp_path, settings) as url:
        given = {name: url if text in urls else text for name, text in variables.items()}
        for command in others:
            run(["bash", "-euc", command], client, environment(**given))

    assert install.startswith("pip install ")
    assert all(one.endswith(":8484") for one in urls)


@needs("node")
@pytest.mark.parametrize(
    "file", [*EXAMPLES.glob("vitest/*.mjs"), *EXAMPLES.glob("testcontainers/*.mjs")], ids=str
)
def test_what_cannot_be_run_offline_is_javascript(file: Path) -> None:
    run(["node", "--check", str(file)], ROOT, environment())


@pytest.mark.parametrize("file", [*EXAMPLES.glob("testcontainers/*.py")], ids=str)
def test_what_cannot_be_run_without_containers_is_python(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"))


NAMING = {file: names for file in EXAMPLES.glob("*/*") if (names := _named(file))}


@pytest.mark.parametrize("file", [*NAMING], ids=str)
def test_an_example_names_no_variable_that_we_do_not_have(file: Path) -> None:
    serve = commands.commands["serve"].params
    ours = {f"AICODE_MOCK_{option.name}".upper() for option in serve} | {"AICODE_MOCK_URL"}

    assert NAMING[file] - ours == set()
