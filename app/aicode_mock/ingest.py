"""Single rows into a world, and all of them out of it.

What a caller leaves out follows from the rest: the same rows into the same world give the
same items.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1, sha256
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from aicode_mock.clock import to_ms
from aicode_mock.datasets import own_dataset
from aicode_mock.directory import ENTERPRISE
from aicode_mock.inputs import unknown_name
from aicode_mock.newrows import NewChange, NewCommit, NewFile
from aicode_mock.placing import NewRow, place_rows
from aicode_mock.roster import Roster
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, RowKind
from aicode_mock.tables import DATASETS, TEAMS
from aicode_mock.teamids import owned_by
from aicode_mock.worldrecords import dataset_of

_BEFORE_CREATED_MS = 300_000
_SECOND_MS = 1000
NewT = TypeVar("NewT", NewCommit, NewChange)


class NoTeamError(ValueError):
    """The world has no such team."""


@dataclass(frozen=True, slots=True)
class Inlet:
    """A team that rows come into.  ``now`` is the world's, in milliseconds."""

    connection: Connection
    dataset_id: int
    team_id: int
    now: int

    @classmethod
    def open(cls, connection: Connection, world_id: str, team: str | None, *, now: datetime) -> "Inlet":
        """The team of a name, or the first with an Enterprise plan; the data set becomes the world's own.

        Raises:
            NoTeamError: the world has no such team.
        """
        find_team(connection, dataset_of(connection, world_id), team)  # before anything is copied
        dataset_id = own_dataset(connection, world_id)
        return cls(connection, dataset_id, find_team(connection, dataset_id, team), to_ms(now))

    def add_commits(self, commits: Sequence[NewCommit]) -> list[str]:
        """Put commits in; their JSON items in the default form.

        Raises:
            NoMemberError: a row names a user whom the team does not have, and no e-mail.
        """
        return self._add(COMMIT_ROWS, commits, self._commit)

    def add_changes(self, changes: Sequence[NewChange]) -> list[str]:
        """Put changes in; their JSON items in the default form.

        Raises:
            NoMemberError: a row names a user whom the team does not have, and no e-mail.
        """
        return self._add(CHANGE_ROWS, changes, self._change)

    def _add(
        self, kind: RowKind, rows: Sequence[NewT], made: Callable[[NewT, Roster, str], NewRow]
    ) -> list[str]:
        if not rows:
            return []
        roster, before = Roster(self.connection, self.team_id), data_digest(self.connection, self.dataset_id)
        new = [made(row, roster, f"{before} {number}") for number, row in enumerate(rows)]
        roster.finish()
        place_rows(self.connection, kind, self.team_id, new)
        items = [one.json for one in new]
        ordinal = self.team_id - first_team(self.connection, self.dataset_id)
        note_change(self.connection, self.dataset_id, f"add {ordinal} {kind.name}", *items)
        return items

    def _commit(self, new: NewCommit, roster: Roster, label: str) -> NewRow:
        member = roster.member(new.userId, new.userEmail)
        created_at = self.now if new.createdAt is None else to_ms(new.createdAt)
        row = CommitRow(
            commit_hash=new.commitHash or sha1(label.encode(), usedforsecurity=False).hexdigest(),
            commit_source=new.commitSource,
            user_id=member.user_id,
            user_email=member.email,
            repo_name=new.repoName,
            branch_name=new.branchName,
            is_primary_branch=new.isPrimaryBranch,
            total_lines_added=new.totalLinesAdded,
            total_lines_deleted=new.totalLinesDeleted,
            tab_lines_added=new.tabLinesAdded,
            tab_lines_deleted=new.tabLinesDeleted,
            composer_lines_added=new.composerLinesAdded,
            composer_lines_deleted=new.composerLinesDeleted,
            non_ai_lines_added=new.non_ai[0],
            non_ai_lines_deleted=new.non_ai[1],
            message=new.message,
            commit_ts=_commit_ts(new, created_at),
            created_at=created_at,
        )
        return NewRow(row, member.member_id, roster.repository(new.repoName))

    def _change(self, new: NewChange, roster: Roster, label: str) -> NewRow:
        member = roster.member(new.userId, new.userEmail)
        derived = int.from_bytes(sha256(label.encode()).digest()[:4])
        files = [_file(one, is_private=member.keeps_private) for one in new.files]
        row = ChangeRow(
            change_id=derived if new.changeId is None else int(new.changeId),
            user_id=member.user_id,
            user_email=member.email,
            source=new.source,
            model=new.model,
            total_lines_added=sum(one.lines_added for one in files),
            total_lines_deleted=sum(one.lines_deleted for one in files),
            created_at=self.now if new.createdAt is None else to_ms(new.createdAt),
            metadata=metadata_json(files),
        )
        return NewRow(row, member.member_id)


