"""Windows with gaps, and windows that are far apart on purpose."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.test_report_client import COMMITS, MINUTE, Server, days, rules_of

pytestmark = pytest.mark.both_stores

JUNE = days("2026-06-01", 29)


def read(server: Server, windows: Sequence[dict[str, str]]) -> None:
    for window in windows:
        server.get(COMMITS, "&".join(f"{name}={value}" for name, value in window.items()) + "&pageSize=1000")


def chosen(*numbers: int) -> list[dict[str, str]]:
    return [JUNE[number - 1] for number in numbers]


def bare(*dates: tuple[int, int]) -> list[dict[str, str]]:
    return [{"startDate": f"2026-06-{one:02}", "endDate": f"2026-06-{end:02}"} for one, end in dates]


@pytest.mark.parametrize(
    "windows",
    [
        chosen(1, 2, 4, 5),
        chosen(5, 4, 2, 1),
        chosen(1, 2, 3, 6, 7, 8),
        [{"startDate": f"2026-06-{day:02}", "endDate": f"2026-06-{day:02}T23:59:00Z"} for day in (1, 2, 3)],
        [{"startDate": f"2026-06-{day:02}", "endDate": f"2026-06-{day:02}T20:00:00Z"} for day in (1, 2, 3)],
        bare((1, 7), (8, 14)),
        bare((1, 2), (3, 4), (5, 6)),
        [*bare((1, 3), (3, 5)), {"startDate": "2026-06-05T00:01:00Z", "endDate": "2026-06-09"}],
    ],
)
def test_what_is_missing_from_a_series_is_a_gap(windows: list[dict[str, str]]) -> None:
    server = Server(rows_a_day=10)

    read(server, windows)

    assert rules_of(server.review(ignoring=["window-shares-bound"])) == {"window-gap"}


@pytest.mark.parametrize(
    "windows",
    [
        chosen(1, 2, 3, 5),  # a day alone
        chosen(1, 3),
        chosen(1, 2, 5, 6),  # as much is left out as was read
        chosen(1, 2, 3, 10, 11, 12),
        chosen(5, 6, 7, 1, 2, 3),  # two readings, one behind the other
        chosen(1, 8, 15, 29),  # the same day of each week, but one
        chosen(1, 2, 8, 9, 15, 16),
        bare((1, 2), (3, 4)),
        bare((1, 10), (12, 20)),
        [*bare((1, 3), (3, 5)), {"startDate": "2026-06-05T06:00:00Z", "endDate": "2026-06-09"}],
        bare((1, 8), (8, 15), (16, 23)),
    ],
)
def test_windows_that_are_far_apart_may_be_meant_so(windows: list[dict[str, str]]) -> None:
    server = Server(rows_a_day=10)

    read(server, windows)

    assert server.review(ignoring=["window-shares-bound"]).findings == []


@pytest.mark.parametrize("stands_still", [True, False])
@pytest.mark.parametrize(("pause", "rules"), [(9 * MINUTE, {"window-gap"}), (10 * MINUTE, set())])
def test_what_is_read_at_another_time_is_no_part_of_the_series(
    stands_still: bool, pause: timedelta, rules: set[str]
) -> None:
    server = Server(stands_still=stands_still)

    read(server, chosen(1, 2, 3))
    server.wait(pause)
    read(server, chosen(5, 6, 7))

    assert rules_of(server.review()) == rules
