"""When a team works: how many events fall into each hour, and who makes them.

People work by their office's clock, little at night and at the weekend, and more from
day to day if the scenario grows.  All weights are whole numbers.
"""

from dataclasses import dataclass
from datetime import timedelta

from aicode_mock.chance import Weighted
from aicode_mock.clock import from_ms
from aicode_mock.company import Worker
from aicode_mock.scenario import Office, TeamPlan

HOUR_MS = 3_600_000
_DAY_HOURS = 24
_WEEK_HOURS = 7 * _DAY_HOURS
_CURVE = (1, 0, 0, 0, 0, 1, 4, 14, 40, 74, 90, 86, 52, 70, 92, 88, 72, 48, 28, 16, 12, 9, 5, 3)
_BY_HOUR_OF_FULL_DAY = sum(_CURVE)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the company's time, from ``start`` (milliseconds), with those at work."""

    start: int
    workers: Weighted[Worker]

    @property
    def weight(self) -> int:
        """How much work falls into this hour."""
        return self.workers.total


def working_hours(team: TeamPlan, crew: list[Worker], *, anchor: int, days: int) -> list[Hour]:
    """The hours of the days before the anchor, each with the weight of everybody in it.

    Removed members leave half-way.
    """
    count = days * _DAY_HOURS
    staff = [worker for worker in crew if not worker.removed]
    starts = range(anchor - count * HOUR_MS, anchor, HOUR_MS)
    week = [_office_weights(team, start) for start in starts[:_WEEK_HOURS]]
    return [
        Hour(
            start,
            _at_work(
                crew if number < count // 2 else staff,
                week[number % _WEEK_HOURS],
                growth=100 * (count - 1 - number) + team.growth_percent * number,
            ),
        )
        for number, start in enumerate(starts)
    ]


def usual_count(team: TeamPlan, crew: list[Worker], hours: list[Hour], *, per_weekday: int) -> int:
    """How many events the scenario means: ``per_weekday`` on a weekday at the end of its growth."""
    full_growth = team.growth_percent * max(len(hours) - 1, 1)
    full_day = sum(worker.activity for worker in crew) * _BY_HOUR_OF_FULL_DAY * 100 * full_growth
    return per_weekday * sum(hour.weight for hour in hours) // full_day if full_day else 0


def allot(count: int, hours: list[Hour]) -> list[int]:
    """Spread exactly ``count`` events over the hours by their weights; all 0 if nobody works."""
    total = sum(hour.weight for hour in hours)
    allotted, before, weight = [], 0, 0
    for hour in hours:
        weight += hour.weight
        upto = count * weight // total if total else 0
        allotted.append(upto - before)
        before = upto
    return allotted


def _at_work(crew: list[Worker], by_office: list[int], *, growth: int) -> Weighted[Worker]:
    grown = [weight * growth for weight in by_office]
    return Weighted(crew, [grown[worker.office] * worker.activity if grown else 0 for worker in crew])


def _office_weights(team: TeamPlan, start: int) -> list[int]:
    return [_office_weight(office, team.weekend_percent, start) for office in team.offices]


def _office_weight(office: Office, weekend_percent: int, start: int) -> int:
    local = from_ms(start) + timedelta(minutes=office.utc_offset)
    return _CURVE[local.hour] * (weekend_percent if office.is_weekend(local.weekday()) else 100)
