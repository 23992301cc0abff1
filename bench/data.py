"""The data files, made once and kept under ``.bench/`` as long as seeding makes the same rows.

Their folder is named by a digest of a small file from the same command: its schema and its
rows.  Whatever changes in schema or seeding shows in it.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

ANCHOR = "2026-06-30T00:00:00Z"
TABLES = ("commits", "changes", "commit_json", "commit_csv", "change_json", "change_csv")
FOLDER = Path(".bench")
_SAMPLE_ROWS = 100


@dataclass(frozen=True, slots=True)
class DataFiles:
    """Where the files of one digest lie."""

    folder: Path

    def of(self, rows: int) -> Path:
        """The file of so many commits and as many changes, made if it is missing."""
        file = self.place(rows)
        if not file.exists():
            seed(unfinished := file.with_suffix(".new"), commits=rows, changes=rows)
            unfinished.rename(file)
        return file

    def place(self, rows: int) -> Path:
        """Where that file lies or will lie."""
        return self.folder / f"{rows}.db"


def data_files() -> DataFiles:
    """The files of what seeding makes now; those of another version are removed."""
    with TemporaryDirectory(prefix="bench-") as folder:
        sample = Path(folder, "sample.db")
        seed(sample, commits=_SAMPLE_ROWS, changes=_SAMPLE_ROWS)
        current = FOLDER / _digest(sample)
    for other in FOLDER.glob("data-*"):
        if other != current:
            shutil.rmtree(other)
    current.mkdir(parents=True, exist_ok=True)
    return DataFiles(current)


def seed(file: Path, *, commits: int, changes: int) -> None:
    """Let the twin write a data file; what was there before is removed."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    fill(str(file), commits=commits, changes=changes)


def fill(database: str, *, commits: int, changes: int) -> None:
    """Let the twin write its rows into an empty database."""
    command = [str(Path(sys.executable).with_name("aicode-mock")), "seed", "--database", database]
    command += ["--anchor", ANCHOR, "--commits", str(commits), "--changes", str(changes)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def schema(file: Path, kind: str) -> list[str]:
    """The definitions of the six tables of rows, or of their indexes (``kind``)."""
    marks = ",".join("?" * len(TABLES))
    statement = f"SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name IN ({marks}) AND sql NOT NULL"
    with closing(sqlite3.connect(file)) as database:
        return [sql for (sql,) in database.execute(statement, (kind, *TABLES))]


def _digest(file: Path) -> str:
    found = sha256()
    with closing(sqlite3.connect(file)) as database:
        for sql in database.execute("SELECT sql FROM sqlite_master ORDER BY name"):
            found.update(repr(sql).encode())
        for table in TABLES:
            for row in database.execute(f"SELECT * FROM {table} ORDER BY id"):
                found.update(repr(row).encode())
    return f"data-{found.hexdigest()[:12]}"
