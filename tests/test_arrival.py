"""A request that arrives while its world goes."""

from contextlib import ExitStack

import pytest
from sqlalchemy.engine import Connection
from starlette.requests import Request

from aicode_mock.arrival import Visitor, arrive, let_rows_arrive
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.faults.effects import NO_HITS
from aicode_mock.outage import StoreGoneError
from aicode_mock.selection import COMMIT_ROWS
from aicode_mock.worlds import drop_world
from tests.conftest import API, Client, basic
from tests.ownworld import own_world

pytestmark = pytest.mark.both_stores


def test_a_world_that_is_dropped_meanwhile_takes_its_faults_with_it(client: Client) -> None:
    key, path = "sandbox_that_goes", f"{API}/commits"
    world = f"/_mock/worlds/{key}"
    fault = {"action": {"kind": "insert-row"}}
    assert client.http.post(f"{world}/faults", json=fault).status_code == 201
    headers = [(name.lower().encode(), text.encode()) for name, text in basic(key).items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}

    with ExitStack() as held:
        visitor = arrive(client.twin, Request(scope), ENDPOINTS[0], held)
        caller = visitor.caller
        assert caller
        assert list(visitor.hits.numbers) == visitor.fault_numbers == [1]
        assert client.http.delete(world).status_code == 204

        assert not let_rows_arrive(visitor, caller, COMMIT_ROWS)

        assert (visitor.world.world_id, visitor.hits) == ("default", NO_HITS)
        assert visitor.caller is not caller
        assert visitor.fault_numbers == []


def test_a_world_that_is_dropped_meanwhile_leaves_nothing_of_its_faults_in_the_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_world(client) as world:
        world.declare("insert-row")
        world.declare("cut", at="bytes", count=3)

        def dropped(connection: Connection, world_id: str) -> bool:
            drop_world(connection, world_id)
            return False

        monkeypatch.setattr("aicode_mock.arrival.has_world", dropped)
        answer = world.get("commits")

        assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized")


def test_a_stream_whose_faults_cannot_read_the_clock_lets_go_of_its_connection(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_visitor: Visitor) -> None:
        raise StoreGoneError

    with own_world(client) as world:
        world.declare("delay", seconds=5, clock="world")
        monkeypatch.setattr(Visitor, "now", gone)

        assert world.get("commits.csv").status_code == 503
        assert client.twin.store.connections_in_use == 0
