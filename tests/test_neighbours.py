"""The endpoints under ``/teams`` over HTTP: shapes, ranges, pages, refusals, and what watches over them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.types import Message, Scope

from aicode_mock.server import create_app
from tests.conftest import ANCHOR, KEY, Client, basic
from tests.ownworld import OwnWorld, own_world

GOLDEN = Path(__file__).parent / "golden" / "neighbours"
DAY = timedelta(days=1)
DAY_MS = 86_400_000
NOW = round(ANCHOR.timestamp() * 1000)
WEEK = {"startDate": NOW - 7 * DAY_MS, "endDate": NOW}
BODIES: dict[str, dict[str, Any]] = {"daily-usage-data": WEEK, "filtered-usage-events": {}, "spend": {}}
NAMES = {"daily-usage-data": "daily-usage", "filtered-usage-events": "usage-events", "spend": "spend"}
ADA, BO = "ada@duo.example", "bo@duo.example"
NOT_FOUND = {"error": "Not Found", "message": "Resource not found"}
_HEADERS = {**basic(KEY), "Content-Type": "application/json"}


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


def set_switch(world: OwnWorld, **switches: str) -> None:
    answer = world.control("PATCH", "/contract", json={"settings": {"rate_limit": "off", **switches}})
    assert answer.status_code == 200, answer.text


def refused(world: OwnWorld, path: str, body: object) -> str:
    answer = world.post(path, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request"), answer.text
    message: str = answer.json()["message"]
    return message


def keys(value: object) -> object:
    """The names in a JSON value, in their order, and its types."""
    match value:
        case dict():
            return {name: keys(inner) for name, inner in value.items()}
        case list():
            return [keys(value[0])] if value else []
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return type(value).__name__


def dumped(value: object) -> str:
    return json.dumps(keys(value))  # with the order of names


@pytest.mark.parametrize(
    ("path", "sample"),
    [
        ("daily-usage-data", "daily_usage_data.json"),
        ("filtered-usage-events", "filtered_usage_events.json"),
        ("spend", "spend.json"),
    ],
)
def test_an_answer_has_the_names_and_types_of_the_sample_in_its_order(
    world: OwnWorld, path: str, sample: str
) -> None:
    told = world.post(path, BODIES[path]).json()
    documented = json.loads((GOLDEN / sample).read_text(encoding="utf-8"))
    if path == "filtered-usage-events":  # the sample has one of each kind, and so has tiny
        for whole in (told, documented):
            whole["usageEvents"].sort(key=lambda one: not one["isTokenBasedCall"])
        assert dumped(told["usageEvents"][1]) == dumped(documented["usageEvents"][1])

    assert dumped(told) == dumped(documented)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("daily-usage-data", {"startDate": 1710720000000, "endDate": 1710892800000}),
        ("spend", {}),
        ("spend", {"searchTerm": "alex@company.com", "page": 2, "pageSize": 25}),
        ("filtered-usage-events", {}),
        ("filtered-usage-events", {"userId": 12345, "page": 2, "pageSize": 50}),
        (
            "filtered-usage-events",
            {
                "startDate": 1748411762359,
                "endDate": 1751003762359,
                "email": "developer@company.com",
                "page": 1,
                "pageSize": 25,
            },
        ),
    ],
)
def test_a_documented_request_is_answered(world: OwnWorld, path: str, body: dict[str, Any]) -> None:
    assert world.post(path, body).status_code == 200


def test_nobody_is_answered_who_hung_up_before_the_body_was_sent(client: Client) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/teams/spend",
        "query_string": b"",
        "headers": [],
    }
    before = count_entries_of(client)
    anyio.run(create_app(client.twin), scope, receive, send)

    assert sent == []
    assert count_entries_of(client) == before


def count_entries_of(client: Client) -> int:
    count: int = client.http.get("/_mock/worlds/default/requests/count").json()["count"]
    return count


@pytest.mark.parametrize("path", BODIES)
def test_an_answer_is_json_that_nobody_caches(world: OwnWorld, path: str) -> None:
    answer = world.post(path, BODIES[path], headers={"If-None-Match": "*"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert "ETag" not in answer.headers
    assert "Cache-Control" not in answer.headers


def test_the_day_of_a_member_is_told_as_it_can_be_counted_by_hand(world: OwnWorld) -> None:
    day = NOW - DAY_MS
    ada, bo = world.post("daily-usage-data", {"startDate": day, "endDate": NOW}).json()["data"]

    assert bo == {
        "date": day,
        "isActive": True,
        "totalLinesAdded": 30,  # 4 by Tab, 16 by Composer, 10 by Bo
        "totalLinesDeleted": 10,
        "acceptedLinesAdded": 20,
        "acceptedLinesDeleted": 6,
        "totalApplies": 1,
        "totalAccepts": 1,
        "totalRejects": 0,
        "totalTabsShown": 1,
        "totalTabsAccepted": 1,
        "composerRequests": 0,
        "chatRequests": 0,
        "agentRequests": 1,
        "cmdkUsages": 0,
        "subscriptionIncludedReqs": 1,
        "apiKeyReqs": 0,
        "usageBasedReqs": 0,
        "bugbotUsages": 0,
        "mostUsedModel": "gpt-5",
        "applyMostUsedExtension": ".ts",
        "tabMostUsedExtension": ".ts",
        "clientVersion": "1.473.0",
        "email": BO,
    }
    assert (ada["email"], ada["tabMostUsedExtension"], ada["mostUsedModel"]) == (ADA, "", "")


def test_events_are_told_newest_first_with_what_they_cost(world: OwnWorld) -> None:
    told = world.post("filtered-usage-events", {}).json()

    assert [(one["timestamp"], one["model"], one["kind"]) for one in told["usageEvents"]] == [
        ("1782736200000", "gpt-5", "Included in Business"),
        ("1782633600000", "default", "Included in Business"),
        ("1782552600000", "gpt-5", "Usage-based"),
    ]
    assert told["usageEvents"][2]["tokenUsage"] == {
        "inputTokens": 1102,
        "outputTokens": 590,
        "cacheWriteTokens": 91,
        "cacheReadTokens": 77,
        "totalCents": 1.25158,  # 30 * 1102 + 150 * 590 + 37 * 91 + 3 * 77 of 100,000
    }
    assert told["usageEvents"][2]["cursorTokenFee"] == 0.04
    assert told["period"] == {"startDate": NOW - 30 * DAY_MS, "endDate": NOW}


@pytest.mark.parametrize(
    ("body", "emails"),
    [
        ({}, [BO, ADA]),  # the last event first
        ({"sortDirection": "asc"}, [ADA, BO]),
        ({"sortBy": "amount"}, [ADA, BO]),
        ({"sortBy": "amount", "sortDirection": "asc"}, [BO, ADA]),
        ({"sortBy": "user"}, [BO, ADA]),
        ({"sortBy": "user", "sortDirection": "asc"}, [ADA, BO]),
        ({"sortBy": None, "page": None}, [BO, ADA]),
        ({"searchTerm": "LUND"}, [BO]),
        ({"searchTerm": "ada@"}, [ADA]),
        ({"searchTerm": ""}, [BO, ADA]),
        ({"searchTerm": "nobody"}, []),
        ({"page": 2, "pageSize": 1}, [ADA]),
        ({"page": 3, "pageSize": 1}, []),
        ({"page": 2.0, "pageSize": 1.0}, [ADA]),
    ],
)
def test_spend_is_searched_sorted_and_cut_into_pages(
    world: OwnWorld, body: dict[str, Any], emails: list[str]
) -> None:
    told = world.post("spend", body).json()

    assert [one["email"] for one in told["teamMemberSpend"]] == emails
    assert told["totalMembers"] == (2 if "searchTerm" not in body or not body["searchTerm"] else len(emails))
    assert told["totalPages"] == (2 if "pageSize" in body else 1)


@pytest.mark.parametrize(
    ("day", "now", "start"),
    [
        ("1", "2026-06-30T00:00:00Z", datetime(2026, 6, 1, tzinfo=UTC)),
        ("30", "2026-06-30T00:00:00Z", datetime(2026, 6, 30, tzinfo=UTC)),
        ("31", "2026-06-30T12:00:00Z", datetime(2026, 6, 30, tzinfo=UTC)),
        ("27", "2026-03-05T00:00:00Z", datetime(2026, 2, 27, tzinfo=UTC)),
    ],
)
def test_spend_is_of_a_cycle_up_to_now(client: Client, day: str, now: str, start: datetime) -> None:
    with own_world(client, now=now, settings={"cycle_day": day}) as world:
        told = world.post("spend", {}).json()

    assert told["subscriptionCycleStart"] == round(start.timestamp() * 1000)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (-2 * DAY_MS, 0, [-2, -1]),  # as in the sample: the day that begins at the end is not told
        (-2 * DAY_MS, 1, [-2, -1, 0]),
        (-DAY_MS - 1, -DAY_MS, [-2]),
        (-DAY_MS + 1, -1, [-1]),
        (-DAY_MS, -DAY_MS, [-1]),
        (0, 5 * DAY_MS, [0]),  # nothing is told of days to come
        (-9 * DAY_MS, -3 * DAY_MS + 1, [-3]),  # nor of those before the first row
        (0.5 - 2 * DAY_MS, -DAY_MS + 0.5, [-2]),
    ],
)
def test_daily_usage_is_of_whole_days(world: OwnWorld, start: float, end: float, days: list[int]) -> None:
    told = world.post("daily-usage-data", {"startDate": NOW + start, "endDate": NOW + end}).json()

    assert [one["date"] for one in told["data"]] == [NOW + day * DAY_MS for day in days for _ in (ADA, BO)]
    assert told["period"] == {"startDate": int(NOW + start), "endDate": int(NOW + end)}


def test_daily_usage_that_ends_at_midnight_may_tell_of_the_day_that_begins_then(world: OwnWorld) -> None:
    set_switch(world, usage_end_day="included")

    told = world.post("daily-usage-data", {"startDate": NOW - DAY_MS, "endDate": NOW}).json()

    assert {one["date"] for one in told["data"]} == {NOW - DAY_MS, NOW}


def test_days_on_which_nothing_was_done_may_be_left_out(world: OwnWorld) -> None:
    everything = world.post("daily-usage-data", WEEK).json()["data"]
    set_switch(world, inactive_days="left_out")

    told = world.post("daily-usage-data", WEEK).json()["data"]

    assert told == [one for one in everything if one["isActive"]]
    assert len(told) < len(everything)


@pytest.mark.parametrize(
    ("revision", "days"), [("2025-08", 90), ("2025-12", 30), ("2026-03", 30), ("2026-06", 30)]
)
def test_a_range_of_daily_usage_is_as_wide_as_the_revision_allows(
    client: Client, revision: str, days: int
) -> None:
    body = {"startDate": NOW - days * DAY_MS, "endDate": NOW}
    with own_world(client, revision=revision) as world:
        assert world.post("daily-usage-data", body).status_code == 200
        assert refused(world, "daily-usage-data", {**body, "endDate": NOW + 1}) == (
            f"Date range cannot exceed {days} days: got startDate {body['startDate']} and endDate {NOW + 1}"
        )
        set_switch(world, max_usage_days="1")
        assert "cannot exceed 1 days" in refused(world, "daily-usage-data", body)
        set_switch(world, max_usage_days="off")
        assert world.post("daily-usage-data", {"startDate": 0, "endDate": NOW}).status_code == 200


@pytest.mark.parametrize("path", ["daily-usage-data", "filtered-usage-events"])
def test_a_reversed_range_is_refused_or_holds_nothing(world: OwnWorld, path: str) -> None:
    body = {"startDate": NOW, "endDate": NOW - DAY_MS}

    assert refused(world, path, body) == f"startDate must not be after endDate: got {NOW} and {NOW - DAY_MS}"
    set_switch(world, reversed_range="empty")
    told = world.post(path, body).json()
    assert told.get("data", told.get("usageEvents")) == []


def test_events_begin_thirty_days_before_their_end(world: OwnWorld) -> None:
    late = world.post("filtered-usage-events", {"endDate": NOW - DAY_MS}).json()
    early = world.post("filtered-usage-events", {"endDate": DAY_MS}).json()
    open_end = world.post("filtered-usage-events", {"startDate": 5.5}).json()

    assert late["period"] == {"startDate": NOW - 31 * DAY_MS, "endDate": NOW - DAY_MS}
    assert early["period"] == {"startDate": 0, "endDate": DAY_MS}
    assert open_end["period"] == {"startDate": 5, "endDate": NOW}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"startDate": 1782552600000, "endDate": 1782736200000}, 3),  # both included
        ({"startDate": 1782552600001}, 2),
        ({"endDate": 1782736199999}, 2),
        ({"email": ADA}, 1),
        ({"email": BO.upper()}, 2),
        ({"email": "nobody@duo.example"}, 0),
        ({"email": ""}, 3),
        ({"email": "\0"}, 0),
        ({"userId": 102}, 2),
        ({"userId": 102.0}, 2),
        ({"userId": 7}, 0),
        ({"userId": 102, "email": BO}, 2),
        ({"userId": 101, "email": BO}, 0),
    ],
)
def test_events_are_filtered_by_instants_and_members(
    world: OwnWorld, body: dict[str, Any], count: int
) -> None:
    told = world.post("filtered-usage-events", body).json()

    assert told["totalUsageEventsCount"] == len(told["usageEvents"]) == count


@pytest.mark.parametrize(("value", "status"), [("400", 400), ("404", 404)])
def test_an_unknown_member_may_be_refused(world: OwnWorld, value: str, status: int) -> None:
    set_switch(world, unknown_user=value)

    assert world.post("filtered-usage-events", {"email": "nobody@x"}).status_code == status
    assert world.post("filtered-usage-events", {"email": BO}).status_code == 200


def pagination(pages: int, page: int, size: int) -> dict[str, Any]:
    return {
        "numPages": pages,
        "currentPage": page,
        "pageSize": size,
        "hasNextPage": page < pages,
        "hasPreviousPage": page > 1,
    }


@pytest.mark.parametrize(
    ("body", "expected", "rows"),
    [
        ({}, pagination(1, 1, 10), 3),
        ({"pageSize": 2}, pagination(2, 1, 2), 2),
        ({"pageSize": 2, "page": 2}, pagination(2, 2, 2), 1),
        ({"pageSize": 2, "page": 3}, pagination(2, 3, 2), 0),
        ({"pageSize": 5000}, pagination(1, 1, 1000), 3),
        ({"email": "nobody@x"}, pagination(1, 1, 10), 0),
        ({"page": 2**53 - 1, "pageSize": 1000}, pagination(1, 2**53 - 1, 1000), 0),
    ],
)
def test_events_come_in_pages(
    world: OwnWorld, body: dict[str, Any], expected: dict[str, Any], rows: int
) -> None:
    told = world.post("filtered-usage-events", body).json()

    assert (told["pagination"], len(told["usageEvents"])) == (expected, rows)


@pytest.mark.parametrize("path", ["filtered-usage-events", "spend"])
def test_pages_obey_the_switches_of_pages(world: OwnWorld, path: str) -> None:
    set_switch(world, page_past_end="404", max_page_size="2", oversized_page="reject", invalid_page="default")

    assert world.post(path, {"page": 9}).json() == NOT_FOUND
    assert refused(world, path, {"pageSize": 3}) == "pageSize must be an integer from 1 to 2: got 3"
    assert world.post(path, {"page": "no number"}).status_code == 200


BAD: list[tuple[str, object, str]] = [
    (
        "daily-usage-data",
        {},
        "startDate is required: milliseconds since 1970, a number from 0 to 253402300799999",
    ),
    ("daily-usage-data", {"startDate": NOW, "endDate": None}, "endDate is required"),
    (
        "daily-usage-data",
        {"startDate": "7d", "endDate": NOW},
        "startDate must be milliseconds since 1970, a number",
    ),
    ("daily-usage-data", {"startDate": NOW, "endDate": "2026-06-30"}, "got '2026-06-30'"),
    ("daily-usage-data", {"startDate": -1, "endDate": NOW}, "got -1"),
    ("daily-usage-data", {"startDate": True, "endDate": NOW}, "got true"),
    ("daily-usage-data", {"startDate": 10**300, "endDate": NOW}, "characters"),
    ("daily-usage-data", {"startDate": [1], "endDate": NOW}, "got […]"),
    ("daily-usage-data", {"startDate": {}, "endDate": NOW}, "got {…}"),
    (
        "daily-usage-data",
        {"start_date": NOW},
        "unknown field 'start_date', did you mean startDate? (allowed: startDate, endDate)",
    ),
    ("daily-usage-data", {**WEEK, "x": 1}, "unknown field 'x' (allowed: startDate, endDate)"),
    ("daily-usage-data", {**WEEK, "x": None}, "unknown field 'x' (allowed: startDate, endDate)"),
    ("filtered-usage-events", {"user": BO}, "unknown field 'user', did you mean email?"),
    ("filtered-usage-events", {"user_id": 1}, "unknown field 'user_id', did you mean userId?"),
    ("filtered-usage-events", {"limit": 10}, "unknown field 'limit', did you mean pageSize?"),
    ("filtered-usage-events", {"cursor": "x"}, "unknown field 'cursor', did you mean page?"),
    (
        "filtered-usage-events",
        {"page": "2"},
        "page must be an integer from 1 to 9007199254740991: got '\"2\"'",
    ),
    ("filtered-usage-events", {"page": 0}, "page must be an integer from 1"),
    ("filtered-usage-events", {"page": 1.5}, "got '1.5'"),
    ("filtered-usage-events", {"pageSize": -1}, "pageSize must be an integer"),
    ("filtered-usage-events", {"userId": "user_1"}, "userId must be a whole number from 1 to"),
    ("filtered-usage-events", {"userId": 1.5}, "got 1.5"),
    ("filtered-usage-events", {"userId": 2**53}, "got 9007199254740992"),
    ("filtered-usage-events", {"email": 5}, "email must be a text: got 5"),
    ("filtered-usage-events", {"startDate": 253_402_300_800_000}, "startDate must be"),
    ("spend", {"sortBy": "name"}, "sortBy must be amount, date, user: got 'name'"),
    ("spend", {"sortBy": ["date"]}, "sortBy must be amount, date, user: got […]"),
    ("spend", {"sortDirection": "DESC"}, "sortDirection must be asc, desc: got 'DESC'"),
    ("spend", {"searchTerm": {}}, "searchTerm must be a text: got {…}"),
    ("spend", [], "the body must be a JSON object: got […]"),
    ("spend", "text", "the body must be a JSON object: got 'text'"),
]


@pytest.mark.parametrize(("path", "body", "message"), BAD)
def test_a_bad_body_is_refused_in_words(world: OwnWorld, path: str, body: object, message: str) -> None:
    assert message in refused(world, path, body)


def test_refusals_come_in_the_observed_shape_too(client: Client) -> None:
    with own_world(client, behavior="observed", settings={"rate_limit": "1"}) as world:
        bad, late = world.post("spend", []), world.post("spend", {})
        nobody = httpx.post(f"{client.url}/teams/spend", json={}, headers=basic("wrong"))
        elsewhere = [world.get("commits").json() for _ in range(2)][1]

    assert (bad.status_code, bad.json()["code"]) == (400, "error")
    assert (late.status_code, late.json()) == (429, {"code": "error", "message": "Rate limit exceeded"})
    assert late.headers["Retry-After"] == "60"
    assert elsewhere["error"] == "Too Many Requests"
    assert nobody.status_code == 401


RAW: list[tuple[bytes, str | None, str]] = [
    (b"", None, "the body must be a JSON object: got nothing, send {} for all defaults"),
    (b"", "application/json", "got nothing"),
    (b" \n", "application/json", "got nothing"),
    (b"{}", None, "Content-Type must be application/json: got none"),
    (b"{}", "text/plain", "Content-Type must be application/json: got 'text/plain'"),
    (b"{}", "application/x-www-form-urlencoded", "got 'application/x-www-form-urlencoded'"),
    (b"null", "application/json", "the body must be a JSON object: got null"),
    (b"{", "application/json", "it is no JSON (Expecting property name"),
    (b"page=1", "application/json", "it is no JSON"),
    (b"\xff\xfe", "application/json", "it is no JSON"),
    (b'{"page": NaN}', "application/json", "it is no JSON"),
    (b'{"userId": 1e999}', "application/json", "userId must be a whole number"),
    (b'{"page": 1' + b"0" * 5000 + b"}", "application/json", "it is no JSON"),
    (b'{"page":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", "it is no JSON"),
    (b'{"email": "\\ud83d"}', "application/json", "email must be a text: got '\\ud83d'"),
    (b'{"\\ud83d": 1}', "application/json", "unknown field '\\ud83d'"),
    (b'{"email": "' + b"x" * 2**20 + b'"}', "application/json", "the body must have at most 1048576 bytes"),
    (b" " * 3 * 2**20, "application/json", "the body must have at most 1048576 bytes"),
]


@pytest.mark.parametrize(("data", "content_type", "message"), RAW, ids=range(len(RAW)))
def test_what_is_no_json_object_is_refused_in_words(
    world: OwnWorld, data: bytes, content_type: str | None, message: str
) -> None:
    headers = {**basic(world.key), **({"Content-Type": content_type} if content_type else {})}
    answer = world.client.http.post("/teams/filtered-usage-events", content=data, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert message in answer.json()["message"]
    assert world.last["status"] == 400
    assert len(json.dumps(world.last)) < 2_000


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_declared_in_any_spelling(client: Client, media_type: str) -> None:
    headers = {**_HEADERS, "Content-Type": media_type}
    answer = client.http.post("/teams/spend", content=b"{}", headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("switch", "value", "data", "headers"),
    [
        ("empty_body", "defaults", b"", basic(KEY)),
        ("body_type", "any", b"{}", basic(KEY)),
        ("unknown_field", "ignored", b'{"limit":1}', _HEADERS),
    ],
)
def test_a_body_may_be_read_mildly(
    client: Client, switch: str, value: str, data: bytes, headers: dict[str, str]
) -> None:
    strict = client.http.post("/teams/spend", content=data, headers=headers)
    client.promise(**{switch: value})
    mild = client.http.post("/teams/spend", content=data, headers=headers)

    assert (strict.status_code, mild.status_code) == (400, 200)
    assert len(mild.json()["teamMemberSpend"]) == 2


def test_a_body_in_pieces_is_read_whole(client: Client) -> None:
    answer = client.http.post("/teams/spend", content=iter([b'{"page', b'Size":', b"1}"]), headers=_HEADERS)

    assert answer.json()["totalPages"] == 2


@pytest.mark.parametrize("fields", ["all", "documented"])
def test_members_may_have_the_documented_fields_alone(
    client_of: Callable[[str], Client], fields: str
) -> None:
    client = client_of("hostile")
    everybody = client.get("/teams/members").json()["teamMembers"]
    client.promise(member_fields=fields)
    told = client.get("/teams/members").json()["teamMembers"]

    documented = [
        {name: one[name] for name in ("name", "email", "role")} for one in everybody if not one["isRemoved"]
    ]
    assert told == (everybody if fields == "all" else documented)
    assert len(documented) == len(everybody) - 1


@pytest.mark.parametrize("path", BODIES)
def test_a_team_without_enterprise_is_told_too(client_of: Callable[[str], Client], path: str) -> None:
    client = client_of("hostile")
    (key,) = (entry.key for entry in client.twin.keys(prefix="crsr_") if entry.team == "no-enterprise")
    answer = client.http.post(f"/teams/{path}", json=BODIES[path], headers=basic(key))

    assert answer.status_code == 200
    assert "gauntlet" not in answer.text


def test_a_removed_member_is_told_of_where_they_did_something(client_of: Callable[[str], Client]) -> None:
    with own_world(client_of("hostile"), scenario="hostile", anchor=ANCHOR.isoformat()) as world:
        (gone,) = (
            one["email"] for one in world.get("/teams/members").json()["teamMembers"] if one["isRemoved"]
        )
        before = [one["email"] for one in world.post("spend", {"pageSize": 1000}).json()["teamMemberSpend"]]
        row = {"userEmail": gone, "source": "COMPOSER", "createdAt": "2026-06-10T12:00:00Z"}
        assert world.control("POST", "/changes", json=row).status_code == 201

        usage = world.post("daily-usage-data", {"startDate": NOW - 29 * DAY_MS, "endDate": NOW}).json()[
            "data"
        ]
        after = [one["email"] for one in world.post("spend", {"pageSize": 1000}).json()["teamMemberSpend"]]

    days = {one["date"] for one in usage if one["email"] == gone}
    assert round(datetime(2026, 6, 10, tzinfo=UTC).timestamp() * 1000) in days
    assert all(one["isActive"] for one in usage if one["email"] == gone)
    assert gone in after
    assert {*after} >= {*before}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/teams/daily-usage-data"),
        ("GET", "/teams/filtered-usage-events"),
        ("GET", "/teams/spend"),
        ("HEAD", "/teams/spend"),
        ("PUT", "/teams/spend"),
        ("POST", "/teams/members"),
        ("POST", "/teams/spend/"),
        ("POST", "/teams/daily-usage"),
        ("POST", "/teams/user-spend-limit"),
        ("POST", "/teams/remove-member"),
        ("GET", "/teams/audit-logs"),
        ("GET", "/teams/groups"),
        ("POST", "/teams/groups"),
        ("GET", "/settings/repo-blocklists/repos"),
        ("GET", "/analytics/team/dau"),
        ("GET", "/analytics/team/agent-edits"),
        ("GET", "/analytics/team/tabs"),
        ("GET", "/analytics/team/models"),
        ("GET", "/analytics/team/leaderboard"),
        ("GET", "/analytics/team/top-file-extensions"),
        ("GET", "/analytics/team/client-versions"),
        ("GET", "/analytics/by-user/agent-edits"),
        ("GET", "/analytics/by-user/tabs"),
    ],
)
def test_what_else_clients_call_is_the_documented_404(client: Client, method: str, path: str) -> None:
    answer = client.http.request(method, path, headers=_HEADERS)

    assert answer.status_code == 404
    assert method == "HEAD" or answer.json() == NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("GET", "/teams/spend", "GET is no method of it: send POST /teams/spend"),
        ("POST", "/teams/members", "POST is no method of it: send GET /teams/members"),
        ("POST", "/teams/spend/", "did you mean POST /teams/spend, without a slash at the end?"),
        ("POST", "/teams/daily-usage", "did you mean POST /teams/daily-usage-data?"),
        ("POST", "/teams/usage-events", "did you mean POST /teams/filtered-usage-events?"),
        ("GET", "/teams/audit-logs", None),
        ("GET", "/analytics/team/dau", None),
    ],
)
def test_the_journal_tells_which_endpoint_was_meant(
    world: OwnWorld, method: str, path: str, hint: str | None
) -> None:
    world.client.http.request(method, path, headers=basic(world.key))

    assert (world.last["method"], world.last["status"], world.last["hint"]) == (method, 404, hint)


def test_the_journal_tells_what_was_posted_and_what_it_came_to(world: OwnWorld) -> None:
    body = {"startDate": NOW - DAY_MS, "email": BO, "pageSize": 2}
    world.post("filtered-usage-events", body)

    entry = world.last
    assert (entry["method"], entry["endpoint"], entry["query"]) == ("POST", "usage-events", "")
    assert json.loads(entry["body"]) == body
    assert entry["understood"] == {
        "startDate": "2026-06-29T00:00:00.000Z",
        "endDate": "2026-06-30T00:00:00.000Z",
        "user": BO,
        "members": 1,
        "page": 1,
        "pageSize": 2,
        "askedPageSize": 2,
        "defaults": ["endDate", "page"],
        "ignored": [],
    }
    assert (entry["rows"], entry["totalCount"]) == (1, 1)


def test_the_journal_counts_the_rows_of_daily_usage_and_spend(world: OwnWorld) -> None:
    rows = len(world.post("daily-usage-data", WEEK).json()["data"])
    world.post("daily-usage-data", WEEK)  # which is kept
    world.post("spend", {"pageSize": 1})

    assert [(one["rows"], one["totalCount"]) for one in world.entries()] == [
        (rows, None),
        (rows, None),
        (1, 2),
    ]


def test_the_journal_leaves_out_what_may_be_a_key(world: OwnWorld) -> None:
    secret = f"crsr_{'0123456789abcdef' * 4}"
    world.post("spend", {"token": "hush", "searchTerm": secret, "sortBy": "x" * 300})
    world.client.http.post("/teams/spend", content=secret.encode(), headers=basic(world.key))

    parsed, raw = world.entries()
    assert json.loads(parsed["body"]) == {"token": "…", "searchTerm": "crsr_…", "sortBy": f"{'x' * 200}…"}
    assert raw["body"] == "…"
    assert secret not in json.dumps([parsed, raw])


def test_parameters_in_the_query_of_a_post_are_noticed(world: OwnWorld) -> None:
    world.client.http.post("/teams/spend?pageSize=1&nonce=1", json={"limit": 1}, headers=basic(world.key))

    assert world.last["understood"]["ignored"] == [
        {"name": "limit", "didYouMean": "pageSize"},
        {"name": "pageSize", "didYouMean": "pageSize in the body"},
        {"name": "nonce", "didYouMean": None},
    ]


@pytest.mark.parametrize("revision", ["2025-08", "2026-06"])
@pytest.mark.parametrize("path", BODIES)
def test_each_team_has_twenty_answers_a_minute_of_each_endpoint(
    client: Client, revision: str, path: str
) -> None:
    with own_world(client, revision=revision, settings={}) as world:
        statuses = [world.post(path, BODIES[path]).status_code for _ in range(21)]
        others = [world.post(other, BODIES[other]).status_code for other in BODIES if other != path]

    assert statuses == [200] * 20 + [429]
    assert others == [200, 200]


def test_the_limit_ends_with_its_minute_on_the_clock_of_the_world(client: Client) -> None:
    with own_world(client, settings={"rate_limit": "1"}) as world:
        before = [world.post("spend", {}).status_code, world.post("spend", []).status_code]
        world.control("PUT", "/clock", json={"advance": "61s"})
        after = world.post("spend", {}).status_code

    assert (before, after) == ([200, 429], 200)


@pytest.mark.parametrize("path", BODIES)
def test_a_fault_hits_an_endpoint_by_its_name(world: OwnWorld, path: str) -> None:
    world.declare("status", {"endpoint": NAMES[path], "method": "POST", "last": 1}, status=503)

    statuses = [world.post(path, BODIES[path]).status_code for _ in range(2)]

    assert statuses == [503, 200]
    assert world.entries(faulted=True)[0]["endpoint"] == NAMES[path]


def test_a_fault_hits_the_page_that_the_body_names(world: OwnWorld) -> None:
    world.declare("status", {"query": {"page": "2"}}, status=500)

    statuses = [world.post("filtered-usage-events", {"page": page}).status_code for page in (1, 2, 3)]

    assert statuses == [200, 500, 200]


@pytest.mark.parametrize("path", ["filtered-usage-events", "spend"])
def test_pages_are_bent_by_faults(world: OwnWorld, path: str) -> None:
    items, total = {
        "filtered-usage-events": ("usageEvents", "totalUsageEventsCount"),
        "spend": ("teamMemberSpend", "totalMembers"),
    }[path]
    plain = [world.post(path, {"page": page, "pageSize": 1}).json() for page in (1, 2)]
    world.declare("total-count", by=5)
    world.declare("repeat-row", {"query": {"page": "2"}})
    world.declare("page-size", {"query": {"pageSize": "9"}}, pageSize=1)

    bent = [world.post(path, {"page": page, "pageSize": 1}).json() for page in (1, 2)]
    short = world.post(path, {"pageSize": 9}).json()

    assert bent[0][total] == plain[0][total] + 5
    assert bent[1][total] == plain[0][total] + 10
    assert bent[0][items] == bent[1][items] == plain[0][items]
    assert len(short[items]) == 1
    assert [one["hits"] for one in world.told("/faults")["faults"]] == [3, 1, 1]


@pytest.mark.parametrize(
    ("kind", "more", "endpoint"),
    [
        ("csv", {"lineEnd": "crlf"}, "spend"),
        ("insert-row", {}, "usage-events"),
        ("page-size", {"pageSize": 1}, "daily-usage"),
    ],
)
def test_a_fault_that_could_not_act_is_refused(
    world: OwnWorld, kind: str, more: dict[str, Any], endpoint: str
) -> None:
    fault = {"match": {"endpoint": endpoint}, "action": {"kind": kind, **more}}
    answer = world.control("POST", "/faults", json=fault)

    assert answer.status_code == 400
    assert f"{kind} acts on" in answer.json()["message"]


@pytest.mark.parametrize(("count", "end"), [(0, '"usageEvents":['), (1, "}")])
def test_events_are_cut_among_their_rows(world: OwnWorld, count: int, end: str) -> None:
    world.declare("cut", {"endpoint": "usage-events"}, at="rows", count=count)

    pieces: list[bytes] = []
    asked = world.client.http.build_request(
        "POST", "/teams/filtered-usage-events", json={}, headers=basic(world.key)
    )
    answer = world.client.http.send(asked, stream=True)
    with pytest.raises(httpx.RemoteProtocolError):
        pieces.extend(answer.iter_bytes())
    answer.close()
    got = b"".join(pieces)

    assert got.decode().endswith(end)
    assert got.count(b'"timestamp"') == count


def findings(world: OwnWorld) -> dict[str, str]:
    return {one["rule"]: one["message"] for one in world.told("/report")["findings"]}


def test_the_report_reads_pages_that_were_posted(world: OwnWorld) -> None:
    world.post("filtered-usage-events", {"startDate": 0, "pageSize": 2})

    found = findings(world)
    assert found["page-never-fetched"] == "page 2 of 2 never asked for, though totalCount says 3 rows"


def test_the_report_has_nothing_to_say_of_a_client_that_reads_everything(world: OwnWorld) -> None:
    world.get("/teams/members")
    for start in (NOW - 60 * DAY_MS, NOW - 30 * DAY_MS):
        world.post("daily-usage-data", {"startDate": start, "endDate": start + 30 * DAY_MS})
    for page in (1, 2):
        world.post("filtered-usage-events", {**WEEK, "page": page, "pageSize": 2})
    world.post("spend", {})

    assert world.told("/report")["verdict"] == "clean"


@pytest.mark.parametrize(
    ("path", "bodies", "rule", "message"),
    [
        (
            "spend",
            [{"page_size": 5}],
            "misspelt-parameter",
            "spend has no parameter page_size: did you mean pageSize?",
        ),
        (
            "spend",
            [[]],
            "request-refused",
            "/teams/spend answered 400: the body must be a JSON object: got […]",
        ),
        (
            "filtered-usage-events",
            [{"email": "nobody@x"}],
            "unknown-user",
            "user=nobody@x names no member of the team: the answer is empty",
        ),
        (
            "spend",
            [[], []],
            "error-repeated",
            "POST /teams/spend was answered 400 and sent again unchanged once",
        ),
    ],
)
def test_the_report_finds_what_is_wrong_with_a_body(
    world: OwnWorld, path: str, bodies: list[object], rule: str, message: str
) -> None:
    for body in bodies:
        world.post(path, body)

    assert findings(world)[rule].startswith(message.removesuffix(" once"))


def test_the_report_tells_of_a_wrong_method(world: OwnWorld) -> None:
    world.get("/teams/spend")

    assert findings(world)["unknown-endpoint"] == (
        "GET /teams/spend is no endpoint of 2026-06: GET is no method of it: send POST /teams/spend"
    )


def test_the_report_counts_by_the_limit_of_the_endpoint(client: Client) -> None:
    with own_world(client, revision="2025-08") as world:
        for _ in range(6):
            world.post("spend", {})
        within = findings(world)
        for _ in range(15):
            world.post("spend", {})
        beyond = findings(world)

    assert "over-limit" not in within
    assert "under 20 a minute" in beyond["over-limit"]


@pytest.mark.parametrize("endpoint", NAMES.values())
def test_the_control_plane_knows_the_endpoint(world: OwnWorld, endpoint: str) -> None:
    world.post("spend", {})

    assert world.told("/requests/count", endpoint=endpoint)["count"] == (endpoint == "spend")


def test_the_future_is_not_spent_yet(world: OwnWorld) -> None:
    before = world.post("spend", {"sortBy": "user"}).json()["teamMemberSpend"]
    row = {"userEmail": BO, "createdAt": (ANCHOR + DAY).isoformat(), "changeId": "3", "totalLinesAdded": 9}
    assert world.control("POST", "/changes", json=row).status_code == 201
    still = world.post("spend", {"sortBy": "user"}).json()["teamMemberSpend"]
    world.control("PUT", "/clock", json={"advance": "30h"})
    after = world.post("spend", {"sortBy": "user"}).json()

    assert before == still
    assert after["subscriptionCycleStart"] == NOW + DAY_MS  # July has begun
    assert [one["fastPremiumRequests"] for one in after["teamMemberSpend"]] == [0, 0]
    assert after["teamMemberSpend"][0]["spendCents"] == 0 < NOW
