"""The grammar of scenarios: moments, offsets, weights, references."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aicode_mock.scenario import Office, Scenario, TeamPlan

PEOPLE = [{"login": "ada", "name": "Ada"}, {"login": "bo", "name": "Bo"}]
REPOSITORIES = [{"name": "duo/shop"}]
OFFICES = [{"utc_offset": "+00:00", "share": 1}]
CHANGE = {"id": 1, "person": "ada", "source": "TAB", "created": "-1d 10:00", "files": [["a.ts", 1, 0]]}
COMMIT = {"hash": "1" * 40, "person": "ada", "total": [1, 0], "created": "-1d 10:00"}


def team(**parts: Any) -> TeamPlan:
    return TeamPlan.model_validate(
        {"name": "duo", "domain": "duo.example", "people": PEOPLE, "repositories": REPOSITORIES, **parts}
    )


def change_created(moment: object) -> int:
    return team(changes=[{**CHANGE, "created": moment}]).changes[0].created


@pytest.mark.parametrize(
    ("moment", "milliseconds"),
    [
        ("-0d 00:00", 0),
        ("-1d 00:00", -86_400_000),
        ("-1d 23:59", -60_000),
        ("-0d 14:12:03", 51_123_000),
        ("-2d 14:12:03", -121_677_000),
        ("-2d 14:12:03.250", -121_676_750),
        ("-9999d 00:00", -9999 * 86_400_000),
    ],
)
def test_a_moment_is_counted_from_the_anchor(moment: str, milliseconds: int) -> None:
    assert change_created(moment) == milliseconds


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "1d 10:00",
        "+1d 10:00",
        "-1d",
        "-1d 10",
        "-1d  10:00",
        "-1d 24:00",
        "-1d 10:60",
        "-1d 10:00:60",
        "-1d 10:00:00.1",
        "-1d 10:00.100",
        "-10000d 10:00",
        "-\u0661d 10:00",
        "-1d 10:00\n",
        "2026-06-01",
        -86_400_000,
        None,
    ],
)
def test_any_other_moment_is_refused(moment: object) -> None:
    with pytest.raises(ValidationError, match="must be a moment such as '-2d 14:12:03'"):
        change_created(moment)


@given(st.text())
def test_no_moment_escapes_as_another_error(moment: str) -> None:
    with pytest.raises(ValidationError):
        change_created(f"{moment}!")


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("+00:00", 0), ("-00:00", 0), ("+05:30", 330), ("-07:00", -420), ("+14:00", 840), ("-12:00", -720)],
)
def test_an_offset_is_minutes_east_of_utc(offset: str, minutes: int) -> None:
    assert Office.model_validate({"utc_offset": offset, "share": 1}).utc_offset == minutes


@pytest.mark.parametrize(
    "offset",
    [
        "",
        "Z",
        "UTC",
        "5",
        "05:30",
        "+5:30",
        "+0530",
        "+05:60",
        "+15:00",
        "+99:00",
        "+\u0660\u0665:30",
        "+05:30\n",
        330,
    ],
)
def test_any_other_offset_is_refused(offset: object) -> None:
    with pytest.raises(ValidationError, match="must be an offset from UTC such as"):
        Office.model_validate({"utc_offset": offset, "share": 1})


def test_a_weekend_is_saturday_and_sunday_unless_told_otherwise() -> None:
    usual = Office.model_validate({"utc_offset": "+00:00", "share": 1})
    other = Office.model_validate({"utc_offset": "+00:00", "share": 1, "weekend": ["friday"]})

    assert [usual.is_weekend(day) for day in range(7)] == [False] * 5 + [True] * 2
    assert [other.is_weekend(day) for day in range(7)] == [False] * 4 + [True] + [False] * 2


@pytest.mark.parametrize("field", ["models", "sources"])
@pytest.mark.parametrize("weights", [{}, {"ide": 0}])
def test_weights_must_not_all_be_nothing(field: str, weights: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="must have a weight above 0"):
        team(**{field: weights})


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"commits": [{**COMMIT, "person": "eve"}]}, "no person 'eve' among people: ada, bo"),
        ({"changes": [{**CHANGE, "person": "eve"}]}, "no person 'eve' among people: ada, bo"),
        (
            {"commits": [{**COMMIT, "repository": "duo/other"}]},
            "no repository 'duo/other' among repositories",
        ),
        ({"people": [*PEOPLE, {"login": "ada", "name": "Ada Two"}]}, "2 people have the name 'ada'"),
        ({"repositories": REPOSITORIES * 2}, "2 repositories have the name 'duo/shop'"),
        ({"commits_per_weekday": 1}, "a weekday needs offices"),
        ({"changes_per_weekday": 1, "offices": OFFICES, "repositories": []}, "a weekday needs repositories"),
        ({"changes_per_weekday": 1, "offices": OFFICES, "people": []}, "a weekday needs members or people"),
    ],
)
def test_a_team_must_hold_what_it_refers_to(parts: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        team(**parts)


@pytest.mark.parametrize(
    "parts",
    [
        {"commits": [COMMIT]},
        {"commits": [{**COMMIT, "repository": "duo/shop"}]},
        {"commits_per_weekday": 1, "offices": OFFICES},
        {"commits_per_weekday": 1, "offices": OFFICES, "people": [], "members": 1},
        {"people": [], "repositories": []},
    ],
)
def test_a_team_that_holds_what_it_refers_to_is_accepted(parts: dict[str, object]) -> None:
    assert team(**parts).name == "duo"


def test_two_teams_may_not_share_a_name() -> None:
    one = {"name": "duo", "domain": "duo.example"}

    with pytest.raises(ValidationError, match="2 teams have the name 'duo'"):
        Scenario.model_validate({"title": "x", "teams": [one, one]})


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"weekend_percent": 101}, "weekend_percent"),
        ({"tab_percent": -1}, "tab_percent"),
        ({"growth_percent": 0}, "growth_percent"),
        ({"members": 5001}, "members"),
        ({"oddities": {"amended_per_mille": 1001}}, "amended_per_mille"),
        ({"plan": "free"}, "plan"),
        ({"sources": {"web": 1}}, "sources"),
        ({"changes": [{**CHANGE, "id": 2**32}]}, "id"),
        ({"changes": [{**CHANGE, "files": []}]}, "files"),
        ({"commits": [{**COMMIT, "total": [1]}]}, "total"),
        ({"commits": [{**COMMIT, "total": [1, -1]}]}, "total"),
    ],
)
def test_figures_must_be_possible(parts: dict[str, object], key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        team(**parts)


def test_a_scenario_cannot_be_changed() -> None:
    plan = team()

    with pytest.raises(ValidationError, match="frozen"):
        plan.members = 3  # type: ignore[misc]  # what is tested
