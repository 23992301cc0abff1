"""Writing the rows of one team in their order: positions, typed figures, wire text.

Rows must come in the order of createdAt; each gets the next position of its team and
of its member, and its text in both formats.
"""

from collections import Counter, deque
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.store import bulk_insert
from aicode_mock.tables import CHANGE_CSV, CHANGE_JSON, CHANGES, COMMIT_CSV, COMMIT_JSON, COMMITS, first_id
from aicode_mock.wiretext import change_csv, change_json, commit_csv, commit_json

_BATCH_ROWS = 1_000


class Place(NamedTuple):
    """Where a row lies: the first columns of its table."""

    row_id: int
    team_id: int
    member_id: int
    member_position: int


def commit_values(row: CommitRow, place: Place, repository_id: int | None) -> tuple[object, ...]:
    """A commit in the order of the columns of its table."""
    where = (row.commit_hash, row.commit_source, repository_id, row.branch_name, row.is_primary_branch)
    figures = row[7:16]  # total_lines_added to message
    return (*place, row.created_at, row.commit_ts, *where, *figures)


def change_values(row: ChangeRow, place: Place) -> tuple[object, ...]:
    """A change in the order of the columns of its table."""
    lines = (row.total_lines_added, row.total_lines_deleted)
    return (*place, row.created_at, row.change_id, row.source, row.model, *lines, row.metadata)


class RowWriter:
    """Writes one team's rows; ``finish`` writes the last of them."""

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
        self._team_id = team_id
        self._member_ids = member_ids
        self._repository_ids = repository_ids
        self._batches: dict[Table, list[tuple[object, ...]]] = {}
        self._fingerprint = sha256()
        self._commit_positions: Counter[int] = Counter()
        self._change_positions: Counter[int] = Counter()
        self.commits = 0
        self.changes = 0
        self.newest_ai_commits: deque[CommitRow] = deque(maxlen=remember)

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON text of all rows so far, in their order."""
        return self._fingerprint.hexdigest()

    def write(self, made: Made) -> None:
        """Write the next row."""
        if isinstance(made, MadeCommit):
            self._write_commit(made)
        else:
            self._write_change(made)

    def finish(self) -> None:
        """Write what is left."""
        for table, rows in self._batches.items():
            bulk_insert(self._connection, table, rows)
        self._batches.clear()

    def _write_commit(self, made: MadeCommit) -> None:
        row, member_id = made.row, self._member_ids[made.worker.index]
        row_id = first_id(self._team_id) + self.commits
        repository_id = None if row.repo_name is None else self._repository_ids[row.repo_name]
        position = self._commit_positions[member_id]
        place = Place(row_id, self._team_id, member_id, position)
        self._add(COMMITS, commit_values(row, place, repository_id))
        self._add_text(COMMIT_JSON, row_id, commit_json(row), fingerprint=True)
        self._add_text(COMMIT_CSV, row_id, commit_csv(row))
        self._commit_positions[member_id] += 1
        self.commits += 1
        if row.composer_lines_added and self.newest_ai_commits.maxlen:
            self.newest_ai_commits.append(row)

    def _write_change(self, made: MadeChange) -> None:
        row, member_id = made.row, self._member_ids[made.worker.index]
        row_id = first_id(self._team_id) + self.changes
        place = Place(row_id, self._team_id, member_id, self._change_positions[member_id])
        self._add(CHANGES, change_values(row, place))
        self._add_text(CHANGE_JSON, row_id, change_json(row), fingerprint=True)
        self._add_text(CHANGE_CSV, row_id, change_csv(row))
        self._change_positions[member_id] += 1
        self.changes += 1

    def _add_text(self, table: Table, row_id: int, text: str, *, fingerprint: bool = False) -> None:
        if fingerprint:
            self._fingerprint.update(text.encode())
        self._add(table, (row_id, text))

    def _add(self, table: Table, row: tuple[object, ...]) -> None:
        batch = self._batches.setdefault(table, [])
        batch.append(row)
        if len(batch) >= _BATCH_ROWS:
            bulk_insert(self._connection, table, batch)
            batch.clear()
