"""The rows of one team as their tables take them: positions, typed figures, wire text.

Rows must come in the order of createdAt; each gets the next position of its team and
of its member, and its text in both formats.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import count
from typing import NamedTuple

from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.parts import Values
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.teamids import first_id
from aicode_mock.wiretext import change_csv, change_json, commit_csv, commit_json


class Place(NamedTuple):
    """Where a row lies: the first columns of its table."""

    row_id: int
    team_id: int
    member_id: int
    member_position: int


def commit_values(row: CommitRow, place: Place, repository_id: int | None) -> Values:
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


def change_values(row: ChangeRow, place: Place) -> Values:
    """A change in the order of the columns of its table."""
    lines = (row.total_lines_added, row.total_lines_deleted)
    return (*place, row.created_at, row.change_id, row.source, row.model, *lines, row.metadata)


class TeamRows:
    """Gives one team's rows their places, a batch at a time."""

    def __init__(
        self,
        team_id: int,
        *,
        member_ids: Mapping[int, int],
        repository_ids: Mapping[str, int],
        remember: int,
    ) -> None:
        """``member_ids`` is by the worker's index; the newest ``remember`` AI commits are kept."""
        self._repository_ids = repository_ids
        self._commit_places = _Places(team_id, member_ids)
        self._change_places = _Places(team_id, member_ids)
        self._fingerprint = sha256()
        self.newest_ai_commits: deque[CommitRow] = deque(maxlen=remember)

    @property
    def commits(self) -> int:
        """How many commits have come."""
        return self._commit_places.taken

    @property
    def changes(self) -> int:
        """How many changes have come."""
        return self._change_places.taken

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON text of all rows so far, in their order."""
        return self._fingerprint.hexdigest()

    def place(self, batch: Sequence[Made]) -> dict[str, list[Values]]:
        """The next rows, for each table that they go into."""
        commits = [made for made in batch if isinstance(made, MadeCommit)]
        changes = [made for made in batch if isinstance(made, MadeChange)]
        commit_items = [commit_json(made.row) for made in commits]
        change_items = [change_json(made.row) for made in changes]
        items = {MadeCommit: iter(commit_items), MadeChange: iter(change_items)}
        self._fingerprint.update("".join([next(items[type(made)]) for made in batch]).encode())
        self.newest_ai_commits.extend([made.row for made in commits if made.row.composer_lines_added])
        commit_places, change_places = self._commit_places.take(commits), self._change_places.take(changes)
        return {
            "commits": [
                commit_values(made.row, place, self._repository_id(made.row))
                for made, place in zip(commits, commit_places, strict=True)
            ],
            "commit_json": _beside(commit_places, commit_items),
            "commit_csv": _beside(commit_places, [commit_csv(made.row) for made in commits]),
            "changes": [
                change_values(made.row, place) for made, place in zip(changes, change_places, strict=True)
            ],
            "change_json": _beside(change_places, change_items),
            "change_csv": _beside(change_places, [change_csv(made.row) for made in changes]),
        }

    def _repository_id(self, row: CommitRow) -> int | None:
        return None if row.repo_name is None else self._repository_ids[row.repo_name]


def _beside(places: list[Place], texts: list[str]) -> list[Values]:
    """The texts, each with the id of its row."""
    return [(place.row_id, text) for place, text in zip(places, texts, strict=True)]


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
