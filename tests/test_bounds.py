"""How much there may be of what callers make: worlds, faults, snapshots."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from aicode_mock.faults.book import MOST_FAULTS
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.snapshots import MOST_SNAPSHOTS
from aicode_mock.worlds import MOST_WORLDS
from tests.conftest import ANCHOR, KEY, Client, basic, serving

COPIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many) "


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    with serving(open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY))) as client:
        yield client


def fill(client: Client, table: str, columns: str, values: str, *, many: int) -> None:
    """Copy the one row of a table, under other names."""
    statement = f"INSERT INTO {table} ({columns}) {COPIES} SELECT {values} FROM n, {table}"
    with client.twin.store.writing() as connection:
        connection.execute(text(statement), {"many": many})


def test_no_more_worlds_are_opened_than_there_is_place_for(server: Client) -> None:
    rest = "dataset_id, origin_id, revision, behavior, settings, offset_ms, created_as, is_sandbox, "
    rest += "last_request, last_fault, used_at"
    fill(server, "world", f"id, {rest}", f"'w' || i, {rest}", many=MOST_WORLDS - 1)
    message = f"there are {MOST_WORLDS} worlds, and no more: drop one, or all by DELETE /_mock/worlds"

    opened = server.get("commits", headers=basic("sandbox_over"))
    no_endpoint = server.get("nothing", headers=basic("sandbox_over"))
    made = server.http.post("/_mock/worlds", json={"id": "over"})
    prepared = server.http.post("/_mock/worlds/sandbox_over/reset")
    known = server.get("commits")
    dropped = server.http.delete("/_mock/worlds/w1")
    after = server.get("commits", headers=basic("sandbox_over"))

    for answer in (opened, no_endpoint, made, prepared):
        assert (answer.status_code, answer.json()["message"]) == (503, message)
    assert (known.status_code, dropped.status_code, after.status_code) == (200, 204, 200)


def test_a_world_takes_so_many_faults(server: Client) -> None:
    fault = {"action": {"kind": "status", "status": 500}, "match": {"endpoint": "members"}}
    faults = "/_mock/worlds/default/faults"
    server.http.post(faults, json=fault)
    columns = "fault, seen, hits"
    fill(
        server,
        "fault",
        f"world_id, number, {columns}",
        f"world_id, 1000 + i, {columns}",
        many=MOST_FAULTS - 1,
    )

    over = server.http.post(faults, json=fault)
    server.http.delete(f"{faults}/1001")
    after = server.http.post(faults, json=fault)

    message = f"a world has {MOST_FAULTS} faults, and no more: take some back"
    assert (over.status_code, over.json()) == (409, {"error": "Conflict", "message": message})
    assert after.status_code == 201


def test_a_world_keeps_so_many_snapshots(server: Client) -> None:
    snapshots = "/_mock/worlds/default/snapshots"
    server.http.post(snapshots, json={"name": "first"})
    columns = "dataset_id, state, made_at"
    fill(
        server,
        "snapshot",
        f"world_id, name, {columns}",
        f"world_id, 's' || i, {columns}",
        many=MOST_SNAPSHOTS - 1,
    )

    over = server.http.post(snapshots, json={"name": "over"})
    server.http.delete(f"{snapshots}/s1")
    after = server.http.post(snapshots, json={"name": "over"})

    message = f"a world keeps {MOST_SNAPSHOTS} snapshots, and no more: forget one"
    assert (over.status_code, over.json()) == (409, {"error": "Conflict", "message": message})
    assert after.status_code == 201
