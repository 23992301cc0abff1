"""How the command ends: what can go wrong, as one line and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

FOUND = 4  # an exit code of its own: CI tells a bad client from a server that is gone


class Failure(click.ClickException):
    """Something went wrong at run time."""

    exit_code = 1


class WrongCall(click.ClickException):
    """The options do not fit together, or name something that is not there."""

    exit_code = 2


class PortTaken(click.ClickException):
    """Another program listens there."""

    exit_code = 3


@contextmanager
def explained() -> Iterator[None]:
    """Turn what can go wrong into one line and an exit code."""
    try:
        yield
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: Exception) -> click.ClickException | None:
    from sqlalchemy.exc import DBAPIError  # loaded by now, if it was needed

    from aicode_mock.apart import EndedError
    from aicode_mock.databases import DatabaseNameError, StoreError
    from aicode_mock.server import PortTakenError
    from aicode_mock.workers import WorkerError

    match error:
        case PortTakenError():
            return PortTaken(str(error))
        case DatabaseNameError():
            return WrongCall(str(error))
        case StoreError() | WorkerError() | EndedError() | OSError():
            return Failure(str(error))
        case DBAPIError():  # after it was opened: the disk is full, somebody locks it
            return Failure(f"the database failed: {error.orig}")
        case ValueError():
            return WrongCall(str(error))
    return None
