"""What looks like a mistake and is none, and what hides behind another one."""

from datetime import timedelta

import pytest

from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.entries import LimitState, Understood
from aicode_mock.report.journal import ADMIN_ENDPOINTS
from aicode_mock.report.outcome import Outcome, outcome_of
from aicode_mock.report.request import KNOWN
from tests.test_report_client import CHANGES, COMMITS, DAY, MINUTE, Client, Server, rules_of

pytestmark = pytest.mark.both_stores

WEEK = "startDate=2026-06-20&endDate=2026-06-27&pageSize=1000"


@pytest.mark.parametrize(("number", "rules"), [(20, set()), (21, {"over-limit"})])
def test_as_many_requests_as_the_limit_are_allowed(number: int, rules: set[str]) -> None:
    server = Server(limit=None)

    for _ in range(number):
        server.get(COMMITS, "startDate=1d&pageSize=1")

    assert rules_of(server.review()) == rules


@pytest.mark.parametrize(("per_minute", "rules"), [(20, set()), (21, {"over-limit"})])
def test_what_a_limit_as_tight_has_let_in_is_not_over_it(per_minute: int, rules: set[str]) -> None:
    state = LimitState(perMinute=per_minute, used=1, endsAt=None)
    server = Server(limit=None, faults={key: {"rateLimit": state} for key in range(1, 30)})

    for _ in range(25):
        server.get(COMMITS, "startDate=1d&pageSize=1")

    assert rules_of(server.review()) == rules


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_uses_up_no_limit(status: int) -> None:
    refusals = {key: {"status": status, "totalCount": None, "faults": [1]} for key in range(15, 45)}
    server = Server(limit=None, faults=refusals)

    for _ in range(45):
        server.get(COMMITS, "startDate=1d&pageSize=1")

    assert server.review().findings == []


def test_a_minute_ends_after_sixty_seconds() -> None:
    server = Server(limit=None)

    for pause in [timedelta()] * 19 + [MINUTE - 20 * timedelta(milliseconds=50)] + [timedelta()] * 5:
        server.get(COMMITS, "startDate=1d&pageSize=1")
        server.now += pause

    assert server.review().findings == []


def test_a_hole_before_a_faulty_last_page_is_a_page_never_fetched_alone() -> None:
    server = Server(faults={2: {"faults": [1]}})

    for page in (1, 3):
        server.get(COMMITS, f"{WEEK}&page={page}")

    assert rules_of(server.review()) == {"page-never-fetched"}


def test_a_hole_before_a_failure_is_told_beside_it() -> None:
    server = Server(faults={2: {"status": 503, "understood": None, "totalCount": None}})

    for page in (1, 3):
        server.get(COMMITS, f"{WEEK}&page={page}")

    assert [(one.rule, one.requests) for one in server.review().findings] == [
        ("page-never-fetched", [1, 2]),
        ("fault-not-survived", [2]),
    ]


def test_an_unchanged_page_is_no_short_page() -> None:
    server = Server()

    server.get(COMMITS, f"{WEEK}&page=1")
    server.get(COMMITS, f"{WEEK}&page=2", tag="2450")

    assert rules_of(server.review()) == {"page-never-fetched"}


SMALLER = Understood(
    startDate="2026-06-20T00:00:00.000Z",
    endDate="2026-06-27T00:00:00.000Z",
    page=1,
    pageSize=500,
    askedPageSize=1000,
)


@pytest.mark.parametrize(
    ("pages", "rules"),
    [
        ([1, 2, 3], {"page-size-changed"}),
        ([1, 2], {"page-never-fetched"}),  # which is worse
        ([1, 2, 3, 1, 2, 3], {"conditional-unused"}),  # as the rule advises, if without a tag
        ([1, 1, 2, 3], set()),
    ],
)
def test_pages_of_another_size_are_a_loss_unless_their_rows_are_read(
    pages: list[int], rules: set[str]
) -> None:
    server = Server(faults={1: {"understood": SMALLER, "rows": 500, "faults": [1]}})

    for page in pages:
        server.get(COMMITS, f"{WEEK}&page={page}")

    assert rules_of(server.review()) == rules


