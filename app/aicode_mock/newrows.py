"""Rows as a caller of the control plane writes them: items of the API, most of it optional.

Whatever is left out is filled in: the same rows into the same world give the same items.
"""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    model_validator,
)

from aicode_mock.daterange import read_instant
from aicode_mock.inputs import Input
from aicode_mock.rows import non_ai_lines

_MOST_LINES = 2**31 - 1
_SUM = "the sum over metadata"


def read_moment(value: object) -> datetime:
    """An instant as a caller writes it.

    Raises:
        ValueError: it is no date, or none that a world could hold.
    """
    try:
        instant = read_instant(str(value))
    except OverflowError:
        raise ValueError("is out of range") from None
    if not 1970 <= instant.year <= 9998:
        raise ValueError("must be between 1970 and 9998")
    return instant


def _storable(text: str) -> str:
    if "\0" in text:  # no text in any database
        raise ValueError("must not hold NUL")
    return text


Text = Annotated[str, Field(max_length=100_000), AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Lines = Annotated[int, Field(strict=True, ge=0, le=_MOST_LINES)]
Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    Field(description="A date, or an ISO 8601 date and time; UTC unless it has an offset."),
]


class _NewRow(Input):
    userId: Annotated[Name | None, Field(description="Whose row it is; or `userEmail`, or both.")] = None
    userEmail: Annotated[
        Name | None, Field(description="An address that nobody in the team has joins the team.")
    ] = None
    createdAt: Annotated[Moment | None, Field(description="The world's now, unless given.")] = None

    @model_validator(mode="after")
    def _check_author(self) -> Self:
        if self.userId is None and self.userEmail is None:
            raise ValueError("userId or userEmail is needed: whose row it is")
        return self


class NewCommit(_NewRow):
    """A commit to ingest.  nonAi lines are derived; given ones must be right, or null."""

    commitHash: Annotated[Name | None, Field(description="Derived, unless given.")] = None
    repoName: Name | None = None
    branchName: Name | None = None
    isPrimaryBranch: StrictBool | None = None
    commitSource: Literal["ide", "cli", "cloud"] = "ide"
    totalLinesAdded: Lines = 0
    totalLinesDeleted: Lines = 0
    tabLinesAdded: Lines = 0
    tabLinesDeleted: Lines = 0
    composerLinesAdded: Lines = 0
    composerLinesDeleted: Lines = 0
    nonAiLinesAdded: Lines | None = None
    nonAiLinesDeleted: Lines | None = None
    message: Text | None = None
    commitTs: Annotated[Moment | None, Field(description="Five minutes before createdAt, unless given.")] = (
        None
    )

    @property
    def non_ai(self) -> tuple[int | None, int | None]:
        """Added and deleted lines that no AI wrote; None where null was given."""
        added, deleted = self._derived_non_ai
        given = self.model_fields_set
        return (
            self.nonAiLinesAdded if "nonAiLinesAdded" in given else added,
            self.nonAiLinesDeleted if "nonAiLinesDeleted" in given else deleted,
        )

    @property
    def _derived_non_ai(self) -> tuple[int, int]:
        return (
            non_ai_lines(self.totalLinesAdded, self.tabLinesAdded, self.composerLinesAdded),
            non_ai_lines(self.totalLinesDeleted, self.tabLinesDeleted, self.composerLinesDeleted),
        )

    @model_validator(mode="after")
    def _check_non_ai(self) -> Self:
        added, deleted = self._derived_non_ai
        _expect("nonAiLinesAdded", self.nonAiLinesAdded, added, "max(0, total - AI)")
        _expect("nonAiLinesDeleted", self.nonAiLinesDeleted, deleted, "max(0, total - AI)")
        return self


class NewFile(Input):
    """One file of a change to ingest."""

    fileName: Name | None = None
    fileExtension: Annotated[Text | None, Field(description="That of the name, unless given.")] = None
    linesAdded: Lines = 0
    linesDeleted: Lines = 0


class NewChange(_NewRow):
    """A change to ingest.  Totals are the sums over ``metadata``; given ones must be right."""

    changeId: Annotated[
        str | None, Field(pattern=r"^(0|[1-9][0-9]{0,9})$", description="Derived, unless given.")
    ] = None
    source: Literal["TAB", "COMPOSER"] = "COMPOSER"
    model: Name | None = None
    totalLinesAdded: Lines | None = None
    totalLinesDeleted: Lines | None = None
    metadata: Annotated[
        list[NewFile] | None,
        Field(max_length=1000, description="The files; one without a name, of the given totals, if absent."),
    ] = None

    @property
    def files(self) -> list[NewFile]:
        """The files of the change."""
        if self.metadata is not None:
            return self.metadata
        added, deleted = self.totalLinesAdded or 0, self.totalLinesDeleted or 0
        return [NewFile(fileExtension="", linesAdded=added, linesDeleted=deleted)]

    @model_validator(mode="after")
    def _check_figures(self) -> Self:
        if self.changeId is not None and int(self.changeId) >= 2**32:
            raise ValueError(f"changeId must be below {2**32}: got {self.changeId}")
        files = self.files
        _expect("totalLinesAdded", self.totalLinesAdded, sum(one.linesAdded for one in files), _SUM)
        _expect("totalLinesDeleted", self.totalLinesDeleted, sum(one.linesDeleted for one in files), _SUM)
        return self


def _expect(name: str, given: int | None, derived: int, rule: str) -> None:
    if given is not None and given != derived:
        raise ValueError(f"{name} must be {derived}, {rule}: got {given}")
    if derived > _MOST_LINES:
        raise ValueError(f"{name}, {rule}, must not be over {_MOST_LINES}: got {derived}")
