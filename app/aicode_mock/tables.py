"""The tables of data sets: what the API tells of, apart from who may ask.

A *data set* is the rows of some teams.  Worlds share one until a row of theirs
changes (``datasets``).

What a team has is numbered as ``teamids`` says.  Commits and changes lie in one order,
(createdAt, stable key), and their positions are dense: the rows lie in the file as they
are asked for, and a date range is an interval of ids.  ``member_position`` is the same
within the rows of one member.

The text that clients see is kept beside the row, a table for each format, so that
an answer reads nothing else.  Instants are milliseconds since 1970.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Index, Integer, Table, Text, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

# Only a column of type INTEGER is the order of rows in an SQLite file.
_RowId = BigInteger().with_variant(Integer(), "sqlite")
_NOT_COUNTED = {"autoincrement": False}


class Base(SQLModel, registry=registry()):
    """The tables of this package alone, apart from the models of a program that imports it."""

    model_config = {"defer_build": True}  # nobody validates by them
    __table__: ClassVar[Table]


class Dataset(Base, table=True):
    """Rows of some teams, and the origin they were made from.

    ``commits`` and ``changes`` are the numbers the origin was scaled to.  A *template* is
    as its origin made it, and kept for the next world of that origin; ``used_at`` is wall
    time.
    """

    id: int = Field(primary_key=True)
    scenario: str
    scenario_digest: str = Field(index=True)
    seed: int = Field(sa_type=BigInteger)
    anchor: int = Field(sa_type=BigInteger)
    commits: int | None
    changes: int | None
    digest: str
    is_template: bool
    used_at: int = Field(sa_type=BigInteger)


class Team(Base, table=True):
    """A customer of the API, the ``ordinal``-th of its data set; ``has_detail`` is its part in the alpha."""

    id: int = Field(primary_key=True)
    dataset_id: int = Field(foreign_key="dataset.id", index=True)
    ordinal: int
    name: str
    plan: str
    has_detail: bool


class Member(Base, table=True):
    """A person of a team.  ``email_key`` is the address without case."""

    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    team_id: int = Field(foreign_key="team.id", index=True)
    user_id: str
    numeric_id: int = Field(sa_type=BigInteger)
    email: str
    email_key: str
    name: str
    role: str
    is_removed: bool
    privacy_mode: bool


class Repository(Base, table=True):
    """A repository that a team works in."""

    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    team_id: int = Field(foreign_key="team.id", index=True)
    name: str
    primary_branch: str


class Commit(Base, table=True):
    """A commit as typed figures; repository, branch and message may be unknown together."""

    __tablename__ = "commits"
    __table_args__ = (
        Index("commits_by_instant", "team_id", "created_at", "id"),
        Index("commits_by_member", "member_id", "member_position"),
        Index("commits_by_member_instant", "member_id", "created_at", "member_position"),
        Index("commits_by_hash", "commit_hash"),
    )
    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    team_id: int = Field(foreign_key="team.id")
    member_id: int = Field(foreign_key="member.id", sa_type=BigInteger)
    member_position: int
    created_at: int = Field(sa_type=BigInteger)
    commit_ts: int | None = Field(sa_type=BigInteger)
    commit_hash: str
    commit_source: str
    repository_id: int | None = Field(foreign_key="repository.id", sa_type=BigInteger)
    branch_name: str | None
    is_primary_branch: bool | None
    total_lines_added: int
    total_lines_deleted: int
    tab_lines_added: int
    tab_lines_deleted: int
    composer_lines_added: int
    composer_lines_deleted: int
    non_ai_lines_added: int | None
    non_ai_lines_deleted: int | None
    message: str | None


class Change(Base, table=True):
    """An accepted AI change as typed figures; ``metadata`` is its files as compact JSON."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("changes_by_instant", "team_id", "created_at", "id"),
        Index("changes_by_member", "member_id", "member_position"),
        Index("changes_by_member_instant", "member_id", "created_at", "member_position"),
        Index(  # counts usage events, and finds a page of them, without looking at rows
            "composer_changes_by_instant",
            "team_id",
            "created_at",
            "id",
            sqlite_where=text("source = 'COMPOSER'"),  # wherever it is made: see create_indexes
        ),
    )
    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    team_id: int = Field(foreign_key="team.id")
    member_id: int = Field(foreign_key="member.id", sa_type=BigInteger)
    member_position: int
    created_at: int = Field(sa_type=BigInteger)
    change_id: int = Field(sa_type=BigInteger)
    source: str
    model: str | None
    total_lines_added: int
    total_lines_deleted: int
    metadata_json: str = Field(sa_column_kwargs={"name": "metadata"})


class _Text(Base):
    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    text: str = Field(sa_type=Text)


class CommitJson(_Text, table=True):
    """The JSON item of each commit."""

    __tablename__ = "commit_json"


class CommitCsv(_Text, table=True):
    """The CSV record of each commit, with its line end."""

    __tablename__ = "commit_csv"


class ChangeJson(_Text, table=True):
    """The JSON item of each change."""

    __tablename__ = "change_json"


class ChangeCsv(_Text, table=True):
    """The CSV record of each change, with its line end."""

    __tablename__ = "change_csv"


class Conversation(Base, table=True):
    """A conversation that line annotations refer to; ``bullets`` is a JSON list."""

    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    team_id: int = Field(foreign_key="team.id", index=True)
    conversation_id: str
    title: str
    tldr: str
    overview: str
    bullets: str


class LineAnnotation(Base, table=True):
    """Lines ``first_line`` to ``last_line`` of a file in a commit that AI wrote."""

    __tablename__ = "line_annotation"
    __table_args__ = (Index("annotations_by_hash", "team_id", "commit_hash"),)
    id: int = Field(primary_key=True, sa_type=_RowId, sa_column_kwargs=_NOT_COUNTED)
    team_id: int = Field(foreign_key="team.id")
    commit_hash: str
    file_path: str
    conversation_id: str | None
    model: str | None
    operation_type: str
    first_line: int
    last_line: int


# Rows never leave the store as objects: queries are written over these.
DATASETS = Dataset.__table__
TEAMS = Team.__table__
MEMBERS = Member.__table__
REPOSITORIES = Repository.__table__
COMMITS = Commit.__table__
CHANGES = Change.__table__
COMMIT_JSON = CommitJson.__table__
COMMIT_CSV = CommitCsv.__table__
CHANGE_JSON = ChangeJson.__table__
CHANGE_CSV = ChangeCsv.__table__
CONVERSATIONS = Conversation.__table__
LINE_ANNOTATIONS = LineAnnotation.__table__