def test_pages_of_one_row_are_no_probe_beyond_the_first() -> None:
    server = Server()

    for page in (1, 2):
        server.get(COMMITS, f"startDate=1d&pageSize=1&page={page}")

    assert rules_of(server.review()) == {"page-never-fetched"}


def test_a_count_that_is_learned_first_may_be_followed_by_the_same_page_conditionally() -> None:
    server = Server()

    for page, tag in ((1, None), (1, "2450"), (2, None), (3, None)):
        server.get(COMMITS, f"{WEEK}&page={page}", tag=tag)

    assert server.review().findings == []


def test_a_query_that_has_grown_to_more_pages_is_read_anew() -> None:
    server = Server(rows_a_day=140)
    client = Client(server)

    client.read(startDate="2026-06-20", endDate="2026-06-27")
    server.rows_a_day = 280
    client.read(startDate="2026-06-20", endDate="2026-06-27")

    assert [entry.rows for entry in server.entries] == [980, 1000, 960]
    assert server.review().findings == []


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ({"status": 200, "complete": False}, "truncated-answer-accepted"),
        ({"status": 503, "complete": False}, "fault-not-survived"),
        ({"status": 200, "faults": [7], "spoilt": True}, "fault-not-survived"),
    ],
)
def test_only_a_cut_answer_can_be_taken_for_a_whole_one(fault: dict[str, object], rule: str) -> None:
    server = Server(faults={1: fault})

    server.get(f"{COMMITS}.csv", "startDate=7d")
    server.get("/teams/members")

    assert rules_of(server.review()) == {rule}


def test_a_cut_answer_of_the_last_request_of_a_team_was_not_accepted() -> None:
    server = Server(faults={1: {"complete": False}})

    server.get(f"{COMMITS}.csv", "startDate=7d")
    server.get("/teams/members", team="duo")

    assert rules_of(server.review()) == {"fault-not-survived"}


def test_a_refusal_that_a_fault_made_is_no_mistake_of_the_client() -> None:
    server = Server(faults={key: {"status": 400, "totalCount": None, "faults": [1]} for key in (1, 2)})

    for _ in range(3):
        server.get(COMMITS, "startDate=1d&pageSize=1")

    assert server.review().findings == []


def test_a_bad_request_that_is_sent_again_is_two_mistakes() -> None:
    server = Server(faults={key: {"status": 400, "totalCount": None} for key in (1, 2)})

    for _ in range(2):
        server.get(COMMITS, "startDate=tomorrow")

    report = server.review()
    assert [(one.rule, one.requests) for one in report.findings] == [
        ("request-refused", [1, 2]),
        ("error-repeated", [1, 2]),
    ]
    assert report.findings[0].message == "/analytics/ai-code/commits answered 400: no message"


def test_a_member_who_is_not_found_is_no_unknown_endpoint() -> None:
    server = Server(faults={1: {"status": 404, "totalCount": None}})

    server.get(COMMITS, "user=ada@duo.example")

    assert server.review().findings == []


def test_other_apis_of_the_vendor_are_none_of_our_business() -> None:
    server = Server(faults={1: {"status": 404, "endpoint": None}})

    server.get("/teams/members")
    server.get("/teams/spend", "pageSize=1")

    assert server.review().findings == []


def test_windows_that_are_computed_anew_for_each_sync_do_not_slide() -> None:
    server = Server()

    for minute in (0, 1, 2):
        dates = f"startDate=2026-06-20T10:0{minute}:00Z&endDate=2026-06-21T10:0{minute}:00Z"
        server.get(COMMITS, f"{dates}&pageSize=1000")

    assert server.review().findings == []


