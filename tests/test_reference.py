"""The committed reference pages are what the tables in the code say now."""

import subprocess
import sys
from pathlib import Path

import pytest

from aicode_mock.reference import contract_page, settings_page

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize(("page", "write"), [("settings.md", settings_page), ("contract.md", contract_page)])
def test_a_committed_page_is_fresh(page: str, write: object) -> None:
    assert callable(write)

    assert (DOCS / page).read_text(encoding="utf-8") == write()


def test_all_pages_are_written_at_once(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "aicode_mock.reference", str(tmp_path)], check=True)

    assert (tmp_path / "settings.md").read_text(encoding="utf-8") == settings_page()
    assert (tmp_path / "contract.md").read_text(encoding="utf-8") == contract_page()
    assert len(list(tmp_path.iterdir())) == 2
