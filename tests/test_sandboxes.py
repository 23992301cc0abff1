"""Sandboxes: a key ``sandbox_<anything>`` opens a world of its own with its first request."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from aicode_mock import arrival
from aicode_mock.clock import Clock, to_ms
from aicode_mock.sandboxes import NOTED_MS, UNUSED_MS, may_open, open_sandbox
from aicode_mock.settings import Settings
from aicode_mock.tables import TEAMS
from aicode_mock.worldfacts import list_worlds, world_facts
from aicode_mock.worldrecords import Conditions, dataset_of
from aicode_mock.worlds import add_world, drop_world
from aicode_mock.worldtables import WORLDS
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.stores import open_twin
from tests.worldplayer import Api

pytestmark = pytest.mark.both_stores


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    settings = Settings(
        scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "1000"}
    )
    with serving(open_twin(settings)) as client:
        yield client


@pytest.fixture
def api(server: Client) -> Iterator[Api]:
    """Asks a server whose default world is as it was made, and the only one."""
    with closing(Api(server.url)) as api:
        for world in api.control("GET", "/worlds")["worlds"]:
            if world["id"] != "default":
                api.control("DELETE", f"/worlds/{world['id']}")
        api.control("POST", "/worlds/default/reset", expected=204)
        yield api


@pytest.fixture
def connection(server: Client, api: Api) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    assert worlds(api) == ["default"]
    with server.twin.store.rearranging() as connection:
        yield connection
        connection.rollback()


def sandboxes(connection: Connection) -> list[str]:
    return [facts.world_id for facts in list_worlds(connection) if facts.is_sandbox]


def worlds(api: Api) -> list[str]:
    return [world["id"] for world in api.control("GET", "/worlds")["worlds"]]


def test_the_first_request_opens_a_world_and_the_next_finds_it(api: Api) -> None:
    statuses = [api.get("sandbox_a", "commits").status for _ in range(3)]

    facts = api.control("GET", "/worlds/sandbox_a")
    assert statuses == [200] * 3
    assert worlds(api) == ["default", "sandbox_a"]
    assert (facts["isSandbox"], facts["requests"]) == (True, 3)
    assert api.control("GET", "/worlds/default")["requests"] == 0


@pytest.mark.parametrize("path", ["commits", "changes.csv", "commits/" + "1" * 40, "nothing"])
def test_any_path_opens_it(api: Api, path: str) -> None:
    api.get("sandbox_a", path)

    assert worlds(api) == ["default", "sandbox_a"]


@pytest.mark.parametrize("headers", [basic("sandbox_a"), {"Authorization": "Bearer sandbox_a"}])
def test_either_way_to_send_a_key_opens_it(server: Client, api: Api, headers: dict[str, str]) -> None:
    answer = server.http.head(f"{API}/commits", headers=headers)

    assert answer.status_code == 200
    assert worlds(api) == ["default", "sandbox_a"]


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        ("sandbox_a", True),
        ("sandbox_gw0-run.17_B", True),
        ("sandbox_" + "x" * 192, True),
        ("sandbox_" + "x" * 193, False),
        ("sandbox_test[a=1]", True),
        ("sandbox_", False),
        ("sandbox", False),
        ("Sandbox_a", False),
        ("my_sandbox_a", False),
        ("sandbox_a b", False),
        ("sandbox_a/b", False),
        ("sandbox_a\n", False),
        ("sandbox_ä", False),
        ("sandbox_\u0663", False),
        ("", False),
    ],
)
def test_a_sandbox_key_has_a_form(connection: Connection, key: str, is_one: bool) -> None:
    assert may_open(connection, key) == is_one


def test_the_key_is_that_of_the_first_enterprise_team_and_there_is_no_other(api: Api, server: Client) -> None:
    api.get("sandbox_a", "commits")

    with server.twin.store.reading() as connection:
        keys = connection.exec_driver_sql(
            "SELECT key, team_ordinal FROM api_key WHERE world_id = 'sandbox_a'"
        )
        assert keys.all() == [("sandbox_a", 0)]


def test_a_sandbox_is_as_the_default_world_was_made(api: Api) -> None:
    created = api.control("GET", "/worlds/default")
    api.control("DELETE", "/worlds/default/commits")
    api.control("PATCH", "/worlds/default/contract", {"behavior": "observed", "settings": {"caching": "off"}})
    api.control("PUT", "/worlds/default/clock", {"advance": "3d"})

    api.get("sandbox_a", "commits")

    opened = api.control("GET", "/worlds/sandbox_a")
    own = {"id": "sandbox_a", "isSandbox": True, "requests": 1}
    assert opened == {**created, **own}
    assert (opened["now"], opened["settings"]) == ("2026-06-30T00:00:00.000Z", {"rate_limit": "1000"})


def test_what_is_done_in_a_sandbox_is_done_there_alone(api: Api) -> None:
    for key in ("sandbox_a", "sandbox_b"):
        api.get(key, "commits")

    api.control("DELETE", "/worlds/sandbox_a/commits")
    api.control("PATCH", "/worlds/sandbox_a/contract", {"settings": {"rate_limit": 1}})

    asked = {key: [api.get(key, "commits") for _ in range(2)] for key in ("sandbox_a", "sandbox_b", KEY)}
    assert [answer.status for answer in asked["sandbox_a"]] == [200, 429]
    assert asked["sandbox_a"][0].json["totalCount"] == 0
    for key in ("sandbox_b", KEY):
        assert [answer.json["totalCount"] for answer in asked[key]] == [6, 6]


def test_without_sandboxes_such_keys_are_unknown(api: Api) -> None:
    api.control("PATCH", "/worlds/default/contract", {"settings": {"sandboxes": "off"}})

    assert api.get("sandbox_a", "commits").status == 401
    assert worlds(api) == ["default"]


def test_a_key_that_is_no_sandbox_key_opens_nothing(api: Api) -> None:
    assert api.get("sandbox", "commits").status == 401
    assert worlds(api) == ["default"]


def test_a_sandbox_key_that_was_chosen_for_a_world_leads_there(api: Api) -> None:
    api.control("POST", "/worlds", {"id": "made", "apiKey": "sandbox_a"})

    assert api.get("sandbox_a", "commits").status == 200
    assert worlds(api) == ["default", "made"]
    assert api.control("GET", "/worlds/made")["requests"] == 1


def test_a_world_that_has_the_id_of_a_sandbox_keeps_its_own_keys(api: Api) -> None:
    api.control("POST", "/worlds", {"id": "sandbox_a", "apiKey": "other"})

    assert api.get("sandbox_a", "commits").status == 401
    assert api.get("other", "commits").status == 200
    assert worlds(api) == ["default", "sandbox_a"]


def test_a_sandbox_may_be_made_on_purpose(api: Api) -> None:
    api.control("POST", "/worlds", {"id": "sandbox_a", "settings": {"rate_limit": 1}})

    assert [api.get("sandbox_a", "commits").status for _ in range(2)] == [200, 429]
    assert worlds(api) == ["default", "sandbox_a"]


def test_a_sandbox_may_be_prepared_before_its_first_request(api: Api) -> None:
    api.control("DELETE", "/worlds/sandbox_a/commits")

    assert api.get("sandbox_a", "commits").json["totalCount"] == 0
    assert api.control("GET", "/worlds/sandbox_a")["isSandbox"]


def test_a_sandbox_may_be_dropped_and_opened_again(api: Api) -> None:
    for _ in range(2):
        assert api.get("sandbox_a", "commits").status == 200
        api.control("DELETE", "/worlds/sandbox_a/commits")
        assert api.get("sandbox_a", "commits").json["totalCount"] == 0
        api.control("DELETE", "/worlds/sandbox_a")


@pytest.mark.parametrize("different", [1, 8])
def test_many_first_requests_at_once_open_each_world_once(server: Client, api: Api, different: int) -> None:
    def ask(number: int) -> int:
        return server.get("commits", headers=basic(f"sandbox_{number % different}")).status_code

    with ThreadPoolExecutor(8) as crowd:
        statuses = list(crowd.map(ask, range(24)))

    assert statuses == [200] * 24
    assert worlds(api) == ["default", *(f"sandbox_{number}" for number in range(different))]
    assert sum(api.control("GET", f"/worlds/sandbox_{n}")["requests"] for n in range(different)) == 24


def test_a_sandbox_that_somebody_drops_while_it_is_opened_is_opened_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_among_others(connection: Connection, key: str, *, now: int) -> bool:
        is_open = open_sandbox(connection, key, now=now)
        opened.append(key)
        if len(opened) < 4:
            drop_world(connection, key)
        return is_open

    monkeypatch.setattr(arrival, "open_sandbox", open_among_others)

    assert api.get("sandbox_a", "commits").status == 200
    assert opened == ["sandbox_a"] * 4


def test_opening_twice_is_opening_once(connection: Connection) -> None:
    open_sandbox(connection, "sandbox_a", now=0)
    before = world_facts(connection, "sandbox_a")

    open_sandbox(connection, "sandbox_a", now=5)

    assert world_facts(connection, "sandbox_a") == before


def test_a_sandbox_that_nobody_used_for_an_hour_goes_when_the_next_one_is_opened(
    connection: Connection,
) -> None:
    origin = dataset_of(connection, "default")
    add_world(connection, "made", dataset_id=origin, conditions=Conditions(), now=0)
    open_sandbox(connection, "sandbox_old", now=0)
    open_sandbox(connection, "sandbox_young", now=1)

    open_sandbox(connection, "sandbox_next", now=UNUSED_MS)
    all_of_them = sandboxes(connection)
    open_sandbox(connection, "sandbox_last", now=UNUSED_MS + 1)

    assert all_of_them == ["sandbox_next", "sandbox_old", "sandbox_young"]
    assert sandboxes(connection) == ["sandbox_last", "sandbox_next", "sandbox_young"]
    assert world_facts(connection, "made").commits == 6


def test_every_request_counts_as_use(server: Client, api: Api) -> None:
    api.get("sandbox_a", "commits")
    with server.twin.store.writing() as connection:
        connection.execute(update(WORLDS).values(used_at=0))

    api.get("sandbox_a", "nothing")

    with server.twin.store.reading() as connection:
        used_at = dict(connection.execute(select(WORLDS.c.id, WORLDS.c.used_at)).all())
    assert used_at["sandbox_a"] > 0 == used_at["default"]
    api.get("sandbox_b", "commits")
    assert worlds(api) == ["default", "sandbox_a", "sandbox_b"]


@pytest.mark.parametrize(("age_ms", "is_noted"), [(NOTED_MS - 60_000, False), (NOTED_MS + 60_000, True)])
def test_calls_of_the_control_plane_count_as_use_every_few_minutes(
    server: Client, api: Api, age_ms: int, is_noted: bool
) -> None:
    api.control("POST", "/worlds/sandbox_a/reset", expected=204)
    old = to_ms(Clock().now()) - age_ms
    with server.twin.store.writing() as connection:
        connection.execute(update(WORLDS).values(used_at=old))

    for world in ("sandbox_a", "default"):
        api.control("GET", f"/worlds/{world}/requests")

    with server.twin.store.reading() as connection:
        used_at = dict(connection.execute(select(WORLDS.c.id, WORLDS.c.used_at)).all())
    assert (used_at["sandbox_a"] > old, used_at["default"]) == (is_noted, old)


def test_a_sandbox_that_only_the_control_plane_uses_stays(server: Client, api: Api) -> None:
    api.control("POST", "/worlds/sandbox_a/commits", {"userEmail": "ada@duo.example"}, expected=201)
    with server.twin.store.writing() as connection:
        connection.execute(update(WORLDS).values(used_at=0))

    api.control("GET", "/worlds/sandbox_a/requests")
    api.get("sandbox_b", "commits")

    assert worlds(api) == ["default", "sandbox_a", "sandbox_b"]
    assert api.control("GET", "/worlds/sandbox_a")["commits"] == 7


def test_where_no_team_is_entitled_a_sandbox_is_not_opened(connection: Connection) -> None:
    connection.execute(update(TEAMS).values(plan="business"))

    open_sandbox(connection, "sandbox_a", now=0)

    assert sandboxes(connection) == []


@pytest.mark.parametrize("path", ["", "/report", "/answers", "/requests", "/clock"])
def test_reading_opens_no_sandbox(api: Api, path: str) -> None:
    told = api.control("GET", f"/worlds/sandbox_a{path}", expected=404)

    assert told["message"].startswith("there is no world 'sandbox_a': a sandbox opens with the first request")
    assert worlds(api) == ["default"]


@pytest.mark.parametrize("name", ["sandbox_a b", "sandbox_a:b", "sandbox_50%"])
def test_a_name_that_no_sandbox_can_have_is_told_what_it_may_be(api: Api, name: str) -> None:
    told = api.control("POST", f"/worlds/{quote(name)}/reset", expected=404)

    assert told["message"].startswith(
        f"there is no world '{name}': no sandbox can have this name, which must be 1 to 200 of"
    )
