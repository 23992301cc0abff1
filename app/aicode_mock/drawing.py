"""Drawing the rows of a data set, many of them in a second process.

Drawing takes about as long as writing, and Python does one at a time.  So a process of
its own draws, and pickles batches into a pipe, while this one writes what it drew
before, or loads what it needs for writing.  Both ways give the same rows.

    python -m aicode_mock.drawing    # a pickled plan on stdin; batches on stdout
"""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from queue import Queue
from threading import Thread
from typing import IO

from aicode_mock.activity import History
from aicode_mock.clock import to_ms
from aicode_mock.handwritten import handwritten_rows
from aicode_mock.outbox import Made, Outbox
from aicode_mock.pools import Pools, load_pools
from aicode_mock.worldplan import SeedingError, TeamWork, WorldPlan, plan_work

APART_ROWS = 50_000  # fewer are drawn here before a second process has begun
_AHEAD_ROWS = 5_000  # from here on it is worth one to a process that has to load its modules meanwhile
_BATCH_ROWS = 1_000
_MOST_BATCHES = 64  # drawn and not yet taken: some megabytes

Batches = Iterator[list[Made]]

_begun: list[tuple[WorldPlan, IO[bytes]]] = []  # what a second process draws already


@contextmanager
def drawing(
    plan: WorldPlan, pools: Pools, works: Sequence[TeamWork], *, apart_rows: int = APART_ROWS
) -> Iterator[Callable[[TeamWork], Batches]]:
    """What draws a team's rows in batches; it is to be asked for each of the works, in their order.

    From ``apart_rows`` rows on, a second process draws them; it ends with the context.
    """
    if _begun and _begun[0][0] == plan:
        yield _taken_from(_begun.pop()[1])
    elif sum(work.rows for work in works) < apart_rows:
        yield partial(_draw, plan, pools)
    else:
        with _second_process(plan) as drawn:
            yield _taken_from(drawn)


@contextmanager
def drawing_ahead(plan: WorldPlan, *, cores: int = os.cpu_count() or 1) -> Iterator[None]:
    """Let a second process draw already what this one will ask for, while it lasts.

    Not if there are few rows, or no core for it.
    """
    if cores == 1 or plan.usual_rows < _AHEAD_ROWS:
        yield
        return
    with _second_process(plan) as drawn:
        _begun.append((plan, drawn))
        try:
            yield
        finally:
            _begun.clear()


def _draw(plan: WorldPlan, pools: Pools, work: TeamWork) -> Batches:
    """The rows of one team, in the order of their createdAt."""
    outbox = Outbox()
    for made in handwritten_rows(work.plan, work.crew, anchor=to_ms(plan.anchor)):
        outbox.put(made)
    history = History(work.plan, work.crew, pools, *plan.labels, work.plan.name)
    rows = history.rows(work.hours, commits=work.commits, changes=work.changes, outbox=outbox)
    while batch := list(islice(rows, _BATCH_ROWS)):
        yield batch


@contextmanager
def _second_process(plan: WorldPlan) -> Iterator[IO[bytes]]:
    """What it draws of a plan.  A Ctrl-C at the terminal is for the first process alone."""
    command = [sys.executable, "-P", "-m", "aicode_mock.drawing"]
    with subprocess.Popen(  # noqa: S603  # our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin is not None  # noqa: S101  # it is a pipe
        assert process.stdout is not None  # noqa: S101  # likewise
        try:
            pickle.dump(plan, process.stdin)
            process.stdin.close()
            yield process.stdout
        finally:
            process.stdout.close()  # it ends where it would write next


def _taken_from(drawn: IO[bytes]) -> Callable[[TeamWork], Batches]:
    return lambda _work: iter(partial(_receive, drawn), [])


def _receive(drawn: IO[bytes]) -> list[Made]:
    try:
        batch: list[Made] = pickle.load(drawn)  # noqa: S301  # from our own process
    except EOFError:
        raise SeedingError("the process that draws rows has ended before its time") from None
    return batch


def _main(orders: IO[bytes], drawn: IO[bytes]) -> None:
    """Draw a plan's teams, and give what is drawn as fast as it is taken."""
    gc.disable()  # rows are no cycles: nothing is found
    plan: WorldPlan = pickle.load(orders)  # noqa: S301  # from our own process
    ready: Queue[bytes] = Queue(_MOST_BATCHES)
    Thread(target=_draw_all, args=(plan, ready), daemon=True).start()
    with suppress(BrokenPipeError):  # the first process is gone
        for batch in iter(ready.get, b""):
            drawn.write(batch)
            drawn.flush()


def _draw_all(plan: WorldPlan, ready: "Queue[bytes]") -> None:
    """Draw the teams one after the other; an empty batch ends each, no bytes end all."""
    try:
        pools = load_pools(plan.scenario.locales)
        for work in plan_work(plan, pools):
            for batch in chain(_draw(plan, pools, work), [[]]):
                ready.put(pickle.dumps(batch))
    finally:
        ready.put(b"")


if __name__ == "__main__":
    _main(sys.stdin.buffer, sys.stdout.buffer)
