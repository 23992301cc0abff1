"""How much each team writes: as the scenario means it, or scaled to an exact number."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.pools import Pools, load_pools
from aicode_mock.scenario import Scenario
from aicode_mock.settings import Settings
from aicode_mock.worldplan import SeedingError, TeamWork, WorldPlan, plan_work
from tests.conftest import ANCHOR

POOLS = load_pools(("en_US",))
TEAM = {
    "domain": "t.example",
    "members": 2,
    "offices": [{"utc_offset": "+00:00", "share": 1}],
    "repositories": [{"name": "t/app"}],
    "commits_per_weekday": 10,
    "changes_per_weekday": 30,
}
SPELLED_OUT = {
    "name": "words",
    "domain": "w.example",
    "people": [{"login": "ada", "name": "Ada"}],
    "commits": [{"hash": "abc", "person": "ada", "total": [1, 0], "created": "-1d 10:00"}],
    "changes": [{"id": 1, "person": "ada", "source": "TAB", "created": "-1d 09:00", "files": [["a", 1, 0]]}]
    * 2,
}


def work(
    *teams: Mapping[str, object], commits: int | None = None, changes: int | None = None
) -> list[TeamWork]:
    scenario = Scenario.model_validate({"title": "x", "days": 7, "teams": teams})
    return plan_work(WorldPlan("x", scenario, 42, ANCHOR, commits=commits, changes=changes), POOLS)


def shipped(scenario: str) -> tuple[WorldPlan, Pools]:
    plan = Settings(scenario=scenario, anchor=ANCHOR).plan()
    return plan, load_pools(plan.scenario.locales)


def test_a_world_writes_what_its_scenario_means_unless_told_otherwise() -> None:
    (one,) = work({**TEAM, "name": "a", "weekend_percent": 0})

    assert (one.commits, one.changes) == (50, 150)
    assert one.rows == 200


def test_rows_that_are_spelled_out_are_counted_beside_the_generated() -> None:
    (one,) = work(SPELLED_OUT)

    assert (one.commits, one.changes, one.rows) == (0, 0, 3)


@given(st.integers(3, 10**6), st.integers(3, 10**6))
def test_all_teams_together_write_exactly_as_many_rows_as_asked_for(commits: int, changes: int) -> None:
    teams = work(
        {**TEAM, "name": "a"},
        SPELLED_OUT,
        {**TEAM, "name": "b", "commits_per_weekday": 7},
        {**TEAM, "name": "c", "members": 0, "people": [{"login": "x", "name": "X"}], "idle_members": 1},
        commits=commits,
        changes=changes,
    )

    assert sum(one.commits for one in teams) == commits - 1
    assert sum(one.changes for one in teams) == changes - 2
    assert sum(one.rows for one in teams) == commits + changes
    assert (teams[1].commits, teams[3].commits) == (0, 0)


def test_teams_keep_their_proportions() -> None:
    first, second = work(
        {**TEAM, "name": "a", "commits_per_weekday": 30}, {**TEAM, "name": "b"}, commits=4000
    )

    assert first.commits in range(2950, 3050)
    assert second.commits == 4000 - first.commits
    assert first.changes == second.changes


@pytest.mark.parametrize(("commits", "changes"), [(1, 2), (1, None), (None, 2)])
def test_only_what_is_spelled_out_may_be_asked_for(commits: int | None, changes: int | None) -> None:
    (one,) = work(SPELLED_OUT, commits=commits, changes=changes)

    assert one.rows == 3


def test_nothing_at_all_may_be_asked_for() -> None:
    (one,) = work({**TEAM, "name": "a"}, commits=0, changes=0)

    assert one.rows == 0


@pytest.mark.parametrize(
    ("commits", "changes", "message"),
    [
        (0, None, "the scenario spells out 1 commits, more than the 0 asked for"),
        (None, 1, "the scenario spells out 2 changes, more than the 1 asked for"),
        (5, None, "no team of the scenario makes commits, so 5 cannot be made"),
        (None, 5, "no team of the scenario makes changes, so 5 cannot be made"),
    ],
)
def test_what_cannot_be_made_is_refused(commits: int | None, changes: int | None, message: str) -> None:
    with pytest.raises(SeedingError, match=f"^{message}$"):
        work(SPELLED_OUT, commits=commits, changes=changes)


@pytest.mark.parametrize("scenario", ["default", "hostile"])
def test_shipped_scenarios_can_be_scaled(scenario: str) -> None:
    plan, pools = shipped(scenario)
    scaled = WorldPlan(scenario, plan.scenario, 42, ANCHOR, commits=1000, changes=500)

    assert sum(one.rows for one in plan_work(scaled, pools)) == 1500


def test_all_chance_follows_from_the_scenario_and_the_seed() -> None:
    plan, _ = shipped("tiny")

    assert plan.labels == ("tiny", 42)
