"""The budget: what the volume costs, and what was spent on it."""

from datetime import timedelta

import pytest

from aicode_mock.report.findings import Cost, Spent
from tests.test_report_client import CHANGES, COMMITS, DAY, MINUTE, NOW, Client, Server, days


@pytest.mark.parametrize(
    ("revision", "minutes"),
    [("2025-08", 9), ("2025-12", 2)],
)
def test_pages_wait_for_the_limit_of_the_revision_and_csv_does_not(revision: str, minutes: int) -> None:
    server = Server(rows_a_day=7_000)

    Client(server).read_csv(startDate="7d")

    (volume,) = server.review(revision).budget.volumes
    assert (volume.team, volume.kind, volume.windows, volume.rows) == ("acme", "commits", 1, 49_000)
    assert volume.byPages == Cost(requests=49, minutes=minutes)
    assert volume.byCsv == Cost(requests=1, minutes=0)


@pytest.mark.parametrize(("rows", "minutes"), [(4_999, 0), (5_000, 0), (5_001, 1), (10_001, 2)])
def test_the_first_requests_of_a_minute_do_not_wait(rows: int, minutes: int) -> None:
    server = Server(rows_a_day=rows)

    server.get(COMMITS, "startDate=1d&page=1&pageSize=1")

    assert server.review("2025-08").budget.volumes[0].byPages.minutes == minutes


def test_spent_is_all_that_was_sent_without_the_pauses_between_syncs() -> None:
    server = Server(faults={2: {"status": 429, "retryAfter": 60}})
    client = Client(server, keeps_tags=False)

    client.read(startDate="2026-06-20", endDate="2026-06-27")
    server.now += timedelta(hours=8)
    client.read(startDate="2026-06-20", endDate="2026-06-27")

    (volume,) = server.review().budget.volumes
    assert volume.spent == Spent(requests=7, refused=1, minutes=1.0)


def test_each_window_counts_once_whatever_its_pages_and_form() -> None:
    server = Server()
    client = Client(server)
    windows = days("2026-06-10", 3)

    for window in windows:
        client.read(**window)
        client.read_csv(**window)
        Client(server, page_size=100).read(**window)

    (volume,) = server.review().budget.volumes
    assert (volume.windows, volume.rows) == (3, 3 * 349)
    assert volume.byPages.requests == 3
    assert volume.spent.requests == 3 * (1 + 1 + 4)


@pytest.mark.parametrize(("days", "requests"), [(30, 1), (31, 2), (60, 2), (61, 3)])
def test_what_the_budget_says_of_a_wide_range_can_be_done_without_a_finding(days: int, requests: int) -> None:
    server = Server(rows_a_day=10)
    Client(server).read_csv(startDate=f"{days}d")
    (volume,) = server.review().budget.volumes
    assert (volume.byPages.requests, volume.byCsv.requests) == (requests, requests)

    narrow, end = Server(rows_a_day=10), NOW
    for _ in range(volume.byCsv.requests):
        start = end - 30 * DAY
        narrow.get(f"{COMMITS}.csv", f"startDate={start:%Y-%m-%dT%H:%M:%SZ}&endDate={end:%Y-%m-%dT%H:%M:%SZ}")
        end = start

    assert narrow.review(ignoring=["window-shares-bound"]).findings == []
    assert end <= NOW - days * DAY


def test_ranges_that_lie_together_share_their_csv_and_those_far_apart_do_not() -> None:
    server = Server(rows_a_day=10, limit=None)
    client = Client(server)

    for window in [
        *days("2026-01-01", 3),
        *days("2026-06-01", 20),
        {"startDate": "2026-06-05", "endDate": "now"},
    ]:
        client.read(**window)

    (volume,) = server.review().budget.volumes
    assert (volume.byPages.requests, volume.byCsv.requests) == (24, 2)


def test_a_range_that_is_not_known_is_one_csv() -> None:
    server = Server(faults={1: {"understood": None}})

    Client(server).read_csv(startDate="60d")

    (volume,) = server.review().budget.volumes
    assert (volume.rows, volume.byPages.requests, volume.byCsv.requests) == (21_000, 21, 1)


def test_rows_stand_in_for_a_count_that_was_not_told() -> None:
    server = Server(faults={1: {"totalCount": None}})

    Client(server).read_csv(startDate="7d")

    assert server.review().budget.volumes[0].rows == 2450


def test_what_was_never_answered_costs_nothing() -> None:
    server = Server(faults={1: {"status": 503, "rows": None, "totalCount": None}})

    Client(server, attempts=1).read(startDate="7d")

    (volume,) = server.review().budget.volumes
    assert (volume.windows, volume.rows, volume.spent.requests) == (0, 0, 1)
    assert volume.byPages == volume.byCsv == Cost(requests=0, minutes=0)


def test_commits_and_changes_have_budgets_of_their_own_and_checks_have_none() -> None:
    server = Server()
    client = Client(server)

    client.ask("/teams/members")
    client.read(COMMITS, startDate="7d")
    server.now += MINUTE
    client.read_csv(CHANGES, startDate="1d")

    budget = server.review().budget
    assert budget.perMinute == 20
    assert [(one.kind, one.rows) for one in budget.volumes] == [("commits", 2450), ("changes", 350)]
