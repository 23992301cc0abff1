"""The answers agree with what a client counts that reads every page, and digests the CSV."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.answers.computing import answers_of
from aicode_mock.clock import from_ms
from aicode_mock.daterange import DateRange
from aicode_mock.pages import csv_blocks, page_json
from aicode_mock.query import PageWanted
from aicode_mock.scenariofile import load_scenario
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, Query, RowKind, select_rows
from aicode_mock.tables import MEMBERS, TEAMS
from aicode_mock.twin import Twin
from aicode_mock.wiretext import CsvForm, JsonForm
from aicode_mock.worldplan import WorldPlan
from tests.stores import open_store

pytestmark = pytest.mark.both_stores

ANCHOR = datetime(2026, 6, 30, tzinfo=UTC)
EVER = DateRange(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
LINES = ("totalLinesAdded", "totalLinesDeleted")
COMMIT_LINES = tuple(
    f"{by}Lines{done}" for by in ("total", "tab", "composer", "nonAi") for done in ("Added", "Deleted")
)
PAGE_SIZE = 100
KEYS = {
    "commits": ("created_at", "commit_hash", "user_id", "repo_name", "branch_name"),
    "changes": ("created_at", "change_id", "user_id", "source", "model"),
}
SCRATCHES = st.sampled_from([-1000, -1, 0, 1, 1000]).map(lambda us: timedelta(microseconds=us))
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for."""

    team_id: int
    dates: DateRange
    member_ids: tuple[int, ...] | None
    by_commit_ts: bool

    def of(self, kind: RowKind) -> Query:
        """The query of an endpoint."""
        return Query(kind, self.team_id, self.member_ids, self.dates, by_commit_ts=self.by_commit_ts)


@dataclass(frozen=True, slots=True)
class World:
    """A reader of a world, and what may be asked about it."""

    connection: Connection
    members: dict[int, list[int]]
    instants: list[datetime]


