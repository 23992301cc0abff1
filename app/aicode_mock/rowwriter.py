"""Writing the rows of one team in their order: positions, typed figures, wire text.

Rows must come in the order of createdAt; each gets the next position of its team and
of its member, and its text in both formats.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import count
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from aicode_mock.batches import Texts
from aicode_mock.bulk import bulk_insert
from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.tables import CHANGE_CSV, CHANGE_JSON, CHANGES, COMMIT_CSV, COMMIT_JSON, COMMITS
from aicode_mock.teamids import first_id


class Place(NamedTuple):
    """Where a row lies: the first columns of its table."""

    row_id: int
    team_id: int
    member_id: int
    member_position: int


def commit_values(row: CommitRow, place: Place, repository_id: int | None) -> tuple[object, ...]:
    """A commit in the order of the columns of its table."""
    figures = row[5:16]  # branch_name to message
    return (
        *place,
        row.created_at,
        row.commit_ts,
        row.commit_hash,
        row.commit_source,
        repository_id,
        *figures,
    )


def change_values(row: ChangeRow, place: Place) -> tuple[object, ...]:
    """A change in the order of the columns of its table."""
    lines = (row.total_lines_added, row.total_lines_deleted)
    return (*place, row.created_at, row.change_id, row.source, row.model, *lines, row.metadata)


class RowWriter:
    """Writes one team's rows, a batch at a time."""

    def __init__(
        self,
        connection: Connection,
        *,
        team_id: int,
        member_ids: Mapping[int, int],
        repository_ids: Mapping[str, int],
        remember: int,
    ) -> None:
        """``member_ids`` is by the worker's index; the newest ``remember`` AI commits are kept."""
        self._connection = connection
        self._repository_ids = repository_ids
        self._commit_places = _Places(team_id, member_ids)
        self._change_places = _Places(team_id, member_ids)
        self._fingerprint = sha256()
        self.newest_ai_commits: deque[CommitRow] = deque(maxlen=remember)

    @property
    def commits(self) -> int:
        """How many commits are written."""
        return self._commit_places.taken

    @property
    def changes(self) -> int:
        """How many changes are written."""
        return self._change_places.taken

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON text of all rows so far, in their order."""
        return self._fingerprint.hexdigest()

    def write(self, batch: Sequence[Made], texts: Texts | None = None) -> None:
        """Write the next rows; their ``texts`` are rendered here, unless somebody has done so."""
        texts = texts or Texts.of(batch)
        items = {MadeCommit: iter(texts.commit_json), MadeChange: iter(texts.change_json)}
        self._fingerprint.update("".join([next(items[type(made)]) for made in batch]).encode())
        self._write_commits([made for made in batch if isinstance(made, MadeCommit)], texts)
        self._write_changes([made for made in batch if isinstance(made, MadeChange)], texts)

    def _write_commits(self, commits: list[MadeCommit], texts: Texts) -> None:
        rows = [made.row for made in commits]
        places = self._commit_places.take(commits)
        values = [
            commit_values(row, place, self._repository_id(row))
            for row, place in zip(rows, places, strict=True)
        ]
        bulk_insert(self._connection, COMMITS, values)
        self._write_texts(COMMIT_JSON, places, texts.commit_json)
        self._write_texts(COMMIT_CSV, places, texts.commit_csv)
        self.newest_ai_commits.extend([row for row in rows if row.composer_lines_added])

    def _repository_id(self, row: CommitRow) -> int | None:
        return None if row.repo_name is None else self._repository_ids[row.repo_name]

    def _write_changes(self, changes: list[MadeChange], texts: Texts) -> None:
        rows = [made.row for made in changes]
        places = self._change_places.take(changes)
        bulk_insert(self._connection, CHANGES, list(map(change_values, rows, places)))
        self._write_texts(CHANGE_JSON, places, texts.change_json)
        self._write_texts(CHANGE_CSV, places, texts.change_csv)

    def _write_texts(self, table: Table, places: list[Place], texts: Iterable[str]) -> None:
        bulk_insert(
            self._connection, table, [(place.row_id, text) for place, text in zip(places, texts, strict=True)]
        )


class _Places:
    """Hands out the places of one team's commits, or changes, in their order."""

    def __init__(self, team_id: int, member_ids: Mapping[int, int]) -> None:
        self._team_id = team_id
        self._member_ids = member_ids
        self._positions: defaultdict[int, count[int]] = defaultdict(count)  # by member
        self.taken = 0

    def take(self, batch: Sequence[Made]) -> list[Place]:
        members = [self._member_ids[made.worker.index] for made in batch]
        first = first_id(self._team_id) + self.taken
        self.taken += len(batch)
        return [
            Place(row_id, self._team_id, member_id, next(self._positions[member_id]))
            for row_id, member_id in enumerate(members, start=first)
        ]
