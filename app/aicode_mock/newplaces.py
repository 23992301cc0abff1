"""Where new rows go: in the order of a team's rows, and in that of each member's.

The order is (createdAt, stable key), of equal ones the old before the new.  Instants are
looked up in the index; only rows of the very instant of a new one are read, and compared
here, as databases do not agree on the order of texts.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from aicode_mock.selection import COMMIT_ROWS, RowKind
from aicode_mock.teamids import first_id

OrderKey = tuple[int, str, str]
"""The instant in milliseconds, and the stable key."""
MemberPlace = tuple[int, int]
"""A member, and an id from the order of the team."""

_ASKED_AT_ONCE = 1_000
AskedT = TypeVar("AskedT")


def commit_key(created_at: int, commit_hash: str, branch_name: str | None) -> OrderKey:
    """What commits are ordered by."""
    return (created_at, commit_hash, branch_name or "")


def change_key(created_at: int, change_id: int) -> OrderKey:
    """What changes are ordered by."""
    return (created_at, f"{change_id:010d}", "")


def find_places(
    connection: Connection, kind: RowKind, team_id: int, keys: Sequence[OrderKey]
) -> tuple[list[int], int]:
    """For each key the id of the first row behind it, and the id after the last row: behind it is none."""
    rows = kind.rows
    newest_first = (rows.c.created_at.desc(), rows.c.id.desc())
    newest = connection.execute(
        select(rows.c.id, rows.c.created_at).where(rows.c.team_id == team_id).order_by(*newest_first).limit(1)
    ).one_or_none()
    if newest is None:
        return [first_id(team_id)] * len(keys), first_id(team_id)
    end = newest.id + 1
    instants = sorted({instant for instant, *_ in keys if instant <= newest.created_at})
    later = _first_later(connection, rows, team_id, instants)
    equal = _keys_at(connection, kind, team_id, instants)
    places = [
        end if key[0] not in later else (later[key[0]] or end) - _behind(equal[key[0]], key) for key in keys
    ]
    return places, end


def find_member_places(
    connection: Connection, rows: Table, places: Iterable[tuple[int, int, int]]
) -> dict[MemberPlace, int]:
    """How many rows of a member lie before a place, for each (member, place, instant that goes there)."""
    wanted = {(member_id, place): instant for member_id, place, instant in places}
    found: dict[MemberPlace, int] = {}
    for asked in _tables((member_id, place, instant) for (member_id, place), instant in wanted.items()):
        # All rows behind a place are of its instant or later: the index leads to them.
        answers = connection.exec_driver_sql(f"""
            WITH asked (member, place, instant) AS (VALUES {asked})
            SELECT member, place, COALESCE(
                (SELECT member_position FROM {rows.name}
                 WHERE member_id = member AND created_at >= instant AND id >= place
                 ORDER BY created_at, member_position LIMIT 1),
                (SELECT member_position + 1 FROM {rows.name}
                 WHERE member_id = member ORDER BY member_position DESC LIMIT 1),
                0)
            FROM asked
        """)  # noqa: S608  # our own names, and whole numbers
        found |= {(member_id, place): before for member_id, place, before in answers}
    return found


def _first_later(
    connection: Connection, rows: Table, team_id: int, instants: Iterable[int]
) -> dict[int, int | None]:
    """For each instant the id of the first row that is later."""
    found: dict[int, int | None] = {}
    for asked in _tables((instant,) for instant in instants):
        answers = connection.exec_driver_sql(f"""
            WITH asked (instant) AS (VALUES {asked})
            SELECT instant,
                (SELECT id FROM {rows.name}
                 WHERE team_id = {team_id} AND created_at > instant ORDER BY created_at, id LIMIT 1)
            FROM asked
        """)  # noqa: S608  # likewise
        found |= {instant: row_id for instant, row_id in answers}  # noqa: C416  # a row is no pair to mypy
    return found


def _keys_at(
    connection: Connection, kind: RowKind, team_id: int, instants: Iterable[int]
) -> dict[int, list[OrderKey]]:
    """The keys of the rows of some instants, in order."""
    rows = kind.rows
    is_commit = kind is COMMIT_ROWS
    names = ("created_at", "commit_hash", "branch_name") if is_commit else ("created_at", "change_id")
    found: defaultdict[int, list[OrderKey]] = defaultdict(list)
    for some in _batches(instants):
        there = select(*rows.c[names]).where(rows.c.team_id == team_id, rows.c.created_at.in_(some))
        for row in connection.execute(there):
            found[row.created_at].append(commit_key(*row) if is_commit else change_key(*row))
    for keys in found.values():
        keys.sort()
    return found


def _behind(keys: Sequence[OrderKey], new: OrderKey) -> int:
    """How many of the keys, which are in order, come after a new one."""
    return len(keys) - bisect_right(keys, new)


def _tables(asked: Iterable[tuple[int, ...]]) -> Iterator[str]:
    """The rows of a table in SQL, some at once: binding each number would cost more than looking it up."""
    for some in _batches(asked):
        yield ",".join(f"({','.join(map(str, row))})" for row in some)


def _batches(asked: Iterable[AskedT]) -> Iterator[list[AskedT]]:
    rest = iter(asked)
    while some := list(islice(rest, _ASKED_AT_ONCE)):
        yield some
