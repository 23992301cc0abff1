"""What the endpoints answer.

An answer names what determines its bytes before any of them is made, so that a
conditional request is answered without rendering.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from aicode_mock import wire
from aicode_mock.contract import Contract
from aicode_mock.daterange import InvalidDateRangeError, parse_date_range, shorten
from aicode_mock.details import find_details
from aicode_mock.directory import Caller, find_members, members_of
from aicode_mock.pages import csv_blocks, page_json
from aicode_mock.query import (
    BRANCH,
    CSV_PARAMETERS,
    JSON_PARAMETERS,
    BadRequestError,
    NotFoundError,
    date_rules,
    read_page,
    read_parameters,
)
from aicode_mock.selection import Query, RowKind, Selection, select_rows
from aicode_mock.wiretext import CsvForm, JsonForm

_MOST_HASHES = 1000  # assumed: as many as the largest page


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted request: who calls, in which snapshot, with which parameters."""

    caller: Caller
    connection: Connection
    path: Mapping[str, str]
    query: list[tuple[str, str]]

    @property
    def contract(self) -> Contract:
        """The contract of the caller's world."""
        return self.caller.contract


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: what determines it, and how to make its text when it is wanted."""

    identity: str
    blocks: Callable[[], Iterator[str]]


def page_of(kind: RowKind) -> Callable[[Call], Answer]:
    """Answers with one page of rows."""

    def answer(call: Call) -> Answer:
        parameters = read_parameters(call.query, JSON_PARAMETERS, call.contract)
        page, page_size = read_page(parameters, call.contract)
        selection = _select(call, kind, parameters, csv=False)
        past_end = page > 1 and (page - 1) * page_size >= selection.total
        if past_end and call.contract.switches.page_past_end == "404":
            raise NotFoundError
        form = JsonForm.of(call.contract)
        return Answer(
            f"page {selection.identity} {page} {page_size}",
            lambda: iter([page_json(call.connection, selection, form, page=page, page_size=page_size)]),
        )

    return answer


def csv_of(kind: RowKind) -> Callable[[Call], Answer]:
    """Answers with all rows as CSV."""

    def answer(call: Call) -> Answer:
        parameters = read_parameters(call.query, CSV_PARAMETERS, call.contract)
        selection = _select(call, kind, parameters, csv=True)
        form, switches = CsvForm.of(call.contract), call.contract.switches
        with_header = switches.csv_empty == "header"
        return Answer(
            f"csv {selection.identity}",
            lambda: csv_blocks(call.connection, selection, form, header_if_empty=with_header),
        )

    return answer


def commit_details(call: Call) -> Answer:
    """Who wrote which lines of the commits that the path names."""
    branch = read_parameters(call.query, (BRANCH,), call.contract).get(BRANCH.name)
    hashes = list(dict.fromkeys(text for text in call.path["hashes"].split(",") if text))
    if not 1 <= len(hashes) <= _MOST_HASHES:
        raise BadRequestError(f"the path must name 1 to {_MOST_HASHES} commit hashes: got {len(hashes)}")
    found = find_details(call.connection, call.caller.team_id, hashes, branch=branch)
    if len(found.commits) < len(hashes) and call.contract.switches.unknown_hash == "404":
        raise NotFoundError
    hidden = (
        None
        if call.contract.revision.detail_has_commit_source
        else {"commits": {"__all__": {"commitSource"}}}
    )
    return Answer(
        f"details {call.caller.team_id} {hashes} {branch}",
        lambda: iter([found.model_dump_json(exclude=hidden)]),
    )


def team_members(call: Call) -> Answer:
    """Everybody of the caller's team."""
    read_parameters(call.query, (), call.contract)
    team_id = call.caller.team_id
    return Answer(f"members {team_id}", lambda: iter([_members_json(call.connection, team_id)]))


def _members_json(connection: Connection, team_id: int) -> str:
    return wire.TeamMembers(
        teamMembers=[
            wire.TeamMember(
                id=one.user_id, name=one.name, email=one.email, role=one.role, isRemoved=one.is_removed
            )
            for one in members_of(connection, team_id)
        ]
    ).model_dump_json()


def _select(call: Call, kind: RowKind, parameters: Mapping[str, str], *, csv: bool) -> Selection:
    switches = call.contract.switches
    try:
        dates = parse_date_range(
            parameters.get("startDate"),
            parameters.get("endDate"),
            now=call.caller.clock.now(),
            rules=date_rules(call.contract, csv=csv),
        )
    except InvalidDateRangeError as error:
        raise BadRequestError(str(error)) from None
    query = Query(
        kind=kind,
        team_id=call.caller.team_id,
        member_ids=_members_asked_for(call, parameters.get("user")),
        dates=dates,
        by_commit_ts=switches.date_field == "commitTs",
        shuffled=switches.order == "shuffled",
    )
    return select_rows(call.connection, query)


def _members_asked_for(call: Call, user: str | None) -> tuple[int, ...] | None:
    if not user:
        return None
    members = tuple(find_members(call.connection, call.caller.team_id, user))
    match call.contract.switches.unknown_user:
        case "400" if not members:
            raise BadRequestError(f"Some users are not in the team: got user {shorten(user)}")
        case "404" if not members:
            raise NotFoundError
    return members
