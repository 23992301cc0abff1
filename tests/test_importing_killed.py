"""An import that is killed has done nothing."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR
from tests.exported import answers_of, bring, page_of
from tests.test_importing_identity import ONE

# Dies with the first rows that are read, or written.
PROGRAM = """
import os, signal, sys
from contextlib import contextmanager
from aicode_mock.importing.job import Job, import_files

@contextmanager
def bar(label, _length):
    def die(_done):
        if label == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGKILL)
    yield die

job = Job(files=(sys.argv[2],), database=sys.argv[3], few_rows=int(sys.argv[4]))
import_files(job, bar=bar, prefix="crsr_")
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.json"
    # More than one batch, so that some are written when it dies.
    rows = [ONE._replace(created_at=at, message="x" * 2000) for at in range(5000)]
    file.write_text(page_of(rows), encoding="utf-8")
    return file


def killed(label: str, export: Path, database: Path, *, few_rows: int = 0) -> None:
    command = [sys.executable, "-c", PROGRAM, label, str(export), str(database), str(few_rows)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize("label", ["reading", "writing"])
def test_a_new_database_is_not_there(tmp_path: Path, export: Path, label: str) -> None:
    database = tmp_path / "twin.db"

    killed(label, export, database)

    assert list(tmp_path.glob("twin.db*")) == []
    assert bring(database, export).new["commits"] == 5000


@pytest.mark.parametrize(("label", "few_rows"), [("reading", 0), ("writing", 0), ("writing", 5000)])
def test_an_existing_database_is_as_it_was(tmp_path: Path, export: Path, label: str, few_rows: int) -> None:
    database = tmp_path / "twin.db"
    open_twin(Settings(database=str(database), scenario="tiny", anchor=ANCHOR)).close()
    before = answers_of(database)

    killed(label, export, database, few_rows=few_rows)

    assert answers_of(database) == before
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert bring(database, export).new["commits"] == 5000
