"""The rows that a query means, found by their figures and added up by the database.

An *extent* is those rows.  Adding up gives *parts*, rows that have some fields in common;
parts are gathered by any key that follows from these fields, so that rows are read once
for several groupings.  A figure that is null adds nothing to its sum.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic.alias_generators import to_snake
from sqlalchemy import Column, ColumnElement, Row, Table, distinct, false, func, select
from sqlalchemy.engine import Connection

from aicode_mock.answers.sheet import TotalsT
from aicode_mock.daterange import DateRange
from aicode_mock.tables import MEMBERS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY_MS = 86_400_000
_WITHOUT = "rowsWithout"

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Extent:
    """Rows of a table under a condition; ``instant`` is what their range is held against."""

    table: Table
    instant: Column[int]
    condition: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for: rows of a team (of some members, if not None) within a date range."""

    team_id: int
    dates: DateRange
    member_ids: tuple[int, ...] | None

    def of(self, table: Table, instant: Column[int]) -> Extent:
        """The rows of a table that are asked for."""
        first = -((_EPOCH - self.dates.start) // _MILLISECOND)  # the first whole one within
        last = (self.dates.end - _EPOCH) // _MILLISECOND
        condition = (table.c.team_id == self.team_id) & instant.between(first, last)
        if self.member_ids is not None:
            condition &= table.c.member_id.in_(self.member_ids) if self.member_ids else false()
        return Extent(table, instant, condition)


@dataclass(frozen=True, slots=True)
class Parts(Generic[TotalsT]):
    """An extent in parts: each row is the fields in common, a count, and the figures of the totals."""

    totals: type[TotalsT]
    rows: list[Row[Any]]

    @property
    def whole(self) -> tuple[int, TotalsT]:
        """All of them together: how many rows, and their totals."""
        return self._add(self.rows)

    def by(self, key: Callable[[Row[Any]], KeyT]) -> Iterator[tuple[KeyT, int, TotalsT]]:
        """Gather the parts of one key; in the order of keys, None first, texts as their bytes in UTF-8."""
        gathered: dict[KeyT, list[Row[Any]]] = {}
        for row in self.rows:
            gathered.setdefault(key(row), []).append(row)
        for one in sorted(gathered, key=_none_first):
            count, totals = self._add(gathered[one])
            yield one, count, totals

    def _add(self, rows: list[Row[Any]]) -> tuple[int, TotalsT]:
        width = 1 + len(fields(self.totals))
        count, *figures = map(sum, zip([0] * width, *(row[-width:] for row in rows), strict=True))
        return count, self.totals(*figures)


@dataclass(frozen=True, slots=True)
class Repetition:
    """How many rows repeat a value of a field; the same of the field together with another."""

    alone: int
    with_user: int
    with_created_at: int


def add_up(connection: Connection, extent: Extent, totals: type[TotalsT], *columns: str) -> Parts[TotalsT]:
    """Divide an extent by some columns, or by ``day``, the UTC day of its instant as a number."""
    by = [_day(extent.instant) if column == "day" else extent.table.c[column] for column in columns]
    figures = [_figure(extent.table, field.name) for field in fields(totals)]
    statement = select(*by, func.count(), *figures).where(extent.condition).group_by(*columns)
    return Parts(totals, list(connection.execute(statement)))


def day_text(day: int) -> str:
    """``2026-06-29``; day 0 began 1970."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def count_repetition(connection: Connection, extent: Extent, field: Column[Any]) -> Repetition:
    """Count the rows that a client loses that takes a field for a unique key."""
    values = (
        select(
            func.count().label("rows"),
            func.count(distinct(MEMBERS.c.user_id)).label("users"),
            func.count(distinct(extent.table.c.created_at)).label("instants"),
        )
        .join_from(extent.table, MEMBERS, MEMBERS.c.id == extent.table.c.member_id)
        .where(extent.condition)
        .group_by(field)
        .subquery()
    )
    sums = [func.coalesce(func.sum(column), 0) for column in values.c]
    distinct_values = select(func.count(), *sums).select_from(values)
    alone, rows, with_user, with_created_at = map(int, connection.execute(distinct_values).one())
    return Repetition(rows - alone, rows - with_user, rows - with_created_at)


def _day(instant: Column[int]) -> ColumnElement[int]:
    """Rounded down before 1970 too, where a division of integers rounds up."""
    begin = instant - (instant % _DAY_MS + _DAY_MS) % _DAY_MS
    return (begin // _DAY_MS).label("day")


def _figure(table: Table, name: str) -> ColumnElement[int]:
    known = name.removeprefix(_WITHOUT)
    column = table.c[to_snake(known)]
    return func.coalesce(func.sum(column), 0) if known == name else func.count() - func.count(column)


def _none_first(key: object) -> tuple[bool, Any]:
    return key is not None, key
