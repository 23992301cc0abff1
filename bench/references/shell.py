"""The sqlite3 shell: rows as CSV on a pipe, and the import of ready CSV files.

Instants are left as the numbers they are: ``strftime`` for two of them in every row would cost
the shell time, and the reference is to be the cheaper one.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter

from bench.data import TABLES, schema

_BUFFER_BYTES = 256 * 1024

COMMITS = """
SELECT c.commit_hash, c.commit_source, m.user_id, m.email, r.name, c.branch_name, c.is_primary_branch,
  c.total_lines_added, c.total_lines_deleted, c.tab_lines_added, c.tab_lines_deleted,
  c.composer_lines_added, c.composer_lines_deleted, c.non_ai_lines_added, c.non_ai_lines_deleted,
  c.message, c.commit_ts, c.created_at
FROM commits c JOIN member m ON m.id = c.member_id LEFT JOIN repository r ON r.id = c.repository_id
ORDER BY c.id DESC
"""
CHANGES = """
SELECT c.change_id, m.user_id, m.email, c.source, c.model, c.total_lines_added, c.total_lines_deleted,
  c.created_at, c.metadata
FROM changes c JOIN member m ON m.id = c.member_id
ORDER BY c.id DESC
"""


def dump(file: Path, statement: str) -> tuple[float, int]:
    """Seconds until the shell has written all rows to a pipe that we drain, and how many bytes came."""
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    start, received = perf_counter(), 0
    with subprocess.Popen(["sqlite3", "-csv", str(file), statement], stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None  # noqa: S101  # a pipe was asked for
        while count := os.readv(shell.stdout.fileno(), [buffer]):
            received += count
        if shell.wait():
            raise RuntimeError("the sqlite3 shell failed")
    return perf_counter() - start, received


def export(file: Path, folder: Path) -> None:
    """Write each table of rows as a CSV file."""
    for table in TABLES:
        with Path(folder, f"{table}.csv").open("wb") as output:
            subprocess.run(
                ["sqlite3", "-csv", str(file), f"SELECT * FROM {table}"], stdout=output, check=True
            )


def export_documented(file: Path, folder: Path) -> None:
    """Write the two documented CSV files, with the instants as numbers."""
    for name, statement in (("commits", COMMITS), ("changes", CHANGES)):
        with Path(folder, f"documented-{name}.csv").open("wb") as output:
            subprocess.run(["sqlite3", "-csv", str(file), statement], stdout=output, check=True)


def import_tables(file: Path, folder: Path, *, like: Path) -> float:
    """Seconds to import all tables of rows into the same schema, indexes made afterwards."""
    imports = [f".import --csv {folder}/{table}.csv {table}" for table in TABLES]
    return _run(file, [*_statements(schema(like, "table")), *imports, *_statements(schema(like, "index"))])


def import_documented(file: Path, folder: Path) -> float:
    """Seconds to import the two documented files into two tables without index."""
    names = {"commits": _columns(COMMITS), "changes": _columns(CHANGES)}
    tables = [f"CREATE TABLE {name} ({', '.join(columns)});" for name, columns in names.items()]
    return _run(file, [*tables, *(f".import --csv {folder}/documented-{name}.csv {name}" for name in names)])


def check_alike(file: Path, source: Path) -> None:
    """An import that lost rows is no reference.

    Raises:
        RuntimeError: a table has not as many rows as in the source.
    """
    for table in TABLES:
        count = f"SELECT count(*) FROM {table}"
        if _ask(file, count) != _ask(source, count):
            raise RuntimeError(f"the import of {table} lost rows")


def _ask(file: Path, statement: str) -> str:
    return subprocess.run(
        ["sqlite3", str(file), statement], capture_output=True, text=True, check=True
    ).stdout


def _columns(statement: str) -> list[str]:
    listed = statement.partition("SELECT")[2].partition("FROM")[0].split(",")
    return [column.strip().replace(".", "_") for column in listed]


def _statements(definitions: Iterable[str]) -> list[str]:
    return [f"{sql};" for sql in definitions]


def _run(file: Path, lines: Sequence[str]) -> float:
    file.unlink(missing_ok=True)
    begin = ["PRAGMA journal_mode=OFF;", "PRAGMA synchronous=OFF;", "BEGIN;"]
    script = "\n".join([*begin, *lines, "COMMIT;", ""])
    start = perf_counter()
    subprocess.run(
        ["sqlite3", "-bail", str(file)], input=script, text=True, stdout=subprocess.DEVNULL, check=True
    )
    return perf_counter() - start
