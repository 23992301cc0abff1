"""Which requests faults are for: each part of a match, the range, chance, and what excludes what."""

from typing import Any

import pytest

from aicode_mock.faults.actions import Action
from aicode_mock.faults.effects import Visit
from aicode_mock.faults.matching import UnknownEndpointError, check_endpoints, effective, falls, fits
from aicode_mock.faults.model import Fault, Match

VISIT = Visit(
    endpoint="commits",
    team="duo",
    method="GET",
    path="/analytics/ai-code/commits",
    query=[("page", "2"), ("user", "ada@duo.example"), ("page", "3")],
)
NOWHERE = Visit(endpoint=None, team=None, method="GET", path="/elsewhere")


def action(kind: str, **fields: object) -> Action:
    return Fault.model_validate({"action": {"kind": kind, **fields}}).action


@pytest.mark.parametrize(
    ("match", "is_fit"),
    [
        ({}, True),
        ({"endpoint": "commits"}, True),
        ({"endpoint": "commits.csv"}, False),
        ({"endpoint": ["changes", "commits"]}, True),
        ({"endpoint": ["changes", "commits.csv"]}, False),
        ({"team": "duo"}, True),
        ({"team": "trio"}, False),
        ({"method": "GET"}, True),
        ({"method": "HEAD"}, False),
        ({"path": "*/commits"}, True),
        ({"path": "/commits"}, False),
        ({"query": {"page": "2"}}, True),
        ({"query": {"page": "3"}}, True),
        ({"query": {"page": "4"}}, False),
        ({"query": {"page": "*", "user": "*"}}, True),
        ({"query": {"page": "2", "startDate": "*"}}, False),
        ({"endpoint": "commits", "team": "trio"}, False),
    ],
    ids=str,
)
def test_a_request_fits_if_every_part_does(match: dict[str, Any], is_fit: bool) -> None:
    assert fits(Match.model_validate(match), VISIT) is is_fit


@pytest.mark.parametrize("match", [{"endpoint": "commits"}, {"team": "duo"}], ids=str)
def test_what_is_unknown_of_a_request_fits_nothing_but_everything(match: dict[str, Any]) -> None:
    assert not fits(Match.model_validate(match), NOWHERE)
    assert fits(Match(), NOWHERE)


@pytest.mark.parametrize(
    ("first", "last", "hit"), [(1, None, [1, 2, 3, 4]), (2, 3, [2, 3]), (3, None, [3, 4]), (1, 1, [1])]
)
def test_both_ends_of_the_range_are_hit(first: int, last: int | None, hit: list[int]) -> None:
    match = Match(first=first, last=last)

    assert [nth for nth in range(1, 5) if falls(match, nth)] == hit


def test_chance_falls_on_the_same_requests_on_every_machine() -> None:
    match = Match(probability=0.3, seed=42)

    assert [nth for nth in range(1, 31) if falls(match, nth)] == [4, 20, 21, 23, 27]


def test_chance_falls_as_often_as_is_said() -> None:
    for probability, expected in ((0.0, range(1)), (0.25, range(450, 550)), (1.0, range(2000, 2001))):
        match = Match(probability=probability, seed=7)

        assert sum(falls(match, nth) for nth in range(1, 2001)) in expected


def test_another_seed_lets_chance_fall_elsewhere() -> None:
    patterns = {
        tuple(falls(Match(probability=0.5, seed=seed), nth) for nth in range(1, 40)) for seed in range(20)
    }

    assert len(patterns) == 20


@pytest.mark.parametrize(
    ("falling", "expected"),
    [
        ([], []),
        ([action("empty"), action("status", status=500), action("reset")], [True, False, False]),
        ([action("delay", seconds=1), action("reset"), action("empty")], [True, True, False]),
        ([action("empty")] * 2, [True, False]),
        ([action("repeat-row"), action("status", status=500)], [False, True]),
        ([action("page-size", pageSize=1), action("drip", bytesPerSecond=1)], [True, True]),
        ([action("drip", bytesPerSecond=1), action("proxy-page")], [True, True]),
        ([action("cut", at="rows"), action("insert-row"), action("reset")], [False, True, True]),
    ],
    ids=str,
)
def test_what_has_no_answer_to_work_on_does_not_come_into_effect(
    falling: list[Action], expected: list[bool]
) -> None:
    assert effective(falling) == expected


@pytest.mark.parametrize("endpoint", [None, "commits", ["commits", "commits.csv"]])
def test_endpoints_that_exist_are_fine(endpoint: object) -> None:
    match = Match.model_validate({"endpoint": endpoint})

    check_endpoints(Fault(match=match, action=action("empty")), {"commits", "commits.csv"})


@pytest.mark.parametrize(
    ("endpoint", "complaint"),
    [
        (
            ["commits", "comits.csv"],
            "match.endpoint: unknown endpoint 'comits.csv', did you mean commits.csv? "
            "(allowed: commits, commits.csv)",
        ),
        ("xyz", "match.endpoint: unknown endpoint 'xyz' (allowed: commits, commits.csv)"),
    ],
)
def test_an_endpoint_that_does_not_exist_is_named(endpoint: object, complaint: str) -> None:
    fault = Fault(match=Match.model_validate({"endpoint": endpoint}), action=action("empty"))

    with pytest.raises(UnknownEndpointError) as refusal:
        check_endpoints(fault, ["commits", "commits.csv"])

    assert str(refusal.value) == complaint
