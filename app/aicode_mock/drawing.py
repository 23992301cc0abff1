"""Drawing the rows of a data set, many of them in a second process.

Drawing takes about as long as writing, and Python does one at a time.  So a process of
its own (``drawnapart``) draws while this one writes what it drew before.  Both ways give
the same rows.

    python -m aicode_mock.drawing    # a pickled plan on stdin; batches on stdout
"""

import gc
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from queue import Queue
from threading import Thread
from typing import IO

from aicode_mock.activity import History
from aicode_mock.batches import Batch, Texts
from aicode_mock.clock import to_ms
from aicode_mock.drawnapart import begun_already, second_process, taken_from
from aicode_mock.handwritten import handwritten_rows
from aicode_mock.outbox import Outbox
from aicode_mock.pools import Pools, load_pools
from aicode_mock.worldplan import SeedingError, TeamWork, WorldPlan, plan_work

APART_ROWS = 50_000  # fewer are drawn here before a second process has begun
_BATCH_ROWS = 1_000
_MOST_BATCHES = 64  # drawn and not yet taken: some megabytes

Batches = Iterator[Batch]


@contextmanager
def drawing(plan: WorldPlan, pools: Pools, *, apart_rows: int = APART_ROWS) -> Iterator[Iterator[Batches]]:
    """The batches of each team, in the order of the teams; each team's are to be taken before the next one's.

    From ``apart_rows`` rows on, a second process draws them; it ends with the context.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes; a second process tells of it
            with the first batch.
    """
    if begun := begun_already(plan):
        yield taken_from(begun, plan)
        return
    works = plan_work(plan, pools)
    if sum(work.rows for work in works) < apart_rows:
        yield (_draw(plan, pools, work) for work in works)
    else:
        with second_process(plan, renders=False) as drawn:
            yield taken_from(drawn, plan)


def _draw(plan: WorldPlan, pools: Pools, work: TeamWork) -> Batches:
    """The rows of one team, in the order of their createdAt."""
    outbox = Outbox()
    for made in handwritten_rows(work.plan, work.crew, anchor=to_ms(plan.anchor)):
        outbox.put(made)
    history = History(work.plan, work.crew, pools, *plan.labels, work.plan.name)
    rows = history.rows(work.hours, commits=work.commits, changes=work.changes, outbox=outbox)
    while batch := list(islice(rows, _BATCH_ROWS)):
        yield Batch(batch)


def draw_into(drawn: IO[bytes], plan: WorldPlan, *, renders: bool) -> None:
    """Draw a plan's teams, and give what is drawn as fast as it is taken."""
    gc.disable()  # rows are no cycles: nothing is found
    ready: Queue[bytes] = Queue(_MOST_BATCHES)
    Thread(target=_draw_all, args=(plan, renders, ready), daemon=True).start()
    with suppress(BrokenPipeError):  # the first process is gone
        for batch in iter(ready.get, b""):
            drawn.write(batch)
            drawn.flush()


def _draw_all(plan: WorldPlan, renders: bool, ready: "Queue[bytes]") -> None:  # as it comes
    """Draw the teams one after the other; None ends each, no bytes end all."""
    try:
        pools = load_pools(plan.scenario.locales)
        for work in plan_work(plan, pools):
            for batch, _ in _draw(plan, pools, work):
                ready.put(pickle.dumps(Batch(batch, Texts.of(batch) if renders else None)))
            ready.put(pickle.dumps(None))
    except SeedingError as error:
        ready.put(pickle.dumps(error))
    finally:
        ready.put(b"")


if __name__ == "__main__":
    ordered, renders = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the first process
    draw_into(sys.stdout.buffer, ordered, renders=renders)
