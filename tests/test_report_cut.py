"""A journal that has lost entries: what it cannot show is not held against the client."""

from datetime import timedelta

import pytest

from tests.test_report_client import CHANGES, COMMITS, Client, Server, days, rules_of

pytestmark = pytest.mark.both_stores

WEEK = "startDate=2026-06-20&endDate=2026-06-27&pageSize=1000"
OTHER = "startDate=2026-06-01&endDate=2026-06-08&pageSize=1000"


def test_a_run_that_may_have_begun_before_the_journal_may_lack_pages() -> None:
    server = Server()

    Client(server).read(startDate="7d")

    assert server.review_of([2, 3]).findings == []
    assert server.review_of([3]).findings == []
    assert server.review_of([3]).missing == 2


def test_a_run_whose_pages_were_forgotten_in_between_may_lack_pages() -> None:
    server = Server()

    Client(server).read(startDate="7d")
    server.get(CHANGES, "startDate=1d&pageSize=1")

    assert server.review_of([1, 3, 4]).findings == []
    assert server.review_of([1, 4]).findings == []


def test_pages_in_any_order_may_have_been_read_before_the_journal() -> None:
    server = Server()

    for page in (3, 1, 2):
        server.get(COMMITS, f"{WEEK}&page={page}")

    assert server.review_of([2, 3]).findings == []


def test_a_run_that_begins_after_others_of_its_endpoint_is_held_to_completeness() -> None:
    server = Server()

    for query in (WEEK, f"{WEEK}&page=2", f"{WEEK}&page=3", OTHER):
        server.get(COMMITS, query)

    (finding,) = server.review_of([3, 4]).findings
    assert (finding.rule, finding.requests) == ("page-never-fetched", [4])


def test_a_run_at_the_begin_of_a_whole_journal_is_held_to_completeness() -> None:
    server = Server()

    server.get(COMMITS, f"{WEEK}&page=2")

    assert rules_of(server.review_of([1])) == {"page-never-fetched"}


@pytest.mark.parametrize(
    "fault", [{"rows": 990, "faults": [1]}, {"faults": [1]}, {"status": 503, "totalCount": None}]
)
def test_what_came_after_a_cut_may_have_been_done_before_it(fault: dict[str, object]) -> None:
    server = Server(faults={2: fault})

    for query in (WEEK, f"{WEEK}&page=2"):
        server.get(COMMITS, query)

    assert server.review_of([2]).findings == []


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 200, "complete": False}])
def test_what_failed_before_a_cut_may_have_been_asked_for_again(fault: dict[str, object]) -> None:
    server = Server(faults={1: fault})

    for _ in range(3):
        server.get(f"{COMMITS}.csv", "startDate=7d")
        server.wait(timedelta(seconds=5))
    server.get(CHANGES, "startDate=1d&pageSize=1")

    assert server.review_of([1, 4]).findings == []


def test_a_count_that_moved_before_a_cut_may_have_been_read_again() -> None:
    server = Server(faults={2: {"totalCount": 2460}})

    for page in (1, 2, 3):
        server.get(COMMITS, f"{WEEK}&page={page}")
    server.get(CHANGES, "startDate=1d&pageSize=1")

    assert rules_of(server.review()) == {"total-count-moved"}
    assert server.review_of([1, 2, 4]).findings == []


def test_a_page_may_have_been_asked_for_again_for_what_is_not_seen() -> None:
    server = Server(faults={4: {"status": 503}})

    for page in (1, 2, 3, 3, 2):
        server.get(COMMITS, f"{WEEK}&page={page}")
        server.wait(timedelta(seconds=5))

    assert server.review_of([1, 2, 3, 5]).findings == []


def test_windows_on_both_sides_of_a_cut_are_no_series() -> None:
    server = Server()
    client = Client(server)

    for window in days("2026-06-10", 9):
        client.read(**window)

    assert server.review_of([1, 2, 3, 4, 6, 7, 8, 9]).findings == []
