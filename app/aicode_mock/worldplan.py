"""What a data set is to be made of: its teams, their people, and how much each will write."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from aicode_mock.clock import to_ms
from aicode_mock.company import Worker, hire
from aicode_mock.pools import Pools
from aicode_mock.scenario import Scenario, TeamPlan
from aicode_mock.workload import Hour, usual_count, working_hours


class SeedingError(ValueError):
    """The rows cannot be made as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """What rows follow from; ``commits`` and ``changes`` scale the generated ones to so many."""

    scenario_name: str
    scenario: Scenario
    seed: int
    anchor: datetime
    commits: int | None = None
    changes: int | None = None

    @property
    def scenario_digest(self) -> str:
        """SHA-256 of the scenario itself: two files may have one name."""
        return sha256(self.scenario.model_dump_json().encode()).hexdigest()

    @property
    def labels(self) -> tuple[str, int]:
        """What all chance follows from."""
        return (self.scenario_name, self.seed)

    @property
    def usual_rows(self) -> int:
        """How many rows it will be at most, more or less."""
        teams, days = self.scenario.teams, self.scenario.days
        commits = sum(team.commits_per_weekday for team in teams) * days
        changes = sum(team.changes_per_weekday for team in teams) * days
        return (commits if self.commits is None else self.commits) + (
            changes if self.changes is None else self.changes
        )


@dataclass(frozen=True, slots=True)
class TeamWork:
    """One team with its people, its hours, and how many rows it makes beside the handwritten."""

    plan: TeamPlan
    crew: list[Worker]
    hours: list[Hour]
    commits: int
    changes: int

    @property
    def rows(self) -> int:
        """All rows of the team."""
        return self.commits + self.changes + len(self.plan.commits) + len(self.plan.changes)


def plan_work(plan: WorldPlan, pools: Pools) -> list[TeamWork]:
    """Hire everybody and divide the rows among the teams.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes.
    """
    crews = [hire(team, pools, *plan.labels, team.name) for team in plan.scenario.teams]
    calendars = [
        working_hours(team, crew, anchor=to_ms(plan.anchor), days=plan.scenario.days)
        for team, crew in zip(plan.scenario.teams, crews, strict=True)
    ]
    teams = list(zip(plan.scenario.teams, crews, calendars, strict=True))
    commits = _scale(
        "commits",
        plan.commits,
        usual=[
            usual_count(team, crew, hours, per_weekday=team.commits_per_weekday)
            for team, crew, hours in teams
        ],
        handwritten=sum(len(team.commits) for team in plan.scenario.teams),
    )
    changes = _scale(
        "changes",
        plan.changes,
        usual=[
            usual_count(team, crew, hours, per_weekday=team.changes_per_weekday)
            for team, crew, hours in teams
        ],
        handwritten=sum(len(team.changes) for team in plan.scenario.teams),
    )
    return [TeamWork(*team, *counts) for team, *counts in zip(teams, commits, changes, strict=True)]


def _scale(what: str, wanted: int | None, *, usual: list[int], handwritten: int) -> list[int]:
    """The teams' usual counts, scaled so that all rows together are as many as wanted."""
    if wanted is None:
        return usual
    generated, total = wanted - handwritten, sum(usual)
    if generated < 0:
        raise SeedingError(f"the scenario spells out {handwritten} {what}, more than the {wanted} asked for")
    if generated and not total:
        raise SeedingError(f"no team of the scenario makes {what}, so {wanted} cannot be made")
    scaled, before, upto = [], 0, 0
    for count in usual:
        upto += count
        share = generated * upto // total if total else 0
        scaled.append(share - before)
        before = share
    return scaled
