"""When people work: exact counts, office hours, weekends, growth."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.chance import Weighted
from aicode_mock.clock import from_ms, to_ms
from aicode_mock.company import Worker, hire
from aicode_mock.pools import load_pools
from aicode_mock.scenario import TeamPlan
from aicode_mock.workload import HOUR_MS, Hour, allot, usual_count, working_hours

ANCHOR = to_ms(datetime(2026, 6, 29, tzinfo=UTC))  # a Monday
POOLS = load_pools(("en_US",))
TEAM = {
    "name": "t",
    "domain": "t.example",
    "members": 4,
    "repositories": [{"name": "t/app"}],
    "offices": [{"utc_offset": "+00:00", "share": 1}],
}


def calendar(days: int = 14, **parts: object) -> tuple[TeamPlan, list[Worker], list[Hour]]:
    team = TeamPlan.model_validate({**TEAM, **parts})
    crew = hire(team, POOLS, "test")
    return team, crew, working_hours(team, crew, anchor=ANCHOR, days=days)


def weights(hours: Iterable[Hour], key: Callable[[datetime], int], *, offset: timedelta) -> Counter[int]:
    """How much work falls on each weekday, hour or day, by a local clock."""
    sums: Counter[int] = Counter()
    for hour in hours:
        sums[key(from_ms(hour.start) + offset)] += hour.weight
    return sums


@given(st.integers(0, 10**7), st.lists(st.integers(0, 1000)).filter(any))
def test_exactly_so_many_events_are_allotted(count: int, loads: list[int]) -> None:
    hours = [Hour(index * HOUR_MS, Weighted(["x"], [load])) for index, load in enumerate(loads)]  # type: ignore[list-item]  # whoever works

    allotted = allot(count, hours)

    assert sum(allotted) == count
    assert all(share >= 0 for share in allotted)
    assert all(share == 0 for share, load in zip(allotted, loads, strict=True) if load == 0)
    assert all(
        abs(share - count * load / sum(loads)) < 1 + 1e-6 * count
        for share, load in zip(allotted, loads, strict=True)
    )


def test_nothing_is_allotted_where_nobody_works() -> None:
    _, _, hours = calendar(members=0)

    assert allot(5, hours) == [0] * len(hours)
    assert allot(5, []) == []


def test_the_hours_are_those_before_the_anchor() -> None:
    _, _, hours = calendar(days=2)

    assert [hour.start for hour in hours] == [ANCHOR - (48 - number) * HOUR_MS for number in range(48)]


def test_hardly_anybody_works_at_night_of_their_own_clock() -> None:
    for offset, minutes in (("-07:00", -420), ("+05:30", 330), ("+14:00", 840)):
        _, _, hours = calendar(offices=[{"utc_offset": offset, "share": 1}])

        by_hour = weights(hours, lambda local: local.hour, offset=timedelta(minutes=minutes))

        night = sum(by_hour[hour] for hour in (22, 23, 0, 1, 2, 3, 4, 5, 6))
        day = sum(by_hour[hour] for hour in range(8, 19))
        assert night * 20 < by_hour.total()
        assert day * 10 > by_hour.total() * 8
        assert max(by_hour, key=by_hour.__getitem__) in (10, 14)


def test_an_office_rests_on_the_days_of_its_own_weekend() -> None:
    usual = [{"utc_offset": "+00:00", "share": 1}]
    other = [{"utc_offset": "+00:00", "share": 1, "weekend": ["friday", "saturday"]}]

    for offices, free in ((usual, {5, 6}), (other, {4, 5})):
        _, _, hours = calendar(offices=offices, weekend_percent=20)
        by_day = weights(hours, datetime.weekday, offset=timedelta())
        full = max(by_day.values())
        assert {day: load * 5 == full if day in free else load == full for day, load in by_day.items()} == (
            dict.fromkeys(range(7), True)
        )


def test_the_weekend_is_the_local_one() -> None:
    _, _, hours = calendar(offices=[{"utc_offset": "+14:00", "share": 1}], weekend_percent=0)

    by_local_day = weights(hours, datetime.weekday, offset=timedelta(hours=14))

    assert {day for day, load in by_local_day.items() if load == 0} == {5, 6}


def test_work_grows_from_the_first_day_to_the_last() -> None:
    _, _, hours = calendar(days=70, growth_percent=300)

    by_day = weights(hours, lambda local: local.toordinal(), offset=timedelta())
    by_week = [sum(list(by_day.values())[start : start + 7]) for start in range(0, 70, 7)]

    assert by_week == sorted(by_week)
    assert 2.5 < by_week[-1] / by_week[0] < 3


def test_removed_members_leave_half_way() -> None:
    _, crew, hours = calendar(days=12, members=4, removed_members=1)
    (gone,) = (worker for worker in crew if worker.removed)
    middle = len(hours) // 2
    everybody = sum(worker.activity for worker in crew)

    before, after = hours[middle - 14].weight, hours[middle + 10].weight  # ten o'clock of two weekdays

    assert before * (everybody - gone.activity) == after * everybody


def test_idle_members_do_nothing() -> None:
    _, _, hours = calendar(members=3, idle_members=3)

    assert sum(hour.weight for hour in hours) == 0


def test_a_weekday_holds_as_many_events_as_the_scenario_means() -> None:
    team, crew, hours = calendar(days=7, weekend_percent=0)

    assert usual_count(team, crew, hours, per_weekday=100) == 500


def test_the_usual_count_is_that_of_the_last_day_of_growth() -> None:
    team, crew, hours = calendar(days=7, weekend_percent=0, growth_percent=200)

    assert 300 < usual_count(team, crew, hours, per_weekday=100) < 400  # Sunday is last, and free


def test_nobody_means_no_events() -> None:
    team, crew, hours = calendar(members=0)

    assert usual_count(team, crew, hours, per_weekday=100) == 0
