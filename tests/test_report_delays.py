"""Where too soon ends: delays of attempts, to the millisecond."""

from datetime import timedelta

import pytest

from tests.test_report_client import CHANGES, COMMITS, Client, Server, rules_of

pytestmark = pytest.mark.both_stores

QUERY = "startDate=1d&pageSize=1000"


def attempts(status: int, *waits_ms: int, told: int | None = None) -> Server:
    """As many failures as waits, each followed by the next attempt, of which the last succeeds."""
    fault = {"status": status, "complete": status != 0, "retryAfter": told, "understood": None}
    server = Server(faults=dict.fromkeys(range(1, len(waits_ms) + 1), fault))
    for wait_ms in (*waits_ms, 0):
        server.get(COMMITS, QUERY)
        server.now += timedelta(milliseconds=wait_ms - 50)  # an answer takes 50 ms
    return server


@pytest.mark.parametrize(
    ("status", "wait_ms", "rules"),
    [
        (429, 0, {"retry-too-soon"}),
        (429, 999, {"retry-too-soon"}),
        (429, 1000, set()),
        (500, 0, {"retry-too-soon"}),
        (500, 99, {"retry-too-soon"}),
        (503, 99, {"retry-too-soon"}),
        (500, 100, set()),
        (0, 0, set()),  # a cut connection is opened again at once
        (408, 0, set()),
    ],
)
def test_a_first_retry_waits_as_its_failure_asks(status: int, wait_ms: int, rules: set[str]) -> None:
    assert rules_of(attempts(status, wait_ms).review()) == rules


