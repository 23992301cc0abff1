"""Faults from their declaration to the client: over the real server, seen by httpx and by curl."""

import csv
import io
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args

import httpx
import pytest

from aicode_mock.faults.actions import Action
from aicode_mock.faults.bundles import bundle_names, load_bundle
from tests.conftest import ANCHOR, API, Client, basic
from tests.ownworld import OwnWorld, own_world
from tests.test_streaming import until

pytestmark = pytest.mark.both_stores

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


class Got(NamedTuple):
    """What httpx got: everything until the connection failed, and how it failed."""

    status: int
    headers: httpx.Headers
    body: bytes
    failure: type[Exception] | None = None


def get(world: OwnWorld, path: str, **query: str | int) -> Got:
    body, status, headers = b"", 0, httpx.Headers()
    try:
        with httpx.stream(
            "GET", world.target(path), params=query, headers=basic(world.key), timeout=30
        ) as answer:
            status, headers = answer.status_code, answer.headers
            for piece in answer.iter_raw():
                body += piece
    except httpx.TransportError as failure:
        return Got(status, headers, body, type(failure))
    return Got(status, headers, body)


def curl(world: OwnWorld, path: str, *options: str) -> tuple[int, bytes]:
    """The exit code of curl, and what it printed."""
    command = [
        "curl",
        "--silent",
        "--max-time",
        "30",
        "--user",
        f"{world.key}:",
        *options,
        world.target(path),
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode, done.stdout


def hits(world: OwnWorld) -> list[tuple[int, int]]:
    """How often each fault was fit for a request, and hit it."""
    return [(fault["seen"], fault["hits"]) for fault in world.told("/faults")["faults"]]


def ids(page: httpx.Response, field: str = "commitHash") -> list[str]:
    return [item[field] for item in page.json()["items"]]


def test_a_fault_is_told_as_it_was_declared(world: OwnWorld) -> None:
    match = {"endpoint": ["commits", "changes"], "team": "duo", "method": "GET", "query": {"page": "*"}}
    wanted = {
        "name": "third page",
        "match": {**match, "path": "/analytics/*", "first": 3, "last": 4, "probability": 0.5, "seed": 9},
        "action": {"kind": "status", "status": 429, "retryAfter": "off"},
    }

    made = world.control("POST", "/faults", json=wanted)

    told = {**wanted, "id": 1, "seen": 0, "hits": 0}
    assert (made.status_code, made.json()) == (201, {"faults": [told]})
    assert world.told("/faults") == {"faults": [told]}
    assert world.told("/faults/1") == told


def test_a_fault_without_match_is_for_all_requests(world: OwnWorld) -> None:
    world.control("POST", "/faults", json={"action": {"kind": "status", "status": 503}})

    statuses = [world.get(path).status_code for path in ("commits", "changes.csv", "/teams/members", "/x")]

    assert statuses == [503] * 4
    assert hits(world) == [(4, 4)]


@pytest.mark.parametrize("name", bundle_names())
def test_the_faults_of_a_bundle_are_declared_at_once(world: OwnWorld, name: str) -> None:
    made = world.control("POST", "/faults", json={"bundle": name})

    faults = [fault.model_dump(mode="json") for fault in load_bundle(name).faults]
    declared = made.json()["faults"]
    assert made.status_code == 201
    assert [{part: fault[part] for part in ("name", "match", "action")} for fault in declared] == faults
    assert [fault["id"] for fault in declared] == list(range(1, len(faults) + 1))


def test_the_bundles_are_told_with_their_faults(client: Client) -> None:
    bundles = client.http.get("/_mock/bundles").json()["bundles"]

    assert [bundle["name"] for bundle in bundles] == bundle_names()
    for bundle in bundles:
        loaded = load_bundle(bundle["name"])
        assert bundle["title"] == loaded.title
        assert bundle["faults"] == [fault.model_dump(mode="json") for fault in loaded.faults]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "action: is required"),
        ({"action": {"kind": "nothing"}}, "action: unknown kind 'nothing' (allowed: "),
        ({"action": {}}, "action: kind is required (allowed: "),
        (
            {"action": {"kind": "status", "status": 200}},
            "action.status: must be greater than or equal to 400",
        ),
        (
            {"action": {"kind": "empty", "more": 1}},
            "action: unknown field 'more' (allowed: kind)",
        ),
        (
            {"action": {"kind": "cut", "at": "end"}},
            "action.at: must be 'bytes', 'rows', ",
        ),
        (
            {"action": {"kind": "delay", "seconds": 0}},
            "action.seconds: must be greater than 0",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"endpoint": "comits"}},
            "match.endpoint: unknown endpoint 'comits', did you mean commits? (allowed: commits, ",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"endpoint": ["commits", "x"]}},
            "match.endpoint: unknown endpoint 'x' (allowed: commits, ",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"first": 2, "last": 1}},
            "match: last must not be before first: got first 2, last 1",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"probability": 2}},
            "match.probability: must be less than or equal to 1",
        ),
        (
            {"action": {"kind": "csv", "bom": True}, "match": {"endpoint": "commits"}},
            "match.endpoint: csv acts on changes.csv, commits.csv only: got commits",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"endpoint": "commits", "path": "/analytics/*.csv"}},
            "match.path: must fit match.endpoint (/analytics/ai-code/commits): got '/analytics/*.csv'",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"path": "analytics"}},
            "match.path: must begin with / or *, and hold no query: got 'analytics'",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"path": "/x?page=2"}},
            "match.path: must begin with / or *, and hold no query: got '/x?page=2'",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"endpoint": ["commits", "spend"], "method": "PUT"}},
            "match.method: must fit match.endpoint (GET, HEAD, POST): got PUT",
        ),
        (
            {
                "action": {"kind": "empty"},
                "match": {"endpoint": ["commits", "spend"], "path": "/teams/*", "method": "GET"},
            },
            "match.method: must fit match.endpoint (POST): got GET",
        ),
        (
            {"action": {"kind": "repeat-row"}, "match": {"query": {"page": "1"}}},
            "match.query.page: must be one that has a page before it: got 1",
        ),
        ({"action": {"kind": "total-count", "by": 0}}, "action.by: must not be 0"),
        (
            {"action": {"kind": "empty"}, "match": {"probability": 0}},
            "match.probability: must be greater than 0: got 0",
        ),
        (
            {"action": {"kind": "empty"}, "match": {"team": "duos"}},
            "match.team: unknown team 'duos', did you mean duo? (allowed: duo)",
        ),
        ({"bundle": "storm"}, "unknown bundle 'storm' (allowed: flaky, "),
        ({"bundle": "flaky", "match": {}}, "body: unknown field 'match' (allowed: bundle)"),
        ({"bundle": 1}, "bundle: must be a valid string"),
        ([], "body: must be an object"),
    ],
)
def test_a_fault_that_is_wrong_is_refused_by_its_field(world: OwnWorld, wanted: Any, message: str) -> None:
    answer = world.control("POST", "/faults", json=wanted)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)
    assert world.told("/faults") == {"faults": []}


