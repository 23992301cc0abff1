"""What each member did on each day, as sums over the rows of that day, UTC.

Rows lie in the order of their instants, so a day is an interval of ids: each is summed up
by one statement, and days without rows cost nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, bindparam, cast, func, select
from sqlalchemy.engine import Connection

from aicode_mock import usage
from aicode_mock.prepared import Prepared
from aicode_mock.tables import CHANGES, COMMITS
from aicode_mock.usage import DAY_MS, UNKNOWN_MODEL


@dataclass(slots=True)
class Tally:
    """What a member did on a day: sums over changes, and over commits."""

    sums: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    apply_extensions: Counter[str] = field(default_factory=Counter)
    tab_extensions: Counter[str] = field(default_factory=Counter)


Tallies = dict[tuple[int, int], Tally]
"""By day (counted from 1970) and id of the member; who has no rows of a day has no tally."""


def tallies_of(connection: Connection, team_id: int, *, first_day: int, last_day: int) -> Tallies:
    """The tallies of a team on the days from the first to the last, both included."""
    tallies: Tallies = {}
    for day, bounds in _days(connection, CHANGES, team_id, first_day, last_day):
        for member, *row in _OF_CHANGES.all(connection, bounds):
            _add_changes(tallies.setdefault((day, member), Tally()), *row)
    for day, bounds in _days(connection, COMMITS, team_id, first_day, last_day):
        for member, *sums in _OF_COMMITS.all(connection, bounds):
            tallies.setdefault((day, member), Tally()).sums.update(dict(zip(_COMMIT_SUMS, sums, strict=True)))
    return tallies


def first_day_of(connection: Connection, team_id: int) -> int | None:
    """The day of the team's first row; None if it has none."""
    found = [_first_from(connection, rows, team_id, 0) for rows in (CHANGES, COMMITS)]
    return min((created_at // DAY_MS for _, created_at in filter(None, found)), default=None)


def most(counts: Counter[str]) -> str:
    """What occurs most often, the first in the alphabet among equals; empty if there is nothing."""
    return min(counts, key=lambda text: (-counts[text], text), default="")


def _add_changes(
    tally: Tally, source: str, model: str | None, extension: str | None, count: int, *figures: int
) -> None:
    sums = dict(zip(_CHANGE_FIGURES, figures, strict=True))
    if source == "TAB":
        told = {"tabs": count, **{name: sums[name] for name in _OF_TABS}}
        extensions = tally.tab_extensions
    else:
        told = {"composer": count, **{name: sums[name] for name in _OF_COMPOSER}}
        tally.models[model or UNKNOWN_MODEL] += count
        extensions = tally.apply_extensions
    for name, number in told.items():
        tally.sums[name] += number
    if extension:
        extensions[extension] += count


def _days(
    connection: Connection, rows: Table, team_id: int, first_day: int, last_day: int
) -> Iterator[tuple[int, dict[str, int]]]:
    """The days that have rows, with the first and the last id of each."""
    found = _first_from(connection, rows, team_id, first_day * DAY_MS)
    while found and (day := found[1] // DAY_MS) <= last_day:
        first_id = found[0]
        found = _first_from(connection, rows, team_id, (day + 1) * DAY_MS)
        last_id = found[0] - 1 if found else _LAST[rows.name].one(connection, {"team": team_id})[0]
        yield day, {"first": first_id, "last": last_id}


def _first_from(connection: Connection, rows: Table, team_id: int, start: int) -> tuple[int, int] | None:
    """Id and instant of the team's first row from an instant on."""
    row = _FIRST_FROM[rows.name].row(connection, {"team": team_id, "start": start})
    return None if row is None else (row[0], row[1])


def _first(rows: Table) -> Prepared:
    mine = select(rows.c.id, rows.c.created_at).where(rows.c.team_id == bindparam("team"))
    since = mine.where(rows.c.created_at >= bindparam("start", type_=BigInteger))
    return Prepared(since.order_by(rows.c.created_at, rows.c.id).limit(1))


def _last(rows: Table) -> Prepared:
    mine = select(rows.c.id).where(rows.c.team_id == bindparam("team"))
    return Prepared(mine.order_by(rows.c.created_at.desc(), rows.c.id.desc()).limit(1))


def _summed(
    rows: Table, by: Mapping[str, ColumnElement[Any]], figures: Mapping[str, ColumnElement[int]]
) -> Prepared:
    """How many rows of a run of ids, and their sums, for each member and each value of ``by``."""
    within = rows.c.id.between(bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger))
    labelled = [column.label(name) for name, column in {**by, **figures}.items()]
    inner = select(rows.c.member_id, *labelled).where(within).subquery()
    keys = [inner.c.member_id, *(inner.c[name] for name in by)]
    sums = [cast(func.sum(inner.c[name]), BigInteger) for name in figures]
    return Prepared(select(*keys, func.count(), *sums).group_by(*keys))


_FIRST_FROM = {rows.name: _first(rows) for rows in (CHANGES, COMMITS)}
_LAST = {rows.name: _last(rows) for rows in (CHANGES, COMMITS)}
_CHANGE_FIGURES = {
    "accepted_added": CHANGES.c.total_lines_added,
    "accepted_deleted": CHANGES.c.total_lines_deleted,
    "agent": usage.one_if(usage.IS_AGENT),
    "usage_based": usage.one_if(usage.IS_USAGE_BASED),
    "rejects": usage.one_if(usage.IS_BESIDE_A_REJECT),
    "tabs_shown": usage.TABS_SHOWN,
}
_COMMIT_FIGURES = {
    "other_added": func.coalesce(COMMITS.c.non_ai_lines_added, 0),
    "other_deleted": func.coalesce(COMMITS.c.non_ai_lines_deleted, 0),
}
_OF_TABS = ("accepted_added", "accepted_deleted", "tabs_shown")
_OF_COMPOSER = ("accepted_added", "accepted_deleted", "agent", "usage_based", "rejects")
_COMMIT_SUMS = ("commits", *_COMMIT_FIGURES)
_OF_CHANGES = _summed(
    CHANGES,
    {"source": CHANGES.c.source, "model": CHANGES.c.model, "extension": usage.FIRST_EXTENSION},
    _CHANGE_FIGURES,
)
_OF_COMMITS = _summed(COMMITS, {}, _COMMIT_FIGURES)
