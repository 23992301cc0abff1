"""A request that arrives while its world goes."""

from contextlib import ExitStack

import pytest
from starlette.requests import Request

from aicode_mock.arrival import arrive, with_new_rows
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.selection import COMMIT_ROWS
from tests.conftest import API, Client, basic

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
        assert visitor.caller
        assert list(visitor.hits.numbers) == visitor.hitting == [1]
        assert client.http.delete(world).status_code == 204

        after = with_new_rows(visitor, visitor.caller, COMMIT_ROWS)

    assert (after.world.world_id, after.caller, bool(after.hits)) == ("default", None, False)
    assert visitor.hitting == after.hitting == []
