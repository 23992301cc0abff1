"""The rows of an export, held strictly against the contract.

All that ``newrows`` demands, and nothing is filled in: a field may be absent only where the
contract lets null be left out, or where its revision has none (``commitSource``).

Source: documented (``tests/golden``); omitted nulls, and instants without ``T`` and zone,
are what clients provide for.
"""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from aicode_mock.clock import to_ms
from aicode_mock.importing.complaints import BadRowError
from aicode_mock.newrows import Lines, Name, NewChange, NewCommit, NewFile, Text, read_moment
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json

# No finer than the milliseconds that the store keeps.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MOST_FILES = 100_000

Row = CommitRow | ChangeRow


def _exact(value: object) -> datetime:
    if not (isinstance(value, str) and _INSTANT.fullmatch(value)):
        raise ValueError("must be an instant such as 2026-06-30T09:00:00.000Z")
    return read_moment(value)


Instant = Annotated[datetime, BeforeValidator(_exact)]


class ExportedCommit(NewCommit):
    """An item of ``/commits``, or a record of ``commits.csv``."""

    commitHash: Name
    userId: Name
    userEmail: Name
    repoName: Text | None = None
    branchName: Text | None = None
    commitSource: Literal["ide", "cli", "cloud"] = "ide"
    totalLinesAdded: Lines
    totalLinesDeleted: Lines
    tabLinesAdded: Lines
    tabLinesDeleted: Lines
    composerLinesAdded: Lines
    composerLinesDeleted: Lines
    commitTs: Instant | None = None
    createdAt: Instant

    @property
    def row(self) -> CommitRow:
        """The plain facts."""
        return CommitRow(
            commit_hash=self.commitHash,
            commit_source=self.commitSource,
            user_id=self.userId,
            user_email=self.userEmail,
            repo_name=self.repoName,
            branch_name=self.branchName,
            is_primary_branch=self.isPrimaryBranch,
            total_lines_added=self.totalLinesAdded,
            total_lines_deleted=self.totalLinesDeleted,
            tab_lines_added=self.tabLinesAdded,
            tab_lines_deleted=self.tabLinesDeleted,
            composer_lines_added=self.composerLinesAdded,
            composer_lines_deleted=self.composerLinesDeleted,
            non_ai_lines_added=self.nonAiLinesAdded,
            non_ai_lines_deleted=self.nonAiLinesDeleted,
            message=self.message,
            commit_ts=None if self.commitTs is None else to_ms(self.commitTs),
            created_at=to_ms(self.createdAt),
        )


class ExportedFile(NewFile):
    """One file of a change; its name is absent under privacy mode."""

    fileName: Text | None = None
    fileExtension: Text
    linesAdded: Lines
    linesDeleted: Lines

    @property
    def facts(self) -> FileChange:
        """The plain facts."""
        return FileChange(self.fileName, self.fileExtension, self.linesAdded, self.linesDeleted)


class ExportedChange(NewChange):
    """An item of ``/changes``, or a record of ``changes.csv``."""

    changeId: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,9})$")]
    userId: Name
    userEmail: Name
    source: Literal["TAB", "COMPOSER"]
    model: Text | None = None
    totalLinesAdded: Lines
    totalLinesDeleted: Lines
    createdAt: Instant
    metadata: Annotated[list[ExportedFile], Field(max_length=_MOST_FILES)]  # type: ignore[assignment]  # narrower

    @property
    def row(self) -> ChangeRow:
        """The plain facts."""
        return ChangeRow(
            change_id=int(self.changeId),
            user_id=self.userId,
            user_email=self.userEmail,
            source=self.source,
            model=self.model,
            total_lines_added=self.totalLinesAdded,
            total_lines_deleted=self.totalLinesDeleted,
            created_at=to_ms(self.createdAt),
            metadata=metadata_json([one.facts for one in self.metadata]),
        )


def read_row(item: dict[str, object]) -> tuple[Row, bool]:
    """The row of an item, and whether it tells what its revision may leave out: where it was made.

    Raises:
        BadRowError: it is not as the contract says.
    """
    try:
        if "commitHash" in item:
            commit = ExportedCommit.model_validate(item)
            return commit.row, "commitSource" in item
        if "changeId" in item:
            return ExportedChange.model_validate(item).row, True
    except ValidationError as error:
        raise BadRowError.of(error) from None
    names = ", ".join(map(repr, list(item)[:8])) or "none"
    raise BadRowError(f"is neither a commit nor a change: its fields are {names}")