@pytest.mark.parametrize(
    "match",
    [
        {"endpoint": ["changes", "commits"], "path": "*/commits"},
        {"endpoint": "commit-details", "path": "/analytics/ai-code/commits/66*", "method": "HEAD"},
        {"endpoint": "spend", "method": "POST"},
        {"path": "*", "method": "PUT"},
    ],
    ids=str,
)
def test_a_fault_that_could_act_is_taken(world: OwnWorld, match: dict[str, Any]) -> None:
    answer = world.control("POST", "/faults", json={"action": {"kind": "empty"}, "match": match})

    assert answer.status_code == 201, answer.text


WHOLE, NUMBER = "must be a valid integer: got ", "must be a valid number: got "


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"kind": "status", "status": "503"}, f"action.status: {WHOLE}'503'"),
        ({"kind": "status", "status": 503.0}, f"action.status: {WHOLE}503.0"),
        ({"kind": "status", "status": 503, "retryAfter": "2"}, f"action.retryAfter: {WHOLE}'2' or "),
        ({"kind": "proxy-page", "status": "502"}, f"action.status: {WHOLE}'502'"),
        ({"kind": "total-count", "by": "1"}, f"action.by: {WHOLE}'1'"),
        ({"kind": "total-count", "by": True}, f"action.by: {WHOLE}true"),
        ({"kind": "page-size", "pageSize": "9"}, f"action.pageSize: {WHOLE}'9'"),
        ({"kind": "delay", "seconds": "1"}, f"action.seconds: {NUMBER}'1'"),
        ({"kind": "drip", "bytesPerSecond": "9"}, f"action.bytesPerSecond: {WHOLE}'9'"),
        ({"kind": "cut", "at": "rows", "count": "1"}, f"action.count: {WHOLE}'1'"),
        ({"kind": "csv", "bom": "yes"}, "action.bom: must be a valid boolean: got 'yes'"),
        ({"kind": "csv", "bom": 1}, "action.bom: must be a valid boolean: got 1"),
    ],
)
def test_texts_and_numbers_of_an_action_are_told_apart(
    world: OwnWorld, action: dict[str, Any], message: str
) -> None:
    answer = world.control("POST", "/faults", json={"action": action})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize("field", ["first", "last", "seed", "probability"])
