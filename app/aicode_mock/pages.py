"""Selected rows as answers: a JSON page, or CSV in blocks.

Where the contract asks for the forms that the store keeps, the database joins the
texts beside the rows; any other form is rendered from the rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.engine import Connection, Row

from aicode_mock.query import PageWanted
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.selection import Scan, Selection
from aicode_mock.tables import CHANGES, COMMITS, MEMBERS, REPOSITORIES
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

FETCH_ROWS = 10_000  # documented: CSV "streams in pages of 10,000 records server-side"


@dataclass(frozen=True, slots=True)
class _Printer:
    """How rows of one kind are read and printed."""

    rows: Select[Any]
    json: Callable[[Row[Any], JsonForm], str]
    csv: Callable[[Row[Any], CsvForm], str]
    header: Callable[[CsvForm], str]


_PRINTERS = {
    "commits": _Printer(
        rows=select(
            *COMMITS.c["commit_hash", "commit_source"],
            *MEMBERS.c["user_id", "email"],
            REPOSITORIES.c.name,
            *COMMITS.c[CommitRow._fields[5:]],
        )
        .select_from(COMMITS)
        .join(MEMBERS, MEMBERS.c.id == COMMITS.c.member_id)
        .outerjoin(REPOSITORIES, REPOSITORIES.c.id == COMMITS.c.repository_id),
        json=lambda row, form: commit_json(CommitRow._make(row), form),
        csv=lambda row, form: commit_csv(CommitRow._make(row), form),
        header=commit_csv_header,
    ),
    "changes": _Printer(
        rows=select(
            CHANGES.c.change_id,
            *MEMBERS.c["user_id", "email"],
            *CHANGES.c[ChangeRow._fields[3:]],
        )
        .select_from(CHANGES)
        .join(MEMBERS, MEMBERS.c.id == CHANGES.c.member_id),
        json=lambda row, form: change_json(ChangeRow._make(row), form),
        csv=lambda row, form: change_csv(ChangeRow._make(row), form),
        header=change_csv_header,
    ),
}


def page_json(
    connection: Connection, selection: Selection, form: JsonForm, *, page: PageWanted, offset: int, total: int
) -> str:
    """The envelope of one page, whose items begin after ``offset`` rows; past the end there are none."""
    items = _items(connection, selection, form, offset, page.size) if offset < selection.total else ""
    return f'{{"items":[{items}],"totalCount":{total},"page":{page.number},"pageSize":{page.size}}}'


def csv_blocks(
    connection: Connection, selection: Selection, form: CsvForm, *, header_if_empty: bool
) -> Iterator[str]:
    """The header and all rows, each block one fetch from the database."""
    printer = _PRINTERS[selection.kind.name]
    if selection.total or header_if_empty:
        yield printer.header(form)
    if form == CsvForm() and not isinstance(selection, Scan):
        for offset in range(0, selection.total, FETCH_ROWS):
            yield _joined(connection, selection, selection.kind.csv, offset, FETCH_ROWS, separator="")
        return
    everything = selection.narrow(printer.rows, selection.kind.rows, offset=0, limit=selection.total)
    with connection.execution_options(yield_per=FETCH_ROWS).execute(everything) as result:
        for rows in result.partitions():
            yield "".join([printer.csv(row, form) for row in rows])


def _items(connection: Connection, selection: Selection, form: JsonForm, offset: int, limit: int) -> str:
    if form == JsonForm():
        return _joined(connection, selection, selection.kind.json, offset, limit, separator=",")
    printer = _PRINTERS[selection.kind.name]
    statement = selection.narrow(printer.rows, selection.kind.rows, offset=offset, limit=limit)
    return ",".join([printer.json(row, form) for row in connection.execute(statement)])


def _joined(
    connection: Connection, selection: Selection, texts: Table, offset: int, limit: int, *, separator: str
) -> str:
    ordered = selection.narrow(select(texts.c.text), texts, offset=offset, limit=limit).subquery()
    return connection.scalar(select(func.aggregate_strings(ordered.c.text, separator))) or ""
