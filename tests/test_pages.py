"""Selected rows as answers: pages and CSV hold the rows that a plain computation finds."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.clock import from_ms
from aicode_mock.contract import LATEST, REVISIONS
from aicode_mock.daterange import DateRange
from aicode_mock.faults.places import FETCH_ROWS
from aicode_mock.outbox import MadeChange, MadeCommit
from aicode_mock.pages import BLOCK_ROWS, csv_blocks
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, Query, RowKind, Selection, select_rows
from aicode_mock.settings import Settings
from aicode_mock.tables import MEMBERS
from aicode_mock.twin import Twin
from aicode_mock.wire import ChangePage, commit_page_type
from aicode_mock.wiretext import (
    CsvForm,
    JsonForm,
    change_csv,
    change_csv_header,
    change_json,
    commit_csv,
    commit_csv_header,
    commit_json,
)
from tests.conftest import ANCHOR, made_rows, page_text
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

EVER = DateRange(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
JSON_FORMS = st.builds(JsonForm, st.booleans(), st.booleans(), st.booleans()) | st.just(JsonForm())
CSV_FORMS = st.just(CsvForm()) | st.builds(
    CsvForm,
    st.sampled_from(["sample", "table", "absent"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


@dataclass(frozen=True, slots=True)
class World:
    """The rows of ``hostile``'s first team as they were made, newest first, and a reader of the store."""

    connection: Connection
    commits: list[CommitRow]
    changes: list[ChangeRow]
    members: dict[str, int]

    def query(self, kind: RowKind, dates: DateRange, user_id: str | None, **switches: bool) -> Selection:
        """The rows in the store."""
        members = None if user_id is None else (self.members[user_id],)
        return select_rows(self.connection, Query(kind, 1, members, dates, **switches))

    def naive(self, kind: RowKind, dates: DateRange, user_id: str | None) -> list[Any]:
        """The same rows, found the slow way."""
        rows: list[Any] = [*self.commits] if kind is COMMIT_ROWS else [*self.changes]
        return [
            row
            for row in rows
            if dates.start <= from_ms(row.created_at) <= dates.end and user_id in (None, row.user_id)
        ]


@pytest.fixture(scope="module")
def world(twin_of: Callable[[str], Twin]) -> Iterator[World]:
    _, rows = next(made_rows(Settings(scenario="hostile", anchor=ANCHOR).plan()))
    with twin_of("hostile").store.reading() as connection:
        members = connection.execute(select(MEMBERS.c.user_id, MEMBERS.c.id).where(MEMBERS.c.team_id == 1))
        yield World(
            connection,
            [made.row for made in reversed(rows) if isinstance(made, MadeCommit)],
            [made.row for made in reversed(rows) if isinstance(made, MadeChange)],
            {row.user_id: row.id for row in members},
        )


def windows(world: World) -> st.SearchStrategy[DateRange]:
    instants = st.sampled_from([row.created_at for row in world.commits]).map(from_ms)
    return st.tuples(instants, instants).map(lambda pair: DateRange(min(pair), max(pair))) | st.just(EVER)


def users(world: World) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(sorted(world.members))


def json_item(row: Any, form: JsonForm) -> str:
    return commit_json(row, form) if isinstance(row, CommitRow) else change_json(row, form)


def csv_record(row: Any, form: CsvForm) -> str:
    return commit_csv(row, form) if isinstance(row, CommitRow) else change_csv(row, form)


def csv_header(kind: RowKind, form: CsvForm) -> str:
    return commit_csv_header(form) if kind is COMMIT_ROWS else change_csv_header(form)


def csv_text(world: World, selection: Selection, form: CsvForm = CsvForm()) -> str:
    return b"".join(csv_blocks(world.connection, selection, form, header_if_empty=True)).decode()


