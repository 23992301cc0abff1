"""A planted mistake for every rule: the good client of ``test_report_client`` with one thing spoilt."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aicode_mock.report.findings import Finding
from aicode_mock.report.review import RULES
from tests.test_report_client import CHANGES, COMMITS, MINUTE, Client, Server, days

SECOND = timedelta(seconds=1)
WEEK = "startDate=2026-06-20&endDate=2026-06-27"
WEEK_OF_SMALLER_PAGES = {
    "startDate": "2026-06-20T00:00:00.000Z",
    "endDate": "2026-06-27T00:00:00.000Z",
    "page": 1,
    "pageSize": 500,
    "askedPageSize": 1000,
}
PLANTED: dict[str, list[Callable[[], Server]]] = {}


def plants(rule: str) -> Callable[[Callable[[], Server]], Callable[[], Server]]:
    """Marks the talk of a client that breaks this rule and no other."""

    def mark(talk: Callable[[], Server]) -> Callable[[], Server]:
        PLANTED.setdefault(rule, []).append(talk)
        return talk

    return mark


def found(talk: Callable[[], Server]) -> Finding:
    """The only finding."""
    (finding,) = talk().review().findings
    return finding


@plants("page-never-fetched")
def reads_page_1_alone() -> Server:
    server = Server()
    Client(server, last_page=1).read(startDate="7d")
    return server


@plants("page-never-fetched")
def leaves_out_a_page() -> Server:
    server = Server()
    for page in (1, 3):
        server.get(COMMITS, f"{WEEK}&pageSize=1000&page={page}")
    return server


@plants("short-page-stop")
def stops_on_a_page_that_a_fault_made_short() -> Server:
    server = Server(faults={1: {"rows": 990, "faults": [1]}})
    Client(server, stops_on_short_page=True).read(startDate="7d")
    return server


@plants("page-size-changed")
def goes_on_after_a_page_of_another_size() -> Server:
    server = Server(faults={1: {"understood": WEEK_OF_SMALLER_PAGES, "rows": 500, "faults": [1]}})
    for page in (1, 2, 3):
        server.get(COMMITS, f"{WEEK}&pageSize=1000&page={page}")
    return server


@plants("page-fetched-twice")
def reads_page_2_twice() -> Server:
    server = Server()
    Client(server, keeps_tags=False).read(startDate="7d")
    server.get(COMMITS, "startDate=7d&page=2&pageSize=1000")
    return server


@plants("page-fetched-twice")
def reads_page_1_for_the_count_alone() -> Server:
    server = Server()
    server.get(COMMITS, "startDate=7d&page=1&pageSize=1000")
    Client(server).read(startDate="7d")
    return server


@plants("page-past-end")
def reads_until_a_page_is_empty() -> Server:
    server = Server()
    Client(server).read(startDate="7d")
    server.get(COMMITS, "startDate=7d&page=4&pageSize=1000")
    return server


@plants("page-past-end")
def reads_until_a_page_is_not_found() -> Server:
    server = Server(faults={4: {"status": 404, "rows": None, "totalCount": None}})
    Client(server).read(startDate="7d")
    server.get(COMMITS, "startDate=7d&page=4&pageSize=1000")
    return server


@plants("page-past-end")
def reads_far_past_the_end() -> Server:
    server = Server(rows_a_day=10)
    for page in range(1, 7):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")
    return server


@plants("total-count-moved")
def goes_on_when_the_count_moves() -> Server:
    server = Server(faults={2: {"totalCount": 2460}, 3: {"totalCount": 2470}})
    Client(server, begins_again=False).read(startDate="7d")
    return server


@plants("sliding-window")
def computes_its_dates_for_each_page() -> Server:
    server = Server()
    for page in (1, 2, 3):
        start, end = (f"2026-06-{day}T10:00:0{page}.000Z" for day in (20, 27))
        server.get(COMMITS, f"startDate={start}&endDate={end}&page={page}&pageSize=1000")
    return server


@plants("window-gap")
def ends_its_days_a_second_early() -> Server:
    server = Server()
    for day in (20, 21):
        server.get(COMMITS, f"startDate=2026-06-{day}&endDate=2026-06-{day}T23:59:59Z&pageSize=1000")
    return server


@plants("window-gap")
def leaves_out_two_days() -> Server:
    server = Server()
    client, windows = Client(server), days("2026-06-10", 9)
    for window in windows[:3] + windows[5:]:
        client.read(**window)
    return server


@plants("window-overlap")
def begins_each_window_an_hour_early() -> Server:
    server = Server()
    for day in (10, 11):
        dates = f"startDate=2026-06-{day}T00:00:00Z&endDate=2026-06-{day + 1}T01:00:00Z"
        server.get(COMMITS, f"{dates}&pageSize=1000")
    return server


@plants("window-shares-bound")
def ends_each_window_where_the_next_begins() -> Server:
    server = Server()
    for day in (10, 11, 12):
        server.get(COMMITS, f"startDate=2026-06-{day}&endDate=2026-06-{day + 1}&pageSize=1000")
    return server


@plants("empty-window")
def asks_for_a_day_by_its_date_at_both_ends() -> Server:
    server = Server()
    Client(server).read(startDate="2026-06-10", endDate="2026-06-10")
    return server


@plants("empty-window")
def asks_for_the_last_0_days() -> Server:
    server = Server()
    Client(server).read(startDate="0d")
    return server


@plants("window-too-wide")
def asks_for_60_days() -> Server:
    server = Server(rows_a_day=10)
    Client(server).read(startDate="60d")
    return server


@plants("window-in-future")
def reads_a_week_by_the_clock_of_its_machine() -> Server:
    server = Server()
    Client(server).read(startDate="2026-11-19T12:00:00Z", endDate="2026-11-26T12:00:00Z")
    return server


@plants("window-in-future")
def downloads_a_day_that_begins_two_minutes_from_now() -> Server:
    server = Server()
    Client(server).read_csv(startDate="2026-06-30T12:02:00Z", endDate="2026-07-01T12:02:00Z")
    return server


@plants("window-in-future")
def computes_another_day_after_now_each_time() -> Server:
    server = Server()
    for day in (1, 11, 21):
        server.get(COMMITS, f"startDate=2026-08-{day:02}&endDate=2026-08-{day + 1:02}&pageSize=1000")
    return server


@plants("retry-after-ignored")
def asks_again_before_retry_after() -> Server:
    server = Server(faults={1: {"status": 429, "retryAfter": 60}})
    Client(server, obeys_retry_after=False).read(startDate="7d")
    return server


@plants("retry-after-ignored")
def goes_on_with_other_pages_before_retry_after() -> Server:
    server = Server(faults={2: {"status": 429, "retryAfter": 60}})
    for page, pause in ((1, SECOND), (2, 2 * SECOND), (3, MINUTE), (2, SECOND)):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")
        server.now += pause
    return server


@plants("retry-after-ignored")
def asks_again_when_another_page_was_refused_after() -> Server:
    server = Server(faults={1: {"status": 429, "retryAfter": 60}, 2: {"status": 429, "retryAfter": 60}})
    for page, pause in ((1, SECOND / 2), (2, SECOND / 4), (1, MINUTE), (2, SECOND)):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")
        server.now += pause
    server.get(COMMITS, "startDate=7d&page=3&pageSize=1000")
    return server


@plants("retry-too-soon")
def asks_again_at_once_after_429() -> Server:
    server = Server(faults={1: {"status": 429}})
    Client(server, first_delay=SECOND / 2).read(startDate="7d")
    return server


@plants("retry-too-soon")
def asks_again_at_once_after_503() -> Server:
    server = Server(faults={2: {"status": 503}})
    Client(server, first_delay=0 * SECOND).read(startDate="7d")
    return server


@plants("no-back-off")
def asks_again_every_two_seconds() -> Server:
    server = Server(faults={one: {"status": 500} for one in (1, 2, 3)})
    Client(server, first_delay=2 * SECOND, growth=1).read(startDate="7d")
    return server


@plants("fault-not-survived")
def gives_up_at_the_first_failure() -> Server:
    server = Server(faults={2: {"status": 503}})
    Client(server, attempts=1).read(startDate="7d")
    return server


@plants("fault-not-survived")
def gives_up_when_refused() -> Server:
    server = Server(faults={2: {"status": 429}})
    Client(server, attempts=1).read(startDate="7d")
    return server


@plants("fault-not-survived")
def gives_up_when_its_connection_was_cut() -> Server:
    server = Server(faults={2: {"status": 0, "complete": False}})
    Client(server, attempts=1).read(startDate="7d")
    return server


@plants("fault-not-survived")
def stops_after_a_faulty_answer() -> Server:
    server = Server(faults={2: {"faults": [3]}})
    Client(server, last_page=2).read(startDate="7d")
    return server


@plants("fault-not-survived")
def gives_up_when_its_last_answer_was_cut() -> Server:
    server = Server(faults={1: {"complete": False, "bytes": 4096}})
    Client(server, attempts=1).read_csv(startDate="7d")
    return server


@plants("truncated-answer-accepted")
def takes_a_cut_csv_for_whole() -> Server:
    server = Server(faults={1: {"complete": False, "bytes": 4096}})
    client = Client(server, checks_length=False)
    client.read_csv(startDate="7d")
    client.read_csv(CHANGES, startDate="7d")
    return server


@plants("answer-abandoned")
def hangs_up_after_the_first_lines() -> Server:
    server = Server(faults={1: {"complete": False, "bytes": 4096, "faults": []}})
    client = Client(server, checks_length=False)
    client.read_csv(startDate="7d")
    client.read_csv(CHANGES, startDate="7d")
    return server


@plants("misspelt-parameter")
def spells_page_size_with_an_underscore() -> Server:
    server = Server(rows_a_day=10)
    Client(server).read(startDate="7d", page_size="1000")
    return server


@plants("unknown-parameter")
def sends_a_cursor() -> Server:
    server = Server(rows_a_day=10)
    Client(server).read(startDate="7d", cursor="abc")
    return server


@plants("unknown-parameter")
def asks_for_pages_of_csv() -> Server:
    server = Server()
    Client(server).read_csv(startDate="7d", page="1")
    return server


@plants("repeated-parameter")
def filters_by_two_users() -> Server:
    server = Server(rows_a_day=10)
    server.get(COMMITS, "startDate=7d&user=ada@duo.example&user=bo@duo.example")
    return server


@plants("unknown-user")
def filters_by_nobody() -> Server:
    server = Server(rows_a_day=0)
    Client(server).read(startDate="7d", user="nobody")
    return server


@plants("undocumented-date")
def sends_a_time_without_a_zone() -> Server:
    server = Server()
    Client(server).read(startDate="2026-06-20T00:00:00", endDate="2026-06-21")
    return server


@plants("undocumented-date")
def ends_today() -> Server:
    server = Server()
    Client(server).read(startDate="7d", endDate="today")
    return server


@plants("request-refused")
def sends_a_date_that_is_none() -> Server:
    server = Server(faults={1: {"status": 400, "message": "startDate must be …", "totalCount": None}})
    Client(server, attempts=1).read(startDate="7d")
    return server


@plants("unknown-endpoint")
def ends_its_path_with_a_slash() -> Server:
    server = Server(faults={1: {"status": 404, "endpoint": None, "understood": None, "totalCount": None}})
    server.get(f"{COMMITS}/")
    return server


@plants("unknown-endpoint")
def posts() -> Server:
    server = Server(faults={1: {"status": 405, "method": "POST", "understood": None}})
    server.get(COMMITS)
    return server


@plants("error-repeated")
def asks_again_after_404() -> Server:
    server = Server(faults={one: {"status": 404, "totalCount": None} for one in (1, 2)})
    Client(server, attempts=2).read(startDate="7d")
    return server


@plants("key-refused")
def asks_three_times_with_a_wrong_key() -> Server:
    fault = {"status": 401, "team": None, "message": "Invalid API key", "understood": None}
    server = Server(faults=dict.fromkeys((1, 2, 3), fault))
    Client(server, attempts=3).ask(COMMITS)
    return server


@plants("key-refused")
def asks_for_what_its_team_may_not_use() -> Server:
    server = Server(faults={1: {"status": 403, "totalCount": None}})
    Client(server, attempts=1).read(startDate="7d")
    return server


@plants("gave-up")
def gives_up_after_enough_attempts() -> Server:
    server = Server(faults={key: {"status": 503, "totalCount": None} for key in range(1, 6)})
    Client(server, attempts=5).read(startDate="7d")
    return server


@plants("gave-up")
def gives_up_after_it_has_waited_four_times() -> Server:
    fault = {"status": 429, "retryAfter": 30, "totalCount": None}
    server = Server(faults=dict.fromkeys(range(1, 5), fault))
    Client(server, attempts=4).read(startDate="7d")
    return server


@plants("page-size-too-small")
def reads_pages_of_the_default_size() -> Server:
    server = Server(rows_a_day=100)
    Client(server, page_size=100).read(startDate="7d")
    return server


@plants("page-size-too-small")
def names_no_page_size() -> Server:
    server = Server(rows_a_day=100)
    for page in range(1, 8):
        server.get(COMMITS, f"startDate=7d&page={page}")
    return server


@plants("page-size-too-large")
def asks_for_2000_rows_a_page() -> Server:
    server = Server()
    Client(server, page_size=2000).read(startDate="7d")
    return server


@plants("csv-fits-better")
def reads_twenty_pages() -> Server:
    server = Server(rows_a_day=2000)
    Client(server).read(startDate="7d")
    return server


@plants("conditional-unused")
def reads_again_without_tags() -> Server:
    server = Server()
    client = Client(server, keeps_tags=False)
    client.read(startDate="2026-06-20", endDate="2026-06-27")
    client.read(startDate="2026-06-20", endDate="2026-06-27")
    return server


@plants("conditional-unused")
def downloads_again_without_tags() -> Server:
    server = Server()
    client = Client(server, keeps_tags=False)
    client.read_csv(startDate="2026-06-20", endDate="2026-06-27")
    client.read_csv(startDate="2026-06-20", endDate="2026-06-27")
    return server


@plants("conditional-unused")
def forgets_a_tag_that_it_had() -> Server:
    server = Server()
    server.get(COMMITS, "startDate=2026-06-20&endDate=2026-06-21&pageSize=1000", tag="350")
    server.get(COMMITS, "startDate=2026-06-20&endDate=2026-06-21&pageSize=1000")
    return server


@plants("over-limit")
def sends_more_than_the_limit_allows() -> Server:
    server = Server(limit=None)
    client = Client(server)
    for window in days("2026-06-01", 25):
        client.read(**window)
    return server


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_finds_what_was_planted_for_it_and_nothing_else(rule: str) -> None:
    for talk in PLANTED[rule]:
        report = talk().review()

        assert [finding.rule for finding in report.findings] == [rule], talk.__name__


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_finding_says_what_its_rule_says(rule: object) -> None:
    assert isinstance(rule, type(RULES["window-gap"]))

    finding = found(PLANTED[rule.id][0])

    assert finding.severity is rule.severity
    assert (finding.title, finding.todo) == (rule.title, rule.todo)
    assert finding.docs == f"/_mock/rules/{rule.id}"


@pytest.mark.parametrize(
    ("talk", "sentence", "evidence"),
    [
        (
            reads_page_1_alone,
            "pages 2 to 3 of 3 never asked for, though totalCount says 2,450 rows",
            [1],
        ),
        (leaves_out_a_page, "page 2 of 3 never asked for, though totalCount says 2,450 rows", [1, 2]),
        (
            stops_on_a_page_that_a_fault_made_short,
            "stopped after page 1, which had 990 of the 1000 rows asked for (pageSize served: 1000); "
            "pages 2 to 3 of 3 not read, totalCount says 2,450 rows",
            [1],
        ),
        (reads_page_2_twice, "page 2 read twice in one run", [2, 4]),
        (reads_page_1_for_the_count_alone, "page 1 read twice in one run", [1, 2]),
        (
            names_no_page_size,
            "7 pages read with pageSize=100 for 700 rows: 1 page with pageSize=1000",
            [1, 2, 3, 4, 5, 6, 7],
        ),
        (reads_far_past_the_end, "pages 2 to 6 asked for; by totalCount page 1 is the last", [2, 3, 4, 5, 6]),
        (reads_until_a_page_is_empty, "page 4 asked for; by totalCount page 3 is the last", [4]),
        (
            goes_on_when_the_count_moves,
            "totalCount went from 2,450 to 2,460, 2,470 between the pages of one run, which was not read "
            "again",
            [1, 2, 3],
        ),
        (
            computes_its_dates_for_each_page,
            "3 different windows in one run: 2026-06-20T10:00:01.000Z…2026-06-27T10:00:01.000Z, then "
            "2026-06-20T10:00:02.000Z…2026-06-27T10:00:02.000Z",
            [1, 2, 3],
        ),
        (
            ends_its_days_a_second_early,
            "nothing was asked for between 2026-06-20T23:59:59.000Z and 2026-06-21T00:00:00.000Z: "
            "1 s are missing",
            [1, 2],
        ),
        (
            leaves_out_two_days,
            "nothing was asked for between 2026-06-12T23:59:59.999Z and 2026-06-15T00:00:00.000Z: "
            "2 days are missing",
            [3, 4],
        ),
        (
            begins_each_window_an_hour_early,
            "2026-06-10T00:00:00.000Z to 2026-06-11T01:00:00.000Z and 2026-06-11T00:00:00.000Z to "
            "2026-06-12T01:00:00.000Z have 1 h in common",
            [1, 2],
        ),
        (
            ends_each_window_where_the_next_begins,
            "2 bounds shared by two windows, the first of them 2026-06-11T00:00:00.000Z: "
            "a row of that millisecond is in both",
            [1, 2, 3],
        ),
        (
            asks_for_a_day_by_its_date_at_both_ends,
            "startDate=2026-06-10 and endDate=2026-06-10 are the same instant, 2026-06-10T00:00:00.000Z",
            [1],
        ),
        (
            asks_for_60_days,
            "the window 2026-05-01T12:00:00.050Z to 2026-06-30T12:00:00.050Z is 60 days wide",
            [1],
        ),
        (
            reads_a_week_by_the_clock_of_its_machine,
            "the window 2026-11-19T12:00:00.000Z to 2026-11-26T12:00:00.000Z begins 142 days after the "
            "world's now, 2026-06-30T12:00:00.050Z: it holds nothing",
            [1],
        ),
        (
            asks_again_before_retry_after,
            "request 1 was answered with Retry-After: 60; request 2 came after 1.05 s, 59 s too soon",
            [1, 2],
        ),
        (
            goes_on_with_other_pages_before_retry_after,
            "request 2 was answered with Retry-After: 60; request 3 came after 2.05 s, 58 s too soon",
            [2, 3],
        ),
        (
            asks_again_at_once_after_429,
            "request 1 was answered 429 and sent again as 2 after 550 ms, less than 1 s",
            [1, 2],
        ),
        (
            asks_again_at_once_after_503,
            "request 2 was answered 503 and sent again as 3 after 50 ms, less than 100 ms",
            [2, 3],
        ),
        (
            asks_again_every_two_seconds,
            "3 failures in a row, each followed by the next attempt after 2.05 s to 2.05 s",
            [1, 2, 3, 4],
        ),
        (
            gives_up_at_the_first_failure,
            "request 2 was answered 503; 1 attempt failed and none succeeded after: page 2 of "
            "/analytics/ai-code/commits",
            [2],
        ),
        (
            gives_up_when_its_connection_was_cut,
            "the connection of request 2 was cut; 1 attempt failed and none succeeded after: page 2 of "
            "/analytics/ai-code/commits",
            [2],
        ),
        (
            stops_after_a_faulty_answer,
            "the run ended with the faulty answer to page 2; page 3 of 3 not read",
            [1, 2],
        ),
        (
            gives_up_when_its_last_answer_was_cut,
            "the answer to request 1 was cut after 4,096 bytes; 1 attempt failed and none succeeded after: "
            "/analytics/ai-code/commits.csv",
            [1],
        ),
        (
            hangs_up_after_the_first_lines,
            "the connection of request 1 was closed from the client's side after 4,096 bytes, and "
            "/analytics/ai-code/commits.csv was not asked for again",
            [1],
        ),
        (
            takes_a_cut_csv_for_whole,
            "the answer to request 1 was cut after 4,096 bytes; the client went on with other requests and "
            "never asked for it again",
            [1],
        ),
        (
            spells_page_size_with_an_underscore,
            "commits has no parameter page_size: did you mean pageSize?",
            [1],
        ),
        (sends_a_cursor, "commits has no parameter cursor: it was ignored", [1]),
        (
            filters_by_two_users,
            "user was sent as 'ada@duo.example', 'bo@duo.example' in one request: one of them counts",
            [1],
        ),
        (filters_by_nobody, "user=nobody names no member of the team: the answer is empty", [1]),
        (
            sends_a_time_without_a_zone,
            "startDate=2026-06-20T00:00:00 is a form that the documents do not name",
            [1],
        ),
        (
            sends_a_date_that_is_none,
            "/analytics/ai-code/commits answered 400: startDate must be …",
            [1],
        ),
        (ends_its_path_with_a_slash, "GET /analytics/ai-code/commits/ is no endpoint of 2026-06", [1]),
        (
            asks_again_after_404,
            "GET /analytics/ai-code/commits was answered 404 and sent again unchanged 1 time",
            [1, 2],
        ),
        (
            asks_three_times_with_a_wrong_key,
            "/analytics/ai-code/commits answered 401: Invalid API key (3 times)",
            [1, 2, 3],
        ),
        (
            gives_up_after_enough_attempts,
            "request 5 was answered 503; 5 attempts failed and none succeeded after: page 1 of "
            "/analytics/ai-code/commits",
            [1, 2, 3, 4, 5],
        ),
        (
            reads_pages_of_the_default_size,
            "7 pages read with pageSize=100 for 700 rows: 1 page with pageSize=1000",
            list(range(1, 8)),
        ),
        (asks_for_2000_rows_a_page, "pageSize=2000 was served as 1000", [1, 2, 3]),
        (
            reads_twenty_pages,
            "14 pages of JSON read for 14,000 rows: /analytics/ai-code/commits.csv is 1 request",
            list(range(1, 15)),
        ),
        (
            reads_again_without_tags,
            "3 answers of 200 asked for again without If-None-Match (/analytics/ai-code/commits)",
            list(range(1, 7)),
        ),
        (
            sends_more_than_the_limit_allows,
            "25 requests for commits within 1.2 s: under 20 a minute, 5 would have been refused",
            list(range(1, 26)),
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_finding_is_one_sentence_with_its_figures_and_its_requests(
    talk: Callable[[], Server], sentence: str, evidence: list[int]
) -> None:
    finding = found(talk)

    assert finding.message == sentence
    assert finding.requests == evidence
