"""What keeps the store from answering: in words, for its users and for the log.

A store that cannot be *written* (its disk is full, or read-only now) still answers what
is read; one that is locked, gone or unreachable answers nothing until it is back.
"""

import logging
import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_LOG = logging.getLogger("aicode_mock")
_UNWRITABLE = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR_WRITE: "full",  # what a quota, or a limit of the process, comes to
    sqlite3.SQLITE_READONLY: "read-only",
    "53100": "full",  # SQLSTATE: disk_full
    "25006": "read-only",  # SQLSTATE: read_only_sql_transaction, as after a failover
}
_PRIMARY = 0xFF  # SQLite: the low byte is the kind, the others say more


class StoreGoneError(SQLAlchemyError):
    """The file of the store has been removed, renamed or replaced."""


class StoreBusyError(SQLAlchemyError):
    """Others have written for so long that this writer gave up."""


def why_unwritable(error: SQLAlchemyError) -> str | None:
    """``full`` or ``read-only``, if that is why the store cannot be written; reading goes on then."""
    code = _code(error)
    kind = _UNWRITABLE.get(code)
    return _UNWRITABLE.get(code & _PRIMARY) if kind is None and isinstance(code, int) else kind


def pass_over(error: SQLAlchemyError, *, doing: str) -> None:
    """Write a line that something was not written, and go on: only reading was asked for.

    Raises:
        SQLAlchemyError: the one given, if it is not that the store cannot be written.
    """
    if why_unwritable(error) is None:
        raise error
    report(error, doing=doing)


def describe(error: SQLAlchemyError) -> str:
    """A sentence for whoever asked: what is the matter, as far as it is their concern."""
    if kind := why_unwritable(error):
        return f"the store cannot be written: its disk is {kind}"
    if isinstance(error, StoreGoneError):
        return "the store does not answer: its file is gone"
    if is_busy(error):
        return "the store does not answer: somebody else writes to it"
    return "the store does not answer"


def is_busy(error: SQLAlchemyError) -> bool:
    """Whether somebody else has written for too long."""
    code = _code(error)
    is_locked = isinstance(code, int) and code & _PRIMARY in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return is_locked or isinstance(error, StoreBusyError)


def report(error: SQLAlchemyError, *, doing: str = "answer") -> None:
    """Write a line for whoever runs the server, with the words of the database."""
    _LOG.error("aicode-mock: error: cannot %s: %s", doing, reason(error))


def reason(error: SQLAlchemyError) -> str:
    """The first line of what the database says; no statement and no parameters."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _code(error: SQLAlchemyError) -> int | str | None:
    cause = error.orig if isinstance(error, DBAPIError) else None
    code: int | str | None = getattr(cause, "sqlite_errorcode", None) or getattr(cause, "sqlstate", None)
    return code
