"""Rows that a second process draws are the rows that this one would have drawn."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from threading import Event, Thread

import psutil
import pytest

from aicode_mock.batches import Batch
from aicode_mock.drawing import APART_ROWS, drawing
from aicode_mock.drawnapart import drawing_ahead, taken_from
from aicode_mock.outbox import Made
from aicode_mock.pools import load_pools
from aicode_mock.settings import Settings
from aicode_mock.worldplan import SeedingError, WorldPlan
from tests.conftest import ANCHOR

HOSTILE = Settings(scenario="hostile", anchor=ANCHOR).plan()
DEFAULT = Settings(anchor=ANCHOR).plan()
SCALED = Settings(anchor=ANCHOR, commits=4_000, changes=2_000).plan()
LARGE = Settings(anchor=ANCHOR, commits=APART_ROWS, changes=10).plan()


def drawn(plan: WorldPlan, **how: int) -> list[list[Made]]:
    """The rows of each team."""
    with drawing(plan, load_pools(plan.scenario.locales), **how) as teams:
        return [list(chain.from_iterable(batch for batch, _ in batches)) for batches in teams]


def second_processes() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "aicode_mock.drawing" in one.cmdline()]


@pytest.mark.parametrize("plan", [HOSTILE, LARGE], ids=["hostile", "large"])
def test_a_second_process_draws_the_same_rows(plan: WorldPlan) -> None:
    here = drawn(plan, apart_rows=sys.maxsize)

    assert drawn(plan, apart_rows=0) == here


@pytest.mark.parametrize(("plan", "processes"), [(HOSTILE, 0), (LARGE, 1)], ids=["hostile", "large"])
def test_only_many_rows_are_worth_a_second_process(plan: WorldPlan, processes: int) -> None:
    with drawing(plan, load_pools(plan.scenario.locales)) as teams:
        next(next(teams))
        during = second_processes()

    assert len(during) == processes
    assert not second_processes()


@pytest.fixture
def another_thread() -> Iterator[None]:
    """A thread that waits: a process that has one is not copied."""
    ended = Event()
    thread = Thread(target=ended.wait)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures("another_thread")
@pytest.mark.parametrize("plan", [DEFAULT, SCALED], ids=["default", "scaled"])
def test_rows_that_are_drawn_ahead_are_the_same_and_drawn_once(plan: WorldPlan) -> None:
    here = drawn(plan)

    with drawing_ahead(plan, cores=2):
        ahead = len(second_processes())
        assert drawn(plan) == here
        assert drawn(plan) == here  # the second process has given all it had

    assert ahead == 1
    assert not second_processes()


ONE_THREAD = """
import os, psutil
from tests.test_drawing import DEFAULT, HOSTILE, drawing, drawing_ahead, drawn, load_pools
here = drawn(DEFAULT)
with drawing_ahead(DEFAULT, cores=2):
    (copy,) = psutil.Process().children()
    assert copy.cmdline() == psutil.Process().cmdline()
    assert drawn(DEFAULT) == here
    assert drawn(DEFAULT) == here
with drawing_ahead(DEFAULT, cores=2), drawing(DEFAULT, load_pools(DEFAULT.scenario.locales)) as teams:
    (copy,) = psutil.Process().children()
    next(next(teams))  # it has begun, and its pipe holds no more
    assert os.getsid(copy.pid) == copy.pid, "a Ctrl-C at the terminal is not for it"
with drawing_ahead(DEFAULT, cores=2):
    assert drawn(HOSTILE)
assert not psutil.Process().children(), "nobody wants what it has drawn"
print("as here")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="copies its process")
def test_a_process_of_one_thread_lets_a_copy_of_itself_draw() -> None:
    output = subprocess.run(
        [sys.executable, "-c", ONE_THREAD], capture_output=True, text=True, timeout=120, check=False
    )

    assert (output.stdout, output.stderr) == ("as here\n", "")


@pytest.mark.usefixtures("another_thread")
def test_another_plan_is_not_mistaken_for_the_one_that_is_drawn_ahead() -> None:
    with drawing_ahead(DEFAULT, cores=2):
        assert drawn(HOSTILE) == drawn(HOSTILE, apart_rows=sys.maxsize)


@pytest.mark.parametrize(("plan", "cores"), [(HOSTILE, 2), (DEFAULT, 1)], ids=["few rows", "one core"])
def test_nothing_is_drawn_ahead_where_it_does_not_pay(plan: WorldPlan, cores: int) -> None:
    with drawing_ahead(plan, cores=cores):
        assert not second_processes()


@pytest.mark.usefixtures("another_thread")
def test_rows_that_no_team_makes_are_told_of_when_they_are_drawn_ahead_too() -> None:
    plan = Settings(scenario="empty", anchor=ANCHOR, commits=6_000).plan()

    with (
        drawing_ahead(plan, cores=2),
        pytest.raises(SeedingError, match="no team of the scenario makes commits, so 6000 cannot be made"),
    ):
        drawn(plan)


def test_a_second_process_that_is_killed_is_told_of() -> None:
    with drawing(LARGE, load_pools(LARGE.scenario.locales)) as teams:
        batches = next(teams)
        next(batches)
        second_processes()[0].kill()
        with pytest.raises(SeedingError, match="ended before its time"):
            list(batches)


@pytest.mark.parametrize("kept", [0, 1, -1])
def test_a_batch_that_is_cut_is_told_of(kept: int) -> None:
    cut = BytesIO(pickle.dumps(Batch([]))[:kept])

    with pytest.raises(SeedingError, match="ended before its time"):
        next(next(taken_from(cut, HOSTILE)))


WRITER_THAT_IS_KILLED = """
import os, signal
from tests.test_drawing import LARGE, drawing, load_pools
with drawing(LARGE, load_pools(LARGE.scenario.locales)) as teams:
    next(next(teams))
    print("one batch", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_second_process_ends_silently_when_its_writer_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER_THAT_IS_KILLED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "one batch\n"
        _, complaint = writer.communicate(timeout=60)  # ends when the second process, too, has let go of it

    assert writer.returncode == -signal.SIGKILL
    assert not complaint
