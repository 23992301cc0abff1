"""Several processes behind one port are one server: one limit, one clock, one set of faults and worlds."""

import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import API, KEY, basic
from tests.test_serve import INSTALLED
from tests.test_streaming import until

MANY = 32  # connections: one worker of two takes all of them once in four billion runs
CONTROL = "/_mock/worlds/default"
COMMAND = f"serve --workers 2 --port 0 --api-key {KEY} --scenario tiny --now 2026-06-30 --rate-limit 5"


@dataclass(frozen=True, slots=True)
class Serving:
    """A server of two processes."""

    process: subprocess.Popen[str]
    url: str

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that listen, without those that help them."""
        children = psutil.Process(self.process.pid).children()
        return [one for one in children if "resource_tracker" not in " ".join(one.cmdline())]

    def get(self, path: str, key: str = KEY) -> httpx.Response:
        """GET over a connection of its own."""
        return httpx.get(f"{self.url}{path}", headers=basic(key), timeout=30)

    def statuses(self, path: str, key: str = KEY) -> Counter[int]:
        """How often there was which status over many connections."""
        return Counter(self.get(path, key).status_code for _ in range(MANY))


@contextmanager
def serving(*options: str) -> Iterator[Serving]:
    command = [*INSTALLED, *COMMAND.split(), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Serving(process, process.stdout.readline().split()[2])
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def shared() -> Iterator[Serving]:
    with serving() as server:
        yield server


@pytest.fixture
def server(shared: Serving) -> Serving:
    """The server, with its default world as new."""
    assert httpx.post(f"{shared.url}{CONTROL}/reset", timeout=30).status_code == 204
    return shared


def test_a_limit_of_five_is_five(server: Serving) -> None:
    assert server.statuses(f"{API}/commits") == {200: 5, 429: MANY - 5}


def test_a_clock_that_is_moved_ends_the_window_of_both(server: Serving) -> None:
    server.statuses(f"{API}/commits")

    httpx.put(f"{server.url}{CONTROL}/clock", json={"advance": "61s"}, timeout=30)

    assert server.statuses(f"{API}/commits") == {200: 5, 429: MANY - 5}


def test_a_fault_for_one_request_hits_one(server: Serving) -> None:
    once = {"match": {"endpoint": "members", "last": 1}, "action": {"kind": "status", "status": 503}}
    httpx.post(f"{server.url}{CONTROL}/faults", json=once, timeout=30)

    assert server.statuses("/teams/members")[503] == 1


def test_every_request_is_in_the_journal_once(server: Serving) -> None:
    server.statuses(f"{API}/changes.csv")

    entries = server.get(f"{CONTROL}/requests").json()["requests"]

    assert [entry["id"] for entry in entries] == list(range(1, MANY + 1))


def test_a_world_that_one_opens_is_there_for_both(server: Serving) -> None:
    assert server.statuses("/teams/members", "sandbox_workers")[200] == 5

    worlds = [world["id"] for world in server.get("/_mock/worlds").json()["worlds"]]

    assert worlds.count("sandbox_workers") == 1


def test_a_worker_that_dies_is_replaced(server: Serving) -> None:
    killed = server.workers[0]
    killed.kill()
    psutil.wait_procs([killed], timeout=30)

    assert until(lambda: len(server.workers) == 2)
    assert until(lambda: is_answered(server))


def is_answered(server: Serving) -> bool:
    try:
        return all(server.get("/_mock/health").is_success for _ in range(4))
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_them(tmp_path: Path, number: signal.Signals) -> None:
    port_file = tmp_path / "port"
    with serving("--port-file", str(port_file)) as server:
        workers = server.workers
        assert server.url.endswith(f":{port_file.read_text().strip()}")
        server.process.send_signal(number)

        assert server.process.wait(timeout=30) == 0

    assert [one for one in workers if one.is_running()] == []
    assert not port_file.exists()


def test_an_answer_under_way_is_cut_without_a_word() -> None:
    with serving("--log-format", "off") as server, socket.socket() as client:
        late = {"match": {"endpoint": "members"}, "action": {"kind": "delay", "seconds": 60}}
        assert httpx.post(f"{server.url}{CONTROL}/faults", json=late, timeout=30).is_success
        host, port = server.url.removeprefix("http://").split(":")
        client.connect((host, int(port)))
        authorization = basic(KEY)["Authorization"]
        client.sendall(
            f"GET /teams/members HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode()
        )
        assert until(lambda: server.get(f"{CONTROL}/requests/count").json()["count"] == 1)
        server.process.send_signal(signal.SIGTERM)

        _, errors = server.process.communicate(timeout=30)

    assert (server.process.returncode, errors) == (0, "")


def test_workers_end_when_their_supervisor_is_killed() -> None:
    with serving() as server:
        workers = server.workers
        server.process.kill()

        gone, alive = psutil.wait_procs(workers, timeout=30)

    assert (len(gone), alive) == (2, [])


def test_a_second_server_finds_the_port_taken(server: Serving) -> None:
    port = server.url.rpartition(":")[2]
    command = [*INSTALLED, *f"serve --scenario tiny --workers 2 --port {port}".split()]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout) == (3, "")
    assert f"port {port} on 127.0.0.1 is taken" in ended.stderr


def test_a_worker_that_cannot_start_ends_the_server(tmp_path: Path) -> None:
    script = f"""if True:
        from aicode_mock.accesslog import LogFormat
        from aicode_mock.control.guard import Watch
        from aicode_mock.exits import explained
        from aicode_mock.server import bind, spread
        from aicode_mock.workers import Worker, Workers

        if __name__ == "__main__":
            worker = Worker("{tmp_path}/missing.db", 0, Watch(), LogFormat.OFF)
            listeners = spread(bind("127.0.0.1", 0), 2)
            with explained():
                Workers(worker, 2, listeners=listeners, on_ready=lambda: print("ready")).run()
    """
    file = tmp_path / "script.py"
    file.write_text(script)

    ended = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "a worker process has not started" in ended.stderr
    assert f"database {tmp_path}/missing.db does not exist" in ended.stderr
