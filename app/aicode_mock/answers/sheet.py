"""The shape of the answers that a client's numbers are held against, as the control plane prints them.

A total is the sum of the figures that are known; ``rowsWithout…`` counts the rows that
leave it open.  A client that takes null for 0 gets the same sums.  Lists are ordered by
key, null first, then by the bytes of UTF-8.
"""

from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Rows = Annotated[int, Field(ge=0, description="Number of rows.")]
Lines = Annotated[int, Field(ge=0, description="Sum of the numbers of lines that are known.")]
Digest = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 over the sorted keys of all rows.")
]
TotalsT = TypeVar("TotalsT", bound="ChangeTotals | CommitTotals")


# There may be a group for each of many thousand branches: models would double the memory of it all.
@dataclass(frozen=True, slots=True)
class ChangeTotals:
    """Lines of some changes."""

    totalLinesAdded: Lines
    totalLinesDeleted: Lines


@dataclass(frozen=True, slots=True)
class CommitTotals:
    """Lines of some commits, by origin."""

    totalLinesAdded: Lines
    totalLinesDeleted: Lines
    tabLinesAdded: Lines
    tabLinesDeleted: Lines
    composerLinesAdded: Lines
    composerLinesDeleted: Lines
    nonAiLinesAdded: Lines
    nonAiLinesDeleted: Lines
    rowsWithoutNonAiLinesAdded: Rows
    rowsWithoutNonAiLinesDeleted: Rows


@dataclass(frozen=True, slots=True)
class Group(Generic[TotalsT]):
    """Rows that have something in common."""

    key: Annotated[str | None, Field(description="What they have in common; null where it is unknown.")]
    count: Rows
    totals: TotalsT


@dataclass(frozen=True, slots=True)
class UserGroup(Generic[TotalsT]):
    """Rows of one person under one e-mail address."""

    key: Annotated[str, Field(description="The userId.")]
    userEmail: str
    count: Rows
    totals: TotalsT


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LostCommits(_Shape):
    """How many rows a client loses that keeps one for each value of these fields."""

    commitHash: Rows
    commitHashAndUserId: Rows
    commitHashAndCreatedAt: Rows


class LostChanges(_Shape):
    """How many rows a client loses that keeps one for each value of these fields."""

    changeId: Rows
    changeIdAndUserId: Rows
    changeIdAndCreatedAt: Rows


class CommitAnswers(_Shape):
    """What is true of the commits that a query means."""

    dateField: Annotated[
        Literal["createdAt", "commitTs"], Field(description="What the range is held against; days are its.")
    ]
    count: Rows
    totals: CommitTotals
    aiShareOfLinesAdded: Annotated[
        float | None, Field(ge=0, description="(tab + composer) / total of the sums; null if that is 0.")
    ]
    distinctHashes: Rows
    lostByDeduplicatingOn: LostCommits
    byDay: list[Group[CommitTotals]]
    byUser: list[UserGroup[CommitTotals]]
    byRepository: list[Group[CommitTotals]]
    byBranch: list[Group[CommitTotals]]
    byCommitSource: list[Group[CommitTotals]]
    sha256: Digest


class ChangeAnswers(_Shape):
    """What is true of the changes that a query means; their range is always held against createdAt."""

    count: Rows
    totals: ChangeTotals
    distinctChangeIds: Rows
    lostByDeduplicatingOn: LostChanges
    byDay: list[Group[ChangeTotals]]
    byUser: list[UserGroup[ChangeTotals]]
    bySource: list[Group[ChangeTotals]]
    byModel: list[Group[ChangeTotals]]
    sha256: Digest


class Answers(_Shape):
    """The truth about the rows of a team that a query of the endpoints means."""

    startDate: Annotated[str, Field(description="Begin of the resolved range, included.")]
    endDate: Annotated[str, Field(description="End of the resolved range, included.")]
    userIds: Annotated[
        list[str] | None, Field(description="Whom `user` names; null without `user`, empty for nobody.")
    ]
    commits: CommitAnswers
    changes: ChangeAnswers
