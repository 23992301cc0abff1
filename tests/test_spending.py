"""Subscription cycles, and the order of what was spent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.directory import MemberEntry
from aicode_mock.spending import Spend, arrange, cycle_start


def member(number: int, name: str = "") -> MemberEntry:
    return MemberEntry(
        f"user_{number}", name or f"M{number}", f"m{number}@x", "member", False, number, number
    )


@given(st.datetimes(datetime(1970, 3, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 40))  # noqa: DTZ001  # hypothesis adds the zone
def test_a_cycle_began_at_midnight_at_most_a_month_ago(now: datetime, day: int) -> None:
    start = cycle_start(now, day=day)

    assert now - timedelta(days=31) <= start <= now
    assert (start.hour, start.minute, start.second, start.microsecond, start.tzinfo) == (0, 0, 0, 0, UTC)
    assert start.day == day or (start + timedelta(days=1)).day == 1
    assert cycle_start(start, day=day) == start


@pytest.mark.parametrize(("number", "dollars"), [(1, 0), (3, 0), (4, 100), (100, 100)])
def test_every_fourth_member_has_a_limit(number: int, dollars: int) -> None:
    assert Spend(member(number)).limit_dollars == dollars


@pytest.mark.parametrize(
    ("by", "descending", "numbers"),
    [
        ("amount", True, [2, 1, 3]),
        ("amount", False, [1, 3, 2]),
        ("date", True, [3, 1, 2]),
        ("user", False, [3, 2, 1]),
    ],
)
def test_members_who_are_equal_stay_in_their_order(by: str, descending: bool, numbers: list[int]) -> None:
    spends = [
        Spend(member(1, "Zoe"), cents=5, newest=7),
        Spend(member(2, "bo"), cents=9, newest=7),
        Spend(member(3, "Al"), cents=5, newest=8),
    ]

    found = arrange(spends, search=None, by=by, descending=descending)

    assert [one.member.numeric_id for one in found] == numbers


def test_a_search_ignores_case_in_names_and_addresses() -> None:
    spends = [Spend(member(1, "Zoë Ä")), Spend(member(2))]

    assert [
        len(arrange(spends, search=text, by="user", descending=True)) for text in ("ZOË", "M2@X", "", "ß")
    ] == [1, 1, 2, 0]
