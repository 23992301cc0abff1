"""What a client is held against, over HTTP: the answers, the report in all its formats, the rules."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aicode_mock.report.findings import Report
from aicode_mock.report.junit import as_junit
from aicode_mock.report.review import RULES
from aicode_mock.report.rule import Severity
from aicode_mock.report.text import as_text
from tests.conftest import Client, basic
from tests.ownworld import OwnWorld, own_world

pytestmark = pytest.mark.both_stores

ADDED, DELETED = "totalLinesAdded", "totalLinesDeleted"


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


def report(world: OwnWorld, **query: str | int) -> Report:
    return Report.model_validate(world.told("/report", **query))


def rules_of(found: Report) -> list[str]:
    return [finding.rule for finding in found.findings]


@pytest.mark.parametrize("kind", ["commits", "changes"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"startDate": "2026-06-28", "endDate": "2026-06-29"},
        {"startDate": "2d"},
        {"user": "ada@duo.example"},
        {"user": "nobody@duo.example"},
        {"startDate": "", "endDate": ""},
    ],
)
def test_the_answers_are_the_sums_of_what_the_endpoint_tells(
    world: OwnWorld, kind: str, query: dict[str, Any]
) -> None:
    page = world.get(kind, **query, pageSize=1000).json()

    answers = world.told("/answers", **query)[kind]

    assert answers["count"] == page["totalCount"]
    assert [answers["totals"][name] for name in (ADDED, DELETED)] == [
        sum(item[name] for item in page["items"]) for name in (ADDED, DELETED)
    ]


def test_the_answers_tell_the_range_that_they_are_for(world: OwnWorld) -> None:
    world.control("PUT", "/clock", json={"advance": "36h"})

    answers = world.told("/answers", startDate="yesterday")

    assert [answers["startDate"], answers["endDate"]] == [
        "2026-06-30T00:00:00.000Z",
        "2026-07-01T12:00:00.000Z",
    ]


def test_the_answers_may_be_for_a_wider_range_than_a_client_can_ask_for(world: OwnWorld) -> None:
    query: dict[str, Any] = {"startDate": "2020-01-01"}
    world.control("PATCH", "/contract", json={"settings": {"max_range_days": 30}})

    assert world.get("commits", **query).status_code == 400
    assert world.told("/answers", **query)["commits"]["count"] == 6


@pytest.mark.parametrize(
    ("settings", "query", "start", "end"),
    [
        (
            {},
            {"startDate": "2026-06-28", "endDate": "2026-06-28"},
            "2026-06-28T00:00:00.000Z",
            "2026-06-28T00:00:00.000Z",
        ),
        (
            {"date_only_end": "end_of_day"},
            {"startDate": "2026-06-28", "endDate": "2026-06-28"},
            "2026-06-28T00:00:00.000Z",
            "2026-06-28T23:59:59.999",
        ),
        (
            {"dates": "lenient"},
            {"startDate": "1782604800000", "endDate": "now"},
            "2026-06-28T00:00:00.000Z",
            "2026-06-30T00:00:00.000Z",
        ),
    ],
)
def test_the_answers_read_dates_as_the_contract_does(
    world: OwnWorld, settings: dict[str, str], query: dict[str, str], start: str, end: str
) -> None:
    world.control("PATCH", "/contract", json={"settings": settings})

    answers = world.told("/answers", **query)

    assert answers["startDate"] == start
    assert answers["endDate"].startswith(end)


@pytest.mark.parametrize(("field", "count"), [("createdAt", 1), ("commitTs", 0)])
def test_the_answers_count_by_the_date_that_the_contract_counts_by(
    world: OwnWorld, field: str, count: int
) -> None:
    world.control("PATCH", "/contract", json={"settings": {"date_field": field}})
    commit = {"userEmail": "ada@duo.example", "createdAt": "2026-01-02", "commitTs": "2026-01-01"}
    world.control("POST", "/commits", json=commit)

    commits = world.told("/answers", startDate="2026-01-02", endDate="2026-01-03")["commits"]

    assert [commits["dateField"], commits["count"]] == [field, count]


def test_the_answers_of_a_team_are_those_of_no_other(client_of: Callable[[str], Client]) -> None:
    with own_world(client_of("hostile")) as world:
        counts = [
            world.told("/answers", startDate="90d", **team)["commits"]["count"]
            for team in ({}, {"team": "gauntlet"}, {"team": "no-data"})
        ]
        total = world.get("commits", startDate="90d").json()["totalCount"]

    assert counts == [total, total, 0]


def test_asking_for_answers_leaves_no_entry_and_spares_the_limit(world: OwnWorld) -> None:
    world.control("PATCH", "/contract", json={"settings": {"rate_limit": 1}})

    for path in ("/answers", "/report", "/answers"):
        world.told(path)

    assert world.entries() == []
    assert world.get("commits").status_code == 200


def test_a_client_without_a_fault_gets_a_clean_report(world: OwnWorld) -> None:
    world.get("commits.csv", startDate="2026-06-23", endDate="2026-06-29")

    found = report(world)

    assert (found.requests, found.verdict, found.worst, found.findings) == (1, "clean", None, [])


@pytest.fixture
def careless(world: OwnWorld) -> OwnWorld:
    """A world whose client misspelt a parameter, an error, and sent one that there is not, a warning."""
    world.get("commits", page_size=2)
    world.get("changes", colour="red")
    return world


def test_a_report_tells_what_was_wrong_and_where_to_read_on(careless: OwnWorld) -> None:
    found = report(careless)

    first = found.findings[0]
    assert (found.requests, found.verdict, found.worst) == (2, "findings", Severity.ERROR)
    assert (first.rule, first.endpoint, first.requests) == ("misspelt-parameter", "commits", [1])
    assert first.message == "commits has no parameter page_size: did you mean pageSize?"
    assert careless.client.http.get(first.docs).status_code == 200


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("text", "text/plain; charset=utf-8"), ("json", "application/json"), ("junit", "application/xml")],
)
def test_the_formats_tell_the_same_report(careless: OwnWorld, name: str, media_type: str) -> None:
    found = report(careless)

    answer = careless.control("GET", "/report", params={"format": name})

    expected = {
        "text": as_text(found),
        "json": found.model_dump_json(),
        "junit": as_junit(found, threshold=Severity.ERROR),
    }
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.text == expected[name]


@pytest.mark.parametrize(("threshold", "failures"), [(None, 1), ("error", 1), ("warning", 2), ("info", 2)])
def test_junit_counts_what_is_as_severe_as_the_threshold(
    careless: OwnWorld, threshold: str | None, failures: int
) -> None:
    query = {"format": "junit"} | ({"threshold": threshold} if threshold else {})

    suites = ET.fromstring(careless.control("GET", "/report", params=query).text)  # noqa: S314  # our own

    assert suites.get("failures") == str(failures)
    assert len(suites.findall(".//failure")) == failures
    assert {case.get("name") for case in suites.iter("testcase")} == set(RULES)


def test_a_report_may_begin_after_an_entry(careless: OwnWorld) -> None:
    whole, rest, nothing = (report(careless, after=number) for number in (0, 1, 2))

    assert [found.requests for found in (whole, rest, nothing)] == [2, 1, 0]
    assert "misspelt-parameter" in rules_of(whole)
    assert "misspelt-parameter" not in rules_of(rest)
    assert (nothing.verdict, nothing.findings) == ("empty", [])


def test_a_report_may_leave_rules_out(careless: OwnWorld) -> None:
    whole, part = (rules_of(report(careless, **query)) for query in ({}, {"ignore": "misspelt-parameter"}))

    assert [rule for rule in whole if rule != "misspelt-parameter"] == part != whole


@pytest.mark.parametrize("rule", ["none", "", "%00"])
def test_a_rule_that_is_to_be_left_out_must_be_one(careless: OwnWorld, rule: str) -> None:
    answer = careless.control("GET", f"/report?ignore={rule}")

    assert answer.status_code == 400
    assert answer.json()["message"].endswith(f" (there are: {', '.join(RULES)})")


def test_a_report_of_one_world_says_nothing_of_another(client: Client, careless: OwnWorld) -> None:
    with own_world(client) as other:
        assert [report(one).requests for one in (careless, other)] == [2, 0]


def test_an_emptied_journal_has_an_empty_report(careless: OwnWorld) -> None:
    careless.control("DELETE", "/requests")

    assert (report(careless).requests, report(careless).verdict) == (0, "empty")


def test_the_budget_is_that_of_the_revision(careless: OwnWorld) -> None:
    budgets = []
    for revision in ("2025-08", "2026-06"):
        careless.control("PATCH", "/contract", json={"revision": revision})
        budgets.append(report(careless).budget.perMinute)

    assert budgets == [5, 20]


@pytest.mark.parametrize(
    ("action", "is_survived"),
    [
        ({"kind": "malformed-json"}, False),
        ({"kind": "empty"}, False),
        ({"kind": "own", "body": "{}"}, False),
        ({"kind": "proxy-page", "status": 200}, False),
        ({"kind": "status", "status": 500}, False),
        ({"kind": "content-type", "value": "text/html"}, True),
        ({"kind": "total-count", "by": 1}, True),
    ],
)
def test_an_answer_that_cannot_be_used_must_be_asked_for_again(
    world: OwnWorld, action: dict[str, Any], is_survived: bool
) -> None:
    number = world.declare(**action)
    world.get("commits", startDate="2026-06-23", endDate="2026-06-29", pageSize=1000)
    world.control("DELETE", f"/faults/{number}")  # what it did stays done

    assert ("fault-not-survived" not in rules_of(report(world))) is is_survived


def test_a_world_without_entity_tags_expects_no_conditional_requests(world: OwnWorld) -> None:
    query: dict[str, Any] = {"startDate": "2026-06-20", "endDate": "2026-06-25", "pageSize": 1000}
    found = []
    for caching in ("on", "off"):
        world.control("POST", "/reset")
        world.control("PATCH", "/contract", json={"settings": {"caching": caching, "rate_limit": "off"}})
        for _ in range(5):
            world.get("commits", **query)
            world.control("PUT", "/clock", json={"advance": "11m"})
        found.append("conditional-unused" in rules_of(report(world)))

    assert found == [True, False]


def test_the_largest_page_is_that_of_the_contract(world: OwnWorld) -> None:
    found = []
    for size in (1000, 2):
        world.control("POST", "/reset")
        world.control("PATCH", "/contract", json={"settings": {"max_page_size": size, "rate_limit": "off"}})
        world.get("commits", startDate="2026-06-23", endDate="2026-06-29", pageSize=1000)
        found.append("page-size-too-large" in rules_of(report(world)))

    assert found == [False, True]


@pytest.mark.parametrize("rule", list(RULES))
def test_every_rule_has_a_page(client: Client, rule: str) -> None:
    answer = client.http.get(f"/_mock/rules/{rule}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.startswith(f"# {rule}\n\n**{RULES[rule].title}** ({RULES[rule].severity})\n")


@pytest.mark.parametrize("rule", ["none", "WINDOW-GAP", "%00", "window%2Dgaps"])
def test_a_rule_that_there_is_not_is_answered_with_those_that_there_are(client: Client, rule: str) -> None:
    answer = client.http.get(f"/_mock/rules/{rule}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.json()["message"].endswith(f" (there are: {', '.join(RULES)})")


def test_requests_with_unknown_keys_are_reviewed_with_the_default_world(client: Client) -> None:
    number = client.http.get("/_mock/worlds/default").json()["requests"]
    client.get("commits", headers=basic("unknown"))

    told = client.http.get("/_mock/worlds/default/report", params={"after": number}).json()

    assert told["requests"] == 1


def post(world: OwnWorld, *bodies: str) -> set[str]:
    """Send bodies to the Admin API; the rules that the report finds broken."""
    for body in bodies:
        sent = {**basic(world.key), "Content-Type": "application/json"}
        answer = world.client.http.post("/teams/daily-usage-data", content=body, headers=sent)
        assert answer.status_code == 400
    return {finding["rule"] for finding in world.told("/report")["findings"]}


@pytest.mark.parametrize(
    ("bodies", "is_same"),
    [
        (["[]", "x", ""], False),
        (['{"foo":1}', '{"foo":2}'], False),
        (['{"startDate":1}', '{"endDate":1}'], False),
        (['{"startDate":1}', '{"startDate":1}'], True),
    ],
)
def test_only_what_is_known_to_be_the_same_was_sent_again(
    client: Client, bodies: list[str], is_same: bool
) -> None:
    with own_world(client) as world:
        assert ("error-repeated" in post(world, *bodies)) is is_same


def test_an_unknown_field_that_was_refused_was_not_ignored(client: Client) -> None:
    with own_world(client) as world:
        assert post(world, '{"page":1}') == {"request-refused"}