@pytest.fixture(scope="module", params=["hostile", "default"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    twin = Twin.of(open_store())
    scenario = load_scenario(request.param)
    twin.ensure_main_world(WorldPlan(request.param, scenario, 42, ANCHOR, commits=400, changes=300))
    with twin.store.reading() as connection:
        members: dict[int, list[int]] = {team_id: [] for team_id in connection.scalars(select(TEAMS.c.id))}
        for member in connection.execute(select(MEMBERS.c.team_id, MEMBERS.c.id)):
            members[member.team_id].append(member.id)
        rows = [row for kind in (COMMIT_ROWS, CHANGE_ROWS) for row in connection.execute(select(kind.rows))]
        instants = sorted({from_ms(row.created_at) for row in rows})
        yield World(connection, members, instants)
    twin.close()


@st.composite
def questions(draw: st.DrawFn, world: World) -> Asked:
    """Ranges that end on, just before or just after instants of rows."""
    instants = st.builds(
        lambda instant, scratch: instant + scratch, st.sampled_from(world.instants), SCRATCHES
    )
    start, end = sorted((draw(instants), draw(instants)))
    team_id = draw(st.sampled_from(list(world.members)))
    count = draw(st.sampled_from([None, None, 0, 1, 1, 2, 3]))
    members = draw(st.permutations(world.members[team_id]))
    member_ids = None if count is None else tuple(members[:count])
    return Asked(team_id, DateRange(start, end), member_ids, draw(st.booleans()))


@given(st.data())
def test_a_client_that_reads_every_page_comes_to_the_same(world: World, data: st.DataObject) -> None:
    asked = data.draw(questions(world))

    assert answers(world, asked) == expected(world, asked)


@pytest.mark.parametrize("by_commit_ts", [False, True])
def test_all_rows_of_all_teams_agree(world: World, by_commit_ts: bool) -> None:
    asked = [Asked(team_id, EVER, None, by_commit_ts) for team_id in world.members]

    assert [answers(world, one) for one in asked] == [expected(world, one) for one in asked]


def answers(world: World, asked: Asked) -> Item:
    """The answers without the ranges, which a client does not compute."""
    found = answers_of(
        world.connection,
        team_id=asked.team_id,
        dates=asked.dates,
        member_ids=asked.member_ids,
        by_commit_ts=asked.by_commit_ts,
    )
    return {kind: json.loads(found.model_dump_json())[kind] for kind in ("commits", "changes")}


def expected(world: World, asked: Asked) -> Item:
    """The answers by brute force."""
    commits, changes = items(world, asked.of(COMMIT_ROWS)), items(world, asked.of(CHANGE_ROWS))
    instant = "commitTs" if asked.by_commit_ts else "createdAt"
    return {
        "commits": {
            "dateField": instant,
            **added_up(commits, COMMIT_LINES),
            "aiShareOfLinesAdded": ai_share(commits),
            "distinctHashes": len({item["commitHash"] for item in commits}),
            "lostByDeduplicatingOn": lost(commits, "commitHash"),
            "byDay": groups(commits, COMMIT_LINES, lambda item: item[instant][:10]),
            "byUser": user_groups(commits, COMMIT_LINES),
            "byRepository": groups(commits, COMMIT_LINES, lambda item: item["repoName"]),
            "byBranch": groups(commits, COMMIT_LINES, lambda item: item["branchName"]),
            "byCommitSource": groups(commits, COMMIT_LINES, lambda item: item["commitSource"]),
            "sha256": digest(world, asked.of(COMMIT_ROWS)),
        },
        "changes": {
            **added_up(changes, LINES),
            "distinctChangeIds": len({item["changeId"] for item in changes}),
            "lostByDeduplicatingOn": lost(changes, "changeId"),
            "byDay": groups(changes, LINES, lambda item: item["createdAt"][:10]),
            "byUser": user_groups(changes, LINES),
            "bySource": groups(changes, LINES, lambda item: item["source"]),
            "byModel": groups(changes, LINES, lambda item: item["model"]),
            "sha256": digest(world, asked.of(CHANGE_ROWS)),
        },
    }


def items(world: World, query: Query) -> list[Item]:
    """All items of all pages."""
    selection = select_rows(world.connection, query)
    total, found = selection.total, []
    for offset in range(0, total, PAGE_SIZE):
        page = PageWanted(offset // PAGE_SIZE + 1, PAGE_SIZE, PAGE_SIZE)
        text = page_json(world.connection, selection, JsonForm(), page=page, offset=offset, total=total)
        found += json.loads(text)["items"]
    return found


def added_up(items: list[Item], lines: tuple[str, ...]) -> Item:
    totals = {name: sum(item[name] or 0 for item in items) for name in lines}
    gaps = {
        f"rowsWithout{name[0].upper()}{name[1:]}": sum(item[name] is None for item in items)
        for name in lines
        if name.startswith("nonAi")
    }
    return {"count": len(items), "totals": totals | gaps}


def ai_share(commits: list[Item]) -> float | None:
    total = sum(item["totalLinesAdded"] for item in commits)
    ai = sum(item["tabLinesAdded"] + item["composerLinesAdded"] for item in commits)
    return ai / total if total else None


def groups(items: list[Item], lines: tuple[str, ...], key: Callable[[Item], str | None]) -> list[Item]:
    gathered: dict[str | None, list[Item]] = {}
    for item in items:
        gathered.setdefault(key(item), []).append(item)
    by_bytes = sorted(gathered, key=lambda one: b"" if one is None else b"x" + one.encode())
    return [{"key": one, **added_up(gathered[one], lines)} for one in by_bytes]


def user_groups(items: list[Item], lines: tuple[str, ...]) -> list[Item]:
    emails = {item["userId"]: item["userEmail"] for item in items}
    found = groups(items, lines, lambda item: item["userId"])
    return [{**group, "userEmail": emails[group["key"]]} for group in found]


def lost(items: list[Item], name: str) -> Item:
    beside = {name: (), f"{name}AndUserId": ("userId",), f"{name}AndCreatedAt": ("createdAt",)}
    return {
        title: len(items) - len({tuple(item[field] for field in (name, *fields)) for item in items})
        for title, fields in beside.items()
    }


def digest(world: World, query: Query) -> str:
    """The digest by the recipe of the documents, from the CSV."""
    selection = select_rows(world.connection, query)
    blocks = csv_blocks(world.connection, selection, CsvForm(), header_if_empty=True)
    records = csv.DictReader(b"".join(blocks).decode().splitlines(keepends=True))
    keys = ["|".join(record[name] for name in KEYS[query.kind.name]) for record in records]
    return sha256("".join(f"{key}\n" for key in sorted(keys)).encode()).hexdigest()
