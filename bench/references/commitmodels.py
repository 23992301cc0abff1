"""The commits of the API as SQLModel's documents teach it: what is common, the table, what is public.

The reference is spared what is slow in such services and has nothing to do with rendering:
its instants are stored as the text that is sent, and its rows have dense ids in the order of
the API, so that it needs neither ``OFFSET`` nor ``count(*)``.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic.alias_generators import to_camel
from sqlmodel import Field, SQLModel, create_engine


class CommitBase(SQLModel):
    """What a commit has in the table and on the wire."""

    model_config = {"alias_generator": to_camel, "populate_by_name": True}

    commit_hash: str
    user_id: str
    user_email: str
    repo_name: str | None
    branch_name: str | None
    is_primary_branch: bool | None
    commit_source: str
    total_lines_added: int
    total_lines_deleted: int
    tab_lines_added: int
    tab_lines_deleted: int
    composer_lines_added: int
    composer_lines_deleted: int
    non_ai_lines_added: int | None
    non_ai_lines_deleted: int | None
    message: str | None
    commit_ts: str | None
    created_at: str


class CommitPublic(CommitBase):
    """A commit as it is sent."""


class CommitRow(CommitBase, table=True):
    """A commit as it is stored, numbered from the oldest, which is 1."""

    __tablename__ = "commit_row"
    id: int | None = Field(default=None, primary_key=True)
    created_at: str = Field(index=True)


class CommitPage(SQLModel):
    """The envelope of a page."""

    model_config = {"alias_generator": to_camel, "populate_by_name": True}

    items: list[CommitPublic]
    total_count: int
    page: int
    page_size: int


_FILL = """
INSERT INTO commit_row (
  commit_hash, user_id, user_email, repo_name, branch_name, is_primary_branch, commit_source,
  total_lines_added, total_lines_deleted, tab_lines_added, tab_lines_deleted, composer_lines_added,
  composer_lines_deleted, non_ai_lines_added, non_ai_lines_deleted, message, commit_ts, created_at)
SELECT c.commit_hash, m.user_id, m.email, r.name, c.branch_name, c.is_primary_branch, c.commit_source,
  c.total_lines_added, c.total_lines_deleted, c.tab_lines_added, c.tab_lines_deleted,
  c.composer_lines_added, c.composer_lines_deleted, c.non_ai_lines_added, c.non_ai_lines_deleted,
  c.message,
  strftime('%Y-%m-%dT%H:%M:%S', c.commit_ts / 1000, 'unixepoch') || printf('.%03dZ', c.commit_ts % 1000),
  strftime('%Y-%m-%dT%H:%M:%S', c.created_at / 1000, 'unixepoch') || printf('.%03dZ', c.created_at % 1000)
FROM ours.commits c JOIN ours.member m ON m.id = c.member_id
LEFT JOIN ours.repository r ON r.id = c.repository_id
ORDER BY c.id
"""


def reference_file(source: Path) -> Path:
    """The same commits in a table of ``CommitRow``, made once beside the file they come from."""
    file = source.with_suffix(".reference.db")
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        SQLModel.metadata.create_all(create_engine(f"sqlite:///{unfinished}"))
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
            database.execute("ATTACH ? AS ours", (str(source),))
            database.execute(_FILL)
        unfinished.rename(file)
    return file
