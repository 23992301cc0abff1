"""Exports as clients save them, and what a database answers, for tests of the import."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from aicode_mock.daterange import DateRange
from aicode_mock.importing.job import Job, Summary, import_files
from aicode_mock.importing.shapes import Row
from aicode_mock.importing.staging import KINDS, order_key
from aicode_mock.ingest import find_team
from aicode_mock.pages import csv_blocks
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json, non_ai_lines
from aicode_mock.selection import Query, select_rows
from aicode_mock.store import Store
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
from aicode_mock.worldrecords import dataset_of
from aicode_mock.worldtables import MAIN_WORLD
from tests.conftest import page_text

EVER = DateRange(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
JSON_FORMS = (JsonForm(), JsonForm(commit_source=False), JsonForm(omit_nulls=True, spaced_instants=True))
CSV_FORMS = (
    CsvForm(),
    CsvForm(commit_source="table", line_end="\r\n"),
    CsvForm(commit_source="absent", spaced_instants=True),
)
Answers = dict[str, str]


def no_bar(_label: str, _length: int) -> AbstractContextManager[Callable[[int], None]]:
    """Nobody watches."""
    return nullcontext(lambda _done: None)


def bring(database: Path | str, *files: Path, **wanted: Any) -> Summary:
    """Import files."""
    job = Job(files=tuple(map(str, files)), database=str(database), **wanted)
    return import_files(job, bar=no_bar, prefix="crsr_")


def answers_of(database: Path | str, *, page_size: int = 1000) -> Answers:
    """All that the first team is told by all endpoints, in every form: by kind, form and page."""
    told = {}
    with closing(Store.open(str(database), create=False)) as store, store.reading() as connection:
        team_id = find_team(connection, dataset_of(connection, MAIN_WORLD), None)
        for kind in KINDS:
            rows = select_rows(connection, Query(kind, team_id, None, EVER))
            for form in JSON_FORMS:
                for page in range(1, rows.total // page_size + 2):
                    text = page_text(connection, rows, form, page=page, size=page_size)
                    told[f"{kind.name} {form} {page}"] = text
            for csv_form in CSV_FORMS:
                blocks = csv_blocks(connection, rows, csv_form, header_if_empty=True)
                told[f"{kind.name} {csv_form}"] = b"".join(blocks).decode()
    return told


def newest_first(rows: Sequence[Row]) -> list[Row]:
    """Rows as the API tells them; of equal keys the later ones first."""
    return sorted(rows, key=order_key)[::-1]


def page_of(
    rows: Sequence[Row], form: JsonForm = JsonForm(), *, page: int = 1, total: int | None = None
) -> str:
    """The page of some rows."""
    items = [commit_json(one, form) if isinstance(one, CommitRow) else change_json(one, form) for one in rows]
    numbers = f'"totalCount":{len(rows) if total is None else total},"page":{page},"pageSize":1000'
    return f'{{"items":[{",".join(items)}],{numbers}}}'


def csv_of(rows: Sequence[Row], form: CsvForm = CsvForm(), *, of_commits: bool) -> str:
    """The CSV of some rows of one kind."""
    records = [commit_csv(one, form) if isinstance(one, CommitRow) else change_csv(one, form) for one in rows]
    header = commit_csv_header(form) if of_commits else change_csv_header(form)
    return header + "".join(records)


_LINES = st.integers(0, 2**31 - 1) | st.integers(0, 9)
_INSTANTS = st.integers(0, 9) | st.integers(0, 2**42)  # many of the same
_TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30)
_NAME = _TEXT.filter(bool)
_FILES = st.builds(FileChange, st.none() | _TEXT, _TEXT, st.integers(0, 9), st.integers(0, 9))


@st.composite
def _commits(draw: st.DrawFn) -> CommitRow:
    added, deleted = (draw(st.tuples(_LINES, _LINES, _LINES)) for _ in range(2))
    return CommitRow(
        commit_hash=draw(st.sampled_from(["a" * 40, "b" * 40]) | _NAME),
        commit_source=draw(st.sampled_from(["ide", "cli", "cloud"])),
        user_id=draw(st.sampled_from(["user_1", "user_2"]) | _NAME),
        user_email=draw(st.sampled_from(["ada@duo.example", "Ada@duo.example"]) | _NAME),
        repo_name=draw(st.none() | _NAME),
        branch_name=draw(st.none() | _NAME),
        is_primary_branch=draw(st.none() | st.booleans()),
        total_lines_added=added[0],
        total_lines_deleted=deleted[0],
        tab_lines_added=added[1],
        tab_lines_deleted=deleted[1],
        composer_lines_added=added[2],
        composer_lines_deleted=deleted[2],
        non_ai_lines_added=draw(st.none() | st.just(non_ai_lines(*added))),
        non_ai_lines_deleted=draw(st.none() | st.just(non_ai_lines(*deleted))),
        message=draw(st.none() | _TEXT),
        commit_ts=draw(st.none() | st.integers(0, 2**42)),
        created_at=draw(_INSTANTS),
    )


@st.composite
def _changes(draw: st.DrawFn) -> ChangeRow:
    files = draw(st.lists(_FILES, max_size=3))
    return ChangeRow(
        draw(st.integers(0, 3) | st.integers(0, 2**32 - 1)),
        draw(st.sampled_from(["user_1", "user_2"]) | _NAME),
        draw(st.sampled_from(["ada@duo.example", "bo@duo.example"]) | _NAME),
        draw(st.sampled_from(["TAB", "COMPOSER"])),
        draw(st.none() | _NAME),
        sum(one.lines_added for one in files),
        sum(one.lines_deleted for one in files),
        draw(_INSTANTS),
        metadata_json(files),
    )


COMMITS: st.SearchStrategy[Row] = _commits()
CHANGES: st.SearchStrategy[Row] = _changes()
