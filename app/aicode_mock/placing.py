"""Making room in the order of a team's rows, and putting new ones there.

Rows lie in the order (createdAt, stable key) at dense positions.  A new one takes its
place, and those after it move on; the newest row costs least, as nothing moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select, update
from sqlalchemy.engine import Connection

from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.rowwriter import Place, change_values, commit_values
from aicode_mock.selection import COMMIT_ROWS, RowKind
from aicode_mock.store import bulk_insert
from aicode_mock.tables import first_id, owned_by
from aicode_mock.wiretext import change_csv, change_json, commit_csv, commit_json

OrderKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row on its way in."""

    row: CommitRow | ChangeRow
    member_id: int
    repository_id: int | None = None

    @property
    def key(self) -> OrderKey:
        """What it is ordered by."""
        row = self.row
        if isinstance(row, CommitRow):
            return (row.created_at, row.commit_hash, row.branch_name or "")
        return (row.created_at, f"{row.change_id:010d}", "")

    @property
    def json(self) -> str:
        """Its item."""
        return commit_json(self.row) if isinstance(self.row, CommitRow) else change_json(self.row)

    @property
    def csv(self) -> str:
        """Its CSV record."""
        return commit_csv(self.row) if isinstance(self.row, CommitRow) else change_csv(self.row)

    def values(self, place: Place) -> tuple[object, ...]:
        """Its figures, in the order of the columns."""
        if isinstance(self.row, CommitRow):
            return commit_values(self.row, place, self.repository_id)
        return change_values(self.row, place)


def place_rows(connection: Connection, kind: RowKind, team_id: int, new: Sequence[NewRow]) -> None:
    """Put rows, one at least, into the order of a team."""
    arrivals = sorted(new, key=lambda one: one.key)
    tail = _rows_from(connection, kind, team_id, arrivals[0].row.created_at)
    begin = tail[0].id if tail else _next_id(connection, kind, team_id)
    merged: list[NewRow | Row[*tuple[Any, ...]]] = [*tail, *arrivals]
    merged.sort(key=_key)  # of equal ones the old first
    positions = _member_counters(connection, kind, merged, tail)
    moved, placed = [], []
    for row_id, one in enumerate(merged, start=begin):
        place = Place(row_id, team_id, one.member_id, next(positions[one.member_id]))
        if isinstance(one, NewRow):
            placed.append((one, place))
        elif place.row_id != one.id:
            moved.append((one.id, place))
    _move(connection, kind, moved)
    bulk_insert(connection, kind.rows, [one.values(place) for one, place in placed])
    bulk_insert(connection, kind.json, [(place.row_id, one.json) for one, place in placed])
    bulk_insert(connection, kind.csv, [(place.row_id, one.csv) for one, place in placed])


def _rows_from(
    connection: Connection, kind: RowKind, team_id: int, created_at: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    rows = kind.rows
    keys = rows.c["commit_hash", "branch_name"] if kind is COMMIT_ROWS else rows.c["change_id",]
    return connection.execute(
        select(*rows.c["id", "member_id", "member_position", "created_at"], *keys)
        .where(rows.c.team_id == team_id, rows.c.created_at >= created_at)
        .order_by(rows.c.id)
    ).all()


def _key(one: NewRow | Row[*tuple[Any, ...]]) -> OrderKey:
    if isinstance(one, NewRow):
        return one.key
    if "change_id" in one._fields:
        return (one.created_at, f"{one.change_id:010d}", "")
    return (one.created_at, one.commit_hash, one.branch_name or "")


def _next_id(connection: Connection, kind: RowKind, team_id: int) -> int:
    last = connection.scalar(select(func.max(kind.rows.c.id)).where(owned_by(team_id, kind.rows.c.id)))
    return first_id(team_id) if last is None else last + 1


def _member_counters(
    connection: Connection,
    kind: RowKind,
    merged: Sequence[NewRow | Row[*tuple[Any, ...]]],
    tail: Sequence[Row[*tuple[Any, ...]]],
) -> dict[int, "count[int]"]:
    """For each member the positions that follow on their rows before the tail."""
    in_tail: dict[int, int] = {}
    for row in tail:
        in_tail.setdefault(row.member_id, row.member_position)
    rows, counters = kind.rows, {}
    for member_id in {one.member_id for one in merged}:
        first = in_tail.get(member_id)
        if first is None:
            mine = select(func.max(rows.c.member_position)).where(rows.c.member_id == member_id)
            last = connection.scalar(mine)
            first = 0 if last is None else last + 1
        counters[member_id] = count(first)
    return counters


def _move(connection: Connection, kind: RowKind, moved: Sequence[tuple[int, Place]]) -> None:
    """Give rows their new ids, the last one first: its place is free, then that of the one before."""
    if not moved:
        return
    steps = [
        {"old": old, "new": place.row_id, "position": place.member_position} for old, place in reversed(moved)
    ]
    for table in (kind.rows, kind.json, kind.csv):
        values: dict[str, BindParameter[int]] = {"id": bindparam("new")}
        if table is kind.rows:
            values |= {"member_position": bindparam("position")}
        connection.execute(update(table).where(table.c.id == bindparam("old")).values(values), steps)
