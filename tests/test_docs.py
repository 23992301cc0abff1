"""The documents claim what runs: every command, example and link in them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from aicode_mock.cli import commands
from aicode_mock.contract import REVISIONS, describe_switches
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.launch import open_twin
from aicode_mock.making import make
from aicode_mock.parts import Whole
from aicode_mock.scenario import Scenario
from aicode_mock.scenariofile import shipped_scenarios
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, KEY, Client, serving
from tests.scratchproject import make_project, run_pytest

ROOT = Path(__file__).parent.parent
SHOWN_URL = "http://127.0.0.1:8484"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples" / "README.md",
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language."""
    return [text for found, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


def named_files(page: Path) -> dict[str, str]:
    """The files of a project: blocks that begin with a name, those of one name put together."""
    files: dict[str, str] = {}
    for block in blocks(page, "python"):
        if named := re.match(r"# (\w+\.py)\n", block):
            files[named[1]] = files.get(named[1], "") + block
    return files


def commands_in(page: Path) -> list[list[str]]:
    """Every call of our command in the shell blocks of a page, split as a shell splits it."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    calls = [shlex.split(line, comments=True) for line in lines]
    return [call[1:] for call in calls if call and call[0] == "aicode-mock"]


def environment(client: Client) -> dict[str, str]:
    """What the examples expect to find."""
    return {**os.environ, "CURSOR_API_URL": client.url, "CURSOR_API_KEY": KEY}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_the_documents_is_one_that_we_have(page: Path) -> None:
    for name, *options in commands_in(page):
        command, parent = commands.all_by_name()[name], click.Context(commands, **commands.context_settings)

        assert isinstance(command.make_context(name, list(options), parent=parent), click.Context)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    missing = [
        link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]

    assert missing == []


def test_the_curl_examples_print_what_the_readme_shows(client: Client) -> None:
    steps = re.split(r"^\$ ", blocks(ROOT / "README.md", "console")[0], flags=re.MULTILINE)[2:]
    shown = [step.partition("\n") for step in steps]

    printed = [
        subprocess.run(
            ["bash", "-c", command], env=environment(client), capture_output=True, text=True, check=True
        ).stdout
        for command, _, _ in shown
    ]

    assert [text.rstrip("\n") for text in printed] == [expected.rstrip("\n") for _, _, expected in shown]


EXAMPLES = [page for page in PAGES if page.parent.name == "docs" and blocks(page, "console")]
PROJECTS = [page for page in PAGES if named_files(page)]
RECIPES = ROOT / "docs" / "recipes.md"
PROGRAMS = [
    page
    for page in PAGES
    if page.parent.name == "docs" and blocks(page, "python") and page not in (*PROJECTS, RECIPES)
]


@pytest.fixture
def documented() -> Iterator[Client]:
    """The server that the pages of the control plane speak of."""
    settings = Settings(scenario="tiny", now=ANCHOR, api_key="test")
    with serving(open_twin(settings)) as client:
        yield client


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.name)
def test_the_examples_of_a_page_print_what_it_shows(documented: Client, page: Path) -> None:
    if "| jq " in page.read_text(encoding="utf-8") and shutil.which("jq") is None:
        pytest.skip("these examples read JSON with jq")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks(page, "console"):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")

            printed = subprocess.run(
                ["bash", "-c", command.replace(SHOWN_URL, documented.url)],
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            ).stdout

            anything = ".*".join(map(re.escape, shown.rstrip("\n").split("…")))
            text = printed.replace(documented.url, SHOWN_URL).rstrip("\n")
            assert re.fullmatch(anything, text, re.DOTALL), (command, text)


@pytest.mark.parametrize("page", PROGRAMS, ids=lambda page: page.name)
def test_the_python_examples_of_a_page_hold(documented: Client, page: Path) -> None:
    for program in blocks(page, "python"):
        done = subprocess.run(
            [sys.executable, "-c", program.replace(SHOWN_URL, documented.url)],
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, done.stderr) == (0, "")


def test_the_python_example_adds_up_the_lines_of_tiny(client: Client) -> None:
    example = blocks(ROOT / "README.md", "python")[1]

    done = subprocess.run(
        [sys.executable, "-c", example], env=environment(client), capture_output=True, text=True, check=True
    )

    assert done.stdout == "AI wrote 136 lines\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="the TypeScript example runs in Node")
def test_the_typescript_example_counts_the_changes_of_tiny(client: Client) -> None:
    example = blocks(ROOT / "README.md", "ts")[0]

    done = subprocess.run(
        ["node", "--input-type=module", "-e", example],
        env=environment(client),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "6 of 6 changes\n"


def test_the_first_test_of_the_readme_passes_as_it_stands(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"test_client.py": blocks(ROOT / "README.md", "python")[0]})

    done = run_pytest(project, "-W", "error")

    assert "1 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("page", PROJECTS, ids=lambda page: page.name)
def test_the_project_of_a_page_holds_from_its_client_to_its_failures(tmp_path: Path, page: Path) -> None:
    files = named_files(page)
    shown = [text.rstrip("\n") for text in blocks(page, "text")]
    project = make_project(tmp_path, files)
    programs = [name for name in files if not name.startswith(("test_", "conftest"))]

    tests = run_pytest(project, "-W", "error", "--strict-markers", "-rA")
    ran = [
        subprocess.run([sys.executable, name], cwd=project, capture_output=True, text=True, check=False)
        for name in programs
    ]

    outcomes = re.findall(r"^(PASSED|FAILED|ERROR) (\S+?)::", tests.stdout, re.MULTILINE)
    expected = {name: "FAILED" if name == "test_mistake.py" else "PASSED" for name in files}
    assert outcomes, tests.stdout
    assert {(name, outcome) for outcome, name in outcomes} == {
        (name, outcome) for name, outcome in expected.items() if name.startswith("test_")
    }, tests.stdout
    assert [text for text in shown if text not in tests.stdout] == []
    assert [(one.returncode, one.stderr) for one in ran] == [(0, "")] * len(programs)


def test_the_recipes_pass_in_one_file(tmp_path: Path) -> None:
    client = (ROOT / "examples" / "python" / "cursor_sync.py").read_text(encoding="utf-8")
    recipes = "\n\n".join(blocks(RECIPES, "python"))
    project = make_project(tmp_path, {"cursor_sync.py": client, "test_recipes.py": recipes})

    done = run_pytest(project, "-W", "error", "--strict-markers")

    assert re.search(r" \d{2} passed in ", done.stdout), done.stdout


def test_the_example_scenario_is_a_right_one() -> None:
    example = blocks(ROOT / "docs" / "scenarios.md", "toml")[0]

    scenario = Scenario.model_validate(tomllib.loads(example))

    assert [team.name for team in scenario.teams] == ["blue", "red"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("revision", list(REVISIONS)),
        ("scenario", shipped_scenarios()),
        ("endpoint", [endpoint.path.removeprefix("/analytics/ai-code") for endpoint in ENDPOINTS[:4]]),
    ],
)
def test_the_readme_names_every(kind: str, names: list[str]) -> None:
    missing = [name for name in names if name.rpartition("/")[2] not in README]

    assert missing == [], kind


@pytest.mark.parametrize("page", ["docs/contract.md"])
def test_the_contract_page_names_every_switch(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    assert [name for name in describe_switches() if f"`{name}`" not in text] == []


def test_the_readme_tells_how_large_the_default_scenario_is() -> None:
    told = re.search(r"about ([\d,]+) commits and ([\d,]+) changes", README)
    *_parts, whole = make(Settings(anchor=ANCHOR).plan(), 1, 1)

    assert told
    assert isinstance(whole, Whole)
    sizes = [int(text.replace(",", "")) for text in told.groups()]
    assert sizes == pytest.approx([whole.counts.commits, whole.counts.changes], rel=0.05)


def test_every_test_that_the_security_page_names_is_there() -> None:
    named = set(re.findall(r"`(tests/\w+\.py)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8")))

    assert len(named) > 8
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
