"""The request journal: every request as it was sent, understood and answered, in the world it came to."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import pytest

from aicode_mock.clock import Clock, instant_text, to_ms
from aicode_mock.entries import Entry
from aicode_mock.journal import Filter, Journal, count_entries, find_entries, forget_entries
from aicode_mock.settings import Settings
from aicode_mock.twin import Twin
from aicode_mock.worlds import drop_world, reset_world
from aicode_mock.worldtables import MAIN_WORLD
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.ownworld import OwnWorld, own_world
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

CRSR = f"crsr_{'0123456789abcdef' * 4}"


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


def shown(entry: dict[str, Any], *names: str) -> list[Any]:
    return [entry[name] for name in names]


def test_an_entry_tells_a_page_as_it_was_asked_for_understood_and_answered(world: OwnWorld) -> None:
    began = instant_text(to_ms(Clock().now()))
    page = world.get("commits", startDate="2026-06-20", pageSize=4, page=2, nonce="x")

    entry = world.last
    assert 0 < entry.pop("ms") < 60_000
    assert began <= entry.pop("realInstant") <= instant_text(to_ms(Clock().now()))
    assert entry == {
        "id": 1,
        "instant": "2026-06-30T00:00:00.000Z",
        "team": "duo",
        "method": "GET",
        "path": f"{API}/commits",
        "query": "startDate=2026-06-20&pageSize=4&page=2&nonce=…",
        "body": None,
        "endpoint": "commits",
        "hint": None,
        "understood": {
            "startDate": "2026-06-20T00:00:00.000Z",
            "endDate": "2026-06-30T00:00:00.000Z",
            "user": None,
            "members": None,
            "page": 2,
            "pageSize": 4,
            "askedPageSize": 4,
            "defaults": ["endDate"],
            "ignored": [{"name": "nonce", "didYouMean": None}],
        },
        "status": 200,
        "message": None,
        "rows": 2,
        "totalCount": 6,
        "bytes": len(page.content),
        "faults": [],
        "spoilt": False,
        "rateLimit": None,
        "conditional": "none",
        "retryAfter": None,
        "complete": True,
    }


def test_an_entry_tells_what_the_service_would_not(world: OwnWorld) -> None:
    world.get("commits", page_size=5000, since="2026-06-01", color="red")

    understood = world.last["understood"]
    assert understood["ignored"] == [
        {"name": "page_size", "didYouMean": "pageSize"},
        {"name": "since", "didYouMean": "startDate"},
        {"name": "color", "didYouMean": None},
    ]
    assert understood["defaults"] == ["startDate", "endDate", "page", "pageSize"]
    assert shown(understood, "page", "pageSize", "askedPageSize") == [1, 100, 100]
    assert shown(understood, "startDate", "endDate") == [
        "2026-06-23T00:00:00.000Z",
        "2026-06-30T00:00:00.000Z",
    ]


def test_a_page_that_is_too_large_is_told_as_asked_and_as_served(world: OwnWorld) -> None:
    world.get("changes", pageSize=5000)

    assert shown(world.last["understood"], "pageSize", "askedPageSize") == [1000, 5000]


@pytest.mark.parametrize(
    ("path", "query", "understood", "rows", "total"),
    [
        ("commits.csv", {"user": "ada@duo.example"}, {"user": "ada@duo.example", "members": 1}, 3, 3),
        ("commits.csv", {"user": "nobody"}, {"user": "nobody", "members": 0}, 0, 0),
        ("changes.csv", {"startDate": ""}, {"defaults": ["startDate", "endDate"]}, 6, 6),
        ("changes", {"user": ""}, {"user": None, "members": None}, 6, 6),
        ("/teams/members", {"page": "2"}, {"defaults": [], "ignored": [{"name": "page"}]}, 2, None),
        ("commits/unknown", {"branch": "main"}, {"startDate": None, "defaults": []}, 0, None),
    ],
)
def test_every_endpoint_tells_what_it_understood_and_how_many_rows_it_sent(
    world: OwnWorld,
    path: str,
    query: dict[str, Any],
    understood: dict[str, Any],
    rows: int,
    total: int | None,
) -> None:
    answer = world.get(path, **query)

    entry = world.last
    assert shown(entry, "status", "rows", "totalCount") == [answer.status_code, rows, total]
    told = entry["understood"]
    told["ignored"] = [{"name": one["name"]} for one in told["ignored"]]
    assert {name: told[name] for name in understood} == understood


def test_an_error_is_told_with_its_message(world: OwnWorld) -> None:
    world.control(
        "PATCH", "/contract", json={"settings": {"wrong_method": "405", "trailing_slash": "redirect"}}
    )

    world.get("commits", page="x", startDate="7d")
    world.get("/nothing/here")
    world.client.http.post(f"{API}/commits", headers=basic(world.key))
    world.get("commits/")

    assert [shown(entry, "status", "message", "endpoint", "rows") for entry in world.entries()] == [
        [400, "page must be an integer from 1 to 9007199254740991: got 'x'", "commits", None],
        [404, "Resource not found", None, None],
        [405, "Method not allowed (allowed: GET, HEAD)", None, None],
        [308, None, None, None],
    ]
    bad_page, no_path, *_ = world.entries()
    assert shown(bad_page["understood"], "startDate", "defaults") == [None, ["endDate", "pageSize"]]
    assert no_path["understood"] is None


def test_a_team_without_the_plan_is_told_by_name(client_of: Callable[[str], Client]) -> None:
    with own_world(client_of("hostile")) as world:
        keys = {entry.team: entry.key for entry in world.client.twin.keys(prefix="crsr_")}
        number = journal_end(world.client)

        world.client.get("commits", headers=basic(keys["no-enterprise"]))
        world.client.get("commits/x", headers=basic(keys["no-detail"]))

        entries = default_entries(world.client, after=number)
        assert [shown(entry, "team", "status", "message") for entry in entries] == [
            ["no-enterprise", 403, "Enterprise access required"],
            ["no-detail", 404, "Resource not found"],
        ]


def default_entries(client: Client, **wanted: Any) -> list[dict[str, Any]]:
    answer = client.http.get("/_mock/worlds/default/requests", params=wanted)
    requests: list[dict[str, Any]] = answer.json()["requests"]
    return requests


def journal_end(client: Client) -> int:
    """The id of the last request of the default world."""
    end: int = client.http.get("/_mock/worlds/default").json()["requests"]
    return end


@pytest.mark.parametrize(
    "headers",
    [{}, basic("unknown"), {"Authorization": "Bearer"}, {"Authorization": "Basic x"}, basic("sandbox")],
)
def test_a_request_without_a_known_key_is_in_the_default_world(
    client: Client, world: OwnWorld, headers: dict[str, str]
) -> None:
    number = journal_end(client)

    client.http.get(f"{API}/commits", headers=headers)

    (entry,) = default_entries(client, after=number)
    assert shown(entry, "team", "status", "message", "endpoint") == [None, 401, "Invalid API key", "commits"]
    assert entry["understood"] is None
    assert world.entries() == []


def test_an_answer_to_head_has_rows_and_no_bytes(world: OwnWorld) -> None:
    for path in ("commits", "commits.csv"):
        world.client.http.head(f"{API}/{path}", headers=basic(world.key))

    assert [shown(entry, "method", "status", "rows", "bytes", "complete") for entry in world.entries()] == [
        ["HEAD", 200, 6, 0, True],
        ["HEAD", 200, 6, 0, True],
    ]


def test_a_conditional_request_tells_what_came_of_it(world: OwnWorld) -> None:
    tag = world.get("commits").headers["ETag"]
    world.get("commits", headers={"If-None-Match": tag})
    world.get("commits", headers={"If-None-Match": '"other"'})
    world.get("commits.csv", headers={"If-None-Match": "*"})

    assert [shown(entry, "conditional", "status", "bytes") for entry in world.entries()] == [
        ["none", 200, world.entries()[0]["bytes"]],
        ["matched", 304, 0],
        ["changed", 200, world.entries()[0]["bytes"]],
        ["matched", 304, 0],
    ]


def test_the_state_of_the_limit_is_that_after_the_request(world: OwnWorld) -> None:
    world.control("PATCH", "/contract", json={"settings": {"rate_limit": 2, "retry_after": "window"}})

    statuses = [world.get("commits").status_code for _ in range(3)]
    world.get("changes")

    end = "2026-06-30T00:01:00.000Z"
    assert statuses == [200, 200, 429]
    assert [shown(entry, "rateLimit", "retryAfter") for entry in world.entries()] == [
        [{"perMinute": 2, "used": 1, "endsAt": end}, None],
        [{"perMinute": 2, "used": 2, "endsAt": end}, None],
        [{"perMinute": 2, "used": 2, "endsAt": end}, 60],
        [{"perMinute": 2, "used": 1, "endsAt": end}, None],
    ]


def test_a_free_answer_before_the_first_that_counts_opens_no_window(world: OwnWorld) -> None:
    world.control("PATCH", "/contract", json={"settings": {"rate_limit": None}})

    world.get("commits", headers={"If-None-Match": "*"})

    assert world.last["rateLimit"] == {"perMinute": 20, "used": 0, "endsAt": None}


def test_the_instant_is_that_of_the_world(world: OwnWorld) -> None:
    world.control("PUT", "/clock", json={"advance": "90s"})

    world.get("commits")

    assert world.last["instant"] == "2026-06-30T00:01:30.000Z"


def test_a_failure_of_the_server_is_in_the_journal_too() -> None:
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY))
    with serving(twin) as client:
        with twin.store.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE member RENAME TO lost")

        answer = client.get("/teams/members")

        (entry,) = default_entries(client)
    assert answer.status_code == 503
    assert shown(entry, "status", "message", "endpoint", "team", "complete") == [
        503,
        "Service temporarily unavailable. Please try again later.",
        "members",
        "duo",
        True,
    ]
    assert entry["bytes"] == len(answer.content)


def test_nothing_but_the_mirrored_api_is_in_a_journal(client: Client) -> None:
    number = journal_end(client)

    for path in ("/_mock/health", "/_mock/worlds", "/_mock/nothing", "/docs", "/openapi/2026-06.yaml"):
        client.get(path)

    assert journal_end(client) == number


@pytest.fixture
def filled(world: OwnWorld) -> OwnWorld:
    """Five requests: commits twice, changes under a fault, an unknown path, commits under a fault."""
    world.declare("status", {"endpoint": "changes"}, status=503)
    world.declare("content-type", {"endpoint": "commits", "first": 3}, value="text/plain")
    for path in ("commits", "commits", "changes", "/nothing", "commits"):
        world.get(path)
    return world


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"endpoint": "commits"}, [1, 2, 5]),
        ({"endpoint": "commits.csv"}, []),
        ({"team": "duo"}, [1, 2, 3, 4, 5]),
        ({"status": 503}, [3]),
        ({"status": 0}, []),
        ({"faulted": True}, [3, 5]),
        ({"faulted": False}, [1, 2, 4]),
        ({"after": 3}, [4, 5]),
        ({"after": 5}, []),
        ({"after": 2**63 - 1}, []),
        ({"endpoint": "commits", "faulted": True, "after": 2, "status": 200, "team": "duo"}, [5]),
    ],
)
def test_entries_are_found_and_counted(filled: OwnWorld, wanted: dict[str, Any], ids: list[int]) -> None:
    assert [entry["id"] for entry in filled.entries(**wanted)] == ids
    assert filled.told("/requests/count", **wanted) == {"count": len(ids)}


def test_entries_are_found_by_their_team(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    made = client.http.post("/_mock/worlds", json={"id": "teams"}).json()
    world = OwnWorld(client, "teams", made["keys"][0]["key"])
    teams = [one["team"] for one in made["keys"]]
    assert len(teams) > 2

    for one in made["keys"][:2]:
        client.get("/teams/members", headers=basic(one["key"]))

    assert [[entry["id"] for entry in world.entries(team=team)] for team in teams[:3]] == [[1], [2], []]
    assert [world.told("/requests/count", team=team)["count"] for team in teams[:3]] == [1, 1, 0]
    world.control("DELETE")


def test_a_part_of_the_journal_is_the_newest_one_and_says_how_many_there_are(filled: OwnWorld) -> None:
    told = filled.told("/requests", limit=2)

    assert ([entry["id"] for entry in told["requests"]], told["total"]) == ([4, 5], 5)


def test_one_entry_is_the_same_as_in_the_list(filled: OwnWorld) -> None:
    assert filled.told("/requests/3") == filled.entries()[2]


def test_ids_go_on_when_the_journal_is_emptied_and_begin_anew_at_a_reset(filled: OwnWorld) -> None:
    emptied = filled.control("DELETE", "/requests")
    after_emptying = filled.entries()
    filled.control("DELETE", "/faults")
    filled.get("commits")
    sixth = filled.last["id"]

    filled.control("POST", "/reset")
    after_reset = filled.entries()
    filled.get("commits")

    assert (emptied.status_code, emptied.content) == (204, b"")
    assert (after_emptying, sixth, after_reset) == ([], 6, [])
    assert filled.last["id"] == 1


def test_each_sandbox_keeps_a_journal_of_its_own(client: Client) -> None:
    client.get("commits", headers=basic("sandbox_journal-a"))
    client.get("changes", headers=basic("sandbox_journal-a"))
    client.get("members", headers=basic("sandbox_journal-b"))

    a, b = (
        client.http.get(f"/_mock/worlds/sandbox_journal-{name}/requests").json()["requests"] for name in "ab"
    )
    for name in "ab":
        client.http.delete(f"/_mock/worlds/sandbox_journal-{name}")
    assert [(entry["id"], entry["path"]) for entry in a] == [(1, f"{API}/commits"), (2, f"{API}/changes")]
    assert [(entry["id"], entry["path"]) for entry in b] == [(1, f"{API}/members")]


def test_ids_are_dense_however_many_ask_at_once(world: OwnWorld) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: world.get("commits", pageSize=1).status_code, range(100)))

    assert statuses == [200] * 100
    assert [entry["id"] for entry in world.entries()] == list(range(1, 101))
    assert world.told("")["requests"] == 100


@pytest.mark.parametrize("key", [CRSR, CRSR.replace("crsr_", "key_")])
@pytest.mark.parametrize(
    "target",
    [
        "/{}",
        f"{API}/commits/{{}}",
        f"{API}/commits?{{}}",
        f"{API}/commits?{{}}=1",
        f"{API}/commits?api_key={{}}",
        f"{API}/commits?user={{}}",
        f"{API}/commits?startDate={{}}",
        f"{API}/commits?page={{}}",
        f"{API}/commits?page=1&page={{}}",
        f"{API}/commits.csv?user={{}}",
        f"{API}/commits/x?branch={{}}",
    ],
)
@pytest.mark.parametrize("behavior", ["documented", "observed"])
def test_no_key_is_ever_in_a_journal(world: OwnWorld, behavior: str, target: str, key: str) -> None:
    settings = {"unknown_user": "400", "unknown_parameter": "400", "repeated_parameter": "400"}
    percent = "".join(f"%{byte:02X}" for byte in key.encode())
    for minds in ({}, settings):
        world.control("PATCH", "/contract", json={"behavior": behavior, "settings": minds})
        for form in (key, percent, key.replace("_", "%5F")):
            world.client.http.get(target.format(form), headers=basic(world.key))

    secret, text = key.partition("_")[2], world.control("GET", "/requests").text
    assert len(world.entries()) == 6
    assert secret[:9] not in text
    assert percent[-12:] not in text


@pytest.mark.parametrize("query", ["{}", "&{}&", "api_key={}", "token={}&page=1", "x=1&{}"])
def test_a_key_of_any_form_is_in_no_journal_where_no_parameter_stands(world: OwnWorld, query: str) -> None:
    chosen = "Chosen-by-somebody-17"

    world.client.http.get(f"{API}/commits?{query.format(chosen)}", headers=basic(world.key))

    assert world.last["status"] == 200
    assert chosen not in world.control("GET", "/requests").text


def test_a_name_without_a_value_is_shown_where_the_endpoint_has_it_or_one_near(world: OwnWorld) -> None:
    world.client.http.get(f"{API}/commits?startDate&pagesize&zzz", headers=basic(world.key))

    understood = world.last["understood"]
    assert [one["name"] for one in understood["ignored"]] == ["pagesize", "…"]
    assert understood["defaults"] == ["startDate", "endDate", "page", "pageSize"]


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with closing(open_twin(Settings(scenario="empty", anchor=ANCHOR))) as one:
        yield one


@pytest.fixture
def journal(twin: Twin) -> Callable[[int], Journal]:
    """Makes a journal of a size over an emptied store."""

    def make(size: int) -> Journal:
        with twin.store.writing() as connection:
            reset_world(connection, MAIN_WORLD)
        return Journal(twin.store, twin.meters.count, size=size)

    return make


def draft(path: str = "/x", *, is_complete: bool = True) -> Callable[[int], Entry]:
    instant = "2026-06-30T00:00:00.000Z"
    return lambda number: Entry(
        id=number,
        instant=instant,
        realInstant=instant,
        team=None,
        method="GET",
        path=path,
        query="",
        status=200,
        complete=is_complete,
    )


def numbers(twin: Twin) -> list[int]:
    with twin.store.reading() as connection:
        return [entry.id for entry in find_entries(connection, MAIN_WORLD)]


@pytest.mark.parametrize("size", [0, 1, 10, 199])
def test_a_small_ring_holds_just_its_size(twin: Twin, journal: Callable[[int], Journal], size: int) -> None:
    ring = journal(size)
    kept = []
    for _ in range(230):
        ring.open(MAIN_WORLD, draft(), now=0)
        kept.append(numbers(twin))

    assert kept == [list(range(max(1, last - size + 1), last + 1)) for last in range(1, 231)]


def test_a_large_ring_is_trimmed_now_and_then(twin: Twin, journal: Callable[[int], Journal]) -> None:
    ring = journal(500)
    lengths = []
    for _ in range(600):
        ring.open(MAIN_WORLD, draft(), now=0)
        with twin.store.reading() as connection:
            lengths.append(count_entries(connection, MAIN_WORLD))

    assert lengths[:500] == list(range(1, 501))
    assert {500, 504} <= set(lengths[500:]) <= {500, 501, 502, 503, 504}
    assert numbers(twin)[-1] == 600


def test_a_server_may_keep_no_journal() -> None:
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, journal_size=0))
    with serving(twin) as client:
        statuses = [client.get(path).status_code for path in ("commits", "commits.csv")]

        assert statuses == [200, 200]
        assert default_entries(client) == []
        assert journal_end(client) == 2


def test_an_entry_ends_as_it_is_told(twin: Twin, journal: Callable[[int], Journal]) -> None:
    opened = journal(5).open(MAIN_WORLD, draft(is_complete=False), now=0)

    journal_of(twin).close(MAIN_WORLD, opened, opened.model_copy(update={"complete": True, "faults": [3]}))

    with twin.store.reading() as connection:
        (entry,) = find_entries(connection, MAIN_WORLD, Filter(faulted=True))
    assert (entry.complete, entry.faults) == (True, [3])


def journal_of(twin: Twin) -> Journal:
    return Journal(twin.store, twin.meters.count)


def test_an_entry_that_was_forgotten_stays_forgotten(twin: Twin, journal: Callable[[int], Journal]) -> None:
    ring = journal(5)
    opened = ring.open(MAIN_WORLD, draft(), now=0)
    with twin.store.writing() as connection:
        forget_entries(connection, MAIN_WORLD)

    ring.close(MAIN_WORLD, opened, opened)

    assert numbers(twin) == []


def test_after_a_reset_an_old_answer_ends_no_new_entry(twin: Twin, journal: Callable[[int], Journal]) -> None:
    ring = journal(5)
    old = ring.open(MAIN_WORLD, draft("/old"), now=0)
    with twin.store.writing() as connection:
        reset_world(connection, MAIN_WORLD)
    new = ring.open(MAIN_WORLD, draft("/new"), now=0)

    ring.close(MAIN_WORLD, old, old.model_copy(update={"status": 0}))

    with twin.store.reading() as connection:
        assert find_entries(connection, MAIN_WORLD) == [new]
    assert old.id == new.id == 1


def test_a_world_that_is_gone_keeps_no_journal(client: Client) -> None:
    with own_world(client) as world, client.twin.store.rearranging() as connection:
        drop_world(connection, world.id)

    unnumbered = client.twin.journal.open(world.id, draft(), now=0)
    client.twin.journal.close(world.id, unnumbered, unnumbered)

    with client.twin.store.reading() as connection:
        assert count_entries(connection, world.id) == 0


def test_a_request_is_told_before_its_answer_is_there(world: OwnWorld) -> None:
    seen = []
    with httpx.stream("GET", world.target("commits"), headers=basic(world.key)) as answer:
        seen = world.entries()
        body = answer.read()

    assert [shown(entry, "status", "bytes", "complete") for entry in seen] == [[200, len(body), True]]
    assert re.fullmatch(r"[0-9.]+", str(seen[0]["ms"]))
