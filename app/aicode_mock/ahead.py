"""A data set that a second process makes already, while this one loads what writes and serves it.

So little is loaded here.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aicode_mock.apart import branch, can_branch, second_process
from aicode_mock.worldplan import WorldPlan

if TYPE_CHECKING:
    from aicode_mock.parts import Part, Whole

_AHEAD_ROWS = 5_000  # for fewer a process is not worth its start
_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_FIRST_ID = 1  # of a data set, and of a team, in a new store

_begun: "list[tuple[tuple[WorldPlan, int, int], Generator[Part | Whole]]]" = []  # until somebody wants it


@contextmanager
def making_ahead(plan: WorldPlan, *, cores: int = _CORES) -> Iterator[None]:
    """Let a second process make already what this one will write into a new store, while it lasts.

    Not if there are few rows, or no core for it.
    """
    if cores == 1 or plan.usual_rows < _AHEAD_ROWS:
        yield
        return
    begin = branch if can_branch() else second_process
    wanted = (plan, _FIRST_ID, _FIRST_ID)
    with begin("aicode_mock.making:make", *wanted) as made:
        _begun.append((wanted, made))
        try:
            yield
        finally:
            _begun.clear()


def begun_already(plan: WorldPlan, dataset_id: int, team_id: int) -> "Generator[Part | Whole] | None":
    """What is made ahead, as ``making.make`` gives it, for the first who asks."""
    return _begun.pop()[1] if _begun and _begun[0][0] == (plan, dataset_id, team_id) else None
