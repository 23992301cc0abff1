"""Rows with their authors, and the place where they wait for their createdAt."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from aicode_mock.company import Worker
from aicode_mock.rows import ChangeRow, CommitRow


class MadeCommit(NamedTuple):
    """A commit and whose it is."""

    row: CommitRow
    worker: Worker


class MadeChange(NamedTuple):
    """A change and whose it is."""

    row: ChangeRow
    worker: Worker


Made = MadeCommit | MadeChange

_CREATED_AT, _ORDER, _MADE = itemgetter(0), itemgetter(0, 1, 2), itemgetter(3)  # of what waits


class Outbox:
    """Rows that wait for their createdAt; they leave in that order, ties by a stable key."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        self._waiting: list[tuple[int, str, str, Made]] = []

    def put(self, made: Made) -> None:
        """Let a row wait."""
        row = made.row
        if isinstance(row, CommitRow):
            self._waiting.append((row.created_at, row.commit_hash, row.branch_name or "", made))
        else:
            self._waiting.append((row.created_at, f"{row.change_id:010d}", "", made))

    def leave(self, before: int | None = None) -> Iterator[Made]:
        """The rows created before an instant in milliseconds, or all."""
        waiting = self._waiting
        waiting.sort(key=_ORDER)  # stable: of equal ones the older first
        count = len(waiting) if before is None else bisect_left(waiting, before, key=_CREATED_AT)
        self._waiting = waiting[count:]
        return map(_MADE, waiting[:count])
