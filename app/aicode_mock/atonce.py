"""Answering on the event loop: what is known already is sent without a thread.

The way into a thread and back takes about as long as all that we do for a page that was asked for
before.  So a request is first tried where it arrives, as one transaction that waits for nobody.  As
soon as it would have to wait, or to work for long, that transaction is rolled back, nothing has
happened, and the request begins again in a thread.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Protocol, TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from aicode_mock.directory import Caller, find_caller
from aicode_mock.entries import Entry
from aicode_mock.journal import Journal
from aicode_mock.pagecache import PageCache
from aicode_mock.prepared import rollback, run_raw
from aicode_mock.ratelimit import RateLimits
from aicode_mock.store import Transactions
from aicode_mock.twin import Twin

_Answer = TypeVar("_Answer")
_MOST_CALLERS = 256


class NotAtOnceError(BaseException):
    """The answer takes time.  It is no error of anybody: it passes those who handle errors."""


class Resources(Protocol):
    """What a request is answered with, in a thread (``Twin``) or on the event loop (``AtOnce``)."""

    @property
    def store(self) -> Transactions:
        """Where everything is kept."""

    @property
    def limits(self) -> RateLimits:
        """Counts answers."""

    @property
    def journal(self) -> Journal:
        """Notes requests."""

    @property
    def pages(self) -> PageCache:
        """The answers that were made last."""

    def find_caller(self, connection: Connection, key: str) -> Caller | None:
        """The team of a key, or None if there is no such key."""

    def take_time(self) -> None:
        """Go on, if what comes now may take long.

        Raises:
            NotAtOnceError: it may not.
        """


class AtOnce:
    """The resources of a twin for whoever may not wait; everything lies in one transaction."""

    def __init__(self, twin: Twin) -> None:
        """What is kept and counted is the twin's."""
        self._twin = twin
        self._ended: list[Entry] = []
        self._callers: dict[str, Caller | None] = {}
        self._version: tuple[Connection, int] | None = None  # of the database, when they were found
        self._one = _OneTransaction()
        self.store: Transactions = self._one
        self.limits = RateLimits(self._one)
        self.journal = Journal(self._one, self._ended.append, size=twin.journal.size)
        self.pages = twin.pages

    def run(self, answer: Callable[["AtOnce"], _Answer]) -> _Answer:
        """Make an answer of these resources, or leave all as it was.

        Raises:
            NotAtOnceError: it takes time, somebody else is writing, or it fails: whatever goes wrong
                goes wrong in a thread, where it may be told of.
        """
        try:
            with self._twin.store.at_once() as connection:  # the writer's turn: one at a time
                self._ended.clear()
                made, ended = self._try(answer, connection), tuple(self._ended)
        except SQLAlchemyError as error:
            raise NotAtOnceError from error
        if made is None:
            raise NotAtOnceError
        for entry in ended:
            self._twin.meters.count(entry)
        return made

    def find_caller(self, connection: Connection, key: str) -> Caller | None:
        """The team of a key, looked for once as long as nobody else writes: what we write changes none."""
        version = connection, run_raw(connection, "PRAGMA data_version").fetchone()[0]
        if version != self._version or len(self._callers) >= _MOST_CALLERS:
            self._callers.clear()
            self._version = version
        if key not in self._callers:
            self._callers[key] = find_caller(connection, key)
        return self._callers[key]

    def take_time(self) -> None:
        """Never."""
        raise NotAtOnceError

    def _try(self, answer: Callable[["AtOnce"], _Answer], connection: Connection) -> _Answer | None:
        self._one.connection = connection
        try:
            return answer(self)
        except (NotAtOnceError, Exception):
            rollback(connection)
            return None
        finally:
            self._one.connection = None


class _OneTransaction:
    """A store whose transactions are parts of the one that is open on ``connection``.

    It is the context of those that write: what is written stays if all of it does.
    """

    def __init__(self) -> None:
        self.connection: Connection | None = None

    def reading(self) -> AbstractContextManager[Connection]:
        """Its snapshot is that of the whole."""
        return nullcontext(self._expected())

    def writing(self) -> "_OneTransaction":
        return self

    def rearranging(self) -> AbstractContextManager[Connection]:
        """Never: worlds take their time."""
        raise NotAtOnceError

    def __enter__(self) -> Connection:
        return self._expected()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, SQLAlchemyError):
            raise NotAtOnceError from error

    def _expected(self) -> Connection:
        if self.connection is None:
            raise NotAtOnceError
        return self.connection