def repeat_newest(connection: Connection, world_id: str, team: str, kind: RowKind, *, now: datetime) -> bool:
    """Put one more row in, created now, by whoever wrote the newest; False if the team has no rows."""
    inlet = Inlet.open(connection, world_id, team, now=now)
    rows = kind.rows
    newest = select(rows.c.member_id).where(rows.c.team_id == inlet.team_id)
    member_id = connection.scalar(newest.order_by(rows.c.id.desc()).limit(1))
    if member_id is None:
        return False
    author = Roster(connection, inlet.team_id).colleague(member_id)
    whose = {"userId": author.user_id, "userEmail": author.email}
    if kind is COMMIT_ROWS:
        inlet.add_commits([NewCommit(**whose, totalLinesAdded=1, message="Arrived meanwhile")])
    else:
        inlet.add_changes([NewChange(**whose, totalLinesAdded=1, totalLinesDeleted=0)])
    return True


def remove_all(connection: Connection, world_id: str, kind: RowKind) -> None:
    """Take all rows of a kind out of every team of a world."""
    tables = (kind.csv, kind.json, kind.rows)
    dataset_id = own_dataset(connection, world_id, without=tables)
    for team_id in connection.scalars(select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id)).all():
        for table in tables:
            connection.execute(delete(table).where(owned_by(team_id, table.c.id)))
    note_change(connection, dataset_id, f"remove {kind.name}")


def find_team(connection: Connection, dataset_id: int, name: str | None) -> int:
    """The id of the team of a name, or of the first with an Enterprise plan.

    Raises:
        NoTeamError: the data set has no such team.
    """
    mine = select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id).order_by(TEAMS.c.ordinal)
    wanted = TEAMS.c.plan == ENTERPRISE if name is None else TEAMS.c.name == name
    team_id = connection.scalar(mine.where(wanted).limit(1))
    if team_id is None:
        names = team_names(connection, dataset_id)
        if name is None:
            raise NoTeamError(f"team is needed: no team has an Enterprise plan (allowed: {', '.join(names)})")
        raise NoTeamError(unknown_name("team", name, names))
    return int(team_id)


def team_names(connection: Connection, dataset_id: int) -> list[str]:
    """The teams of a data set, in their order."""
    mine = select(TEAMS.c.name).where(TEAMS.c.dataset_id == dataset_id).order_by(TEAMS.c.ordinal)
    return list(connection.scalars(mine))


def first_team(connection: Connection, dataset_id: int) -> int:
    """The id of the first team of a data set."""
    first = select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id, TEAMS.c.ordinal == 0)
    return int(connection.execute(first).scalar_one())


def data_digest(connection: Connection, dataset_id: int) -> str:
    """What names the rows of a data set."""
    return str(connection.scalar(select(DATASETS.c.digest).where(DATASETS.c.id == dataset_id)))


def note_change(connection: Connection, dataset_id: int, *change: str) -> None:
    """A changed data set has a digest of its own, which follows from the change."""
    text = "\n".join((data_digest(connection, dataset_id), *change))
    digest = sha256(text.encode()).hexdigest()
    connection.execute(update(DATASETS).where(DATASETS.c.id == dataset_id).values(digest=digest))


def _commit_ts(new: NewCommit, created_at: int) -> int | None:
    if "commitTs" not in new.model_fields_set:
        return (created_at - _BEFORE_CREATED_MS) // _SECOND_MS * _SECOND_MS
    return None if new.commitTs is None else to_ms(new.commitTs)


def _file(new: NewFile, *, is_private: bool) -> FileChange:
    name = new.fileName or ""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    derived = extension if dot and stem else ""
    given = derived if new.fileExtension is None else new.fileExtension
    return FileChange(None if is_private else new.fileName, given, new.linesAdded, new.linesDeleted)
