"""Selected rows as answers: a JSON page, or CSV in blocks, as bytes in UTF-8.

Where the contract asks for the forms that the store keeps, the database joins the
texts beside the rows; any other form is rendered from the rows.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, literal, select
from sqlalchemy.engine import Connection, Row

from aicode_mock.prepared import JoinedBytes, Prepared
from aicode_mock.query import PageWanted
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.selection import (
    CHANGE_ROWS,
    COMMIT_ROWS,
    Interval,
    RowKind,
    Selection,
    within_interval,
)
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

# Small enough that others are answered between two of them, and that a slow client holds little; the
# documented fetch of 10,000 records is twenty of them.
BLOCK_ROWS = 500


@dataclass(frozen=True, slots=True)
class _Printer:
    """How rows of one kind are read and printed."""

    rows: Select[Any]
    json: Callable[[Row[Any], JsonForm], str]
    csv: Callable[[Row[Any], CsvForm], str]
    header: Callable[[CsvForm], str]


STORED_ROWS: dict[str, Select[Any]] = {
    "commits": select(
        *COMMITS.c["commit_hash", "commit_source"],
        *MEMBERS.c["user_id", "email"],
        REPOSITORIES.c.name,
        *COMMITS.c[CommitRow._fields[5:]],
    )
    .select_from(COMMITS)
    .join(MEMBERS, MEMBERS.c.id == COMMITS.c.member_id)
    .outerjoin(REPOSITORIES, REPOSITORIES.c.id == COMMITS.c.repository_id),
    "changes": select(
        CHANGES.c.change_id,
        *MEMBERS.c["user_id", "email"],
        *CHANGES.c[ChangeRow._fields[3:]],
    )
    .select_from(CHANGES)
    .join(MEMBERS, MEMBERS.c.id == CHANGES.c.member_id),
}
"""Rows as their typed figures tell of them, in the order of the fields of ``rows``."""

_PRINTERS = {
    "commits": _Printer(
        rows=STORED_ROWS["commits"],
        json=lambda row, form: commit_json(CommitRow._make(row), form),
        csv=lambda row, form: commit_csv(CommitRow._make(row), form),
        header=commit_csv_header,
    ),
    "changes": _Printer(
        rows=STORED_ROWS["changes"],
        json=lambda row, form: change_json(ChangeRow._make(row), form),
        csv=lambda row, form: change_csv(ChangeRow._make(row), form),
        header=change_csv_header,
    ),
}


def page_json(
    connection: Connection, selection: Selection, form: JsonForm, *, page: PageWanted, offset: int, total: int
) -> bytes:
    """The envelope of one page, whose items begin after ``offset`` rows; past the end there are none."""
    items = _items(connection, selection, form, offset, page.size) if offset < selection.total else b""
    numbers = f'"totalCount":{total},"page":{page.number},"pageSize":{page.size}'
    return b'{"items":[%b],%b}' % (items, numbers.encode())


def csv_blocks(
    connection: Connection, selection: Selection, form: CsvForm, *, header_if_empty: bool
) -> Iterator[bytes]:
    """The header and all rows, each block one fetch from the database."""
    printer = _PRINTERS[selection.kind.name]
    if selection.total or header_if_empty:
        yield printer.header(form).encode()
    if form == CsvForm() and isinstance(selection, Interval):
        runs = (selection.run(offset, BLOCK_ROWS) for offset in range(0, selection.total, BLOCK_ROWS))
        with closing(_joined_texts(selection, selection.kind.csv).each(connection, runs)) as blocks:
            for (block,) in blocks:
                yield bytes(block)
        return
    everything = selection.narrow(printer.rows, selection.kind.rows, offset=0, limit=selection.total)
    with connection.execute(everything, execution_options={"yield_per": BLOCK_ROWS}) as result:
        for rows in result.partitions():
            yield "".join([printer.csv(row, form) for row in rows]).encode()


def _items(connection: Connection, selection: Selection, form: JsonForm, offset: int, limit: int) -> bytes:
    if form == JsonForm() and isinstance(selection, Interval):
        joined = _joined_texts(selection, selection.kind.json)
        return bytes(joined.one(connection, selection.run(offset, limit))[0])
    printer = _PRINTERS[selection.kind.name]
    statement = selection.narrow(printer.rows, selection.kind.rows, offset=offset, limit=limit)
    return ",".join([printer.json(row, form) for row in connection.execute(statement)]).encode()


def _joined_texts(interval: Interval, texts: Table) -> Prepared:
    """Lets the database join the texts beside a run of the rows."""
    return _JOINED[texts.name, interval.member_id is None]


def _joined(kind: RowKind, texts: Table, separator: str, *, of_team: bool) -> Prepared:
    run = within_interval(select(texts.c.text), texts, kind.rows, of_team=of_team).subquery()
    return Prepared(select(JoinedBytes(run.c.text, literal(separator))))


_JOINED = {
    (texts.name, of_team): _joined(kind, texts, separator, of_team=of_team)
    for kind in (COMMIT_ROWS, CHANGE_ROWS)
    for texts, separator in ((kind.json, ","), (kind.csv, ""))
    for of_team in (True, False)
}
