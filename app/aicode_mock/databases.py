"""Which database a text names: an SQLite file, or what an SQLAlchemy URL says."""

import os
import re
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from aicode_mock.outage import StoreGoneError

_KINDS = ("sqlite", "postgresql")
_PASSWORD = re.compile(r"(://[^:/?#@]*:)[^/?#]*@|([?&](?:ssl)?password=)[^&]*")


class StoreError(Exception):
    """The database cannot be used; the message names it, the reason and what to do."""


class DatabaseNameError(StoreError):
    """The text names no database that could be any."""


def shown(database: str) -> str:
    """A database as it may be shown: without the password that a URL may hold."""
    return _PASSWORD.sub(_without_password, database) if "://" in database else database


def _without_password(found: re.Match[str]) -> str:
    return f"{found[1]}***@" if found[1] else f"{found[2]}***"


def new_file(database: str) -> Path | None:
    """The file that opening a database would make; None if it is there, or no plain SQLite file.

    Raises:
        StoreError: the database cannot be any.
    """
    file = plain_file(read_url(database, create=True))
    if file is None:
        return None
    # The log of a file that is gone would be taken for ours; SQLite itself drops it for an empty file.
    logs = (Path(f"{file}-wal"), Path(f"{file}-journal"))
    return None if file.is_symlink() or any(one.exists() for one in (file, *logs)) else file


def plain_file(url: URL) -> Path | None:
    """The file of an SQLite database, unless its URL says more than a name."""
    is_plain = url.get_backend_name() == "sqlite" and not url.query
    return Path(str(url.database)) if is_plain else None


def make_file(url: URL) -> None:
    """Make a file that is missing, for its owner alone: keys lie in it.  Why it cannot be, SQLite tells."""
    if file := plain_file(url):
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT, mode=0o600))


def read_url(database: str, *, create: bool) -> URL:
    """The URL of a database; a path is an SQLite file, which must be there unless ``create``.

    Raises:
        DatabaseNameError: the database cannot be any.
        StoreError: its file is missing.
    """
    name = shown(database)
    try:
        url = make_url(database) if "://" in database else URL.create("sqlite", database=database)
    except (ArgumentError, ValueError) as error:  # its port, for one
        allowed = "it must be the name of an SQLite file, or postgresql://USER:PASSWORD@HOST:PORT/NAME"
        raise DatabaseNameError(f"database {name} cannot be opened: {allowed}") from error
    if url.get_backend_name() not in _KINDS:
        kinds = f"{url.get_backend_name()} is not supported (allowed: {', '.join(_KINDS)})"
        raise DatabaseNameError(f"database {name} cannot be opened: {kinds}")
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise DatabaseNameError(f"database {name!r} is no file: name one, or none for a private one")
        if not create and not Path(url.database).exists():
            raise StoreError(f"database {name} does not exist")
    return url


class FileWatch:
    """Tells which file lies under a name now, since it was told to begin; before that, nothing."""

    def __init__(self, name: str) -> None:
        """``name`` is what users call the database."""
        self._name = name
        self._file: Path | None = None
        self._seen: Hashable = None

    def begin(self, url: URL) -> None:
        """Watch the file of a URL, if that names one."""
        self._file = plain_file(url)

    def identity(self) -> Hashable:
        """What stays the same as long as the file does.

        Raises:
            StoreGoneError: there is none, or another than before while the log of that one is there:
                SQLite would take it for that of the new file, and spoil it.
        """
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError as error:
            raise StoreGoneError(f"{self._name} is gone") from error
        identity = found.st_dev, found.st_ino
        if self._seen not in (None, identity) and (log := Path(f"{self._file}-wal")).exists():
            raise StoreGoneError(
                f"{self._name} is another file now, and {log} that of the one before: remove it"
            )
        self._seen = identity
        return identity
