"""Making room in the order of a team's rows, and putting new ones there.

Rows lie in the order (createdAt, stable key) at dense positions.  A new one takes its
place, and those after it move on; the newest row costs least, as nothing moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from operator import add

from sqlalchemy.engine import Connection

from aicode_mock.bulk import bulk_insert
from aicode_mock.newplaces import OrderKey, change_key, commit_key, find_member_places, find_places
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.rowvalues import Place, change_values, commit_values
from aicode_mock.selection import RowKind
from aicode_mock.shifting import shift_member_positions, shift_rows
from aicode_mock.wiretext import change_csv, change_json, commit_csv, commit_json


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
            return commit_key(row.created_at, row.commit_hash, row.branch_name)
        return change_key(row.created_at, row.change_id)

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
    places, end = find_places(connection, kind, team_id, [one.key for one in arrivals])
    by_member = _member_places(connection, kind, arrivals, places)
    if places[0] < end:
        shift_member_positions(connection, kind.rows, by_member)
        shift_rows(connection, (kind.rows, kind.json, kind.csv), places, end)
    positions = {member_id: map(add, mine, count()) for member_id, mine in by_member.items()}
    placed = [
        (one, Place(place + before, team_id, one.member_id, next(positions[one.member_id])))
        for before, (one, place) in enumerate(zip(arrivals, places, strict=True))
    ]
    bulk_insert(connection, kind.rows, [one.values(place) for one, place in placed])
    bulk_insert(connection, kind.json, [(place.row_id, one.json) for one, place in placed])
    bulk_insert(connection, kind.csv, [(place.row_id, one.csv) for one, place in placed])


def _member_places(
    connection: Connection, kind: RowKind, arrivals: Sequence[NewRow], places: Sequence[int]
) -> dict[int, list[int]]:
    """For each member where its arrivals go among its own rows, as positions before anything has moved."""
    asked = [(one.member_id, place, one.row.created_at) for one, place in zip(arrivals, places, strict=True)]
    found = find_member_places(connection, kind.rows, asked)
    by_member: dict[int, list[int]] = {}
    for member_id, place, _ in asked:
        by_member.setdefault(member_id, []).append(found[member_id, place])
    return by_member