@given(st.data(), st.sampled_from([COMMIT_ROWS, CHANGE_ROWS]), JSON_FORMS)
def test_a_page_is_what_a_plain_computation_finds(
    world: World, data: st.DataObject, kind: RowKind, form: JsonForm
) -> None:
    dates, user_id = data.draw(windows(world)), data.draw(users(world))
    expected = world.naive(kind, dates, user_id)
    size = data.draw(st.integers(1, 30) | st.just(1000))
    page = data.draw(st.integers(1, len(expected) // size + 2))

    text = page_text(world.connection, world.query(kind, dates, user_id), form, page=page, size=size)

    items = ",".join(json_item(row, form) for row in expected[(page - 1) * size : page * size])
    assert text == f'{{"items":[{items}],"totalCount":{len(expected)},"page":{page},"pageSize":{size}}}'


@given(st.data(), st.sampled_from([COMMIT_ROWS, CHANGE_ROWS]), CSV_FORMS)
def test_csv_is_what_a_plain_computation_finds(
    world: World, data: st.DataObject, kind: RowKind, form: CsvForm
) -> None:
    dates, user_id = data.draw(windows(world)), data.draw(users(world))

    text = csv_text(world, world.query(kind, dates, user_id), form)

    records = [csv_record(row, form) for row in world.naive(kind, dates, user_id)]
    assert text == csv_header(kind, form) + "".join(records)


@pytest.mark.parametrize("kind", [COMMIT_ROWS, CHANGE_ROWS], ids=lambda kind: kind.name)
@pytest.mark.parametrize("switches", [{}, {"by_commit_ts": True}, {"shuffled": True}], ids=str)
def test_csv_holds_the_rows_of_json_in_the_same_order(
    world: World, kind: RowKind, switches: dict[str, bool]
) -> None:
    selection = world.query(kind, EVER, None, **switches)

    page = json.loads(page_text(world.connection, selection, JsonForm(), page=1, size=10_000))
    records = list(csv.DictReader(io.StringIO(csv_text(world, selection), newline="")))

    first = "commitHash" if kind is COMMIT_ROWS else "changeId"
    column = "commit_hash" if kind is COMMIT_ROWS else "change_id"
    assert [(record[column], record["created_at"]) for record in records] == [
        (item[first], item["createdAt"]) for item in page["items"]
    ]
    assert len(records) == page["totalCount"] > 1000


@pytest.mark.parametrize("switches", [{"by_commit_ts": True}, {"shuffled": True}], ids=str)
@pytest.mark.parametrize("form", [JsonForm(), JsonForm(omit_nulls=True)], ids=str)
def test_the_pages_of_a_scan_hold_every_row_once(
    world: World, switches: dict[str, bool], form: JsonForm
) -> None:
    selection = world.query(COMMIT_ROWS, EVER, None, **switches)
    expected = [row for row in world.commits if row.commit_ts is not None or "shuffled" in switches]

    items = []
    for page in range(1, selection.total // 300 + 2):
        answer = json.loads(page_text(world.connection, selection, form, page=page, size=300))
        items += answer["items"]

    texts = [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items]
    plain = [commit_json(row, form) for row in expected]
    assert selection.total == len(plain)
    assert sorted(texts) == sorted(plain)
    assert (texts == plain) == ("shuffled" not in switches)


@pytest.mark.parametrize("page", [3, 1000, 2**53 - 1])
@pytest.mark.parametrize("switches", [{}, {"shuffled": True}], ids=str)
@pytest.mark.parametrize("form", [JsonForm(), JsonForm(commit_source=False)], ids=str)
def test_a_page_past_the_end_is_empty_and_knows_the_count(
    world: World, page: int, switches: dict[str, bool], form: JsonForm
) -> None:
    selection = world.query(COMMIT_ROWS, EVER, None, **switches)

    text = page_text(world.connection, selection, form, page=page, size=selection.total)

    assert text == f'{{"items":[],"totalCount":{selection.total},"page":{page},"pageSize":{selection.total}}}'


def test_pages_fit_the_types_of_the_contract(world: World) -> None:
    commits, changes = (
        page_text(world.connection, world.query(kind, EVER, None), JsonForm(), page=1, size=9999)
        for kind in (COMMIT_ROWS, CHANGE_ROWS)
    )

    assert commit_page_type(REVISIONS[LATEST]).model_validate_json(commits).model_dump_json() == commits
    assert ChangePage.model_validate_json(changes).model_dump_json(exclude_unset=True) == changes


@pytest.mark.parametrize("kind", [COMMIT_ROWS, CHANGE_ROWS], ids=lambda kind: kind.name)
@pytest.mark.parametrize("form", [CsvForm(), CsvForm(line_end="\r\n")], ids=str)
@pytest.mark.parametrize("switches", [{}, {"shuffled": True}], ids=str)
@pytest.mark.parametrize("header_if_empty", [True, False])
def test_a_csv_without_rows_is_its_header_or_nothing(
    world: World, kind: RowKind, form: CsvForm, switches: dict[str, bool], header_if_empty: bool
) -> None:
    selection = world.query(kind, DateRange(EVER.end, EVER.end), None, **switches)

    text = b"".join(csv_blocks(world.connection, selection, form, header_if_empty=header_if_empty))

    assert text.decode() == (csv_header(kind, form) if header_if_empty else "")


@pytest.fixture(scope="module")
def many_changes() -> Iterator[Twin]:
    """More than one documented fetch of them."""
    settings = Settings(anchor=ANCHOR, commits=10, changes=FETCH_ROWS + 2 * BLOCK_ROWS + 7)
    with closing(open_twin(settings)) as twin:
        yield twin


@pytest.mark.parametrize("form", [CsvForm(), CsvForm(commit_source="absent")], ids=str)
def test_a_long_csv_comes_in_blocks_that_end_where_a_documented_fetch_does(
    many_changes: Twin, form: CsvForm
) -> None:
    with many_changes.store.reading() as connection:
        selection = select_rows(connection, Query(CHANGE_ROWS, 1, None, EVER))
        header, *blocks = csv_blocks(connection, selection, form, header_if_empty=True)

    counts = [block.count(b"\n") for block in blocks]  # no value of a change holds one
    assert header.decode() == change_csv_header(form)
    assert counts[:-1] == [BLOCK_ROWS] * (selection.total // BLOCK_ROWS)
    assert sum(counts) == selection.total > FETCH_ROWS
    assert FETCH_ROWS % BLOCK_ROWS == 0
