"""A project of somebody else: its own top-level ``app/``, warnings as errors, strict markers."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FILES = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n",
    "app/__init__.py": "",
    "uvicorn.py": "raise RuntimeError('a module of the project, which the server must not see')\n",
    "app/client.py": """\
import base64
import json
import urllib.request


def count(url, key):
    token = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    request = urllib.request.Request(f"{url}/analytics/ai-code/commits?pageSize=1000", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["totalCount"]
""",
    "test_client.py": """\
import os

import pytest

from app.client import count


@pytest.mark.parametrize("number", range(6))
def test_counts(aicode_mock, number):
    aicode_mock.add_commit(userEmail="ada@duo.example")
    assert count(aicode_mock.base_url, aicode_mock.api_key) == 7
    with open(os.environ["SERVERS"], "a") as servers:
        servers.write(aicode_mock.base_url + "\\n")


@pytest.mark.aicode_mock(scenario="empty")
def test_nothing(aicode_mock):
    assert count(aicode_mock.base_url, aicode_mock.api_key) == 0


def test_without():
    assert True
""",
}


# Plugins of ours that the project of somebody else has not, and that take seconds to load.
_OTHERS = ("cacheprovider", "hypothesispytest", "schemathesis", "faker", "anyio", "randomly")
PYTEST = [sys.executable, "-m", "pytest", *(word for name in _OTHERS for word in ("-p", f"no:{name}"))]


def make_project(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """Write the files into a folder."""
    for name, text in files.items():
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder


def surroundings(folder: Path, **variables: str) -> dict[str, str]:
    """An environment in which only the project and what is installed matter."""
    ours = ("AICODE_MOCK", "PYTEST_", "PORT")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return {**kept, "SERVERS": str(folder / "servers.txt"), **variables}


def run_pytest(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of the project as its author does."""
    return subprocess.run(
        [*PYTEST, *options],
        cwd=folder,
        env=surroundings(folder, **variables),
        capture_output=True,
        text=True,
        check=False,
    )


def servers(folder: Path) -> set[str]:
    """The URLs of the servers that its tests have met."""
    return set(folder.joinpath("servers.txt").read_text(encoding="utf-8").split())
