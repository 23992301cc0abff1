"""Drawing the rows of a data set, many of them in a process of its own.

Drawing takes about as long as all that follows, and Python does one at a time.  So a
process of its own (``apart``) draws while this one makes values of what it drew before,
even where this one is already beside the one that writes (``ahead``).  Both ways give
the same rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice

from aicode_mock.activity import History
from aicode_mock.apart import second_process
from aicode_mock.clock import to_ms
from aicode_mock.handwritten import handwritten_rows
from aicode_mock.outbox import Made, Outbox
from aicode_mock.pools import Pools, load_pools
from aicode_mock.worldplan import TeamWork, WorldPlan, plan_work

APART_ROWS = 50_000  # fewer are drawn here before a second process has begun
_BATCH_ROWS = 1_000

Batches = Iterator[list[Made]]
"""Rows in the order of their createdAt."""


@contextmanager
def drawing(
    plan: WorldPlan, pools: Pools, works: Sequence[TeamWork], *, apart_rows: int = APART_ROWS
) -> Iterator[Iterator[Batches]]:
    """The batches of each team, in the order of the teams; each team's are to be taken before the next one's.

    From ``apart_rows`` rows on, a second process draws them; it ends with the context.
    """
    if sum(work.rows for work in works) < apart_rows:
        yield (_draw(plan, pools, work) for work in works)
    else:
        with second_process("aicode_mock.drawing:draw_all", plan) as drawn:
            yield (iter(partial(next, drawn), []) for _ in works)


def draw_all(plan: WorldPlan) -> Batches:
    """The batches of all teams, behind those of each an empty one."""
    pools = load_pools(plan.scenario.locales)
    for work in plan_work(plan, pools):
        yield from _draw(plan, pools, work)
        yield []


def _draw(plan: WorldPlan, pools: Pools, work: TeamWork) -> Batches:
    outbox = Outbox()
    for made in handwritten_rows(work.plan, work.crew, anchor=to_ms(plan.anchor)):
        outbox.put(made)
    history = History(work.plan, work.crew, pools, *plan.labels, work.plan.name)
    rows = history.rows(work.hours, commits=work.commits, changes=work.changes, outbox=outbox)
    return iter(lambda: list(islice(rows, _BATCH_ROWS)), [])
