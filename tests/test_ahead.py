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
from aicode_mock.apart import EndedError, received, second_process
from aicode_mock.exits import Failure, explained
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

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="copies its process")


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
IGNORING = f"import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n{ONE_THREAD}"


KILLED = """
import psutil
from tests.test_ahead import DEFAULT, EndedError, making_ahead, made_ahead
with making_ahead(DEFAULT, cores=2):
    (copy,) = psutil.Process().children()
    copy.kill()
    try:
        made_ahead(DEFAULT)
    except EndedError as error:
        print(error)
"""
FAILING = """
from aicode_mock.apart import branch
from tests.test_ahead import EndedError
with branch("tests.test_ahead:fail") as made:
    assert next(made) == "one"
    try:
        next(made)
    except EndedError as error:
        print(error)
"""
ENDED = "a second process has ended before its time: killed, or out of memory"


def fail() -> Iterator[str]:
    """A task with a bug."""
    yield "one"
    raise LookupError("a bug in the task")


def output_of(program: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout, done.stderr


@needs_fork
@pytest.mark.parametrize(
    ("program", "told"),
    [(ONE_THREAD, "as here"), (IGNORING, "as here"), (KILLED, ENDED)],
    ids=["usual", "SIGCHLD is ignored", "killed"],
)
def test_a_process_of_one_thread_lets_a_copy_of_itself_make_it(program: str, told: str) -> None:
    assert output_of(program) == (f"{told}\n", "")


def test_that_a_process_was_killed_is_no_wrong_call() -> None:
    with pytest.raises(Failure, match="ended before its time"), explained():
        next(received(BytesIO()))


@needs_fork
def test_a_bug_in_a_copy_is_told_with_its_traceback() -> None:
    told, complaint = output_of(FAILING)

    assert told == f"{ENDED}\n"
    assert complaint.startswith("Traceback")
    assert complaint.endswith("LookupError: a bug in the task\n")


def test_a_bug_in_a_new_process_is_told_with_its_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with second_process("aicode_mock.drawing:draw_all", "no plan") as made, pytest.raises(EndedError):
        list(made)

    assert capfd.readouterr().err.count("AttributeError: 'str' object has no attribute 'scenario'\n") == 1


@pytest.mark.usefixtures("another_thread")
@pytest.mark.parametrize(
    ("plan", "dataset_id", "team_id"), [(HOSTILE, 1, 1), (DEFAULT, 2, 1), (DEFAULT, 1, 4)]
)
def test_what_is_made_ahead_is_not_mistaken_for_something_else(
    plan: WorldPlan, dataset_id: int, team_id: int
) -> None:
    with making_ahead(DEFAULT, cores=2):
        assert made_ahead(plan, dataset_id, team_id) is None


@pytest.mark.usefixtures("another_thread")
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

    with pytest.raises(EndedError, match="ended before its time"):
        next(received(cut))
