"""The members and repositories of a team, as rows that come in name them; new ones join."""

import string
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.bulk import bulk_insert
from aicode_mock.chance import token
from aicode_mock.tables import MEMBERS, REPOSITORIES, first_id

_BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class NoMemberError(ValueError):
    """A row names a user whom the team does not have, and no e-mail."""


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
        self._by_id: dict[str, Colleague] = {}
        self._by_email: dict[str, Colleague] = {}
        self._by_both: dict[tuple[str, str], Colleague] = {}
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

        Raises:
            NoMemberError: there is none and no address to join with, or the two are of different members.
        """
        by_id = self._by_id.get(user_id or "")
        by_email = self._by_email.get((email or "").casefold())
        found = by_id or by_email
        if found is None:
            return self._join(user_id, email)
        if (user_id is not None and by_id is None) or (email is not None and by_email is not found):
            raise NoMemberError(f"userId {user_id!r} and userEmail {email!r} are of different members")
        return found

    def author(self, user_id: str, email: str) -> Colleague:
        """The member of exactly this id and this address; whoever has only one of them is another, and joins.

        Source: documented (the address is that at the time of the row, so one id may have several).
        """
        return self._by_both.get((user_id, email)) or self._join(user_id, email)

    def user_id(self, member_id: int) -> str:
        """The ``user_…`` id of a member."""
        return next(one.user_id for one in self._by_id.values() if one.member_id == member_id)

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
        self._by_id.setdefault(one.user_id, one)
        self._by_email.setdefault(one.email.casefold(), one)
        self._by_both.setdefault((one.user_id, one.email), one)
        self._next_member = one.member_id + 1
