"""Which rows a query means, in the order in which they are answered.

Rows of a team lie by createdAt and carry their position, so a date range is an
interval: its count is a subtraction and any page costs what the first one costs.
The rarer readings of the contract (``date_field=commitTs``, ``order=shuffled``) have
no such order and are scanned.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam, false, func, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import from_ms, to_ms
from aicode_mock.daterange import DateRange
from aicode_mock.prepared import Prepared
from aicode_mock.tables import CHANGE_CSV, CHANGE_JSON, CHANGES, COMMIT_CSV, COMMIT_JSON, COMMITS
from aicode_mock.teamids import POSITIONS, first_id


@dataclass(frozen=True, slots=True)
class RowKind:
    """Commits or changes: the table of figures and the tables of texts."""

    name: str
    rows: Table
    json: Table
    csv: Table


COMMIT_ROWS = RowKind("commits", COMMITS, COMMIT_JSON, COMMIT_CSV)
CHANGE_ROWS = RowKind("changes", CHANGES, CHANGE_JSON, CHANGE_CSV)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: rows of a team (of some members, if not None) within a date range."""

    kind: RowKind
    team_id: int
    member_ids: tuple[int, ...] | None
    dates: DateRange
    by_commit_ts: bool = False
    shuffled: bool = False

    @property
    def is_scan(self) -> bool:
        """Whether the rows have to be looked through, for they lie in another order."""
        many = self.member_ids is not None and len(self.member_ids) != 1
        return many or self.shuffled or (self.by_commit_ts and self.kind is COMMIT_ROWS)


@dataclass(frozen=True, slots=True)
class Interval:
    """Positions ``low`` to ``high`` (half-open) of a team's rows, or of one member's."""

    kind: RowKind
    team_id: int
    member_id: int | None
    low: int
    high: int

    @property
    def total(self) -> int:
        """How many rows."""
        return self.high - self.low

    @property
    def identity(self) -> str:
        """Names exactly these rows of the team, as long as the data stay as they are."""
        member = None if self.member_id is None else self.member_id % POSITIONS
        return f"{self.kind.name} {member} {self.low} {self.high}"

    def narrow(self, statement: Select[Any], table: Table, *, offset: int, limit: int) -> Select[Any]:
        """Limit a statement over ``table`` to some of the rows, newest first."""
        within = within_interval(statement, table, self.kind.rows, of_team=self.member_id is None)
        return within.params(self.run(offset, limit))

    def run(self, offset: int, limit: int) -> dict[str, int]:
        """The parameters of ``within_interval`` for ``limit`` rows after the newest ``offset`` ones."""
        last = self.high - 1 - offset
        first = max(last - limit + 1, self.low)
        if self.member_id is None:
            base = first_id(self.team_id)
            return {"first": base + first, "last": base + last}
        return {"member": self.member_id, "first": first, "last": last}


@dataclass(frozen=True, slots=True)
class Scan:
    """Rows under a condition, in an order of their own."""

    kind: RowKind
    condition: ColumnElement[bool]
    order: tuple[ColumnElement[int], ...]
    total: int
    identity: str

    def narrow(self, statement: Select[Any], table: Table, *, offset: int, limit: int) -> Select[Any]:
        """Limit a statement over ``table`` to some of the rows, in order."""
        narrowed = _through_rows(statement, table, self.kind.rows).where(self.condition).order_by(*self.order)
        return narrowed.offset(offset).limit(limit)


Selection = Interval | Scan


def within_interval(statement: Select[Any], table: Table, rows: Table, *, of_team: bool) -> Select[Any]:
    """Limit a statement over ``table`` to a run of an interval, newest first: see ``Interval.run``."""
    first, last = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
    if of_team:
        return statement.where(table.c.id.between(first, last)).order_by(table.c.id.desc())
    mine = rows.c.member_id == bindparam("member", type_=BigInteger)
    return (
        _through_rows(statement, table, rows)
        .where(mine, rows.c.member_position.between(first, last))
        .order_by(rows.c.member_position.desc())
    )


def select_rows(connection: Connection, query: Query) -> Selection:
    """Find the rows of a query within the reader's snapshot."""
    return _scan(connection, query) if query.is_scan else _interval(connection, query)


def _interval(connection: Connection, query: Query) -> Interval:
    member_id = None if query.member_ids is None else query.member_ids[0]
    bounds = {"owner": query.team_id if member_id is None else member_id, **_milliseconds(query.dates)}
    low, high, last = _BOUNDS[query.kind.name, member_id is None].one(connection, bounds)
    end = 0 if last is None else last % POSITIONS + 1
    low, high = (end if bound is None else bound % POSITIONS for bound in (low, high))
    return Interval(query.kind, query.team_id, member_id, low=min(low, high), high=high)


def _bounds(rows: Table, *, of_team: bool) -> Select[Any]:
    """The positions of the first row in the range, of the first after it, and of the last of all."""
    owner, position = (rows.c.team_id, rows.c.id) if of_team else (rows.c.member_id, rows.c.member_position)
    mine = select(position).where(owner == bindparam("owner"))
    upwards = mine.order_by(rows.c.created_at, position).limit(1)
    last = mine.order_by(rows.c.created_at.desc(), position.desc()).limit(1)
    return select(
        upwards.where(rows.c.created_at >= bindparam("start")).scalar_subquery(),
        upwards.where(rows.c.created_at > bindparam("end")).scalar_subquery(),
        last.scalar_subquery(),
    )


_BOUNDS = {
    (kind.name, of_team): Prepared(_bounds(kind.rows, of_team=of_team))
    for kind in (COMMIT_ROWS, CHANGE_ROWS)
    for of_team in (True, False)
}


def _scan(connection: Connection, query: Query) -> Scan:
    rows, dates = query.kind.rows, _milliseconds(query.dates)
    instant = rows.c.commit_ts if query.by_commit_ts and query.kind is COMMIT_ROWS else rows.c.created_at
    condition = (rows.c.team_id == query.team_id) & instant.between(dates["start"], dates["end"])
    if query.member_ids is not None:
        condition &= rows.c.member_id.in_(query.member_ids) if query.member_ids else false()
    # The instants that were met, not those that were asked for: now moves on, the rows do not.
    first, last, total = connection.execute(
        select(func.min(instant), func.max(instant), func.count()).where(condition)
    ).one()
    order = (_shuffle(rows.c.id), rows.c.id) if query.shuffled else (rows.c.id.desc(),)
    members = None if query.member_ids is None else [one % POSITIONS for one in query.member_ids]
    identity = f"{query.kind.name} {members} {instant.name} {query.shuffled} {first} {last} {total}"
    return Scan(query.kind, condition, order, total, identity)


def _milliseconds(dates: DateRange) -> dict[str, int]:
    """The whole milliseconds within a range of instants."""
    start = to_ms(dates.start)
    return {"start": start if from_ms(start) == dates.start else start + 1, "end": to_ms(dates.end)}


def _shuffle(ids: ColumnElement[int]) -> ColumnElement[int]:
    """A number that tells nothing of the order; below 2**62 on its way, so no database overflows."""
    return (ids % 2**31) * 1_327_217_885 % (2**31 - 1)  # the golden section: neighbours come far apart


def _through_rows(statement: Select[Any], table: Table, rows: Table) -> Select[Any]:
    return statement if table is rows else statement.join(rows, rows.c.id == table.c.id)
