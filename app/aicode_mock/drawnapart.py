"""A process of its own that draws rows, and pickles batches into a pipe for this one.

It may begin ahead: while this process still loads what writes and serves rows.  So little
is loaded here.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import IO, TYPE_CHECKING, NoReturn

from aicode_mock.worldplan import SeedingError, WorldPlan

if TYPE_CHECKING:
    from aicode_mock.batches import Batch

_DRAWING = "aicode_mock.drawing"  # what the other process runs: by its name, for it imports this
_AHEAD_ROWS = 5_000  # for fewer a process is not worth its start

_begun: list[tuple[WorldPlan, IO[bytes]]] = []  # what is drawn ahead, until somebody wants it


@contextmanager
def drawing_ahead(plan: WorldPlan, *, cores: int = os.cpu_count() or 1) -> Iterator[None]:
    """Let a second process draw, and render, already what this one will ask for, while it lasts.

    Not if there are few rows, or no core for it.
    """
    if cores == 1 or plan.usual_rows < _AHEAD_ROWS:
        yield
        return
    begin = _branch if _can_branch() else partial(second_process, renders=True)
    with begin(plan) as drawn:
        _begun.append((plan, drawn))
        try:
            yield
        finally:
            _begun.clear()


def begun_already(plan: WorldPlan) -> IO[bytes] | None:
    """What is drawn of a plan ahead, for the first who asks."""
    return _begun.pop()[1] if _begun and _begun[0][0] == plan else None


def _can_branch() -> bool:
    """Whether this process can be copied: there, other threads would stand still with what they hold."""
    return hasattr(os, "fork") and threading.active_count() == 1


@contextmanager
def _branch(plan: WorldPlan) -> Iterator[IO[bytes]]:
    """What a copy of this process draws and renders of a plan: unlike a new one, it has it at once."""
    outlet, inlet = os.pipe()
    copy = os.fork()
    if copy == 0:  # pragma: no cover  # in a frame that is older than what measures the copy
        _draw_and_leave(plan, inlet, outlet)
    os.close(inlet)
    with os.fdopen(outlet, "rb") as drawn:
        try:
            yield drawn
        finally:
            drawn.close()  # it ends where it would write next
            os.waitpid(copy, 0)


def _draw_and_leave(plan: WorldPlan, inlet: int, outlet: int) -> NoReturn:
    """Draw, and end without a word: what waits in buffers here is the other process's to write."""
    try:
        os.close(outlet)  # else nobody would miss a reader
        os.setsid()  # a Ctrl-C at the terminal is for the first process alone
        with os.fdopen(inlet, "wb") as drawn:
            import_module(_DRAWING).draw_into(drawn, plan, renders=True)
    finally:
        os._exit(0)


@contextmanager
def second_process(plan: WorldPlan, *, renders: bool) -> Iterator[IO[bytes]]:
    """What it draws of a plan, and renders if it is to.

    A Ctrl-C at the terminal is for the first process alone.
    """
    command = [sys.executable, "-P", "-m", _DRAWING]
    with subprocess.Popen(  # noqa: S603  # our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin is not None  # noqa: S101  # it is a pipe
        assert process.stdout is not None  # noqa: S101  # likewise
        try:
            pickle.dump((plan, renders), process.stdin)
            process.stdin.close()
            yield process.stdout
        finally:
            process.stdout.close()  # it ends where it would write next


def taken_from(drawn: IO[bytes], plan: WorldPlan) -> "Iterator[Iterator[Batch]]":
    """The batches of one team of a plan after the other, as they were drawn."""
    return (iter(partial(_receive, drawn), None) for _ in plan.scenario.teams)


def _receive(drawn: IO[bytes]) -> "Batch | None":
    try:
        batch: Batch | SeedingError | None = pickle.load(drawn)  # noqa: S301  # from our own process
    except (EOFError, pickle.UnpicklingError):  # between two batches, or within one
        raise SeedingError("the process that draws rows has ended before its time") from None
    if isinstance(batch, SeedingError):
        raise batch
    return batch
