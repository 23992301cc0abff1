"""The typed contract: what clients see in JSON, as the contract files describe it.

Answers are sent as text (``wiretext``); these models describe that text, and tests
hold the two together.  Field order is the documented order.
"""

from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from aicode_mock.contract import Revision
from aicode_mock.instants import Instant

Lines = Annotated[int, Field(ge=0, description="Number of lines.")]
UserId = Annotated[str, Field(description="`user_` and 26 base-62 characters.")]
Email = Annotated[str, Field(description="E-mail address at the time of the row.")]


CommitSource = Annotated[
    Literal["ide", "cli", "cloud"], Field(description="Where the commit was made (from 2026-06 on).")
]
ItemT = TypeVar("ItemT", bound=BaseModel)


class Shape(BaseModel):
    """A JSON object of the contract, with no other fields than these."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Commit(Shape):
    """A commit, with its lines by origin.  The hash is no unique key."""

    commitHash: Annotated[str, Field(description="Neither unique nor unchangeable (documented).")]
    userId: UserId
    userEmail: Email
    repoName: Annotated[str | None, Field(description="`owner/repo` of the workspace root.")]
    branchName: str | None
    isPrimaryBranch: bool | None
    commitSource: CommitSource
    totalLinesAdded: Lines
    totalLinesDeleted: Lines
    tabLinesAdded: Annotated[Lines, Field(description="Lines accepted from Tab completions.")]
    tabLinesDeleted: Lines
    composerLinesAdded: Lines
    composerLinesDeleted: Lines
    nonAiLinesAdded: Annotated[
        int | None, Field(ge=0, description="max(0, totalLinesAdded - tabLinesAdded - composerLinesAdded).")
    ]
    nonAiLinesDeleted: Annotated[int | None, Field(ge=0, description="Likewise, of deleted lines.")]
    message: str | None
    commitTs: Annotated[Instant | None, Field(description="Commit time, whole seconds, UTC.")]
    createdAt: Annotated[Instant, Field(description="Ingestion time, UTC; date ranges filter on it.")]


class FileLines(Shape):
    """Lines of one file of a change."""

    fileName: Annotated[str | None, Field(description="Left out for members in privacy mode.")] = None
    fileExtension: Annotated[str, Field(description="Without the dot; empty for a file without one.")]
    linesAdded: Lines
    linesDeleted: Lines


class Change(Shape):
    """An accepted AI change.  The id is deterministic, but no unique key."""

    changeId: Annotated[
        str, Field(pattern=r"^\d{1,10}$", description="Decimal of an unsigned 32-bit number.")
    ]
    userId: UserId
    userEmail: Email
    source: Literal["TAB", "COMPOSER"]
    model: Annotated[str | None, Field(description="Null for TAB, and where unknown.")]
    totalLinesAdded: Annotated[Lines, Field(description="Sum over metadata.")]
    totalLinesDeleted: Annotated[Lines, Field(description="Sum over metadata.")]
    createdAt: Instant
    metadata: Annotated[list[FileLines], Field(description="The files of the change.")]


class Page(Shape, Generic[ItemT]):
    """The envelope of a page."""

    items: list[ItemT]
    totalCount: Annotated[int, Field(ge=0, description="Items of the whole query, not of the page.")]
    page: Annotated[int, Field(ge=1, description="The page that was served, from 1.")]
    pageSize: Annotated[int, Field(ge=1, description="The size that was served.")]


class ChangePage(Page[Change]):
    """One page of changes."""


class LineRange(Shape):
    """Lines ``start`` to ``end`` of a file, counted from 1, both included."""

    start: Annotated[int, Field(ge=1)]
    end: Annotated[int, Field(ge=1)]


class AnnotationGroup(Shape):
    """Line ranges that one conversation wrote in one file."""

    conversationId: str | None
    model: str | None
    operationType: str
    ranges: list[LineRange]


class FileAnnotations(Shape):
    """The AI-written ranges of one file."""

    filePath: str
    groups: list[AnnotationGroup]


class CommitDetail(Shape):
    """The AI-written line ranges of one commit."""

    commitHash: str
    commitSource: CommitSource
    rangeAnnotations: list[FileAnnotations]


class Conversation(Shape):
    """A conversation that annotations refer to."""

    id: str
    title: str
    tldr: str
    overview: str
    summaryBullets: list[str]


class CommitDetails(Shape):
    """Answer of the detail endpoint: one entry for each known hash, in the order asked for."""

    commits: list[CommitDetail]
    conversations: list[Conversation]


class ErrorBody(Shape):
    """The documented error."""

    error: Annotated[str, Field(description="The name of the status.")]
    message: str


class ObservedErrorBody(Shape):
    """The error that clients report."""

    code: Literal["error"]
    message: str


@cache
def commit_type(revision: Revision) -> type[BaseModel]:
    """The item of ``/commits`` in a revision: 18 fields, or 17 before ``2026-06``."""
    return Commit if revision.has_commit_source else _without_source(Commit)


@cache
def commit_page_type(revision: Revision) -> type[BaseModel]:
    """The page of ``/commits`` in a revision."""
    item = commit_type(revision)
    # The parameter is a value here, which no type checker follows.
    page = Page[item]  # type: ignore[valid-type]
    return create_model("CommitPage", __base__=page, __doc__="One page of commits.")


@cache
def commit_details_type(revision: Revision) -> type[BaseModel]:
    """The answer of ``/commits/{hash}`` in a revision."""
    if revision.detail_has_commit_source:
        return CommitDetails
    detail = _without_source(CommitDetail)
    commits = list[detail]  # type: ignore[valid-type]  # a value, as above
    about = CommitDetails.__doc__
    return create_model("CommitDetails", __base__=CommitDetails, __doc__=about, commits=(commits, ...))


def _without_source(shape: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (info.annotation, info) for name, info in shape.model_fields.items() if name != "commitSource"
    }
    model: type[BaseModel] = create_model(shape.__name__, __base__=Shape, __doc__=shape.__doc__, **fields)
    return model
