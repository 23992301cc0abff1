"""Which requests a fault is for, and on which of them it falls.

Requests that fit are counted from 1.  The n-th hits if it lies in ``first`` to ``last`` and
chance, which is a function of seed and n, falls on it: the same on every machine.
"""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from aicode_mock.chance import Dice
from aicode_mock.daterange import shorten
from aicode_mock.faults.actions import BENDING, REPLACING, Action, Delay, InsertRow, Reset
from aicode_mock.faults.effects import Visit
from aicode_mock.faults.model import Fault, Match

_ANY = "*"


class UnknownEndpointError(ValueError):
    """A fault is for an endpoint that does not exist."""


def fits(match: Match, visit: Visit) -> bool:
    """Whether a request is one of those that are counted."""
    return (
        (match.endpoint is None or visit.endpoint in _names(match))
        and match.team in (None, visit.team)
        and match.method in (None, visit.method)
        and (match.path is None or fnmatchcase(visit.path, match.path))
        and all(_is_sent(name, value, visit.query) for name, value in match.query.items())
    )


def falls(match: Match, nth: int) -> bool:
    """Whether the n-th request that fits is hit."""
    in_range = match.first <= nth and (match.last is None or nth <= match.last)
    return in_range and Dice("fault", match.seed, nth).fraction() < match.probability


def effective(falling: Sequence[Action]) -> list[bool]:
    """Which of the actions that fall on one request come into effect.

    Of those that replace the answer the first does.  A replaced answer has no page to bend, and
    a connection that is reset has no answer.
    """
    first = next((place for place, action in enumerate(falling) if isinstance(action, REPLACING)), None)
    replacing = None if first is None else falling[first]
    return [
        place == first if isinstance(action, REPLACING) else _comes_into_effect(action, replacing)
        for place, action in enumerate(falling)
    ]


def check_endpoints(fault: Fault, known: Collection[str]) -> None:
    """Go on if the endpoints of a fault exist.

    Raises:
        UnknownEndpointError: one does not; the message lists those that do.
    """
    for name in _names(fault.match):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise UnknownEndpointError(
                f"match.endpoint: unknown endpoint {shorten(name)}{hint} (allowed: {', '.join(known)})"
            )


def _names(match: Match) -> tuple[str, ...]:
    if match.endpoint is None:
        return ()
    return (match.endpoint,) if isinstance(match.endpoint, str) else match.endpoint


def _is_sent(name: str, value: str, query: Sequence[tuple[str, str]]) -> bool:
    return any(name == sent and value in (_ANY, text) for sent, text in query)


def _comes_into_effect(action: Action, replacing: Action | None) -> bool:
    if isinstance(replacing, Reset):
        return isinstance(action, Delay | InsertRow)
    return replacing is None or not isinstance(action, BENDING)