def test_a_text_is_no_number_of_a_match(world: OwnWorld, field: str) -> None:
    answer = world.control("POST", "/faults", json={"action": {"kind": "empty"}, "match": {field: "1"}})

    kind = "number" if field == "probability" else "integer"
    assert answer.status_code == 400
    assert answer.json()["message"] == f"match.{field}: must be a valid {kind}: got '1'"


def test_a_whole_number_is_a_number_of_seconds_and_a_probability(world: OwnWorld) -> None:
    wanted = {"action": {"kind": "delay", "seconds": 1}, "match": {"probability": 1}}

    assert world.control("POST", "/faults", json=wanted).status_code == 201


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"bundle": "\\ud800"}', "body: must not hold half a surrogate pair"),
        ('{"match": {"team": "\\udfff"}, "action": {"kind": "empty"}}', "body: must not hold half a "),
        ('{"match": {"path": "/\\ud800x"}, "action": {"kind": "empty"}}', "body: must not hold half a "),
        (
            '{"match": {"query": {"\\ud800": "x"}}, "action": {"kind": "empty"}}',
            "body: must not hold half a ",
        ),
        (
            '{"match": {"query": {"x": "\\ud800"}}, "action": {"kind": "empty"}}',
            "body: must not hold half a ",
        ),
        ('{"name": "\\ud800", "action": {"kind": "empty"}}', "name: must be a valid string"),
        ('{"action": {"kind": "\\ud800"}}', "action: unknown kind "),
    ],
)
def test_half_a_surrogate_pair_is_in_no_fault(world: OwnWorld, text: str, message: str) -> None:
    answer = world.control("POST", "/faults", content=text, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_a_whole_letter_outside_the_basic_plane_and_nul_are_as_good_as_any(world: OwnWorld) -> None:
    text = '{"name": "\\ud83d\\ude00\\u0000", "action": {"kind": "empty"}}'

    answer = world.control("POST", "/faults", content=text, headers={"Content-Type": "application/json"})

    assert answer.json()["faults"][0]["name"] == "\U0001f600\0"


def test_faults_that_never_hit_are_found_in_one_call(world: OwnWorld) -> None:
    world.declare("status", {"endpoint": "commits"}, status=500)
    late = world.declare("status", {"endpoint": "commits", "first": 5}, status=500)
    other = world.declare("status", {"endpoint": "changes"}, status=500)
    world.get("commits")

    unused = world.told("/faults", unused=True)["faults"]

    assert [fault["id"] for fault in unused] == [late, other]
    assert hits(world) == [(1, 1), (1, 0), (0, 0)]


def test_faults_are_taken_back_alone_or_all_together(world: OwnWorld) -> None:
    numbers = [world.declare("status", status=500) for _ in range(3)]

    one = world.control("DELETE", f"/faults/{numbers[0]}")
    again = world.control("DELETE", f"/faults/{numbers[0]}")
    left = [fault["id"] for fault in world.told("/faults")["faults"]]
    rest = world.control("DELETE", "/faults")

    assert (one.status_code, rest.status_code) == (204, 204)
    assert (again.status_code, again.json()["message"]) == (404, "there is no fault 1")
    assert left == numbers[1:]
    assert world.told("/faults") == {"faults": []}
    assert world.get("commits").status_code == 200
    assert world.declare("status", status=500) == 4


def test_a_fault_of_one_world_touches_no_other(client: Client, world: OwnWorld) -> None:
    world.declare("reset")
    with own_world(client) as other:
        answers = [
            other.get("commits"),
            client.get("commits"),
            client.get("commits", headers=basic("unknown")),
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 401]
        assert other.told("/faults") == {"faults": []}
    assert hits(world) == [(0, 0)]


def test_a_fault_for_one_team_passes_the_others_by(client_of: Callable[[str], Client]) -> None:
    with own_world(client_of("hostile"), apiKey=None) as world:
        made = world.client.http.post("/_mock/worlds", json={"now": ANCHOR.isoformat()}).json()
        keys = {one["team"]: one["key"] for one in made["keys"]}
        other = OwnWorld(world.client, made["id"], keys["gauntlet"])
        other.declare("status", {"team": "no-data"}, status=503)

        statuses = {
            team: world.client.get("/teams/members", headers=basic(key)).status_code
            for team, key in keys.items()
        }
        other.control("DELETE")

    assert statuses == {"gauntlet": 200, "no-enterprise": 200, "no-data": 503, "no-detail": 200}


def test_a_fault_of_the_default_world_meets_unknown_keys(client: Client) -> None:
    made = client.http.post("/_mock/worlds/default/faults", json={"action": {"kind": "empty"}}).json()

    answer = client.get("commits", headers=basic("unknown"))
    client.http.delete(f"/_mock/worlds/default/faults/{made['faults'][0]['id']}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert client.get("commits", headers=basic("unknown")).status_code == 401


@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ({"status": 429}, {}),
        ({"status": 429, "retryAfter": 7}, {"Retry-After": "7"}),
        ({"status": 503, "retryAfter": 0}, {"Retry-After": "0"}),
        ({"status": 500}, {}),
        ({"status": 418}, {}),
    ],
)
def test_an_error_in_place_of_the_answer(
    world: OwnWorld, action: dict[str, Any], headers: dict[str, str]
) -> None:
    number = world.declare("status", **action)

    answer = world.get("commits")

    entry = world.last
    assert answer.status_code == entry["status"] == action["status"]
    assert {"Retry-After": answer.headers.get("Retry-After")} == {"Retry-After": None, **headers}
    assert entry["retryAfter"] == action.get("retryAfter")
    assert [entry["faults"], entry["rows"], entry["complete"]] == [[number], None, True]
    assert entry["bytes"] == len(answer.content)


