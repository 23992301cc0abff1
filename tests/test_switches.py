"""Every switch of the contract, every value of it, as clients see it; behaviours and revisions as a whole."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aicode_mock.contract import REVISIONS, describe_switches, resolve
from tests.conftest import ANCHOR, API, KEY, Client, basic

pytestmark = pytest.mark.both_stores

GOLDEN = Path(__file__).with_name("golden")
HASH = "6" * 40
BAD_NUMBER = "page must be an integer from 1 to 9007199254740991: got 'x'"


@dataclass(frozen=True)
class Case:
    """What ``look`` sees of a switch that has a value, with other switches ``given``."""

    switch: str
    value: str
    look: Callable[[Client], object]
    expected: object
    given: dict[str, str] = field(default_factory=dict)
    scenario: str = "tiny"

    def __str__(self) -> str:
        """The name of the test."""
        return f"{self.switch}={self.value}"


def bearer(client: Client) -> object:
    return client.get("commits", headers={"Authorization": f"Bearer {KEY}"}).status_code


def password(client: Client) -> object:
    return client.get("commits", headers=basic(KEY, "secret")).status_code


def stranger(client: Client) -> object:
    return body_of(client.get("commits", headers=basic("stranger")))


def business(client: Client) -> object:
    key = next(entry.key for entry in client.twin.keys(prefix="crsr_") if entry.plan == "business")
    return body_of(client.get("commits", headers=basic(key)))


def bad_page(client: Client) -> object:
    return body_of(client.get("commits", page="x"))


def posted(client: Client) -> object:
    answer = client.http.post(f"{API}/commits", headers=basic(KEY))
    return (*body_of(answer), answer.headers.get("Allow"))


def slashed(client: Client) -> object:
    answer = client.http.get(f"{API}/commits/?pageSize=1", headers=basic(KEY))
    return answer.status_code, answer.headers.get("Location", "").removeprefix(client.url)


def in_a_minute(client: Client) -> object:
    return [client.get("commits", pageSize=1).status_code for _ in range(25)].count(200)


def retry_after(client: Client) -> object:
    client.get("commits")
    refused = client.get("commits")
    return refused.status_code, refused.headers.get("Retry-After")


def after_a_bad_request(client: Client) -> object:
    client.get("commits", page="x")
    return client.get("commits").status_code


def sandboxed(client: Client) -> object:
    status = client.get("commits", headers=basic("sandbox_switch")).status_code
    client.http.delete("/_mock/worlds/sandbox_switch")
    return status


def caching(client: Client) -> object:
    answer = client.get("commits")
    again = client.get("commits", headers={"If-None-Match": "*"})
    return "ETag" in answer.headers, answer.headers.get("Cache-Control"), again.status_code


def epoch_ms(client: Client) -> object:
    answer = client.get("commits", startDate=int((ANCHOR - timedelta(days=1)).timestamp() * 1000))
    return answer.status_code, answer.json().get("totalCount")


def one_day(client: Client) -> object:
    return client.get("commits", startDate="2026-06-29", endDate="2026-06-29").json()["totalCount"]


def reversed_range(client: Client) -> object:
    answers = [client.get(path, startDate="1d", endDate="2d") for path in ("commits", "commits.csv")]
    return [answer.status_code for answer in answers], answers[0].json().get("items")


def wide_range(client: Client) -> object:
    return [client.get("commits", startDate=f"{days}d").status_code for days in (30, 31)]


def wide_csv(client: Client) -> object:
    return [client.get("commits.csv", startDate=f"{days}d").status_code for days in (30, 31)]


def committed_before(client: Client) -> object:
    """One commit was made at 13:00 and came in at 13:09."""
    page, csv = (client.get(path, startDate="2026-06-29T13:05:00Z") for path in ("commits", "commits.csv"))
    return page.json()["totalCount"], csv.text.count("\n6666")


def in_order(client: Client) -> object:
    once, again = (client.get("commits", pageSize=1000).json()["items"] for _ in range(2))
    instants = [item["createdAt"] for item in once]
    return once == again, len(instants) > 100, instants == sorted(instants, reverse=True)


def sizes(client: Client) -> object:
    answers = [client.get("commits"), client.get("commits", pageSize=2_000_000)]
    return [answer.json()["pageSize"] for answer in answers]


def oversized(client: Client) -> object:
    answer = client.get("commits", pageSize=1001)
    return answer.status_code, answer.json().get("message", answer.json().get("pageSize"))


def no_numbers(client: Client) -> object:
    answer = client.get("commits", page="0", pageSize="x")
    return answer.status_code, answer.json().get("page"), answer.json().get("pageSize")


def past_end(client: Client) -> object:
    answer = client.get("commits", page=2, pageSize=6)
    return answer.status_code, answer.json().get("items"), answer.json().get("totalCount")


def nobody(client: Client) -> object:
    return body_of(client.get("commits", user="nobody@duo.example", pageSize=1))


def nulls(client: Client) -> object:
    commit = client.get("commits").json()["items"][1]
    change = client.get("changes", pageSize=2).json()["items"][1]
    return commit.get("message", "left out"), change.get("model", "left out"), len(commit)


def instants(client: Client) -> object:
    commit = client.get("commits", pageSize=1).json()["items"][0]
    change = client.get("changes.csv").text.splitlines()[1].split(",")
    return commit["commitTs"], commit["createdAt"], change[7]


def line_ends(client: Client) -> object:
    text = client.get("changes.csv").text
    return text.count("\r\n"), text.count("\n")


def quoting(client: Client) -> object:
    lines = client.get("commits.csv").text.split("\n")
    return [
        next(line for line in lines if line.startswith(start)).split(",")[-3] for start in ("4444", "5555")
    ]


def empty_csv(client: Client) -> object:
    answer = client.get("commits.csv", startDate="now")
    return answer.status_code, answer.text.count("\n")


def source_column(client: Client) -> object:
    return [line.split(",").index(text) for line, text in zip(
        client.get("commits.csv", user="bo@duo.example").text.splitlines()[0::4], ("commit_source", "cloud"),
        strict=False,
    )]  # fmt: skip


def details(client: Client) -> object:
    return client.get(f"commits/{HASH}").status_code


def unknown_hash(client: Client) -> object:
    answer = client.get(f"commits/{HASH},{'0' * 40}")
    return answer.status_code, len(answer.json().get("commits", []))


def twice(client: Client) -> object:
    answer = client.http.get(f"{API}/commits?pageSize=2&pageSize=3", headers=basic(KEY))
    return answer.json().get("pageSize", answer.json().get("message"))


def unknown_parameter(client: Client) -> object:
    answers = [client.get(path, page_size=3) for path in ("commits", "changes.csv", "/teams/members")]
    return [answer.status_code for answer in answers]


def body_of(answer: httpx.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


NOT_FOUND = {"error": "Not Found", "message": "Resource not found"}
NULLS = {"null": (None, None, 18), "left out": ("left out", "left out", 14)}


def member_names(client: Client) -> object:
    return [*client.get("/teams/members").json()["teamMembers"][0]]


def spend(data: bytes, content_type: str | None, *, times: int = 1) -> Callable[[Client], object]:
    def look(client: Client) -> object:
        headers = {**basic(KEY), **({"Content-Type": content_type} if content_type else {})}
        answers = [client.http.post("/teams/spend", content=data, headers=headers) for _ in range(times)]
        return answers[-1].json().get("message", answers[-1].status_code)

    return look


def cycle_start(client: Client) -> object:
    return client.http.post("/teams/spend", json={}, headers=basic(KEY)).json()["subscriptionCycleStart"]


def usage_rows(days: int) -> Callable[[Client], object]:
    def look(client: Client) -> object:
        end = round(ANCHOR.timestamp() * 1000)
        body = {"startDate": end - days * 86_400_000, "endDate": end}
        answer = client.http.post("/teams/daily-usage-data", json=body, headers=basic(KEY))
        return len(answer.json()["data"]) if answer.status_code == 200 else answer.status_code

    return look


CASES = [
    Case("member_fields", "all", member_names, ["id", "name", "email", "role", "isRemoved"]),
    Case("member_fields", "documented", member_names, ["name", "email", "role"]),
    Case(
        "empty_body",
        "400",
        spend(b"", None),
        "the body must be a JSON object: got nothing, send {} for all defaults",
    ),
    Case("empty_body", "defaults", spend(b"", None), 200),
    Case("body_type", "json", spend(b"{}", None), "Content-Type must be application/json: got none"),
    Case("body_type", "any", spend(b"{}", None), 200),
    Case(
        "unknown_field",
        "400",
        spend(b'{"x":1}', "application/json"),
        "unknown field 'x' (allowed: searchTerm, sortBy, sortDirection, page, pageSize)",
    ),
    Case("unknown_field", "ignored", spend(b'{"x":1}', "application/json"), 200),
    Case(
        "admin_limit_body",
        "documented",
        spend(b"{}", "application/json", times=2),
        "Rate limit exceeded. Please try again later.",
        {"rate_limit": "1"},
    ),
    Case(
        "admin_limit_body",
        "observed",
        spend(b"{}", "application/json", times=2),
        "Rate limit exceeded",
        {"rate_limit": "1"},
    ),
    Case("max_usage_days", "revision", usage_rows(31), 400),
    Case("max_usage_days", "off", usage_rows(31), 6),
    Case("max_usage_days", "1", usage_rows(2), 400),
    Case("usage_end_day", "excluded", usage_rows(1), 2),
    Case("usage_end_day", "included", usage_rows(1), 4),
    Case("inactive_days", "listed", usage_rows(2), 4),
    Case("inactive_days", "left_out", usage_rows(2), 3),
    Case("cycle_day", "1", cycle_start, 1780272000000),
    Case("cycle_day", "27", cycle_start, 1782518400000),
    Case("auth_schemes", "basic+bearer", bearer, 200),
    Case("auth_schemes", "basic", bearer, 401),
    Case("key_password", "ignored", password, 200),
    Case("key_password", "empty", password, 401),
    Case(
        "unauthorized_body",
        "documented",
        stranger,
        (401, {"error": "Unauthorized", "message": "Invalid API key"}),
    ),
    Case(
        "unauthorized_body", "observed", stranger, (401, {"code": "error", "message": "Invalid Team API Key"})
    ),
    Case(
        "plan_status",
        "403",
        business,
        (403, {"error": "Forbidden", "message": "Enterprise access required"}),
        scenario="hostile",
    ),
    Case(
        "plan_status",
        "401",
        business,
        (
            401,
            {
                "code": "error",
                "message": "You must be a member of an enterprise team to access this resource",
            },
        ),
        scenario="hostile",
    ),
    Case("bad_request_body", "documented", bad_page, (400, {"error": "Bad Request", "message": BAD_NUMBER})),
    Case("bad_request_body", "observed", bad_page, (400, {"code": "error", "message": BAD_NUMBER})),
    Case("wrong_method", "404", posted, (404, NOT_FOUND, None)),
    Case(
        "wrong_method",
        "405",
        posted,
        (
            405,
            {"error": "Method Not Allowed", "message": "Method not allowed (allowed: GET, HEAD)"},
            "GET, HEAD",
        ),
    ),
    Case("trailing_slash", "404", slashed, (404, "")),
    Case("trailing_slash", "redirect", slashed, (308, f"{API}/commits?pageSize=1")),
    Case("rate_limit", "revision", in_a_minute, 20),
    Case("rate_limit", "off", in_a_minute, 25),
    Case("rate_limit", "3", in_a_minute, 3),
    Case("retry_after", "off", retry_after, (429, None), {"rate_limit": "1"}),
    Case("retry_after", "7", retry_after, (429, "7"), {"rate_limit": "1"}),
    Case("retry_after", "window", retry_after, (429, "60"), {"rate_limit": "1"}),
    Case("counted", "all", after_a_bad_request, 429, {"rate_limit": "1"}),
    Case("counted", "ok", after_a_bad_request, 200, {"rate_limit": "1"}),
    Case("caching", "on", caching, (True, "public, max-age=900", 304)),
    Case("caching", "off", caching, (False, None, 200)),
    Case("dates", "strict", epoch_ms, (400, None)),
    Case("dates", "lenient", epoch_ms, (200, 3)),
    Case("date_only_end", "start_of_day", one_day, 0),
    Case("date_only_end", "end_of_day", one_day, 3),
    Case("reversed_range", "400", reversed_range, ([400, 400], None)),
    Case("reversed_range", "empty", reversed_range, ([200, 200], [])),
    Case("max_range_days", "off", wide_range, [200, 200]),
    Case("max_range_days", "30", wide_range, [200, 400]),
    Case("csv_range_cap", "on", wide_csv, [200, 400], {"max_range_days": "30"}),
    Case("csv_range_cap", "off", wide_csv, [200, 200], {"max_range_days": "30"}),
    Case("date_field", "createdAt", committed_before, (1, 1)),
    Case("date_field", "commitTs", committed_before, (0, 0)),
    Case("order", "newest_first", in_order, (True, True, True), scenario="hostile"),
    Case("order", "shuffled", in_order, (True, True, False), scenario="hostile"),
    Case("max_page_size", "1000", sizes, [100, 1000]),
    Case("max_page_size", "500", sizes, [100, 500]),
    Case("max_page_size", "7", sizes, [7, 7]),
    Case("oversized_page", "clamp", oversized, (200, 1000)),
    Case(
        "oversized_page", "reject", oversized, (400, "pageSize must be an integer from 1 to 1000: got 1001")
    ),
    Case("invalid_page", "400", no_numbers, (400, None, None)),
    Case("invalid_page", "default", no_numbers, (200, 1, 100)),
    Case("page_past_end", "empty", past_end, (200, [], 6)),
    Case("page_past_end", "404", past_end, (404, None, None)),
    Case("unknown_user", "empty", nobody, (200, {"items": [], "totalCount": 0, "page": 1, "pageSize": 1})),
    Case(
        "unknown_user",
        "400",
        nobody,
        (
            400,
            {
                "error": "Bad Request",
                "message": "Some users are not in the team: got user 'nobody@duo.example'",
            },
        ),
    ),
    Case("unknown_user", "404", nobody, (404, NOT_FOUND)),
    Case("omit_nulls", "off", nulls, NULLS["null"]),
    Case("omit_nulls", "on", nulls, NULLS["left out"]),
    Case(
        "timestamps",
        "iso",
        instants,
        ("2026-06-29T13:00:00.000Z", "2026-06-29T13:09:00.000Z", "2026-06-29T12:30:00.000Z"),
    ),
    Case(
        "timestamps",
        "space",
        instants,
        ("2026-06-29 13:00:00.000", "2026-06-29 13:09:00.000", "2026-06-29 12:30:00.000"),
    ),
    Case("csv_line_end", "lf", line_ends, (0, 7)),
    Case("csv_line_end", "crlf", line_ends, (7, 7)),
    Case("csv_quoting", "documented", quoting, ['"Build with make"', ""]),
    Case("csv_quoting", "minimal", quoting, ["Build with make", ""]),
    Case("csv_empty", "header", empty_csv, (200, 1)),
    Case("csv_empty", "nothing", empty_csv, (200, 0)),
    Case("commit_source_column", "sample", source_column, [1, 1]),
    Case("commit_source_column", "table", source_column, [6, 6]),
    Case("commit_detail", "team", details, 200),
    Case("commit_detail", "off", details, 404),
    Case("unknown_hash", "omitted", unknown_hash, (200, 1)),
    Case("unknown_hash", "404", unknown_hash, (404, 0)),
    Case("repeated_parameter", "first", twice, 2),
    Case("repeated_parameter", "last", twice, 3),
    Case("repeated_parameter", "400", twice, "pageSize must not be repeated: got '2' and '3'"),
    Case("unknown_parameter", "ignored", unknown_parameter, [200, 200, 200]),
    Case("unknown_parameter", "400", unknown_parameter, [400, 400, 400]),
    Case("sandboxes", "auto", sandboxed, 200),
    Case("sandboxes", "off", sandboxed, 401),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_switch_does_what_it_says(client_of: Callable[[str], Client], case: Case) -> None:
    client = client_of(case.scenario)
    client.promise(**{**case.given, case.switch: case.value})

    assert case.look(client) == case.expected


def test_every_switch_is_shown_with_each_of_its_values() -> None:
    shown = {(case.switch, case.value) for case in CASES}

    for name, switch in describe_switches().items():
        assert {(name, choice) for choice in switch.choices} <= shown, name
        assert not switch.takes_number or any(is_of == name and text.isdigit() for is_of, text in shown), name
    assert {name for name, _ in shown} == set(describe_switches())


def test_the_default_of_every_switch_is_what_the_documents_say(client: Client) -> None:
    for case in CASES:
        if case.scenario == "tiny" and case.value == describe_switches()[case.switch].documented:
            client.promise(
                **case.given, **({"rate_limit": "revision"} if case.switch == "rate_limit" else {})
            )
            client.forget_limits()

            assert case.look(client) == case.expected, case


def test_observed_differs_from_documented_where_clients_report_it() -> None:
    differing = {
        name: switch.observed
        for name, switch in describe_switches().items()
        if switch.observed != switch.documented
    }

    assert differing == {
        "unauthorized_body": "observed",
        "plan_status": "401",
        "bad_request_body": "observed",
        "retry_after": "60",
        "max_range_days": "30",
        "admin_limit_body": "observed",
    }
    assert str(resolve("2026-06", "observed", {}).switches.retry_after) == "60"


def test_observed_refuses_a_range_above_thirty_days_of_24_hours(client: Client) -> None:
    client.promise(behavior="observed")
    begin = ANCHOR - timedelta(days=30)
    texts = [instant.isoformat(timespec="milliseconds").replace("+00:00", "Z") for instant in (
        begin, begin - timedelta(milliseconds=1)
    )]  # fmt: skip

    widest, wider = (client.get("changes.csv", startDate=text) for text in texts)

    assert widest.status_code == 200
    assert (wider.status_code, wider.json()) == (
        400,
        {
            "code": "error",
            "message": f"Date range cannot exceed 30 days: got startDate {texts[1]} and endDate now",
        },
    )


def test_a_switch_can_be_set_on_top_of_a_behaviour(client: Client) -> None:
    client.promise(behavior="observed", max_range_days="off", unauthorized_body="documented")

    assert client.get("commits", startDate="400d").status_code == 200
    assert client.get("commits", headers=basic("x")).json()["message"] == "Invalid API key"
    assert client.get("commits", page="x").json()["code"] == "error"


def golden(name: str) -> str:
    return GOLDEN.joinpath(name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("revision", "sample", "detail_sample", "limit"),
    [
        ("2025-08", "commits.r1-r4", None, 5),
        ("2025-12", "commits.r1-r4", None, 20),
        ("2026-03", "commits.r1-r4", "commit_detail.r4.json", 20),
        ("2026-06", "commits.r5", "commit_detail.r5.json", 20),
    ],
)
def test_a_revision_has_the_fields_columns_and_endpoints_of_its_documents(
    client: Client, revision: str, sample: str, detail_sample: str | None, limit: int
) -> None:
    client.promise(revision=revision, rate_limit="revision")

    item = client.get("commits", pageSize=1).json()["items"][0]
    header = client.get("commits.csv").text.partition("\n")[0]
    detail = client.get(f"commits/{HASH}")
    statuses = [client.get("changes").status_code for _ in range(21)]

    assert list(item) == list(json.loads(golden(f"{sample}.json"))["items"][0])
    assert header == golden(f"{sample}.csv").partition("\n")[0]
    assert statuses.count(200) == limit
    if detail_sample is None:
        assert (detail.status_code, detail.json()) == (404, NOT_FOUND)
    else:
        assert list(detail.json()["commits"][0]) == list(json.loads(golden(detail_sample))["commits"][0])


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_changes_are_the_same_in_every_revision(client: Client, revision: str) -> None:
    client.promise(revision=revision)

    item = client.get("changes", pageSize=1).json()["items"][0]
    header = client.get("changes.csv").text.partition("\n")[0]

    assert list(item) == list(json.loads(golden("changes.json"))["items"][0])
    assert header == golden("changes.csv").partition("\n")[0]


def test_the_figures_of_a_commit_are_the_same_in_every_revision(client: Client) -> None:
    pages = []
    for revision in REVISIONS:
        client.promise(revision=revision)
        pages.append(client.get("commits").json()["items"])

    newest = [{name: value for name, value in item.items() if name != "commitSource"} for item in pages[-1]]

    assert pages[:3] == [newest] * 3
    assert [item["commitSource"] for item in pages[-1]] == ["ide", "ide", "ide", "cloud", "cli", "ide"]
