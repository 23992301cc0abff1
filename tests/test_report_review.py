"""The report as a whole: what it says of any journal, and what its terms change."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aicode_mock.clock import instant_text, to_ms
from aicode_mock.contract import REVISIONS
from aicode_mock.entries import Entry, IgnoredParameter, LimitState, Understood
from aicode_mock.report.findings import Report
from aicode_mock.report.junit import as_junit
from aicode_mock.report.review import RULES, UnknownRuleError, exceeds, review
from aicode_mock.report.rule import Severity
from aicode_mock.report.text import as_text
from tests.test_report_client import CHANGES, COMMITS, DAY, MINUTE, Client, Server, days, rules_of

_FIRST, _LAST = (to_ms(datetime(year, 1, 1, tzinfo=UTC)) for year in (1, 9999))
INSTANTS = st.integers(_FIRST, _LAST).map(instant_text)
CLOSE = st.integers(0, 200_000).map(lambda ms: instant_text(1_782_820_800_000 + ms))
NUMBERS = st.none() | st.integers(-1, 4) | st.integers(-(2**60), 2**60)
TEXTS = st.sampled_from(
    ["", "7d", "now", "2026-06-01", "2026-06-02", "2026-06-02T00:00:00Z", "\u0667", "%zz"]
)
QUERIES = st.lists(
    st.tuples(st.sampled_from(["startDate", "endDate", "user", "page", "Page"]), TEXTS | st.text(max_size=5)),
    max_size=4,
).map(lambda pairs: "&".join("=".join(pair) for pair in pairs))
UNDERSTOOD = st.none() | st.builds(
    Understood,
    startDate=st.none() | INSTANTS | CLOSE,
    endDate=st.none() | INSTANTS | CLOSE,
    members=st.sampled_from([None, 0, 1]),
    page=NUMBERS,
    pageSize=NUMBERS,
    askedPageSize=NUMBERS,
    ignored=st.lists(
        st.builds(IgnoredParameter, name=st.text(max_size=3), didYouMean=st.sampled_from([None, "page"])),
        max_size=2,
    ),
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        id=st.just(1),
        instant=INSTANTS | CLOSE,
        realInstant=INSTANTS | CLOSE,
        team=st.sampled_from([None, "acme"]),
        method=st.sampled_from(["GET", "HEAD", "POST"]),
        path=st.sampled_from([COMMITS, f"{COMMITS}.csv", "/teams/members"]),
        query=QUERIES,
        endpoint=st.sampled_from([None, "commits", "commits.csv", "members"]),
        understood=UNDERSTOOD,
        status=st.sampled_from([0, 200, 200, 200, 302, 304, 400, 403, 404, 429, 503]),
        message=st.none() | st.text(max_size=5),
        rows=NUMBERS,
        totalCount=NUMBERS,
        faults=st.lists(st.integers(1, 2), max_size=1),
        spoilt=st.booleans(),
        rateLimit=st.none()
        | st.builds(LimitState, perMinute=st.integers(1, 30), used=st.just(1), endsAt=st.none()),
        conditional=st.sampled_from(["none", "matched", "changed"]),
        retryAfter=NUMBERS,
        complete=st.booleans(),
    ),
    max_size=12,
).map(lambda entries: [entry.model_copy(update={"id": 3 * at + 1}) for at, entry in enumerate(entries)])


@settings(deadline=None)
@given(ENTRIES, st.sampled_from(sorted(REVISIONS)))
def test_any_journal_has_a_report_whose_evidence_is_in_it(entries: list[Entry], revision: str) -> None:
    report = review(entries, revision=REVISIONS[revision])

    ids = {entry.id for entry in entries}
    assert all(set(finding.requests) <= ids and finding.requests for finding in report.findings)
    assert all(finding.requests == sorted(set(finding.requests)) for finding in report.findings)
    assert {finding.rule for finding in report.findings} <= set(RULES)
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert as_text(report).startswith(f"{len(entries)} request")
    assert f'tests="{len(RULES) if entries else 1}"' in as_junit(report)


def test_an_empty_journal_is_not_clean() -> None:
    report = review([], revision=REVISIONS["2026-06"])

    assert (report.requests, report.missing, report.findings) == (0, 0, [])
    assert (report.verdict, report.worst) == ("empty", None)
    assert report.budget.volumes == []
    assert all(exceeds(report, severity) for severity in Severity)


@pytest.mark.parametrize(("kept", "missing"), [(range(1, 4), 0), ((2, 3), 1), ((3,), 2), ((1, 3), 1)])
def test_entries_below_the_last_that_were_not_read_are_counted(kept: Iterable[int], missing: int) -> None:
    server = Server()

    Client(server).read(startDate="7d")

    assert server.review_of(kept).missing == missing


def test_a_rule_that_is_broken_more_often_is_one_finding_for_each_team_and_endpoint() -> None:
    server = Server(limit=None, rows_a_day=0)

    for number in range(5):
        for team, path in (("acme", COMMITS), ("acme", CHANGES), ("duo", COMMITS)):
            server.get(path, f"startDate=1d&user=nobody{number}", team=team)

    findings = server.review().findings
    assert [(one.team, one.endpoint) for one in findings] == [
        ("acme", "commits"),
        ("acme", "changes"),
        ("duo", "commits"),
    ]
    assert findings[0].requests == [1, 4, 7, 10, 13]
    assert findings[0].message == (
        "5 cases: (1) user=nobody0 names no member of the team: the answer is empty; "
        "(2) user=nobody1 names no member of the team: the answer is empty; "
        "(3) user=nobody2 names no member of the team: the answer is empty; and 2 more"
    )


def test_rules_that_are_ignored_are_not_asked() -> None:
    server = Server()
    Client(server).read(startDate="7d", cursor="abc", endDate="today")

    report = server.review(ignoring=["undocumented-date", "window-gap"])

    assert rules_of(report) == {"unknown-parameter"}
    assert report.ignored == ["window-gap", "undocumented-date"]
    assert server.review(ignoring={"undocumented-date", "unknown-parameter"}).verdict == "clean"
    assert server.review().ignored == []


@pytest.mark.parametrize(("name", "near"), [("window-gaps", ": did you mean window-gap?"), ("x", "")])
def test_what_is_no_rule_cannot_be_ignored(name: str, near: str) -> None:
    with pytest.raises(UnknownRuleError) as raised:
        Server().review(ignoring=[name])

    assert str(raised.value) == f"there is no rule {name!r}{near} (there are: {', '.join(RULES)})"
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("spoil", "worst", "exceeded"),
    [
        ({}, None, set()),
        ({"endDate": "today"}, Severity.INFO, {Severity.INFO}),
        ({"cursor": "abc"}, Severity.WARNING, {Severity.INFO, Severity.WARNING}),
        ({"cursor": "abc", "page_size": "5", "endDate": "today"}, Severity.ERROR, set(Severity)),
    ],
)
def test_a_threshold_is_exceeded_by_what_is_as_severe_or_worse(
    spoil: dict[str, str], worst: Severity | None, exceeded: set[Severity]
) -> None:
    server = Server()

    Client(server).read(startDate="7d", **spoil)

    report = server.review()
    assert report.worst == worst
    assert {one for one in Severity if exceeds(report, one)} == exceeded
    assert report.verdict == ("findings" if spoil else "clean")


def test_a_finding_names_team_and_endpoint() -> None:
    server = Server()

    Client(server).read(cursor="abc")

    (finding,) = server.review().findings
    assert (finding.team, finding.endpoint) == ("acme", "commits")


def test_a_clamped_page_size_is_told_apart_from_the_stop_that_it_leads_to() -> None:
    server = Server()

    Client(server, page_size=2000, stops_on_short_page=True).read(startDate="7d")

    assert rules_of(server.review()) == {"short-page-stop", "page-size-too-large"}


def test_the_limit_is_that_of_the_revision() -> None:
    server = Server(limit=20)
    for window in days("2026-06-10", 6):
        Client(server).read(**window)

    assert rules_of(server.review("2025-08")) == {"over-limit"}
    assert rules_of(server.review("2025-12")) == set()


def test_the_limit_is_counted_in_minutes_that_open_with_a_counted_answer() -> None:
    server = Server(limit=None)
    client = Client(server)

    for window in days("2026-06-01", 25):
        client.read(**window)
        server.now += MINUTE / 18

    assert rules_of(server.review()) == set()


def test_what_is_not_modified_is_free_until_the_limit_is_used_up() -> None:
    server = Server(limit=None)
    client = Client(server)

    for _ in range(30):
        client.read(startDate="2026-06-10", endDate="2026-06-11")
    assert rules_of(server.review()) == set()

    for window in days("2026-06-11", 19):
        client.read(**window)
    client.read(startDate="2026-06-10", endDate="2026-06-11")
    (finding,) = (one for one in server.review().findings if one.rule == "over-limit")
    assert finding.requests == [1, *range(31, 51)]


def test_answers_of_a_world_without_tags_cannot_be_asked_for_conditionally() -> None:
    server = Server()
    client = Client(server, keeps_tags=False)

    client.read(startDate="2026-06-20", endDate="2026-06-27")
    client.read(startDate="2026-06-20", endDate="2026-06-27")

    assert rules_of(server.review()) == {"conditional-unused"}
    assert rules_of(server.review(caching=False)) == set()


def test_pages_as_large_as_the_world_serves_are_not_too_small() -> None:
    server = Server(rows_a_day=100)

    Client(server, page_size=100).read(startDate="7d")

    assert rules_of(server.review()) == {"page-size-too-small"}
    assert rules_of(server.review(largest_page=100)) == {"csv-fits-better"}


def test_an_answer_that_a_fault_has_spoilt_has_to_be_asked_for_again() -> None:
    server = Server(faults={3: {"faults": [7], "spoilt": True}})

    Client(server).read(startDate="7d")

    (finding,) = server.review().findings
    assert (finding.rule, finding.requests) == ("fault-not-survived", [3])
    assert finding.message.startswith("request 3 was answered 200 with a fault; 1 attempt failed")


def test_dates_that_are_computed_anew_for_a_retry_are_one_query() -> None:
    server = Server(faults={1: {"status": 503, "understood": None}})

    server.get(COMMITS, "startDate=2026-06-20T10:00:00Z&endDate=2026-06-21T10:00:00.000Z&pageSize=1000")
    server.now += MINUTE
    server.get(COMMITS, "startDate=2026-06-20T10:01:00Z&endDate=2026-06-21T10:01:00.000Z&pageSize=1000")

    assert rules_of(server.review()) == {"sliding-window"}


def test_a_page_of_another_query_is_no_part_of_the_run() -> None:
    server = Server()

    server.get(COMMITS, "startDate=2026-06-20&endDate=2026-06-27&page=1&pageSize=1000")
    server.get(COMMITS, "page=2&pageSize=1000")

    (finding,) = server.review().findings
    assert (finding.rule, finding.requests) == ("page-never-fetched", [1, 2])
    assert finding.message.startswith("2 cases: (1) pages 2 to 3 of 3 never asked for, ")


def test_pages_of_a_failure_are_never_fetched_only_before_it() -> None:
    server = Server(faults={3: {"status": 503, "understood": None, "totalCount": None}})

    for page in (1, 3, 4):
        server.get(COMMITS, f"startDate=2026-06-10&endDate=2026-06-30&page={page}&pageSize=1000")

    assert rules_of(server.review()) == {"page-never-fetched", "fault-not-survived"}
    assert server.review().findings[0].message.startswith("page 2 of 7 never asked for")


def test_a_run_after_a_failure_may_begin_at_page_1_again() -> None:
    server = Server(faults={2: {"status": 500}})
    client = Client(server, attempts=1, keeps_tags=False)

    client.read(startDate="7d")
    server.now += MINUTE
    client.read(startDate="7d")

    assert len(server.entries) == 5
    assert server.review().findings == []


def test_a_run_that_goes_back_after_a_failure_reads_nothing_twice() -> None:
    server = Server(faults={3: {"status": 500}})

    for page in (1, 2, 3, 2, 3):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")
        server.now += MINUTE

    assert server.review().findings == []


def test_a_page_alone_hours_later_is_a_run_of_its_own() -> None:
    server = Server()
    Client(server).read(startDate="7d")

    server.now += DAY
    server.get(COMMITS, "startDate=7d&page=2&pageSize=1000")

    assert [one.rule for one in server.review().findings] == ["page-never-fetched"]


def test_page_1_alone_and_the_whole_later_are_two_runs() -> None:
    server = Server()
    Client(server, last_page=1).read(startDate="7d")

    server.now += DAY
    Client(server).read(startDate="7d")

    assert [one.rule for one in server.review().findings] == ["page-never-fetched"]


def test_the_same_error_may_be_asked_for_again_hours_later() -> None:
    server = Server(faults={one: {"status": 404, "totalCount": None} for one in (1, 2)})
    client = Client(server, attempts=1)

    client.read()
    server.now += DAY
    client.read()

    assert server.review().findings == []


def test_a_clock_that_is_set_back_breaks_no_rule_of_time() -> None:
    server = Server(limit=None, faults={1: {"status": 429, "retryAfter": 60}, 3: {"status": 503}})
    client = Client(server, first_delay=-DAY, obeys_retry_after=False)

    client.read(startDate="2026-06-01", endDate="2026-06-02")
    client.read(startDate="2026-06-02T00:00:00.001Z", endDate="2026-06-03")

    assert len(server.entries) == 4
    assert server.review().findings == []
    assert server.review().budget.volumes[0].spent.minutes == 0
