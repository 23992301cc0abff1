"""The committed reference pages are what the tables in the code say now."""

import subprocess
import sys
from pathlib import Path

import pytest

from aicode_mock.reference import contract_page, settings_page
from aicode_mock.report.rulepages import report_page

DOCS = Path(__file__).parent.parent / "docs"


PAGES = {"settings.md": settings_page, "contract.md": contract_page, "report.md": report_page}


@pytest.mark.parametrize(("page", "write"), PAGES.items())
def test_a_committed_page_is_fresh(page: str, write: object) -> None:
    assert callable(write)

    assert (DOCS / page).read_text(encoding="utf-8") == write()


def test_all_pages_are_written_at_once(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "aicode_mock.reference", str(tmp_path)], check=True)

    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert written == {name: write() for name, write in PAGES.items()}
