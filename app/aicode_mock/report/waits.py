"""Waits between attempts: as long as was told, or longer each time.

A wait counts by the clock that moved further: a client may sleep, or have the world's
clock moved.
"""

from collections.abc import Sequence
from itertools import pairwise

from aicode_mock.report.request import Request

SLACK_MS = 100  # timers of clients are not exact

_PATIENT_MS = 30_000
_ENOUGH = 4  # attempts after which a client may give up


def told_ms(request: Request) -> int:
    """How long the answer told to wait; 0 if it did not."""
    return 1000 * (request.entry.retryAfter or 0)


def untold_waits(attempts: Sequence[Request]) -> list[int]:
    """The waits after failures that told none."""
    return [new.since(old) for old, new in pairwise(attempts) if old.entry.retryAfter is None]


def is_steady(waits: Sequence[int]) -> bool:
    """Whether they are short and do not grow."""
    shortest, longest = min(waits), max(waits)
    return shortest >= 0 and longest < _PATIENT_MS and longest <= shortest * 1.2 + SLACK_MS


def is_patient(failed: Sequence[Request]) -> bool:
    """Whether a client that gave up after these failures has tried hard enough."""
    obeyed = all(new.since(old) >= told_ms(old) - SLACK_MS for old, new in pairwise(failed))
    waits = untold_waits(failed)
    grew = len(waits) < 2 or max(waits) > waits[0] or min(waits) >= _PATIENT_MS
    return len(failed) >= _ENOUGH and obeyed and grew and not (len(waits) > 1 and is_steady(waits))
