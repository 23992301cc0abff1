"""Staged rows into a team: people and repositories first, then the rows at their places.

A few rows make room for themselves (``placing``).  Many are merged with those rows that
lie behind the first of them, which are lifted out and written again: each is touched once,
and memory holds a batch.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.engine import Connection

from aicode_mock.importing.identity import identity_of
from aicode_mock.importing.shapes import Row
from aicode_mock.importing.staging import Known, Staging, order_key
from aicode_mock.pages import STORED_ROWS
from aicode_mock.placing import NewRow, place_rows
from aicode_mock.roster import Roster
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.selection import COMMIT_ROWS, RowKind
from aicode_mock.teamids import first_id

_BATCH_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class TeamRows:
    """The rows of one kind that a team has."""

    connection: Connection
    kind: RowKind
    team_id: int

    def count(self, instants: Sequence[int]) -> Known:
        """How many there are of each content at some instants."""
        there = self._stored.where(self.kind.rows.c.created_at.in_(instants))
        return Counter((row.created_at, identity_of(row)) for row in self._read(there))

    def first_from(self, instant: int) -> int | None:
        """The id of the first row that is not before an instant."""
        rows = self.kind.rows
        later = select(rows.c.id).where(rows.c.team_id == self.team_id, rows.c.created_at >= instant)
        return self.connection.scalar(later.order_by(rows.c.created_at, rows.c.id).limit(1))

    def rows_from(self, first: int) -> Iterator[Row]:
        """The row of an id and all behind it, in their order."""
        ids = self.kind.rows.c.id
        return self._read(self._stored.where(ids >= first).order_by(ids))

    def drop_from(self, first: int) -> None:
        """Take the row of an id and all behind it out."""
        end = first_id(self.team_id + 1)
        for table in (self.kind.csv, self.kind.json, self.kind.rows):
            self.connection.execute(delete(table).where(table.c.id >= first, table.c.id < end))

    @property
    def _stored(self) -> Select[Any]:
        return STORED_ROWS[self.kind.name].where(self.kind.rows.c.team_id == self.team_id)

    def _read(self, statement: Select[Any]) -> Iterator[Row]:
        with self.connection.execute(statement, execution_options={"yield_per": _BATCH_ROWS}) as result:
            for row in result:
                yield CommitRow._make(row) if self.kind is COMMIT_ROWS else ChangeRow._make(row)


def settle(
    team: TeamRows,
    staging: Staging,
    roster: Roster,
    *,
    count: int,
    few_rows: int,
    progress: Callable[[int], None],
) -> str:
    """Write the ``count`` rows that are new, one at least; the text names them.

    Up to ``few_rows`` make room for themselves.
    """
    named = sha256()

    def fresh() -> Iterator[Row]:
        for row in staging.fresh(team.kind):
            named.update(repr(row).encode())
            yield row

    if count <= few_rows:
        _place(team, list(fresh()), roster)
        progress(count)
        return named.hexdigest()
    oldest = next(staging.fresh(team.kind)).created_at
    first = team.first_from(oldest)
    if first is not None:
        staging.lift(team.kind, team.rows_from(first))
        team.drop_from(first)
    merged = heapq.merge(staging.lifted(team.kind), fresh(), key=order_key)  # of equal ones the old first
    while batch := list(islice(merged, _BATCH_ROWS)):
        _place(team, batch, roster)
        progress(len(batch))
    return named.hexdigest()


def _place(team: TeamRows, rows: Sequence[Row], roster: Roster) -> None:
    new = [
        NewRow(
            row,
            roster.author(row.user_id, row.user_email).member_id,
            roster.repository(row.repo_name) if isinstance(row, CommitRow) else None,
        )
        for row in rows
    ]
    roster.finish()
    place_rows(team.connection, team.kind, team.team_id, new)
