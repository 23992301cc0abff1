"""Moving rows on in their order, to make room for new ones.

Between two places where new rows go in, all rows move by the same number.  Such a *run*
is written once more that many ids further on, over the rows that lie there; the last
run first, so that those have moved on already.  An ``UPDATE`` of ids would meet its own
unique key, and moving them out of the way and back writes every index entry twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.engine import Connection

_BATCH_ROWS = 10_000  # what a database keeps aside while it writes them
_BATCH_RUNS = 500
_NO_POSITION = 2**31 - 1  # behind all: the largest number of the column


class Run(NamedTuple):
    """Rows ``first`` to ``last`` move by ``by``."""

    first: int
    last: int
    by: int


def runs_behind(places: Sequence[int], end: int) -> list[Run]:
    """The runs behind places in ascending order, up to ``end`` (excluded); the last run first.

    One row goes to each place, before the row that lies there.
    """
    runs = [
        Run(first, behind - 1, by)
        for by, (first, behind) in enumerate(zip(places, (*places[1:], end), strict=True), start=1)
        if first < behind
    ]
    return runs[::-1]


def shift_rows(connection: Connection, tables: Iterable[Table], places: Sequence[int], end: int) -> None:
    """Move all rows from the first place to ``end`` (excluded), and leave nothing where new rows go."""
    batches = list(_batches(runs_behind(places, end)))
    free = [{"free": place + before} for before, place in enumerate(places) if place + before < end]
    for table in tables:
        for batch in batches:
            _write_again(connection, table, batch)
        connection.execute(delete(table).where(table.c.id == bindparam("free")), free)


def shift_member_positions(connection: Connection, rows: Table, places: Mapping[int, Sequence[int]]) -> None:
    """Move the positions of members' rows, for each member from the first of its places on."""
    position = rows.c.member_position
    moves = [
        {"member": member_id, **run._asdict()}
        for member_id, mine in places.items()
        for run in runs_behind(mine, _NO_POSITION)
    ]
    mine = rows.c.member_id == bindparam("member")
    run = position.between(bindparam("first"), bindparam("last"))
    connection.execute(
        update(rows).where(mine, run).values(member_position=position + bindparam("by")), moves
    )


def _batches(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Runs, or pieces of long ones, in the same direction: those that one statement writes."""
    batch, rows = [], 0
    for run in runs:
        for last in range(run.last, run.first - 1, -_BATCH_ROWS):
            batch.append(Run(max(run.first, last - _BATCH_ROWS + 1), last, run.by))
            rows += last - batch[-1].first + 1
            if rows >= _BATCH_ROWS or len(batch) == _BATCH_RUNS:
                yield batch
                batch, rows = [], 0
    if batch:
        yield batch


def _write_again(connection: Connection, table: Table, batch: Iterable[Run]) -> None:
    """Write runs over the rows further on; the statement reads all of them before it writes."""
    names = [column.name for column in table.c if column is not table.c.id]
    runs = ",".join(f"({run.first},{run.last},{run.by})" for run in batch)
    connection.exec_driver_sql(f"""
        WITH run (first_id, last_id, moves_by) AS (VALUES {runs})
        INSERT INTO {table.name} (id, {", ".join(names)})
        SELECT id + moves_by, {", ".join(names)}
        FROM run CROSS JOIN {table.name} WHERE id BETWEEN first_id AND last_id
        ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in names)}
    """)  # noqa: S608  # our own names, and whole numbers
