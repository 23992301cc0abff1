"""The one server of a run, and the door at which its workers ask."""

import socket
import threading
from collections.abc import Callable

import httpx
import pytest

from aicode_mock.testing.plane import MockError, Server
from aicode_mock.testing.process import ServerProcess
from aicode_mock.testing.runserver import Door, RunServer, ask_at


def counted(start: Callable[[], ServerProcess]) -> tuple[Callable[[], ServerProcess], list[str]]:
    """What starts a server, and a list that grows with each start."""
    starts: list[str] = []

    def counting() -> ServerProcess:
        starts.append("started")
        return start()

    return counting, starts


def broken() -> ServerProcess:
    raise MockError("the server did not start: no disk")


def test_all_workers_get_one_server_which_ends_with_the_door() -> None:
    start, starts = counted(lambda: ServerProcess.start(["--scenario", "tiny"]))
    door = Door(RunServer(start))
    found: list[Server] = []
    workers = [threading.Thread(target=lambda: found.append(ask_at(door.ticket))) for _ in range(4)]
    before = list(starts)

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    alive = httpx.get(f"{found[0].url}/_mock/health").status_code
    door.close()

    assert (before, starts) == ([], ["started"])
    assert (len(found), len(set(found)), alive) == (4, 1, 200)
    with pytest.raises(httpx.ConnectError):
        httpx.get(found[0].url)
    with pytest.raises(MockError, match="the controller of the run does not answer"):
        ask_at(door.ticket)


def test_a_server_that_does_not_start_is_tried_once_and_every_worker_is_told() -> None:
    start, starts = counted(broken)
    door = Door(RunServer(start))

    for _ in range(2):
        with pytest.raises(MockError, match="the server did not start: no disk"):
            ask_at(door.ticket)
    door.close()

    assert starts == ["started"]


def test_nothing_is_started_if_nobody_asks() -> None:
    start, starts = counted(broken)

    RunServer(start).close()
    Door(RunServer(start)).close()

    assert starts == []


def test_who_has_no_ticket_or_leaves_early_closes_no_door() -> None:
    start, _ = counted(broken)
    door = Door(RunServer(start))

    with pytest.raises(MockError, match="does not answer"):
        ask_at({**door.ticket, "secret": "another"})
    socket.create_connection(("127.0.0.1", door.ticket["port"])).close()
    with pytest.raises(MockError, match="no disk"):
        ask_at(door.ticket)
    door.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_door_whose_thread_has_failed_closes_all_the_same() -> None:
    def fail() -> ServerProcess:
        raise LookupError("a bug")

    door = Door(RunServer(fail))

    with pytest.raises(MockError, match="the controller of the run does not answer"):
        ask_at(door.ticket)
    closing = threading.Thread(target=door.close, daemon=True)
    closing.start()
    closing.join(timeout=20)

    assert not closing.is_alive()
