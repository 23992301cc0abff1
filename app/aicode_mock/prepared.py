"""Statements that every request needs: made into text once, then run by the driver itself.

SQLAlchemy words a statement for each kind of database and keeps the connections; around
a statement that never changes and takes some microseconds, executing it that way costs
more than the statement (docs/decisions.md).
"""

from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_NAMED = {"sqlite": "named", "postgresql": "pyformat"}  # parameters by name, in the driver's words
_RUNS_AHEAD = {"sqlite": 0, "postgresql": 2}
_CURSORS = {"sqlite": {}, "postgresql": {"binary": True}}  # as text, bytes come in twice their length


class Prepared:
    """A statement with parameters by name.  Values come as the driver has them: booleans may be 0 and 1."""

    def __init__(self, statement: ClauseElement) -> None:
        """The statement must not change from run to run but by its parameters."""
        self._statement = statement
        self._made: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def row(self, connection: Connection, parameters: Mapping[str, object]) -> Sequence[Any] | None:
        """The first row that is found, or None."""
        row: Sequence[Any] | None = self._run(connection, parameters).fetchone()
        return row

    def all(self, connection: Connection, parameters: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """All rows that are found."""
        rows: Sequence[Sequence[Any]] = self._run(connection, parameters).fetchall()
        return rows

    def one(self, connection: Connection, parameters: Mapping[str, object]) -> Sequence[Any]:
        """The row of a statement that always finds one."""
        return _only(self._run(connection, parameters))

    def each(
        self, connection: Connection, runs: Iterable[Mapping[str, object]]
    ) -> Generator[Sequence[Any], None, None]:
        """The row of one run after the other, of a statement that always finds one.

        Another process is at work on the next runs already while this one uses a row.

        Raises:
            DBAPIError: as for ``run_raw``.
        """
        ahead = deque[Any]()
        try:
            with _pipeline(connection):
                for parameters in runs:
                    ahead.append(self._run(connection, parameters))
                    if len(ahead) > _RUNS_AHEAD[connection.dialect.name]:
                        yield _only(ahead.popleft())
                while ahead:
                    yield _only(ahead.popleft())
        except connection.dialect.loaded_dbapi.Error as error:  # of a run that was sent before
            raise wrapped(connection, self._made[connection.dialect.name][0], error) from error

    def run(self, connection: Connection, parameters: Mapping[str, object]) -> None:
        """Run a statement that finds nothing."""
        self._run(connection, parameters)

    def _run(self, connection: Connection, parameters: Mapping[str, object]) -> Any:
        dialect = connection.dialect
        if dialect.name not in self._made:
            self._made[dialect.name] = _words(self._statement, dialect)
        text, constants = self._made[dialect.name]
        return run_raw(connection, text, {**constants, **parameters} if constants else parameters)


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _only(cursor: Any) -> Sequence[Any]:
    row: Sequence[Any] | None = cursor.fetchone()
    if row is None:
        raise NoResultFound
    return row


def _pipeline(connection: Connection) -> AbstractContextManager[object]:
    """Lets statements be sent before the rows of the ones before are fetched, where the driver can."""
    ahead: AbstractContextManager[object] = (
        _driver(connection).pipeline() if _RUNS_AHEAD[connection.dialect.name] else nullcontext()
    )
    return ahead


def run_raw(connection: Connection, text: str, parameters: Mapping[str, object] | tuple[()] = ()) -> Any:
    """Run a text in the driver's words; its cursor.

    Raises:
        DBAPIError: what the driver raises, as SQLAlchemy would raise it.
    """
    cursor = _driver(connection).cursor(**_CURSORS[connection.dialect.name])
    try:
        cursor.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(connection, text, error) from error
    return cursor


def commit(connection: Connection) -> None:
    """Commit, unless somebody rolled back.

    Raises:
        DBAPIError: as for ``run_raw``.
    """
    try:
        _driver(connection).commit()
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(connection, "COMMIT", error) from error


def rollback(connection: Connection) -> None:
    """Roll back, unless the database did so itself."""
    _driver(connection).rollback()


def wrapped(connection: Connection, text: str, error: Exception) -> BaseException:
    """An error of the driver as SQLAlchemy raises it; a connection that is gone is not used again."""
    dialect = connection.dialect
    if is_gone := dialect.is_disconnect(error, connection.connection.dbapi_connection, None):  # type: ignore[arg-type]  # an error of the driver
        connection.invalidate(error)
    return DBAPIError.instance(text, None, error, dialect.loaded_dbapi.Error, True, is_gone, dialect)


class JoinedBytes(FunctionElement[bytes]):
    """Texts joined by a separator, as bytes in UTF-8: nothing is decoded on its way to the client."""

    inherit_cache = True
    type = LargeBinary()


@compiles(JoinedBytes, "sqlite")
def _group(element: JoinedBytes, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(group_concat({compiler.process(element.clauses, **how)}) AS BLOB)"


@compiles(JoinedBytes, "postgresql")
def _aggregate(element: JoinedBytes, compiler: SQLCompiler, **how: Any) -> str:
    return f"convert_to(string_agg({compiler.process(element.clauses, **how)}), 'UTF8')"


def _words(statement: ClauseElement, dialect: Dialect) -> tuple[str, Mapping[str, Any]]:
    """A statement in the driver's words, and the parameters that are always the same."""
    named = type(dialect)(paramstyle=_NAMED[dialect.name])  # type: ignore[call-arg]  # SQLAlchemy's take it
    compiled = statement.compile(dialect=named)
    return str(compiled), {name: value for name, value in compiled.params.items() if value is not None}
