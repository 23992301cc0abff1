"""A process of its own that makes things, and pickles each into a pipe for this one.

What it runs is a generator, by its name; what that yields is never None, and no cycle.
Little is loaded here: a process may begin before this one has loaded what it needs.

    python -m aicode_mock.apart    # a pickled name with arguments on stdin; what it yields on stdout
"""

import gc
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pkgutil import resolve_name
from queue import Queue
from typing import IO, Any, NoReturn

_MOST_WAITING = 8  # made and not yet taken: parts of up to a megabyte


class EndedError(RuntimeError):
    """The other process has ended before its time, without a word or with a traceback of its own."""


def can_branch() -> bool:
    """Whether this process can be copied: there, other threads would stand still with what they hold."""
    return hasattr(os, "fork") and threading.active_count() == 1


@contextmanager
def branch(task: str, *arguments: object) -> Iterator[Generator[Any]]:
    """What a copy of this process makes: unlike a new one, it has all that is loaded at once.

    Raises:
        EndedError: the copy has.  Besides, whatever ``ValueError`` the task raises.
    """
    outlet, inlet = os.pipe()
    copy = os.fork()
    if copy == 0:  # pragma: no cover  # in a frame that is older than what measures the copy
        _make_and_leave(inlet, outlet, task, arguments)
    os.close(inlet)
    with os.fdopen(outlet, "rb") as made:
        try:
            yield received(made)
        finally:
            made.close()  # it ends where it would write next
            with suppress(ChildProcessError):  # SIGCHLD is ignored, as whoever started us may want it
                os.waitpid(copy, 0)


def _make_and_leave(inlet: int, outlet: int, task: str, arguments: tuple[object, ...]) -> NoReturn:
    """Make it, and end without a word: what waits in buffers here is the other process's to write."""
    try:
        os.close(outlet)  # else nobody would miss a reader
        os.setsid()  # a Ctrl-C at the terminal is for the first process alone
        with os.fdopen(inlet, "wb") as made:
            _give(made, task, arguments)
    finally:
        os._exit(0)


@contextmanager
def second_process(task: str, *arguments: object) -> Iterator[Generator[Any]]:
    """What a new process makes; a Ctrl-C at the terminal is for the first one alone.

    Raises:
        EndedError: it has.  Besides, whatever ``ValueError`` the task raises.
    """
    command = [sys.executable, "-P", "-m", "aicode_mock.apart"]
    with subprocess.Popen(  # noqa: S603  # our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin is not None  # noqa: S101  # it is a pipe
        assert process.stdout is not None  # noqa: S101  # likewise
        try:
            pickle.dump((task, arguments), process.stdin)
            process.stdin.close()
            yield received(process.stdout)
        finally:
            process.stdout.close()  # it ends where it would write next


def received(made: IO[bytes]) -> Generator[Any]:
    """What comes through a pipe, until the None behind it."""
    while (one := _receive(made)) is not None:
        yield one


def _receive(made: IO[bytes]) -> object:
    try:
        one = pickle.load(made)  # noqa: S301  # from our own process
    except (EOFError, pickle.UnpicklingError):  # between two things, or within one
        raise EndedError("a second process has ended before its time: killed, or out of memory") from None
    if isinstance(one, ValueError):
        raise one
    return one


def _give(made: IO[bytes], task: str, arguments: tuple[object, ...]) -> None:
    """Make things, and give them as fast as they are taken."""
    gc.disable()  # nothing would be found
    ready: Queue[bytes] = Queue(_MOST_WAITING)
    threading.Thread(target=_make, args=(ready, task, arguments), daemon=True).start()
    with suppress(BrokenPipeError):  # the first process is gone
        for one in iter(ready.get, b""):
            made.write(one)
            made.flush()


def _make(ready: "Queue[bytes]", task: str, arguments: tuple[object, ...]) -> None:
    try:
        for one in resolve_name(task)(*arguments):
            ready.put(pickle.dumps(one))
        ready.put(pickle.dumps(None))
    except ValueError as error:
        ready.put(pickle.dumps(error))
    except BaseException:
        traceback.print_exc()  # before the process leaves
    finally:
        ready.put(b"")


if __name__ == "__main__":
    _give(sys.stdout.buffer, *pickle.load(sys.stdin.buffer))  # noqa: S301  # from the first process