def test_an_error_spares_the_limit(world: OwnWorld) -> None:
    world.control("PATCH", "/contract", json={"settings": {"rate_limit": 1}})
    world.declare("status", {"last": 2}, status=500)

    statuses = [world.get("commits").status_code for _ in range(4)]

    assert statuses == [500, 500, 200, 429]
    assert [entry["rateLimit"] is None for entry in world.entries()] == [True, True, False, False]


def test_the_page_of_a_proxy(world: OwnWorld) -> None:
    world.declare("proxy-page", status=504)

    answer = world.get("commits")

    assert (answer.status_code, answer.headers["Content-Type"]) == (504, "text/html; charset=utf-8")
    assert "<h1>504 Gateway Time-out</h1>" in answer.text or "<h1>504 Gateway Timeout</h1>" in answer.text


def test_an_empty_answer(world: OwnWorld) -> None:
    world.declare("empty")

    answer = world.get("commits.csv")

    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")
    assert [world.last[name] for name in ("status", "bytes", "complete")] == [200, 0, True]


@pytest.mark.parametrize("path", ["commits", "commits.csv", "nothing"])
def test_a_reset_connection(world: OwnWorld, path: str) -> None:
    number = world.declare("reset")

    got = get(world, path)

    assert got == Got(0, httpx.Headers(), b"", httpx.ReadError)
    assert until(lambda: world.last["status"] == 0)
    assert [world.last[name] for name in ("bytes", "complete", "faults")] == [0, False, [number]]


