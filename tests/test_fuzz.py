"""Each committed contract file against a running server: schemathesis finds nothing to complain about."""

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner
from schemathesis.cli import schemathesis

from tests.conftest import KEY, Client

OPENAPI = Path(__file__).parent.parent / "openapi"
# Three readings of ours that no contract file can state: schemathesis expects 405 for a method that is not
# described, knows of no relation between two parameters (a start after its end is valid to it), and takes a
# repeated parameter for a list, where we look at the first only.
SWITCHES = {"wrong_method": "405", "reversed_range": "empty", "repeated_parameter": "400"}


def fuzz(client: Client, revision: str, folder: Path, *, phases: str, examples: int) -> tuple[int, str]:
    """The exit code of ``st run``, 0 if no check of any kind failed, and what it printed."""
    options = ["--url", client.url, "--auth", f"{KEY}:", "--phases", phases, "--max-examples", str(examples)]
    options += ["--checks", "all", "--seed", "1", "--no-color"]
    with chdir(folder):  # it leaves folders behind
        result = CliRunner().invoke(schemathesis, ["run", str(OPENAPI / f"{revision}.yaml"), *options])
    assert "Test cases:" in result.output, result.output
    return result.exit_code, result.output


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
