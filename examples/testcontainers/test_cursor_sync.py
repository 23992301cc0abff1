"""The client's tests against a container: pip install pytest httpx tenacity testcontainers.

The image is built from the Dockerfile of aicode-mock: docker build -t aicode-mock .
"""

import re
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from cursor_sync import Api, windows

PORT = 8484
NOW = datetime(2026, 6, 30, tzinfo=UTC)
TOKEN = "test-token"
SETTINGS = {
    "AICODE_MOCK_SCENARIO": "tiny",
    "AICODE_MOCK_NOW": "2026-06-30",
    "AICODE_MOCK_CONTROL_TOKEN": TOKEN,
}


@pytest.fixture(scope="session")
def twin_url() -> Iterator[str]:
    """A twin in a container, for the whole run."""
    container = DockerContainer("aicode-mock").with_exposed_ports(PORT)
    container.with_envs(**SETTINGS).waiting_for(LogMessageWaitStrategy("aicode-mock ready"))
    with container:
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(PORT)}"


@pytest.fixture
def control(twin_url: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The control plane of this test's own world, which is as if new."""
    key = "sandbox_" + re.sub(r"\W+", "_", request.node.name)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"{twin_url}/_mock/worlds/{key}", headers=headers) as control:
        control.post("/reset").raise_for_status()
        yield control


def test_all_rows_of_a_week_are_read(twin_url: str, control: httpx.Client) -> None:
    key = str(control.base_url).rstrip("/").rpartition("/")[2]

    with closing(Api(twin_url, key)) as api:
        rows = [
            row for window in windows(NOW - timedelta(days=7), NOW) for row in api.rows("commits", window)
        ]

    assert len(rows) == control.get("/answers").json()["commits"]["count"]
    assert control.get("/report").json()["verdict"] == "clean"
