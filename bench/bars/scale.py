"""The size of a file that is ten times as large, and what making it takes; the bars follow on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.data import TABLES, seed
from bench.judging import Bar, Result, measured
from bench.rig import Group, Rig, seconds_of

RATE = Bar("scale", "seeding of a million rows", unit="s")


def measure_making(rig: Rig) -> Iterator[Result]:
    """Make the file if it is not there, and look at the size of its tables."""
    rows, file = rig.sizes.rows, rig.data.place(rig.sizes.rows)
    if not file.exists():
        unfinished = file.with_suffix(".new")
        seconds = seconds_of(lambda: seed(unfinished, commits=rows, changes=rows))
        unfinished.rename(file)
        yield measured(RATE, [seconds / (2 * rows) * 1e6])
    for table, size in _bytes_by_table(file).items():
        yield measured(Bar("scale", f"{table} with its indexes, a row", unit="bytes"), [size / rows])


def _bytes_by_table(file: Path) -> dict[str, int]:
    """Pages of each table and of its indexes, from SQLite's own ``dbstat``."""
    statement = """
    SELECT tbl_name, sum(pageno) * page_size FROM dbstat JOIN sqlite_master USING (name), pragma_page_size
    WHERE aggregate = 1 GROUP BY tbl_name
    """  # pageno counts pages then; pgsize, their bytes, overflows
    with closing(sqlite3.connect(file)) as database:
        sizes = dict(database.execute(statement).fetchall())
    return {table: sizes[table] for table in TABLES}


MAKING = Group(("scale",), measure_making)
