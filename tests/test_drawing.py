"""Rows that a second process draws are the rows that this one would have drawn."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import pytest

from aicode_mock.apart import EndedError
from aicode_mock.drawing import APART_ROWS, Batches, drawing
from aicode_mock.outbox import Made
from aicode_mock.pools import load_pools
from aicode_mock.settings import Settings
from aicode_mock.worldplan import WorldPlan, plan_work
from tests.conftest import ANCHOR, second_processes

HOSTILE = Settings(scenario="hostile", anchor=ANCHOR).plan()
LARGE = Settings(anchor=ANCHOR, commits=APART_ROWS, changes=10).plan()


@contextmanager
def teams_of(plan: WorldPlan, *, apart_rows: int = APART_ROWS) -> Iterator[Iterator[Batches]]:
    """The batches of each team."""
    pools = load_pools(plan.scenario.locales)
    with drawing(plan, pools, plan_work(plan, pools), apart_rows=apart_rows) as teams:
        yield teams


def drawn(plan: WorldPlan, *, apart_rows: int) -> list[list[Made]]:
    """The rows of each team."""
    with teams_of(plan, apart_rows=apart_rows) as teams:
        return [list(chain.from_iterable(batches)) for batches in teams]


@pytest.mark.parametrize("plan", [HOSTILE, LARGE], ids=["hostile", "large"])
def test_a_second_process_draws_the_same_rows(plan: WorldPlan) -> None:
    here = drawn(plan, apart_rows=sys.maxsize)

    assert drawn(plan, apart_rows=0) == here


@pytest.mark.parametrize(("plan", "processes"), [(HOSTILE, 0), (LARGE, 1)], ids=["hostile", "large"])
def test_only_many_rows_are_worth_a_second_process(plan: WorldPlan, processes: int) -> None:
    with teams_of(plan) as teams:
        next(next(teams))
        during = second_processes()

    assert len(during) == processes
    assert not second_processes()


def test_a_second_process_that_is_killed_is_told_of() -> None:
    with teams_of(LARGE) as teams:
        batches = next(teams)
        next(batches)
        second_processes()[0].kill()
        with pytest.raises(EndedError, match="ended before its time"):
            list(batches)


WRITER_THAT_IS_KILLED = """
import os, signal
from tests.test_drawing import LARGE, teams_of
with teams_of(LARGE) as teams:
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
