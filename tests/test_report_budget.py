"""The budget: what the volume costs, and what was spent on it."""

from datetime import timedelta

import pytest

from aicode_mock.report.findings import Cost, Spent
from tests.test_report_client import CHANGES, COMMITS, MINUTE, Client, Server, days


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
