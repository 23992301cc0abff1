"""The digest of the rows of an extent, by keys that a client can build from what it was sent.

    commit key = createdAt|commitHash|userId|repoName|branchName
    change key = createdAt|changeId|userId|source|model

Fields are as they are printed, null is empty.  The digest is SHA-256 over all keys, each
followed by a line feed, in the order of their bytes in UTF-8; a key that is there twice
counts twice.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, collate, func, literal, select
from sqlalchemy.engine import Connection

from aicode_mock.answers.tallies import Extent
from aicode_mock.clock import from_ms
from aicode_mock.tables import CHANGES, COMMITS, MEMBERS, REPOSITORIES

_FETCH_ROWS = 10_000
_BY_BYTES = {"sqlite": "BINARY", "postgresql": "C"}  # what each calls this collation
_MINUTE_MS = 60_000


def digest_commits(connection: Connection, extent: Extent) -> str:
    """The digest of an extent of commits."""
    fields = (COMMITS.c.commit_hash, MEMBERS.c.user_id, REPOSITORIES.c.name, COMMITS.c.branch_name)
    keys = (
        select(COMMITS.c.created_at, _joined(connection, *fields))
        .join(MEMBERS, MEMBERS.c.id == COMMITS.c.member_id)
        .outerjoin(REPOSITORIES, REPOSITORIES.c.id == COMMITS.c.repository_id)
    )
    return _digest(connection, keys.where(extent.condition))


def digest_changes(connection: Connection, extent: Extent) -> str:
    """The digest of an extent of changes."""
    fields = (cast(CHANGES.c.change_id, Text), MEMBERS.c.user_id, CHANGES.c.source, CHANGES.c.model)
    keys = select(CHANGES.c.created_at, _joined(connection, *fields)).join(
        MEMBERS, MEMBERS.c.id == CHANGES.c.member_id
    )
    return _digest(connection, keys.where(extent.condition))


def _joined(
    connection: Connection, first: ColumnElement[str], *others: ColumnElement[str]
) -> ColumnElement[str]:
    text = first
    for other in others:
        text = text + literal("|") + func.coalesce(other, "")
    return collate(text, _BY_BYTES[connection.dialect.name]).label("rest")


def _digest(connection: Connection, keys: Select[Any]) -> str:
    # The text of createdAt has one width, so the numbers lie in the order of its bytes.
    statement = keys.order_by("created_at", "rest")
    digest = sha256()
    with connection.execute(statement, execution_options={"yield_per": _FETCH_ROWS}) as result:
        for block in result.partitions():
            digest.update("".join([f"{_instant(row[0])}|{row[1]}\n" for row in block]).encode())
    return digest.hexdigest()


def _instant(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, _MINUTE_MS)
    return f"{_minute(minutes)}:{rest // 1000:02d}.{rest % 1000:03d}Z"


@lru_cache(maxsize=4)  # keys come by createdAt
def _minute(minutes: int) -> str:
    return from_ms(minutes * _MINUTE_MS).strftime("%Y-%m-%dT%H:%M")
