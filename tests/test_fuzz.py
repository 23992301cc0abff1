"""Each committed contract file against a running server: schemathesis finds nothing to complain about."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.worldtables import JOURNAL
from tests.conftest import ANCHOR, KEY, Client, serving

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
OPENAPI = Path(__file__).parent.parent / "openapi"
# Readings of ours that no contract file can state: schemathesis expects 405 for a method that is not
# described, knows of no relation between two parameters (a start after its end is valid to it), and takes a
# repeated parameter for a list, where we look at the first only.  Nor can a file state how far two dates may
# be apart.
SWITCHES = {
    "wrong_method": "405",
    "reversed_range": "empty",
    "repeated_parameter": "400",
    "max_usage_days": "off",
}


# What no contract file can state of the control plane: whether a team, a switch, a bundle or a rule of a name
# exists, how far the clock may go, and that a row names its author or has totals that are sums.  Numbers are
# read leniently: false is 0, as pydantic has it.
CONTROL = """
[parameters]
"path.world" = "default"

[[operations]]
include-operation-id = [
  "read_answers", "read_report", "create_world", "write_clock", "write_contract", "add_commits",
  "add_changes", "create_faults", "read_requests", "count_requests",
]
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = ["create_world", "add_commits", "add_changes", "create_faults"]
checks.negative_data_rejection.enabled = false

[[operations]]
include-operation-id = ["create_world", "add_changes", "add_commits"]  # large bodies: a second each
phases.coverage.enabled = false
"""


def fuzz(client: Client, revision: str, folder: Path, *, phases: str, examples: int) -> tuple[int, str]:
    """The exit code of ``st run``, 0 if no check of any kind failed, and what it printed."""
    more = ("--auth", f"{KEY}:", "--checks", "all")
    return run(client.url, revision, folder, *more, phases=phases, examples=examples)


def run(url: str, name: str, folder: Path, *more: str, phases: str, examples: int) -> tuple[int, str]:
    options = ["--url", url, "--phases", phases, "--max-examples", str(examples)]
    options += ["--seed", "1", "--no-color"]
    # In a process of its own: Hypothesis draws constants from whatever else of ours is loaded.
    done = subprocess.run(
        [SCHEMATHESIS, "run", str(OPENAPI / f"{name}.yaml"), *options, *more],
        cwd=folder,  # it leaves folders behind
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    assert "Test cases:" in done.stdout, done.stdout
    return done.returncode, done.stdout


@pytest.mark.parametrize("revision", ["2025-08", "2025-12", "2026-03"])
def test_an_older_revision_is_answered_as_its_file_says(
    client: Client, tmp_path: Path, revision: str
) -> None:
    client.promise(revision=revision, **SWITCHES)

    code, output = fuzz(client, revision, tmp_path, phases="examples,fuzzing", examples=5)

    assert code == 0, output


def test_the_newest_revision_is_answered_as_its_file_says(client: Client, tmp_path: Path) -> None:
    client.promise(**SWITCHES)

    code, output = fuzz(client, "2026-06", tmp_path, phases="examples,coverage,fuzzing", examples=10)

    assert code == 0, output


def test_observed_errors_and_hostile_rows_are_as_the_file_says(
    client_of: Callable[[str], Client], tmp_path: Path
) -> None:
    client = client_of("hostile")
    client.promise(
        behavior="observed", max_range_days="off", **SWITCHES
    )  # the cap relates two parameters too

    code, output = fuzz(client, "2026-06", tmp_path, phases="examples,fuzzing", examples=5)

    assert code == 0, output


def test_the_checks_do_find_a_server_that_is_not_as_its_file_says(client: Client, tmp_path: Path) -> None:
    client.promise(revision="2025-08", **SWITCHES)

    code, output = fuzz(client, "2026-06", tmp_path, phases="examples,fuzzing", examples=2)

    assert code == 1
    assert "commitSource" in output


@pytest.fixture
def disposable() -> Iterator[Client]:
    """A server of its own: nothing of what is made there is looked at again."""
    settings = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY)
    with serving(open_twin(settings)) as client:
        yield client


def test_the_control_plane_is_as_its_file_says(disposable: Client, tmp_path: Path) -> None:
    disposable.get("commits")
    tmp_path.joinpath("schemathesis.toml").write_text(CONTROL, encoding="utf-8")

    code, output = run(
        f"{disposable.url}/_mock", "control", tmp_path, phases="examples,coverage,fuzzing", examples=2
    )

    assert code == 0, output
    assert "Selected: 35/35" in output
    assert disposable.http.get("/_mock/ready").status_code == 200


@pytest.mark.parametrize(
    ("operation", "found"),
    [("read_requests", "Server error"), ("read_answers", "Schema-valid request rejected")],
)
def test_the_checks_do_find_a_control_plane_that_is_not_as_its_file_says(
    disposable: Client, tmp_path: Path, operation: str, found: str
) -> None:
    strict, _, _ = CONTROL.partition("[[operations]]")
    tmp_path.joinpath("schemathesis.toml").write_text(strict, encoding="utf-8")
    disposable.get("commits")
    with disposable.twin.store.writing() as connection:
        connection.execute(update(JOURNAL).values(entry="{}"))

    options = ("--include-operation-id", operation)
    code, output = run(
        f"{disposable.url}/_mock", "control", tmp_path, *options, phases="coverage", examples=1
    )

    assert code == 1
    assert found in output
