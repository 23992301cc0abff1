"""The members and repositories of a team, as rows that come in name them; new ones join."""

import string
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.bulk import bulk_insert
from aicode_mock.chance import token
from aicode_mock.tables import MEMBERS, REPOSITORIES
from aicode_mock.teamids import first_id

_BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class NoMemberError(ValueError):
    """A row names a user whom the team does not have, and no e-mail."""


_Name = tuple[str | None, str | None]  # an id, an address, or both


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of the team, as rows tell of them."""

    member_id: int
    user_id: str
    email: str
    keeps_private: bool


class Roster:
    """The people and repositories of one team, read once; those who join are written by ``finish``."""

    def __init__(self, connection: Connection, team_id: int) -> None:
        """Look up everybody of the team."""
        self._connection, self._team_id = connection, team_id
        columns = MEMBERS.c["id", "user_id", "email", "privacy_mode"]
        mine = select(*columns).where(MEMBERS.c.team_id == team_id).order_by(MEMBERS.c.id)
        self._by_member: dict[int, Colleague] = {}
        self._by_both: dict[tuple[str, str], Colleague] = {}
        self._by_name: dict[_Name, Colleague] = {}  # addresses without regard to case
        self._next_member = first_id(team_id)
        for row in connection.execute(mine):
            self._remember(Colleague(*row))
        names = select(*REPOSITORIES.c["name", "id"]).where(REPOSITORIES.c.team_id == team_id)
        self._repositories: dict[str, int] = {row.name: row.id for row in connection.execute(names)}
        self._next_repository = max(self._repositories.values(), default=first_id(team_id) - 1) + 1
        self._new_members: list[tuple[object, ...]] = []
        self._new_repositories: list[tuple[object, ...]] = []

    def member(self, user_id: str | None, email: str | None) -> Colleague:
        """The member of an id, an address, or both; an address that nobody has joins the team.

        Of several who share the one that is given, the first; the case of an address tells
        them apart only if both are given.

        Raises:
            NoMemberError: there is none and no address to join with, or no member has both.
        """
        key = None if email is None else email.casefold()
        found = self._by_both.get((user_id or "", email or "")) or self._by_name.get((user_id, key))
        if found is not None:
            return found
        by_id, by_email = self._by_name.get((user_id, None)), self._by_name.get((None, key))
        if by_id or by_email:
            raise NoMemberError(_mismatch(user_id, by_id, email, by_email))
        return self._join(user_id, email)

    def author(self, user_id: str, email: str) -> Colleague:
        """The member of exactly this id and this address; whoever has only one of them is another, and joins.

        Source: documented (the address is that at the time of the row, so one id may have several).
        """
        return self._by_both.get((user_id, email)) or self._join(user_id, email)

    def colleague(self, member_id: int) -> Colleague:
        """The member of an internal id, who is there."""
        return self._by_member[member_id]

    def repository(self, name: str | None) -> int | None:
        """The id of a repository; an unknown one is added."""
        if name is None:
            return None
        if name not in self._repositories:
            self._repositories[name] = self._next_repository
            self._new_repositories.append((self._next_repository, self._team_id, name, "main"))
            self._next_repository += 1
        return self._repositories[name]

    def finish(self) -> None:
        """Write who and what is new."""
        bulk_insert(self._connection, MEMBERS, self._new_members)
        bulk_insert(self._connection, REPOSITORIES, self._new_repositories)
        self._new_members, self._new_repositories = [], []

    def _join(self, user_id: str | None, email: str | None) -> Colleague:
        if email is None:
            raise NoMemberError(
                f"userId {user_id!r} is no member of the team: give userEmail too, to join it"
            )
        key = email.casefold()
        new = Colleague(
            self._next_member, user_id or "user_" + token(_BASE_62, 26, "joined", key), email, False
        )
        number, name = int(token(string.digits, 8, "joined", key)), email.partition("@")[0]
        role, is_removed, keeps_private = "member", False, False
        self._new_members.append(
            (
                new.member_id,
                self._team_id,
                new.user_id,
                number,
                email,
                key,
                name,
                role,
                is_removed,
                keeps_private,
            )
        )
        self._remember(new)
        return new

    def _remember(self, one: Colleague) -> None:
        key = one.email.casefold()
        self._by_member[one.member_id] = one
        self._by_both.setdefault((one.user_id, one.email), one)
        for name in ((one.user_id, None), (None, key), (one.user_id, key)):
            self._by_name.setdefault(name, one)
        self._next_member = one.member_id + 1


def _mismatch(
    user_id: str | None, by_id: Colleague | None, email: str | None, by_email: Colleague | None
) -> str:
    if by_email is None and by_id is not None:
        return f"nobody has userEmail {email!r}, and userId {user_id!r} has {by_id.email!r}: give one of them"
    if by_id is None and by_email is not None:
        return (
            f"nobody has userId {user_id!r}, and userEmail {email!r} has {by_email.user_id!r}: "
            "give one of them"
        )
    return f"userId {user_id!r} and userEmail {email!r} are of different members"