def test_a_page_after_a_pause_is_no_part_of_a_run_under_other_dates() -> None:
    server = Server()

    for page in (1, 2):
        dates = f"startDate=2026-06-20T10:0{page}:00Z&endDate=2026-06-27T10:0{page}:00Z"
        server.get(COMMITS, f"{dates}&pageSize=1000&page={page}")
        server.now += 10 * MINUTE

    (finding,) = server.review().findings
    assert (finding.rule, finding.requests) == ("page-never-fetched", [1, 2])
    assert finding.message.startswith("2 cases: ")


def test_a_csv_has_one_page_whatever_was_asked_for() -> None:
    server = Server(faults={1: {"status": 503, "understood": None}})

    Client(server).read_csv(startDate="7d", page="2")

    assert rules_of(server.review()) == {"unknown-parameter"}


def test_a_window_that_failed_is_no_gap() -> None:
    server = Server(faults={2: {"status": 503, "understood": None}})

    for day in (10, 11, 12):
        server.get(COMMITS, f"startDate=2026-06-{day}&endDate=2026-06-{day}T23:59:59.999Z&pageSize=1000")

    assert rules_of(server.review()) == {"fault-not-survived"}


def test_windows_far_apart_are_no_series() -> None:
    server = Server()

    for day in (1, 20):
        server.get(COMMITS, f"startDate=2026-06-{day:02}&endDate=2026-06-{day + 1:02}&pageSize=1000")

    assert server.review().findings == []


@pytest.mark.parametrize(("end", "rules"), [("11:00:00.000", {"window-overlap"}), ("11:00:00.051", set())])
def test_an_overlap_with_what_was_read_up_to_the_last_hour_is_deliberate(end: str, rules: set[str]) -> None:
    server = Server(rows_a_day=10)

    server.get(COMMITS, f"startDate=2026-06-27&endDate=2026-06-30T{end}Z&pageSize=1000")
    server.get(COMMITS, "startDate=2026-06-28&endDate=2026-06-30T11:30:00Z&pageSize=1000")

    assert rules_of(server.review()) == rules


def test_a_window_of_exactly_30_days_is_wide_enough() -> None:
    server = Server(rows_a_day=1)

    server.get(COMMITS, "startDate=30d&pageSize=1000")
    server.get(COMMITS, "startDate=2026-05-01&endDate=2026-05-31T00:00:00.001Z&pageSize=1000")

    assert [(one.rule, one.requests) for one in server.review().findings] == [("window-too-wide", [2])]


def test_pages_of_a_wide_window_would_be_several_csvs() -> None:
    server = Server(limit=None)

    Client(server).read(startDate="60d")

    messages = {finding.rule: finding.message for finding in server.review().findings}
    assert messages["csv-fits-better"] == (
        "21 pages of JSON read for 21,000 rows: /analytics/ai-code/commits.csv is 2 requests"
    )


def test_pages_of_a_window_that_is_not_known_would_be_one_csv() -> None:
    faults = {page: {"understood": Understood(page=page, pageSize=1000)} for page in range(1, 6)}
    server = Server(rows_a_day=700, faults=faults)

    for page in range(1, 6):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")

    (finding,) = server.review().findings
    assert finding.message.endswith(": /analytics/ai-code/commits.csv is 1 request")


def test_spent_minutes_end_at_a_pause() -> None:
    server = Server()

    for pause in (9 * MINUTE, 10 * MINUTE, DAY):
        server.get(COMMITS, "startDate=1d&pageSize=1")
        server.now += pause

    assert server.review().budget.volumes[0].spent.minutes == 9.0


@pytest.mark.parametrize("fault", [{}, {"faults": [9]}])
def test_a_page_size_that_the_server_lowers_itself_is_not_too_large(fault: dict[str, object]) -> None:
    lowered = {
        "understood": Understood(page=1, pageSize=100, askedPageSize=1000),
        "rows": 100,
        "totalCount": 100,
    }
    server = Server(faults={1: {**lowered, **fault}})

    server.get(COMMITS, "startDate=7d&page=1&pageSize=1000")

    assert server.review().findings == []


