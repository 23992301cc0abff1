"""Three replicas over one PostgreSQL, behind HAProxy as the repository configures it.

The replicas take no connections that the test does not make: HAProxy inherits its listening socket, so no
port is fixed.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import API, KEY, basic
from tests.stores import new_schema
from tests.test_serve import INSTALLED
from tests.test_streaming import until

CONFIG = Path(__file__).parent.parent / "haproxy.cfg"
HAPROXY = shutil.which("haproxy", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
OPTIONS = f"serve --port 0 --api-key {KEY} --scenario tiny --now 2026-06-30 --rate-limit 5 --log-format json"
COUNT = 3


@dataclass(slots=True)
class Replica:
    """A process that serves, at an address of its own."""

    process: "subprocess.Popen[str]"
    url: str
    log: Path

    @property
    def address(self) -> str:
        """Its host and port."""
        return self.url.removeprefix("http://")

    @property
    def streams(self) -> int:
        """How many connections to it are open."""
        connections = psutil.Process(self.process.pid).net_connections()
        return sum(
            one.status == psutil.CONN_ESTABLISHED and one.laddr.port == self.port for one in connections
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Shared:
    """A load balancer, and the replicas behind it."""

    url: str
    replicas: list[Replica]

    def get(self, path: str, *, at: str | None = None, key: str = KEY) -> httpx.Response:
        """GET through the load balancer, or from a replica, over a connection of its own."""
        return httpx.get(f"{at or self.url}{path}", headers=basic(key), timeout=30)

    def from_all(self, path: str, *, key: str = KEY) -> list[httpx.Response]:
        """What each of the replicas answers."""
        return [self.get(path, at=one.url, key=key) for one in self.replicas]

    def control(self, method: str, path: str, *, at: str | None = None, **options: object) -> httpx.Response:
        """Ask the control plane."""
        answer = httpx.request(method, f"{at or self.url}/_mock{path}", timeout=30, **options)  # type: ignore[arg-type]  # of httpx
        assert answer.is_success, answer.text
        return answer


@contextmanager
def replicas(folder: Path) -> Iterator[Shared]:
    """Start three replicas on an empty database at once, and HAProxy before them."""
    if HAPROXY is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("haproxy is not installed: apt-get install haproxy")
        pytest.skip("HAProxy is not installed: apt-get install haproxy")
    database = new_schema()
    with ExitStack() as running:
        started = [running.enter_context(_process(database, folder / f"{n}.log")) for n in range(COUNT)]
        found = [_ready(process, folder / f"{n}.log") for n, process in enumerate(started)]
        yield Shared(running.enter_context(_haproxy(found)), found)


@contextmanager
def _process(database: str, log: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [*INSTALLED, *OPTIONS.split(), "--database", database]
    with (
        log.open("w") as out,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=out, text=True) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def _ready(process: "subprocess.Popen[str]", log: Path) -> Replica:
    assert process.stdout is not None
    line = process.stdout.readline().split()
    assert line, log.read_text()
    return Replica(process, line[2], log)


@contextmanager
def _haproxy(found: list[Replica]) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    places = {f"AICODE_MOCK_REPLICA_{number}": one.address for number, one in enumerate(found, 1)}
    environment = {**os.environ, **places, "AICODE_MOCK_PROXY_BIND": f"fd@{listener.fileno()}"}
    command = [str(HAPROXY), "-db", "-q", "-f", str(CONFIG)]
    with listener, subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()]) as process:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            assert until(lambda: _is_answered(f"{url}{API}/commits"))
            yield url
        finally:
            process.terminate()


def _is_answered(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 401
    except httpx.TransportError:
        return False
