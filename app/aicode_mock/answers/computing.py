"""The answers to a query: what is true of the rows that it means.

The endpoints find rows by their positions and send the text that is kept beside them.
Here nothing is read but the figures of the rows: a mistake in a position or in a text
makes the two differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.engine import Connection

from aicode_mock.answers.keydigest import digest_changes, digest_commits
from aicode_mock.answers.sheet import (
    Answers,
    ChangeAnswers,
    ChangeTotals,
    CommitAnswers,
    CommitTotals,
    Group,
    LostChanges,
    LostCommits,
    TotalsT,
    UserGroup,
)
from aicode_mock.answers.tallies import Asked, Parts, add_up, count_repetition, day_text
from aicode_mock.daterange import DateRange
from aicode_mock.tables import CHANGES, COMMITS, MEMBERS, REPOSITORIES


@dataclass(frozen=True, slots=True)
class _Names:
    """What the ids of a team stand for: userId and e-mail address, ``owner/repo``."""

    users: dict[int, tuple[str, str]]
    repositories: dict[int, str]


def answers_of(
    connection: Connection,
    *,
    team_id: int,
    dates: DateRange,
    member_ids: tuple[int, ...] | None = None,
    by_commit_ts: bool = False,
) -> Answers:
    """The answers for a team (for some of its members, if not None) and a date range.

    ``by_commit_ts`` holds the range of commits against commitTs; a commit without one is
    outside every range.
    """
    asked = Asked(team_id, dates, member_ids)
    names = _names_of(connection, team_id)
    return Answers(
        startDate=_text(dates.start),
        endDate=_text(dates.end),
        userIds=None if member_ids is None else sorted({names.users[one][0] for one in member_ids}),
        commits=_commit_answers(connection, asked, names, by_commit_ts=by_commit_ts),
        changes=_change_answers(connection, asked, names),
    )


def _names_of(connection: Connection, team_id: int) -> _Names:
    members = select(MEMBERS).where(MEMBERS.c.team_id == team_id)
    repositories = select(REPOSITORIES).where(REPOSITORIES.c.team_id == team_id)
    return _Names(
        users={row.id: (row.user_id, row.email) for row in connection.execute(members)},
        repositories={row.id: row.name for row in connection.execute(repositories)},
    )


def _text(instant: datetime) -> str:
    """To the millisecond, or as exactly as it is."""
    exactness = "microseconds" if instant.microsecond % 1000 else "milliseconds"
    return f"{instant.replace(tzinfo=None).isoformat(timespec=exactness)}Z"


def _commit_answers(
    connection: Connection, asked: Asked, names: _Names, *, by_commit_ts: bool
) -> CommitAnswers:
    extent = asked.of(COMMITS, COMMITS.c.commit_ts if by_commit_ts else COMMITS.c.created_at)
    parts = add_up(connection, extent, CommitTotals, "day", "member_id", "repository_id", "commit_source")
    branches = add_up(connection, extent, CommitTotals, "branch_name")  # with the others, too many parts
    repeated = count_repetition(connection, extent, COMMITS.c.commit_hash)
    count, totals = parts.whole
    return CommitAnswers(
        dateField="commitTs" if by_commit_ts else "createdAt",
        count=count,
        totals=totals,
        aiShareOfLinesAdded=_ai_share(totals),
        distinctHashes=count - repeated.alone,
        lostByDeduplicatingOn=LostCommits(
            commitHash=repeated.alone,
            commitHashAndUserId=repeated.with_user,
            commitHashAndCreatedAt=repeated.with_created_at,
        ),
        byDay=_groups(parts, lambda row: day_text(row.day)),
        byUser=_user_groups(parts, names),
        byRepository=_groups(parts, lambda row: names.repositories.get(row.repository_id)),
        byBranch=_groups(branches, lambda row: row.branch_name),
        byCommitSource=_groups(parts, lambda row: row.commit_source),
        sha256=digest_commits(connection, extent),
    )


def _change_answers(connection: Connection, asked: Asked, names: _Names) -> ChangeAnswers:
    extent = asked.of(CHANGES, CHANGES.c.created_at)
    parts = add_up(connection, extent, ChangeTotals, "day", "member_id", "source", "model")
    repeated = count_repetition(connection, extent, CHANGES.c.change_id)
    count, totals = parts.whole
    return ChangeAnswers(
        count=count,
        totals=totals,
        distinctChangeIds=count - repeated.alone,
        lostByDeduplicatingOn=LostChanges(
            changeId=repeated.alone,
            changeIdAndUserId=repeated.with_user,
            changeIdAndCreatedAt=repeated.with_created_at,
        ),
        byDay=_groups(parts, lambda row: day_text(row.day)),
        byUser=_user_groups(parts, names),
        bySource=_groups(parts, lambda row: row.source),
        byModel=_groups(parts, lambda row: row.model),
        sha256=digest_changes(connection, extent),
    )


def _ai_share(totals: CommitTotals) -> float | None:
    if not totals.totalLinesAdded:
        return None
    return (totals.tabLinesAdded + totals.composerLinesAdded) / totals.totalLinesAdded


def _groups(parts: Parts[TotalsT], key: Callable[[Row[Any]], str | None]) -> list[Group[TotalsT]]:
    return [Group(key=text, count=count, totals=totals) for text, count, totals in parts.by(key)]


def _user_groups(parts: Parts[TotalsT], names: _Names) -> list[UserGroup[TotalsT]]:
    return [
        UserGroup(key=user_id, userEmail=email, count=count, totals=totals)
        for (user_id, email), count, totals in parts.by(lambda row: names.users[row.member_id])
    ]