def test_a_probe_that_failed_at_first_is_a_probe() -> None:
    server = Server(faults={1: {"status": 503, "understood": None, "rows": None, "totalCount": None}})

    Client(server).ask(COMMITS, page="1", pageSize="1")

    assert server.review().findings == []


def test_a_client_that_stops_at_an_unchanged_first_page_has_the_others() -> None:
    server = Server(faults={4: {"totalCount": 2450, "rows": 1000}})  # as the journal of a server tells

    for page in (1, 2, 3):
        server.get(COMMITS, f"{WEEK}&page={page}")
    server.get(COMMITS, f"{WEEK}&page=1", tag="2450")

    assert server.review().findings == []


@pytest.mark.parametrize(("clock_moves", "rules"), [(True, set()), (False, {"conditional-unused"})])
def test_only_a_window_that_was_resolved_alike_could_have_been_asked_for_conditionally(
    clock_moves: bool, rules: set[str]
) -> None:
    server = Server(stands_still=True)

    for _ in range(3):
        server.get(COMMITS, "startDate=2d&endDate=now&pageSize=1000")
        server.now += DAY if clock_moves else timedelta()

    assert rules_of(server.review()) == rules


def test_a_retry_after_a_spoilt_answer_is_neither_unconditional_nor_a_second_reading() -> None:
    server = Server(faults={1: {"faults": [3]}, 5: {"faults": [3]}})

    for page in (1, 1, 2, 3):
        server.get(COMMITS, f"{WEEK}&page={page}")
    for page in (2, 2):
        server.get(CHANGES, f"{WEEK}&page={page}")

    assert server.review(ignoring=["page-never-fetched"]).findings == []


def test_keys_that_are_refused_may_be_different_ones() -> None:
    server = Server(faults={key: {"status": 401, "team": None} for key in (1, 2, 3)})

    for _ in range(3):
        server.get(COMMITS, WEEK)

    assert rules_of(server.review()) == {"key-refused"}


def test_a_key_that_a_fault_refused_is_no_mistake_of_the_client() -> None:
    server = Server(faults={1: {"status": 401, "faults": [1]}})

    server.get(COMMITS, "startDate=1d&pageSize=1")

    assert server.review().findings == []


@pytest.mark.parametrize("stands_still", [True, False])
def test_who_keeps_the_limit_by_one_clock_keeps_it(stands_still: bool) -> None:
    server = Server(limit=None, stands_still=stands_still)

    for pause in [timedelta()] * 19 + [MINUTE] + [timedelta()] * 5:
        server.get(COMMITS, "startDate=1d&pageSize=1")
        server.wait(pause)

    assert server.review().findings == []


def test_minutes_that_were_slept_are_spent() -> None:
    server = Server(stands_still=True)

    for _ in range(4):
        server.get(COMMITS, "startDate=1d&pageSize=1")
        server.wait(MINUTE)

    assert server.review().budget.volumes[0].spent.minutes == 3.0


def test_the_report_knows_the_endpoints_and_parameters_of_the_server() -> None:
    assert {one.name for one in ENDPOINTS if one.is_admin} == ADMIN_ENDPOINTS
    assert {one.name for endpoint in ENDPOINTS for one in endpoint.parameters} == KNOWN


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (304, Outcome.DELIVERED),
        (404, Outcome.REFUSED),
        *((status, Outcome.FAILED) for status in (0, 408, 429, 500, 599)),
    ],
)
def test_what_came_of_a_request_follows_from_its_status(status: int, outcome: Outcome) -> None:
    entry = Server(faults={1: {"status": status}}).get(COMMITS, "startDate=7d")

    assert outcome_of(entry) is outcome
