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
    from sqlalchemy.exc import DBAPIError

    from aicode_mock.databases import StoreError
    from aicode_mock.server import PortTakenError, WorkerError

    try:
        yield
    except PortTakenError as error:
        raise PortTaken(str(error)) from error
    except (StoreError, WorkerError, OSError) as error:
        raise Failure(str(error)) from error
    except DBAPIError as error:  # after it was opened: the disk is full, somebody locks it
        raise Failure(f"the database failed: {error.orig}") from error
    except ValueError as error:
        raise WrongCall(str(error)) from error
