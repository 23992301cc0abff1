"""Worlds over PostgreSQL are those over SQLite: same digests, same bytes, also with many writers at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.tables import Base
from aicode_mock.twin import Twin
from tests.conftest import ANCHOR, KEY, Client, basic, serving
from tests.worldplayer import Api, Item

WORLD = Settings(scenario="hostile", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"})
PLACES = ("postgresql", "sqlite")
ROWS: dict[str, list[Item]] = {
    "commits": [
        {"userEmail": "New@gauntlet.example", "createdAt": "2026-06-20T10:00:00Z", "repoName": "new/new"},
        {"userEmail": "owner@gauntlet.example", "createdAt": "2026-06-20T10:00:00Z", "message": 'é,"\n'},
        {"userEmail": "owner@gauntlet.example", "totalLinesAdded": 2**31 - 1, "commitTs": None},
    ],
    "changes": [
        {"userEmail": "private@gauntlet.example", "metadata": [{"fileName": "a.py", "linesAdded": 3}]},
        {"userEmail": "new@gauntlet.example", "createdAt": "1970-01-01", "changeId": "4294967295"},
    ],
}


@pytest.fixture(scope="module")
def servers(database: str) -> Iterator[dict[str, Client]]:
    """The same world in both databases."""
    with (
        serving(open_twin(replace(WORLD, database=database))) as over_postgresql,
        serving(open_twin(WORLD)) as over_sqlite,
    ):
        yield dict(zip(PLACES, (over_postgresql, over_sqlite), strict=True))


@pytest.fixture
def apis(servers: dict[str, Client]) -> Iterator[list[Api]]:
    """Asks both servers, whose only world is as it was made."""
    apis = [Api(client.url) for client in servers.values()]
    for api in apis:
        for world in api.control("GET", "/worlds")["worlds"]:
            if world["id"] != "default":
                api.control("DELETE", f"/worlds/{world['id']}")
        api.control("POST", "/worlds/default/reset", expected=204)
    yield apis
    for api in apis:
        api.close()


def all_of(api: Api, key: str = KEY) -> tuple[list[str], list[str | None], str]:
    """What a world says: all its bytes, their tags, and the digest of its data."""
    dates = "startDate=1970-01-01&endDate=9999-01-01"
    targets = (f"{kind}?{dates}&pageSize=1000&page={page}" for kind in ROWS for page in (1, 2))
    answers = [api.get(key, target) for target in (*targets, *(f"{kind}.csv?{dates}" for kind in ROWS))]
    world = "default" if key == KEY else key
    digest = str(api.control("GET", f"/worlds/{world}")["digest"])
    return [one.text for one in answers], [one.headers.get("etag") for one in answers], digest


def row_counts(twin: Twin) -> dict[str, int]:
    with twin.store.reading() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name != "meter"  # which grows with every request
        }


def ingest(api: Api) -> None:
    for kind, rows in ROWS.items():
        api.control("POST", f"/worlds/default/{kind}", rows)


def remove(api: Api) -> None:
    api.control("DELETE", "/worlds/default/commits")


def snapshot_and_restore(api: Api) -> None:
    ingest(api)
    api.control("POST", "/worlds/default/snapshots", {"name": "s"})
    remove(api)
    ingest(api)
    api.control("POST", "/worlds/default/snapshots/s/restore", expected=204)
    api.control("DELETE", "/worlds/default/snapshots/s")


def ingest_and_reset(api: Api) -> None:
    ingest(api)
    api.control("POST", "/worlds/default/reset", expected=204)


@pytest.mark.parametrize("operate", [ingest, remove, snapshot_and_restore, ingest_and_reset])
def test_both_say_the_same_bytes_after_the_same_operations(
    apis: list[Api], operate: Callable[[Api], None]
) -> None:
    for _ in range(2):
        for api in apis:
            operate(api)

        over_postgresql, over_sqlite = (all_of(api) for api in apis)

        assert over_postgresql == over_sqlite


@pytest.mark.parametrize(
    "body",
    [
        {"id": "a", "apiKey": "a"},
        {"id": "a", "apiKey": "a", "scenario": "tiny", "seed": 7331},
        {"id": "a", "apiKey": "a", **ROWS},
    ],
)
def test_both_make_the_same_worlds_and_leave_nothing_of_them(
    servers: dict[str, Client], apis: list[Api], body: dict[str, Any]
) -> None:
    before = [row_counts(client.twin) for client in servers.values()]
    made = [api.control("POST", "/worlds", body) for api in apis]
    texts = [all_of(api, "a") for api in apis]
    for api in apis:
        api.control("DELETE", "/worlds/a")

    assert made[0] == {**made[1], "baseUrl": servers["postgresql"].url}
    assert texts[0] == texts[1]
    after = [row_counts(client.twin) for client in servers.values()]
    grown = [{name: now[name] - then[name] for name in now} for then, now in zip(before, after, strict=True)]
    assert grown[0] == grown[1]
    assert [counts["world"] for counts in after] == [1, 1]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("different", [1, 8])
def test_a_sandbox_that_many_ask_for_at_once_is_opened_once(
    servers: dict[str, Client], apis: list[Api], place: str, different: int
) -> None:
    client, api = servers[place], apis[PLACES.index(place)]

    def ask(number: int) -> int:
        return client.get("commits", headers=basic(f"sandbox_{number % different}")).status_code

    with ThreadPoolExecutor(8) as crowd:
        statuses = list(crowd.map(ask, range(16)))

    facts = [api.control("GET", f"/worlds/sandbox_{number}") for number in range(different)]
    assert statuses == [200] * 16
    assert sum(one["requests"] for one in facts) == 16


@pytest.mark.parametrize("place", PLACES)
def test_a_world_that_is_reset_while_it_is_asked_is_never_in_between(
    servers: dict[str, Client], apis: list[Api], place: str
) -> None:
    client, api = servers[place], apis[PLACES.index(place)]
    api.control("POST", "/worlds", {"id": "busy", "apiKey": "busy", "scenario": "tiny"})

    def ask(_number: int) -> tuple[int, int]:
        answer = client.get("commits", headers=basic("busy"))
        return answer.status_code, answer.json().get("totalCount")

    with ThreadPoolExecutor(6) as crowd:
        asked = crowd.map(ask, range(120))
        for _ in range(30):
            api.control("DELETE", "/worlds/busy/commits")
            api.control("POST", "/worlds/busy/reset", expected=204)
        answers = set(asked)

    assert answers <= {(200, 0), (200, 6)}
    api.control("POST", "/worlds/busy/reset", expected=204)
    assert api.control("GET", "/worlds/busy/requests/count") == {"count": 0}
    assert api.get("busy", "commits").status == 200


@pytest.mark.parametrize("place", PLACES)
def test_a_world_may_be_dropped_while_it_is_asked(
    servers: dict[str, Client], apis: list[Api], place: str
) -> None:
    client, api = servers[place], apis[PLACES.index(place)]
    api.control("POST", "/worlds", {"id": "first", "scenario": "tiny"})  # its rows are spared for the next
    api.control("DELETE", "/worlds/first")
    before = row_counts(client.twin)

    def ask(_number: int) -> int:
        return client.get("commits", headers=basic("busy")).status_code

    with ThreadPoolExecutor(6) as crowd:
        asked = crowd.map(ask, range(120))
        for _ in range(20):
            api.control("POST", "/worlds", {"id": "busy", "apiKey": "busy", "scenario": "tiny"})
            api.control("DELETE", "/worlds/busy")
        statuses = set(asked)

    after = row_counts(client.twin)
    assert statuses <= {200, 401}
    assert {**after, "journal": 0} == {**before, "journal": 0}  # unknown keys are noted in the default world


@pytest.mark.parametrize("place", PLACES)
def test_changes_of_clock_and_contract_at_once_all_count(
    servers: dict[str, Client], apis: list[Api], place: str
) -> None:
    client, api = servers[place], apis[PLACES.index(place)]

    def change(number: int) -> None:
        if number % 4:
            answer = client.http.put("/_mock/worlds/default/clock", json={"advance": "1s"})
        else:
            settings = {"rate_limit": str(number)}
            answer = client.http.patch("/_mock/worlds/default/contract", json={"settings": settings})
        answer.raise_for_status()

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(change, range(1, 81)))

    facts = api.control("GET", "/worlds/default")
    assert facts["now"] == "2026-06-30T00:01:00.000Z"
    assert facts["settings"]["rate_limit"] != "off"


def test_a_store_of_postgresql_is_opened_again_with_its_worlds(
    database: str, servers: dict[str, Client]
) -> None:
    api = Api(servers["postgresql"].url)
    api.control("POST", "/worlds", {"id": "kept", "apiKey": "kept", **ROWS})
    before = all_of(api, "kept")

    with serving(open_twin(replace(WORLD, database=database))) as again, closing(Api(again.url)) as other:
        assert all_of(other, "kept") == before

    api.control("DELETE", "/worlds/kept")
    api.close()
