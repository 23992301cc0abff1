"""Rows with their authors, and the place where they wait for their createdAt."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from aicode_mock.company import Worker
from aicode_mock.rows import ChangeRow, CommitRow


@dataclass(frozen=True, slots=True)
class MadeCommit:
    """A commit and whose it is."""

    row: CommitRow
    worker: Worker


@dataclass(frozen=True, slots=True)
class MadeChange:
    """A change and whose it is."""

    row: ChangeRow
    worker: Worker


Made = MadeCommit | MadeChange


class Outbox:
    """Rows that wait for their createdAt; they leave in that order, ties by a stable key."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        self._waiting: list[tuple[int, str, str, int, Made]] = []
        self._serial = 0

    def put(self, made: Made) -> None:
        """Let a row wait."""
        row = made.row
        if isinstance(row, CommitRow):
            key = (row.commit_hash, row.branch_name or "")
        else:
            key = (f"{row.change_id:010d}", "")
        self._serial += 1
        heappush(self._waiting, (row.created_at, *key, self._serial, made))

    def leave(self, before: int | None = None) -> Iterator[Made]:
        """The rows created before an instant in milliseconds, or all."""
        while self._waiting and (before is None or self._waiting[0][0] < before):
            yield heappop(self._waiting)[-1]
