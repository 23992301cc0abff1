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
from aicode_mock.faults.effects import AS_ASKED, Bend
from aicode_mock.query import BadRequestError, NotFoundError, PageWanted

_NOTHING = Understood()


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted request: who calls, in which snapshot, with which parameters.

    ``noticed`` is what was understood of it before any parameter is read; ``take_time`` is called
    before what takes long.
    """

    caller: Caller
    connection: Connection
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    bend: Bend = AS_ASKED
    noticed: Understood = _NOTHING
    body: Body = NOTHING
    take_time: Callable[[], None] = lambda: None

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


def bend_page(bend: Bend, asked: PageWanted) -> tuple[PageWanted, Bend]:
    """The page as faults bend it, and what they do to it.

    The first page begins no earlier, and a small one is small already.
    """
    if bend == AS_ASKED:
        return asked, bend
    lowered = bend.page_size if bend.page_size and bend.page_size < asked.size else None
    page = replace(asked, size=lowered or asked.size)
    return page, replace(bend, page_size=lowered, shift=min(bend.shift, page.offset))


def total_and_offset(call: Call, page: PageWanted, bend: Bend, *, found: int) -> tuple[int, int]:
    """What is told as the total of ``found`` items, and how many of them lie before the page.

    Raises:
        NotFoundError: the page lies past the end, where the contract minds.
    """
    total = max(0, found + bend.count_by)
    if page.number > 1 and page.offset >= total and call.contract.switches.page_past_end == "404":
        raise NotFoundError
    return total, page.offset - bend.shift


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
