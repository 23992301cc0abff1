"""Calls of endpoints, and answers to them.

An answer names what determines its bytes before any of them is made, so that a
conditional request is answered without rendering.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from aicode_mock.bodies import NOTHING, Body
from aicode_mock.contract import Contract
from aicode_mock.daterange import shorten
from aicode_mock.directory import Caller, find_members
from aicode_mock.entries import Understood
from aicode_mock.faults.model import AS_ASKED, Bend
from aicode_mock.query import BadRequestError, NotFoundError, PageWanted

_NOTHING = Understood()


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted request: who calls, in which snapshot, with which parameters.

    ``noticed`` is what was understood of it before any parameter is read.
    """

    caller: Caller
    connection: Connection
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    bend: Bend = AS_ASKED
    noticed: Understood = _NOTHING
    body: Body = NOTHING

    @property
    def contract(self) -> Contract:
        """The contract of the caller's world."""
        return self.caller.contract


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: what determines it, and how to make its text when it is wanted.

    ``rows`` and ``total`` count what is in it, and in the whole query; ``bend`` is what faults
    made of the page; ``understood`` is what its parameters came to, if it has some.  Where ``rows``
    are known from the text only, each of them begins with ``row_mark``.
    """

    identity: str
    blocks: Callable[[], Iterator[bytes]]
    rows: int
    total: int | None = None
    bend: Bend = AS_ASKED
    understood: Understood | None = None
    row_mark: bytes | None = None


def bent(bend: Bend, asked: PageWanted) -> Bend:
    """What a bend does to a page: the first one begins no earlier, a small one is small already."""
    if bend == AS_ASKED:
        return bend
    lowered = bend.page_size if bend.page_size and bend.page_size < asked.size else None
    size = lowered or asked.size
    return replace(bend, page_size=lowered, shift=min(bend.shift, (asked.number - 1) * size))


def members_asked_for(call: Call, user: str | None) -> tuple[int, ...] | None:
    """The ids of the members whom a ``user`` names; None if it is absent.

    Raises:
        BadRequestError: there are none, where the contract minds.
        NotFoundError: likewise.
    """
    if not user:
        return None
    members = tuple(find_members(call.connection, call.caller.team_id, user))
    match call.contract.switches.unknown_user:
        case "400" if not members:
            raise BadRequestError(f"Some users are not in the team: got user {shorten(user)}")
        case "404" if not members:
            raise NotFoundError
    return members