def test_a_count_that_drifts(world: OwnWorld) -> None:
    world.declare("total-count", {"endpoint": "commits"}, by=2)

    pages = [world.get("commits", page=page, pageSize=2).json() for page in (1, 2, 3)]

    assert [page["totalCount"] for page in pages] == [8, 10, 12]
    assert [len(page["items"]) for page in pages] == [2, 2, 2]
    assert [entry["totalCount"] for entry in world.entries()] == [8, 10, 12]


def test_a_page_that_repeats_a_row(world: OwnWorld) -> None:
    expected = ids(world.get("commits"))
    world.declare("repeat-row", {"query": {"page": "2"}})

    first, second = (world.get("commits", page=page, pageSize=3) for page in (1, 2))

    assert ids(first) == expected[:3]
    assert ids(second) == expected[2:5]
    assert [entry["faults"] for entry in world.entries()] == [[], [], [1]]


def test_a_page_that_is_shorter_than_asked_for(world: OwnWorld) -> None:
    expected = ids(world.get("commits"))
    world.declare("page-size", pageSize=2)

    pages = [world.get("commits", page=page, pageSize=100) for page in (1, 2, 3)]

    assert [ids(page) for page in pages] == [expected[0:2], expected[2:4], expected[4:6]]
    assert [page.json()["pageSize"] for page in pages] == [2, 2, 2]
    understood = world.last["understood"]
    assert [understood["pageSize"], understood["askedPageSize"], world.last["rows"]] == [2, 100, 2]


@pytest.mark.parametrize(("path", "field"), [("commits", "commitHash"), ("changes", "changeId")])
def test_a_row_that_is_ingested_between_two_pages(world: OwnWorld, path: str, field: str) -> None:
    before = ids(world.get(path), field)
    world.declare("insert-row", {"endpoint": path, "query": {"page": "2"}})

    first, second = (world.get(path, page=page, pageSize=3) for page in (1, 2))
    after = ids(world.get(path), field)

    assert ids(first, field) == before[:3]
    assert ids(second, field) == before[2:5], "a row slid onto the next page"
    assert (first.json()["totalCount"], second.json()["totalCount"]) == (6, 7)
    assert after[1:] == before
    assert world.told("")["commits"] + world.told("")["changes"] == 13


def test_no_row_is_ingested_where_there_are_none_to_repeat(client_of: Callable[[str], Client]) -> None:
    with own_world(client_of("empty")) as world:
        world.declare("insert-row")

        statuses = [
            world.get(path).status_code for path in ("commits", "changes.csv", "/teams/members", "/x")
        ]

        assert statuses == [200, 200, 200, 404]
        assert world.told("")["commits"] + world.told("")["changes"] == 0
        assert [entry["faults"] for entry in world.entries()] == [[]] * 4
        (fault,) = world.told("/faults")["faults"]
        assert (fault["hits"], fault["seen"]) == (0, 0)


def test_a_delay_in_real_time(world: OwnWorld) -> None:
    world.declare("delay", seconds=0.3)

    began = time.monotonic()
    answer = world.get("commits")

    assert answer.status_code == 200
    assert time.monotonic() - began >= 0.3
    assert world.last["ms"] >= 300


def test_a_delay_on_the_clock_of_the_world_ends_when_that_has_moved(world: OwnWorld) -> None:
    world.declare("delay", seconds=90, clock="world")
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(world.get("commits")))
    waiting.start()
    assert until(lambda: len(world.entries()) == 1)

    world.control("PUT", "/clock", json={"advance": "89s"})
    waiting.join(timeout=0.3)
    came_early = bool(answers)
    world.control("PUT", "/clock", json={"advance": "1s"})
    waiting.join(timeout=30)

    assert not came_early
    assert answers[0].status_code == 200
    assert world.last["instant"] == "2026-06-30T00:00:00.000Z"


def test_a_body_that_drips(world: OwnWorld) -> None:
    whole = world.get("commits.csv").content
    world.declare("drip", bytesPerSecond=2 * len(whole))

    began = time.monotonic()
    got = get(world, "commits.csv")

    assert (got.body, got.failure) == (whole, None)
    assert time.monotonic() - began >= 0.4