@pytest.mark.parametrize(
    ("told", "wait_ms", "rules"),
    [
        (60, 0, {"retry-after-ignored"}),
        (60, 59_899, {"retry-after-ignored"}),
        (60, 59_900, set()),  # timers are not exact
        (1, 900, set()),
        (0, 0, set()),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_to_a_tenth_of_a_second(
    status: int, told: int, wait_ms: int, rules: set[str]
) -> None:
    assert rules_of(attempts(status, wait_ms, told=told).review()) == rules


@pytest.mark.parametrize(
    ("waits_ms", "rules"),
    [
        ((2000, 2000), set()),  # two failures are no habit
        ((2000, 2000, 2000), {"no-back-off"}),
        ((2000, 2500, 2500), {"no-back-off"}),
        ((2000, 2501, 2000), set()),
        ((1000, 2000, 4000), set()),
        ((29_999, 29_999, 29_999), {"no-back-off"}),
        ((30_000, 30_000, 30_000), set()),  # half a minute is patient
    ],
)
def test_delays_that_do_not_grow_are_no_back_off(waits_ms: tuple[int, ...], rules: set[str]) -> None:
    assert rules_of(attempts(500, *waits_ms).review()) == rules


def test_a_connection_that_is_opened_again_at_once_for_ever_is_no_back_off() -> None:
    assert rules_of(attempts(0, 0, 0, 0).review()) == {"no-back-off"}


def test_three_failures_and_no_more_are_no_back_off_too() -> None:
    server = Server(faults={key: {"status": 500} for key in (1, 2, 3)})

    for _ in range(3):
        server.get(COMMITS, QUERY)
        server.now += timedelta(seconds=2)

    assert rules_of(server.review()) == {"no-back-off", "fault-not-survived"}


def test_delays_that_were_told_are_no_lack_of_back_off() -> None:
    assert rules_of(attempts(429, 5000, 5000, 5000, 5000, told=5).review()) == set()


def under_way(*came_ms: int, ms: int = 100, query: str = "startDate=1d&pageSize=1000&page={}") -> Server:
    """Requests that came at these times, all refused and each answered after ``ms``; read a minute later."""
    fault = {"status": 429, "retryAfter": 60, "understood": None, "totalCount": None, "ms": ms}
    server = Server(
        faults=dict.fromkeys(range(1, len(came_ms) + 1), fault),
        limit=None,
        rows_a_day=20_000,
        stands_still=True,
    )
    begin = server.real
    for page, at_ms in enumerate(came_ms, 1):
        server.real = begin + timedelta(milliseconds=at_ms - 50)
        server.get(COMMITS, query.format(page))
    server.wait(timedelta(minutes=1))
    for page in range(1, 21):
        server.get(COMMITS, f"startDate=1d&pageSize=1000&page={page}")
    return server


@pytest.mark.parametrize(
    ("came_ms", "rules"),
    [
        ((0, 99), set()),
        ((0, 100), {"retry-after-ignored"}),  # the answer was there by then
        ((0, 50, 120, 210), set()),  # each came before the one before it was answered
        ((0, 50, 250), set()),  # connections of a pool open one after another
        ((0, 50, 251), {"retry-after-ignored"}),
        (tuple(range(0, 1101, 90)), set()),
        (tuple(range(0, 1201, 90)), {"retry-after-ignored"}),  # the first answer was read by then
    ],
)
def test_what_was_on_its_way_may_still_come(came_ms: tuple[int, ...], rules: set[str]) -> None:
    assert rules_of(under_way(*came_ms).review(ignoring=["csv-fits-better"])) == rules


@pytest.mark.parametrize(("came_ms", "rules"), [((0, 99), set()), ((0, 50, 120), {"retry-after-ignored"})])
def test_the_same_page_is_no_other_request_on_its_way(came_ms: tuple[int, ...], rules: set[str]) -> None:
    server = under_way(*came_ms, query="startDate=1d&pageSize=1000&page=1")

    assert rules_of(server.review(ignoring=["csv-fits-better"])) == rules


def test_requests_that_were_refused_together_wait_for_the_first() -> None:
    fault = {"status": 429, "retryAfter": 60, "ms": 500, "understood": None, "totalCount": None}
    server = Server(faults={1: fault, 2: fault, 3: fault}, stands_still=True, rows_a_day=2500)

    for page, pause_s in ((1, 0.2), (2, 0.2), (3, 59.5), (1, 0.2), (2, 0.5), (3, 0)):
        server.get(COMMITS, f"startDate=1d&pageSize=1000&page={page}")
        server.wait(timedelta(seconds=pause_s))

    assert rules_of(server.review()) == set()


@pytest.mark.parametrize(("told", "rule"), [(60, "retry-after-ignored"), (None, "no-back-off")])
def test_a_client_that_goes_on_with_other_queries_when_the_limit_is_used_up_has_not_waited(
    told: int | None, rule: str
) -> None:
    server = Server(limit=20, retry_after=told, stands_still=True)
    windows = [f"startDate=2026-05-{day:02}&endDate=2026-05-{day:02}T23:59:59.999Z" for day in range(1, 27)]

    for window in windows:
        server.get(COMMITS, f"{window}&pageSize=1000")
    server.now += timedelta(minutes=1)
    for window in windows[20:]:
        server.get(COMMITS, f"{window}&pageSize=1000")

    (finding,) = server.review().findings
    assert (finding.rule, finding.requests) == (rule, list(range(21, 27)))


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_of_one_query_says_nothing_of_another(status: int) -> None:
    fault = {"status": status, "retryAfter": 60, "understood": None, "totalCount": None}
    server = Server(faults={1: fault, 2: fault, 3: fault}, rows_a_day=2500)

    for _ in range(2):
        for page in (1, 2, 3):
            server.get(COMMITS, f"startDate=1d&pageSize=1000&page={page}")
        server.wait(timedelta(minutes=1))

    assert rules_of(server.review()) == set()


def test_a_limit_of_one_endpoint_says_nothing_of_another() -> None:
    server = Server(faults={key: {"status": 429, "retryAfter": 60} for key in (1, 2, 3)})

    for _ in range(2):
        for path in (COMMITS, f"{COMMITS}.csv", CHANGES):
            server.get(path, "startDate=1d")
        server.wait(timedelta(minutes=1))

    assert rules_of(server.review(ignoring=["page-never-fetched"])) == set()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("slept_ms", "rules"), [(1050, set()), (800, {"retry-after-ignored"})])
def test_a_client_may_sleep_where_the_clock_stands_still(status: int, slept_ms: int, rules: set[str]) -> None:
    server = Server(faults={1: {"status": status, "retryAfter": 1}}, stands_still=True)

    server.get(COMMITS, QUERY)
    server.wait(timedelta(milliseconds=slept_ms - 50))
    server.get(COMMITS, QUERY)

    assert rules_of(server.review()) == rules


def test_a_client_may_back_off_in_real_time_where_the_clock_stands_still() -> None:
    server = Server(faults={key: {"status": 503} for key in (1, 2, 3)}, stands_still=True)

    Client(server).read(startDate="2026-06-20", endDate="2026-06-27")

    assert len(server.entries) == 6
    assert server.review().findings == []


@pytest.mark.parametrize(
    ("waits_s", "rule"),
    [
        ((1, 2, 4), "gave-up"),
        ((0, 1, 1), "gave-up"),
        ((30, 30, 30), "gave-up"),  # half a minute is patient
        ((1, 2), "fault-not-survived"),
        ((4, 2, 1), "fault-not-survived"),
    ],
)
def test_a_client_may_give_up_after_four_attempts_whose_waits_grew(
    waits_s: tuple[int, ...], rule: str
) -> None:
    server = Server(faults={key: {"status": 0, "complete": False} for key in range(1, 6)})

    for wait_s in (*waits_s, 0):
        server.get(COMMITS, QUERY)
        server.wait(timedelta(seconds=wait_s))

    assert rules_of(server.review()) == {rule}


def test_to_give_up_after_waits_that_were_told_and_were_not_kept_is_to_give_up_too_soon() -> None:
    server = Server(faults={key: {"status": 429, "retryAfter": 60} for key in range(1, 6)})

    for _ in range(5):
        server.get(COMMITS, QUERY)
        server.wait(timedelta(seconds=10))

    assert rules_of(server.review()) == {"fault-not-survived", "retry-after-ignored"}


def test_a_cut_answer_that_was_asked_for_four_times_was_not_taken_for_whole() -> None:
    server = Server(faults={key: {"complete": False} for key in range(1, 5)})

    Client(server, attempts=4).read_csv(startDate="7d")
    server.get(CHANGES, "startDate=1d&pageSize=1")

    assert rules_of(server.review()) == {"gave-up"}


def test_who_leaves_a_slow_answer_and_asks_for_another_does_not_send_both_together() -> None:
    refused = {"status": 429, "retryAfter": 60, "understood": None, "totalCount": None}
    server = Server(faults={1: {"status": 0, "complete": False, "ms": 5000}, 2: refused}, stands_still=True)

    server.get(COMMITS, "startDate=3d&pageSize=1")
    server.wait(timedelta(seconds=10))
    for number in (1, 2, 3):
        server.get(COMMITS, f"startDate={number}d&pageSize=1")
    server.wait(timedelta(minutes=1))
    server.get(COMMITS, "startDate=1d&pageSize=1")

    assert rules_of(server.review()) == {"retry-after-ignored"}
