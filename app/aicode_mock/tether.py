"""What ends with the program that started it: a pipe that nobody holds any more is the sign.

A pipe ends with its writer, however that came to its end, so nothing is left running.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

_CHUNK_BYTES = 4096


def when_ended(descriptor: int, then: Callable[[], None]) -> Thread:
    """Call ``then``, in a thread, when what is read from ``descriptor`` ends; it keeps no process alive."""
    # The descriptor itself: a thread that waits in sys.stdin holds a lock that the interpreter's end wants.
    thread = Thread(target=_wait, args=(descriptor, then), daemon=True)
    thread.start()
    return thread


def _wait(descriptor: int, then: Callable[[], None]) -> None:
    with suppress(OSError):  # none is open: that is an end, too
        while os.read(descriptor, _CHUNK_BYTES):
            pass
    then()
