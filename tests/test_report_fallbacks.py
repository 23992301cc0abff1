"""A client that cannot read a window in one form, and reads it in another, has read it."""

import pytest

from tests.test_report_client import COMMITS, MINUTE, Client, Server, days, rules_of

pytestmark = pytest.mark.both_stores

WEEK = {"startDate": "2026-06-20", "endDate": "2026-06-27"}
SPAN = "startDate=2026-06-20&endDate=2026-06-27"
GATEWAY = {"status": 504, "understood": None, "rows": None, "totalCount": None, "faults": [1]}
CUT = {"complete": False, "bytes": 4096, "faults": [1]}
HALVES = (
    {"startDate": "2026-06-20", "endDate": "2026-06-23T11:59:59.999Z"},
    {"startDate": "2026-06-23T12:00:00Z", "endDate": "2026-06-27"},
)


def test_a_page_that_failed_may_be_read_in_smaller_pages() -> None:
    server = Server(faults={1: GATEWAY})

    Client(server, attempts=1).read(**WEEK)
    Client(server, page_size=250).read(**WEEK)

    assert len(server.entries) == 11
    assert server.review().findings == []


def test_the_rest_of_a_window_may_be_read_in_smaller_pages() -> None:
    server = Server(faults={2: GATEWAY})

    for page, size in ((1, 1000), (2, 1000), (3, 500), (4, 500), (5, 500)):
        server.get(COMMITS, f"{SPAN}&page={page}&pageSize={size}")

    assert server.review().findings == []


def test_a_rest_that_was_not_read_is_lost() -> None:
    server = Server(faults={2: GATEWAY})

    for page, size in ((1, 1000), (2, 1000), (3, 500), (5, 500)):
        server.get(COMMITS, f"{SPAN}&page={page}&pageSize={size}")

    assert rules_of(server.review()) == {"page-never-fetched", "fault-not-survived"}


@pytest.mark.parametrize("fault", [GATEWAY, CUT])
@pytest.mark.parametrize("form", [COMMITS, f"{COMMITS}.csv"])
def test_a_window_that_failed_may_be_read_in_narrower_ones(fault: dict[str, object], form: str) -> None:
    server = Server(faults={1: fault})
    client = Client(server, attempts=1)

    server.get(form, f"{SPAN}&pageSize=1000" if form == COMMITS else SPAN)
    for half in HALVES:
        client.read(**half)

    assert server.review().findings == []


def test_a_window_of_a_series_may_be_read_in_narrower_ones() -> None:
    server = Server(faults={2: GATEWAY})
    client = Client(server, attempts=1)
    windows = days("2026-06-10", 4)
    noon = windows[1]["startDate"].replace("T00", "T12")

    for window in (
        *windows[:2],
        {"startDate": windows[1]["startDate"], "endDate": "2026-06-11T11:59:59.999Z"},
        {"startDate": noon, "endDate": windows[1]["endDate"]},
        *windows[2:],
    ):
        client.read(**window)

    assert server.review().findings == []


def test_half_of_a_window_is_not_the_window() -> None:
    server = Server(faults={1: GATEWAY})
    client = Client(server, attempts=1)

    client.read(**WEEK)
    client.read(**HALVES[1])

    assert rules_of(server.review()) == {"fault-not-survived"}


@pytest.mark.parametrize("fault", [GATEWAY, CUT])
def test_a_csv_that_failed_may_be_read_by_pages(fault: dict[str, object]) -> None:
    server = Server(faults={1: fault}, rows_a_day=2000)
    client = Client(server, attempts=1)

    client.read_csv(**WEEK)
    client.read(**WEEK)

    assert len(server.entries) == 15
    assert server.review().findings == []


@pytest.mark.parametrize(
    ("last_page", "rules"), [(1, {"truncated-answer-accepted", "page-never-fetched"}), (3, set())]
)
def test_all_pages_have_to_be_read(last_page: int, rules: set[str]) -> None:
    server = Server(faults={1: CUT})

    Client(server, attempts=1).read_csv(**WEEK)
    Client(server, last_page=last_page).read(**WEEK)

    assert rules_of(server.review()) == rules


@pytest.mark.parametrize("failing", [1, 2])
def test_pages_that_failed_may_be_read_as_csv(failing: int) -> None:
    server = Server(faults={failing: GATEWAY})
    client = Client(server, attempts=1)

    client.read(**WEEK)
    client.read_csv(**WEEK)

    assert server.review().findings == []


def test_a_first_page_may_tell_the_count_of_a_csv() -> None:
    server = Server()

    Client(server, last_page=1).read(**WEEK)
    Client(server).read_csv(startDate="2026-06-20T00:00:00Z", endDate="2026-06-27T00:00:00.000Z")

    assert server.review().findings == []


def test_a_csv_of_another_time_tells_nothing_of_a_page() -> None:
    server = Server()

    Client(server).read_csv(startDate="7d")
    server.wait(10 * MINUTE)
    Client(server, last_page=1).read(startDate="7d")

    assert rules_of(server.review()) == {"page-never-fetched"}


def test_another_user_and_another_team_are_no_way_around() -> None:
    server = Server(faults={1: GATEWAY})
    client = Client(server, attempts=1)

    client.read_csv(**WEEK)
    client.read_csv(**WEEK, user="ada@duo.example")
    server.get(f"{COMMITS}.csv", SPAN, team="duo")

    assert rules_of(server.review()) == {"fault-not-survived"}


def test_relative_dates_have_no_span_until_they_are_understood() -> None:
    server = Server(faults={1: GATEWAY})
    client = Client(server, attempts=1)

    client.read_csv(startDate="7d")
    client.read(startDate="7d")

    assert server.review().findings == []


def test_what_told_no_count_is_not_known_to_be_whole() -> None:
    server = Server(faults={1: GATEWAY, 2: {"totalCount": None}})

    server.get(f"{COMMITS}.csv", SPAN)
    server.get(COMMITS, f"{SPAN}&pageSize=1000")

    assert rules_of(server.review()) == {"fault-not-survived"}


def test_small_pages_without_a_failure_before_are_too_small() -> None:
    server = Server(faults={1: {"status": 429, "understood": None, "totalCount": None}}, rows_a_day=100)

    server.get(COMMITS, f"{SPAN}&pageSize=1000")
    server.wait(MINUTE)
    Client(server, page_size=100).read(**WEEK)

    assert rules_of(server.review()) == {"page-size-too-small"}
