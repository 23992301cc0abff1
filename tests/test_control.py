"""The control plane: alive, ready, and the clock and contract of a world."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from aicode_mock import __version__
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, Client, serving
from tests.conftest import set_clock as set_main_clock
from tests.ownworld import OwnWorld, own_world
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


def test_health_tells_version_and_uptime(client: Client) -> None:
    answers = [httpx.get(f"{client.url}/_mock/health") for _ in range(2)]

    bodies = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [list(body) for body in bodies] == [["status", "version", "uptimeSeconds"]] * 2
    assert (bodies[0]["status"], bodies[0]["version"]) == ("ok", __version__)
    assert 0 <= bodies[0]["uptimeSeconds"] <= bodies[1]["uptimeSeconds"]


def test_ready_tells_what_is_served(client: Client) -> None:
    client.promise(revision="2026-03", behavior="observed")

    ready = httpx.get(f"{client.url}/_mock/ready").json()

    assert re.fullmatch("[0-9a-f]{64}", ready.pop("digest"))
    assert ready.pop("uptimeSeconds") >= 0
    assert ready == {
        "status": "ok",
        "version": __version__,
        "scenario": "tiny",
        "seed": 42,
        "anchor": "2026-06-30T00:00:00.000Z",
        "revision": "2026-03",
        "behavior": "observed",
        "commits": 6,
        "changes": 6,
    }


def test_counts_are_those_of_all_teams(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    keys = [entry.key for entry in client.twin.keys(prefix="crsr_") if entry.plan == "enterprise"]

    ready = client.get("/_mock/ready").json()

    for kind in ("commits", "changes"):
        totals = [
            client.get(kind, headers={"Authorization": f"Bearer {key}"}, startDate="30d").json()["totalCount"]
            for key in keys
        ]
        assert ready[kind] == sum(totals)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic nonsense"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready"])
def test_no_key_is_needed(client: Client, path: str, headers: dict[str, str]) -> None:
    get, head = (httpx.request(method, f"{client.url}{path}", headers=headers) for method in ("GET", "HEAD"))

    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert get.headers["Content-Type"] == head.headers["Content-Type"] == "application/json"


def test_a_server_whose_store_is_gone_is_alive_but_not_ready() -> None:
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR))
    with serving(twin) as client:
        before = client.http.get("/_mock/ready").status_code
        with twin.store.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE world RENAME TO lost")

        alive, ready = (client.http.get(f"/_mock/{name}") for name in ("health", "ready"))

    assert (before, alive.status_code, ready.status_code) == (200, 200, 503)
    assert ready.json() == {"error": "Service Unavailable", "message": "the store does not answer"}


def set_clock(world: OwnWorld, **change: object) -> Any:
    answer = world.control("PUT", "/clock", json=change)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_clock_is_told_as_it_is_set(world: OwnWorld) -> None:
    set_clock(world, now="2026-07-01T12:00:00+02:00", isFrozen=True)

    assert world.told("/clock") == {"now": "2026-07-01T10:00:00.000Z", "isFrozen": True}
    assert world.told("")["now"] == "2026-07-01T10:00:00.000Z"


@pytest.mark.parametrize(
    ("advance", "now"),
    [
        ("61s", "2026-06-30T00:01:01.000Z"),
        ("1h30m", "2026-06-30T01:30:00.000Z"),
        ("1.5d", "2026-07-01T12:00:00.000Z"),
        ("1ms", "2026-06-30T00:00:00.001Z"),
        ("0s", "2026-06-30T00:00:00.000Z"),
        ("PT61S", "2026-06-30T00:01:01.000Z"),
        ("P1DT1H", "2026-07-01T01:00:00.000Z"),
        (None, "2026-06-30T00:00:00.000Z"),
    ],
)
def test_a_frozen_clock_advances_by_so_much_and_stands_again(
    world: OwnWorld, advance: str | None, now: str
) -> None:
    assert set_clock(world, advance=advance) == {"now": now, "isFrozen": True}


def test_a_clock_is_set_before_it_is_advanced(world: OwnWorld) -> None:
    changed = set_clock(world, advance="1d", now="2026-01-01", isFrozen=True)

    assert changed == {"now": "2026-01-02T00:00:00.000Z", "isFrozen": True}


def test_a_clock_runs_on_from_where_it_stood(world: OwnWorld) -> None:
    set_clock(world, isFrozen=False)

    first, second = world.told("/clock"), world.told("/clock")

    assert (first["isFrozen"], second["isFrozen"]) == (False, False)
    assert "2026-06-30T00:00" <= first["now"] <= second["now"] < "2026-06-30T01:00"


def test_a_running_clock_may_be_advanced_and_keeps_running(world: OwnWorld) -> None:
    set_clock(world, isFrozen=False)

    changed = set_clock(world, advance="30d")

    assert not changed["isFrozen"]
    assert changed["now"].startswith("2026-07-30T00:")


def test_a_clock_goes_back_to_real_time(client: Client, world: OwnWorld) -> None:
    set_main_clock(client.twin, None)
    real = client.http.get("/_mock/worlds/default/clock").json()["now"]

    changed = set_clock(world, now="wall", isFrozen=False)

    assert real <= changed["now"]
    assert changed["now"][:13] <= client.http.get("/_mock/worlds/default/clock").json()["now"][:13]


def test_relative_dates_and_limits_follow_the_clock_at_once(world: OwnWorld) -> None:
    world.control("PATCH", "/contract", json={"settings": {"rate_limit": 1}})
    totals = []
    for advance in ("0s", "61s", "365d"):
        set_clock(world, advance=advance)
        totals.append(world.get("commits").json()["totalCount"])
    limited = world.get("commits")

    assert totals == [6, 6, 0]
    assert limited.status_code == 429


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "body: give now, advance, isFrozen, or several of them"),
        ({"now": "soon"}, "now: not YYYY-MM-DD, or an ISO 8601 date and time: 'soon'"),
        ({"now": "1969-12-31"}, "now: must be between 1970 and 9998"),
        ({"now": "9999-01-01"}, "now: must be between 1970 and 9998"),
        ({"now": "0001-01-01T00:00:00+01:00"}, "now: is out of range"),
        ({"now": True}, "now: not YYYY-MM-DD, or an ISO 8601 date and time: 'True'"),
        ({"advance": "soon"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got 'soon'"),
        ({"advance": "1"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got '1'"),
        ({"advance": 61}, "advance: must be a duration such as 61s, 1h30m or PT61S: got '61'"),
        ({"advance": "61 s"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got '61 s'"),
        ({"advance": "\u0661s"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got '\u0661s'"),
        ({"advance": "-1s"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got '-1s'"),
        ({"advance": "-PT1S"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got '-PT1S'"),
        ({"advance": "999999999d" * 2}, "advance: must be a duration such as 61s, 1h30m or PT61S: got "),
        ({"advance": "999999999d"}, "advance: the clock must stay between 1970 and 9998"),
        ({"advance": "2913000d"}, "advance: the clock must stay between 1970 and 9998"),
        ({"isFrozen": "yes"}, "isFrozen: must be a valid boolean"),
        ({"isFrozen": 0}, "isFrozen: must be a valid boolean"),
        ({"frozen": True}, "body: unknown field 'frozen', did you mean isFrozen?"),
    ],
)
def test_a_clock_that_cannot_be_set_stays_as_it_is(
    world: OwnWorld, change: dict[str, object], message: str
) -> None:
    refused = world.control("PUT", "/clock", json=change)

    assert refused.status_code == 400
    assert refused.json()["message"].startswith(message)
    assert world.told("/clock") == {"now": "2026-06-30T00:00:00.000Z", "isFrozen": True}


def test_a_contract_is_told_as_it_is_chosen(world: OwnWorld) -> None:
    settings = {"max_page_size": 2, "csv_empty": "nothing", "rate_limit": None}

    told = world.control(
        "PATCH", "/contract", json={"revision": "2025-08", "behavior": "observed", "settings": settings}
    )

    chosen = {
        "revision": "2025-08",
        "behavior": "observed",
        "settings": {"max_page_size": "2", "csv_empty": "nothing"},
    }
    assert (told.status_code, told.json()) == (200, chosen)
    assert world.told("/contract") == chosen
    assert len(world.get("commits").json()["items"]) == 2


def test_switches_may_be_true_and_false(world: OwnWorld) -> None:
    answer = world.control("PATCH", "/contract", json={"settings": {"omit_nulls": True, "caching": False}})

    assert answer.json()["settings"].items() >= {"omit_nulls": "on", "caching": "off"}.items()


def test_what_a_change_of_contract_leaves_out_stays(world: OwnWorld) -> None:
    before = world.told("/contract")
    changes: list[dict[str, Any]] = [
        {},
        {"revision": "2025-12"},
        {"behavior": "observed"},
        {"settings": {"order": "shuffled"}},
        {"settings": {"rate_limit": None}},
    ]

    same, older, observed, shuffled, limited = (
        world.control("PATCH", "/contract", json=change).json() for change in changes
    )

    assert same == before
    assert older == before | {"revision": "2025-12"}
    assert observed == older | {"behavior": "observed"}
    assert shuffled == observed | {"settings": {"rate_limit": "off", "order": "shuffled"}}
    assert limited == observed | {"settings": {"order": "shuffled"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"revision": "2024-01"}, "unknown revision '2024-01', did you mean 2026-06? (allowed: 2025-08, "),
        ({"revision": ""}, "unknown revision ''"),
        ({"behavior": ""}, "unknown behavior '' (allowed: documented, observed)"),
        (
            {"settings": {"ordre": "shuffled"}},
            "settings: unknown switch 'ordre', did you mean order? (allowed: ",
        ),
        ({"settings": {"order": "random"}}, "order must be newest_first, shuffled: got 'random'"),
        (
            {"settings": {"order": ["shuffled"]}},
            'settings.order: must be a text, a whole number, true or false: got ["shuffled"]',
        ),
        (
            {"settings": {"order": [9] * 99}},
            f"settings.order: must be a text, a whole number, true or false: got [{'9, ' * 26}9… (297 char",
        ),
        ({"settings": {"rate_limit": 1.5}}, "settings.rate_limit: must be a text, a whole number, "),
        ({"settings": {"order": True}}, "order must be newest_first, shuffled: got 'on'"),
        ({"settings": []}, "settings: must be an object"),
        ({"switches": {}}, "body: unknown field 'switches' (allowed: revision, "),
    ],
)
def test_a_contract_that_there_is_not_leaves_the_old_one(
    world: OwnWorld, change: dict[str, object], message: str
) -> None:
    before = world.told("/contract")

    refused = world.control("PATCH", "/contract", json=change)

    assert refused.status_code == 400
    assert refused.json()["message"].startswith(message)
    assert world.told("/contract") == before


def test_clock_and_contract_are_those_of_one_world(client: Client, world: OwnWorld) -> None:
    with own_world(client) as other:
        before = [other.told(path) for path in ("/clock", "/contract")]

        set_clock(world, advance="1d")
        world.control("PATCH", "/contract", json={"behavior": "observed"})

        assert [other.told(path) for path in ("/clock", "/contract")] == before
