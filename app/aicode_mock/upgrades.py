"""Bringing the tables of an older store up to date, from version to version, within the caller's transaction.

Synthetic rows can be made again, rows that somebody put in cannot: so a store that any
release has made is kept.  A step says what changed in words of its own, as the tables of
this program go on changing.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import text
from sqlalchemy.engine import Connection


def _to_3(connection: Connection) -> None:
    """No index by endpoint; windows, which last a minute, in a table without row ids."""
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in (
        "DROP INDEX IF EXISTS journal_by_endpoint",
        "DROP TABLE rate_window",
        f"""CREATE TABLE rate_window (
            key VARCHAR NOT NULL, world_id VARCHAR NOT NULL, ends_at BIGINT NOT NULL,
            wall_ends_at BIGINT NOT NULL, hits INTEGER NOT NULL, PRIMARY KEY (key)
            ) {"WITHOUT ROWID" if is_sqlite else ""}""",
        "CREATE INDEX ix_rate_window_world_id ON rate_window (world_id)",
    ):
        connection.execute(text(statement))


def _to_4(connection: Connection) -> None:
    """Sums of all requests; usage events by an index of their own."""
    for statement in (
        """CREATE TABLE meter (
            name VARCHAR NOT NULL, endpoint VARCHAR NOT NULL, label VARCHAR NOT NULL, value BIGINT NOT NULL,
            PRIMARY KEY (name, endpoint, label))""",
        """CREATE INDEX IF NOT EXISTS composer_changes_by_instant
            ON changes (team_id, created_at, id) WHERE source = 'COMPOSER'""",
    ):
        connection.execute(text(statement))


_STEPS: Mapping[int, Callable[[Connection], None]] = {2: _to_3, 3: _to_4}  # by the version they begin with


def can_upgrade(version: int) -> bool:
    """Whether there is a way on from a version."""
    return version in _STEPS


def upgrade(connection: Connection, version: int) -> None:
    """Take every step that there is from a version on."""
    while version in _STEPS:
        _STEPS[version](connection)
        version += 1
    connection.execute(text("UPDATE store_info SET schema_version = :version"), {"version": version})
