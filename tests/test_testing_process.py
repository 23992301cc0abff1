"""A server in a process of its own: what it gets, how it ends, what is said if it does not start."""

import os
import sys
from pathlib import Path

import httpx
import pytest

from aicode_mock.testing.plane import MockError
from aicode_mock.testing.process import ServerProcess


def test_a_server_is_there_from_start_to_stop_whatever_the_environment_of_the_tests(tmp_path: Path) -> None:
    options = {"AICODE_MOCK_SCENARIO": "none", "AICODE_MOCK_CONTROL_TOKEN": "x", "PORT": "1"}
    env = {**os.environ, **options, "PYTHONWARNINGS": "error", "TMPDIR": str(tmp_path)}

    started = ServerProcess.start(["--scenario", "tiny"], env=env)
    worlds = httpx.get(f"{started.server.url}/_mock/worlds").json()["worlds"]
    started.stop()
    started.stop()  # also if somebody did before

    assert [world["scenario"] for world in worlds] == ["tiny"]
    assert started.process.returncode == 0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(started.server.url)


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(MockError) as failed:
        ServerProcess.start(["--scenario", "none"])

    assert str(failed.value).startswith("the server did not start: unknown scenario")
    assert "'none'" in str(failed.value)


@pytest.mark.skipif(sys.platform == "win32", reason="a process that inherits a pipe, as fork makes them")
def test_a_server_is_stopped_also_if_a_child_of_the_tests_holds_its_pipe() -> None:
    started = ServerProcess.start(["--scenario", "tiny"])
    assert started.process.stdin is not None
    held = os.dup(started.process.stdin.fileno())

    started.stop()
    os.close(held)

    assert started.process.returncode == 0