def test_a_body_that_drips_is_whole_for_a_client_that_hangs_up_at_its_last_byte(world: OwnWorld) -> None:
    world.declare("drip", bytesPerSecond=20_000)

    for _ in range(3):
        httpx.get(world.target("commits"), headers=basic(world.key))

    assert until(lambda: [entry["complete"] for entry in world.entries()] == [True] * 3)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    ("path", "at", "count", "records"),
    [
        ("commits.csv", "bytes", 100, None),
        ("commits.csv", "rows", 2, 3),
        ("commits.csv", "mid-row", 3, 4),
        ("commits.csv", "in-quotes", 1, None),
        ("commits.csv", "before-last-chunk", 1, 7),
        ("commits", "bytes", 0, None),
        ("commits", "rows", 2, None),
        ("commits", "mid-row", 1, None),
        ("commits", "in-quotes", 5, None),
    ],
)
def test_a_body_that_is_cut(
    world: OwnWorld, path: str, at: str, count: int, records: int | None, how: str
) -> None:
    whole = world.get(path).content
    number = world.declare("cut", at=at, count=count, how=how)

    got = get(world, path)

    assert got.status == 200
    assert got.failure is (httpx.RemoteProtocolError if how == "close" else httpx.ReadError)
    assert whole.startswith(got.body)
    assert len(got.body) < len(whole) or at == "before-last-chunk"
    if records is not None:
        assert len(list(csv.reader(io.StringIO(got.body.decode(), newline="")))) == records
    assert until(lambda: world.last["bytes"] == len(got.body))
    assert [world.last[name] for name in ("status", "complete", "faults")] == [200, False, [number]]


@pytest.mark.parametrize(
    ("path", "at", "count"),
    [
        ("commits.csv", "rows", 7),
        ("commits.csv", "bytes", 10**12),
        ("commits.csv", "at-fetch", 1),
        ("commits.csv", "in-utf8", 1),
        ("commits", "bytes", 10**6),
        ("commits", "before-last-chunk", 1),
        ("nothing", "rows", 1),
    ],
)
def test_a_cut_without_a_place_is_no_hit(world: OwnWorld, path: str, at: str, count: int) -> None:
    whole = world.get(path).content
    number = world.declare("cut", at=at, count=count)

    got = get(world, path)

    assert (got.body, got.failure) == (whole, None)
    assert [world.last["complete"], world.last["faults"], world.last["bytes"]] == [True, [], len(whole)]
    assert world.entries(faulted=True) == []
    assert [fault["id"] for fault in world.told("/faults", unused=True)["faults"]] == [number]
    assert hits(world) == [(0, 0)]


def test_of_two_faults_only_the_one_that_found_something_is_in_the_journal(world: OwnWorld) -> None:
    world.declare("malformed-json")
    edit = world.declare("csv", lineEnd="crlf")

    world.get("commits.csv")

    assert world.last["faults"] == [edit]
    assert hits(world) == [(0, 0), (1, 1)]


def test_csv_as_other_systems_write_it(world: OwnWorld) -> None:
    plain = world.get("commits.csv").content
    world.declare("csv", lineEnd="crlf", bom=True)

    answer = world.get("commits.csv")

    records = list(csv.reader(io.StringIO(plain.decode(), newline="")))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.count(b"\r\n") >= len(records) > plain.count(b"\r\n")
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))) == records


def test_json_that_no_parser_takes(world: OwnWorld) -> None:
    whole = world.get("commits").content
    world.declare("malformed-json")

    answer = world.get("commits")

    assert (answer.status_code, len(answer.content)) == (200, len(whole))
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_another_media_type_over_the_same_body(world: OwnWorld) -> None:
    whole = world.get("commits").content
    world.declare("content-type", value="text/html; charset=latin-1")

    answer = world.get("commits")

    assert answer.headers["Content-Type"] == "text/html; charset=latin-1"
    assert answer.content == whole


KINDS_SEEN = {
    "status", "own", "proxy-page", "empty", "reset", "total-count", "repeat-row", "page-size", "insert-row",
    "delay", "drip", "cut", "csv", "malformed-json", "content-type",
}  # fmt: skip


def test_every_kind_of_fault_is_seen_here() -> None:
    union, _discriminator = get_args(Action)
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(union)}

    assert kinds == KINDS_SEEN


