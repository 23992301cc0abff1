"""Batches of drawn rows, and the texts that clients will see of them."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.wiretext import change_csv, change_json, commit_csv, commit_json


class Texts(NamedTuple):
    """What clients will see of a batch, kind by kind, in its order."""

    commit_json: list[str]
    commit_csv: list[str]
    change_json: list[str]
    change_csv: list[str]

    @classmethod
    def of(cls, batch: Sequence[Made]) -> Self:
        """Render them."""
        commits = [made.row for made in batch if isinstance(made, MadeCommit)]
        changes = [made.row for made in batch if isinstance(made, MadeChange)]
        return cls(
            [commit_json(row) for row in commits],
            [commit_csv(row) for row in commits],
            [change_json(row) for row in changes],
            [change_csv(row) for row in changes],
        )


class Batch(NamedTuple):
    """Rows in the order of their createdAt; their texts, if they are rendered already."""

    made: Sequence[Made]
    texts: Texts | None = None
