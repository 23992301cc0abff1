"""What a second process makes ahead is what this one would have made."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from threading import Event, Thread

import pytest

from aicode_mock.ahead import begun_already, making_ahead
from aicode_mock.apart import received
from aicode_mock.making import make
from aicode_mock.parts import Part, Whole
from aicode_mock.pools import UnknownLocaleError
from aicode_mock.settings import Settings
from aicode_mock.worldplan import SeedingError, WorldPlan
from tests.conftest import ANCHOR, second_processes

HOSTILE = Settings(scenario="hostile", anchor=ANCHOR).plan()
DEFAULT = Settings(anchor=ANCHOR).plan()
SCALED = Settings(anchor=ANCHOR, commits=4_000, changes=2_000).plan()
FIRST = (1, 1)  # the ids in a new store


def made_ahead(plan: WorldPlan, dataset_id: int = 1, team_id: int = 1) -> list[Part | Whole] | None:
    """All that is made ahead."""
    made = begun_already(plan, dataset_id, team_id)
    return None if made is None else list(made)


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
def test_what_is_made_ahead_is_the_same_and_made_once(plan: WorldPlan) -> None:
    with making_ahead(plan, cores=2):
        ahead = len(second_processes())
        assert made_ahead(plan) == list(make(plan, *FIRST))
        assert made_ahead(plan) is None  # the second process has given all it had

    assert ahead == 1
    assert not second_processes()


ONE_THREAD = """
import os, psutil
from tests.test_ahead import DEFAULT, FIRST, HOSTILE, begun_already, made_ahead, make, making_ahead
here = list(make(DEFAULT, *FIRST))
with making_ahead(DEFAULT, cores=2):
    (copy,) = psutil.Process().children()
    assert copy.cmdline() == psutil.Process().cmdline()
    assert made_ahead(DEFAULT) == here
    assert made_ahead(DEFAULT) is None
with making_ahead(DEFAULT, cores=2):
    (copy,) = psutil.Process().children()
    next(begun_already(DEFAULT, *FIRST))  # it has begun, and its pipe holds no more
    assert os.getsid(copy.pid) == copy.pid, "a Ctrl-C at the terminal is not for it"
with making_ahead(DEFAULT, cores=2):
    assert made_ahead(HOSTILE) is None
assert not psutil.Process().children(), "nobody wants what it has made"
print("as here")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="copies its process")
def test_a_process_of_one_thread_lets_a_copy_of_itself_make_it() -> None:
    output = subprocess.run(
        [sys.executable, "-c", ONE_THREAD], capture_output=True, text=True, timeout=120, check=False
    )

    assert (output.stdout, output.stderr) == ("as here\n", "")


@pytest.mark.usefixtures("another_thread")
@pytest.mark.parametrize(
    ("plan", "dataset_id", "team_id"), [(HOSTILE, 1, 1), (DEFAULT, 2, 1), (DEFAULT, 1, 4)]
)
def test_what_is_made_ahead_is_not_mistaken_for_something_else(
    plan: WorldPlan, dataset_id: int, team_id: int
) -> None:
    with making_ahead(DEFAULT, cores=2):
        assert made_ahead(plan, dataset_id, team_id) is None


@pytest.mark.parametrize(("plan", "cores"), [(HOSTILE, 2), (DEFAULT, 1)], ids=["few rows", "one core"])
def test_nothing_is_made_ahead_where_it_does_not_pay(plan: WorldPlan, cores: int) -> None:
    with making_ahead(plan, cores=cores):
        assert not second_processes()
        assert made_ahead(plan) is None


@pytest.mark.usefixtures("another_thread")
def test_rows_that_no_team_makes_are_told_of_when_they_are_made_ahead_too() -> None:
    plan = Settings(scenario="empty", anchor=ANCHOR, commits=6_000).plan()

    with (
        making_ahead(plan, cores=2),
        pytest.raises(SeedingError, match="no team of the scenario makes commits, so 6000 cannot be made"),
    ):
        made_ahead(plan)


@pytest.mark.parametrize("error", [SeedingError("too many"), UnknownLocaleError("unknown locale 'xx'")])
def test_an_error_comes_through_as_it_was(error: ValueError) -> None:
    with pytest.raises(type(error), match=str(error)):
        list(received(BytesIO(pickle.dumps(Part({})) + pickle.dumps(error))))


@pytest.mark.parametrize("kept", [0, 1, -1])
def test_a_part_that_is_cut_is_told_of(kept: int) -> None:
    cut = BytesIO(pickle.dumps(Part({}))[:kept])

    with pytest.raises(SeedingError, match="ended before its time"):
        next(received(cut))
