"""What makes two rows of exports one row.

Neither ``commitHash`` nor ``changeId`` is a unique key, so it is the instant of createdAt and
the whole content, but for what some exports cannot tell: ``commitSource`` (older revisions
have none), and whether a text is empty or null (CSV).
"""

from hashlib import blake2b

from aicode_mock.importing.shapes import Row
from aicode_mock.rows import CommitRow

_BYTES = 16


def identity_of(row: Row) -> bytes:
    """Names the content of a row, wherever in time it lies: commitTs counts by its distance."""
    if isinstance(row, CommitRow):
        before = None if row.commit_ts is None else row.created_at - row.commit_ts
        facts: tuple[object, ...] = (row.commit_hash, *row[2:-2], before)
    else:
        facts = (*row[:-2], row.metadata)
    text = repr([None if fact == "" else fact for fact in facts])
    return blake2b(text.encode(), digest_size=_BYTES).digest()


def moved(row: Row, by_ms: int) -> Row:
    """The same row at another time."""
    if isinstance(row, CommitRow) and row.commit_ts is not None:
        row = row._replace(commit_ts=row.commit_ts + by_ms)
    return row._replace(created_at=row.created_at + by_ms)