@needs_curl
@pytest.mark.parametrize(
    ("path", "kind", "action", "code"),
    [
        ("commits", "reset", {}, {56}),
        ("commits", "cut", {"at": "rows"}, {18}),
        ("commits", "cut", {"at": "bytes", "count": 50, "how": "reset"}, {56}),
        ("commits.csv", "cut", {"at": "rows"}, {18}),
        ("commits.csv", "cut", {"at": "before-last-chunk"}, {18}),
        ("commits.csv", "cut", {"at": "mid-row", "how": "reset"}, {56}),
        ("commits", "delay", {"seconds": 30}, {28}),
        ("commits", "status", {"status": 503}, {22}),
        ("commits", "empty", {}, {0}),
        ("commits.csv", "csv", {"lineEnd": "crlf"}, {0}),
    ],
)
def test_curl_tells_a_fault_by_its_exit_code(
    world: OwnWorld, path: str, kind: str, action: dict[str, Any], code: set[int]
) -> None:
    whole = world.get(path).content
    world.declare(kind, **action)

    exit_code, printed = curl(world, path, "--fail", "--max-time", "1.5")

    assert exit_code in code
    if kind == "cut":
        assert printed
        assert whole.startswith(printed)
    assert hits(world) == [(1, 1)]


def test_an_answer_of_ones_own_comes_as_it_is(world: OwnWorld) -> None:
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    world.declare("own", {"last": 1}, status=429, headers={"Retry-After": date}, body='{"detail":"später"}')
    world.declare("own", {"last": 1}, status=418, headers={"content-type": "text/plain"}, body="tea")
    world.declare("own", {"last": 1}, status=204)

    answers = [world.get("commits") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [429, 418, 204, 200]
    assert [answer.text for answer in answers[:3]] == ['{"detail":"später"}', "tea", ""]
    assert answers[0].headers["Retry-After"] == date
    assert [answer.headers.get("Content-Type") for answer in answers[:3]] == [
        "application/json",
        "text/plain",
        None,
    ]
    assert [entry["status"] for entry in world.entries()] == [429, 418, 204, 200]


@needs_curl
def test_curl_retries_until_a_fault_is_over(world: OwnWorld) -> None:
    world.declare("status", {"last": 2}, status=503, retryAfter=1)

    code, printed = curl(world, "commits", "--retry", "3", "--retry-delay", "0")

    assert code == 0
    assert json.loads(printed[printed.rindex(b'{"items"') :])["totalCount"] == 6
    assert [entry["status"] for entry in world.entries()] == [503, 503, 200]


def test_faults_act_on_head_and_on_unknown_paths_too(world: OwnWorld) -> None:
    world.declare("status", {"method": "HEAD"}, status=500)
    world.declare("status", {"path": f"{API}/n*"}, status=502)

    head = world.client.http.head(f"{API}/commits", headers=basic(world.key))

    assert head.status_code == 500
    assert [world.get(path).status_code for path in ("commits", "nothing", "changes")] == [200, 502, 200]


@pytest.mark.parametrize("kind", ["malformed-json", "csv"])
def test_an_answer_without_a_body_takes_no_turn_of_a_fault_that_changes_it(
    world: OwnWorld, kind: str
) -> None:
    path, action = ("commits", {}) if kind == "malformed-json" else ("commits.csv", {"bom": True})
    whole = world.get(path).content
    world.declare(kind, {"last": 1}, **action)

    head = world.client.http.head(f"{API}/{path}", headers=basic(world.key))

    assert head.headers.get("ETag")
    assert world.get(path).content != whole
    assert world.get(path).content == whole


def test_chance_falls_on_the_same_requests_again(world: OwnWorld) -> None:
    match = {"probability": 0.5, "seed": 3}
    runs = []
    for _ in range(2):
        number = world.declare("status", match, status=500)
        runs.append([world.get("commits").status_code for _ in range(12)])
        world.control("DELETE", f"/faults/{number}")

    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])


def test_the_range_that_a_fault_bends_is_another_answer_to_a_conditional_request(world: OwnWorld) -> None:
    tag = world.get("commits").headers["ETag"]
    world.declare("page-size", {"first": 2}, pageSize=2)

    same, bent = (world.get("commits", headers={"If-None-Match": tag}).status_code for _ in range(2))

    assert (same, bent) == (304, 200)
