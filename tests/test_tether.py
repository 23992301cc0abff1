"""What ends with the program that started it."""

import os
import threading

from aicode_mock.tether import when_ended


def test_the_end_of_a_pipe_is_told_once_its_writer_is_gone() -> None:
    reader, writer = os.pipe()
    ended = threading.Event()
    thread = when_ended(reader, ended.set)

    os.write(writer, b"what is written does not matter")
    was_early = ended.is_set()
    os.close(writer)
    thread.join(timeout=30)
    os.close(reader)

    assert (was_early, ended.is_set()) == (False, True)


def test_what_is_not_open_has_ended() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    ended = threading.Event()

    when_ended(reader, ended.set).join(timeout=30)

    assert ended.is_set()
