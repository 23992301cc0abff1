"""Folders that go with their process: what a killed one left is removed, and nothing else."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aicode_mock.newfile import make_file
from aicode_mock.privatefolder import PrivateFolder
from tests.test_newfile import TINY
from tests.test_serve import started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
# Who is killed while it writes down what it covered leaves half a file.
UNMEASURED = {"COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""}
HOLD = """
import sys
from pathlib import Path
from aicode_mock.privatefolder import PrivateFolder
folder = PrivateFolder("test-", Path(sys.argv[1]))
print(folder.name, flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """A process that holds a folder, and that folder."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    env = {**os.environ, **UNMEASURED}
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_a_folder_is_for_its_owner_alone_and_goes_when_it_is_told(tmp_path: Path) -> None:
    folder = PrivateFolder("test-", tmp_path)

    modes = [stat.S_IMODE(Path(folder.name, name).stat().st_mode) for name in ("", "lock")]
    folder.cleanup()
    folder.cleanup()

    assert modes == [0o700, 0o600]
    assert names(tmp_path) == set()


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    with holder(tmp_path) as (dead, left), holder(tmp_path) as (alive, kept):
        dead.kill()
        dead.wait()
        before = names(tmp_path)

        with PrivateFolder("test-", tmp_path) as mine:
            after = names(tmp_path)
        alive.communicate("")

    assert before == {left.name, kept.name}
    assert after == {kept.name, Path(mine).name}
    assert names(tmp_path) == set()


@pytest.mark.parametrize("what", ["no lock", "no folder", "a link", "another name"])
def test_what_is_not_known_to_be_left_over_stays(tmp_path: Path, what: str) -> None:
    parent, elsewhere = tmp_path / "parent", tmp_path / "elsewhere"
    for folder in (parent, elsewhere):
        folder.mkdir()
    elsewhere.joinpath("lock").touch()
    match what:
        case "no lock":
            parent.joinpath("test-x").mkdir()
        case "no folder":
            parent.joinpath("test-x").write_text("mine")
        case "a link":
            parent.joinpath("test-x").symlink_to(elsewhere)
        case _:
            parent.joinpath("other").mkdir()
            parent.joinpath("other", "lock").touch()
    before = names(parent)

    PrivateFolder("test-", parent).cleanup()

    assert names(parent) == before
    assert names(elsewhere) == {"lock"}


def test_a_server_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    with started(tmp_path, "--scenario", "tiny", **UNMEASURED) as server:
        server.process.kill()
        server.process.wait()
    left = names(temporary)

    with started(tmp_path, "--scenario", "tiny") as server:
        there = names(temporary)
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in temporary.rglob("*")}
        server.stop(signal.SIGTERM)

    assert len(left) == len(there) == 1
    assert left != there
    assert {mode & 0o077 for mode in modes.values()} == {0}
    assert names(temporary) == set()


def test_a_database_that_was_half_made_is_made_and_its_half_removed(tmp_path: Path) -> None:
    half = tmp_path / ".twin.db.abcdefgh"
    half.mkdir()
    for name in ("lock", "store.db"):
        half.joinpath(name).touch()

    assert make_file(str(tmp_path / "twin.db"), TINY) is not None

    assert names(tmp_path) == {"twin.db"}
