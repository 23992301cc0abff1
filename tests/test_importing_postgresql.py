"""PostgreSQL gets the rows that a file gets."""

from pathlib import Path

from tests.exported import answers_of, bring, page_of
from tests.test_importing_identity import CHANGE, ONE


def test_rows_of_two_imports_are_told_as_a_file_tells_them(database: str, tmp_path: Path) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    rows = [ONE._replace(created_at=at * 1000, user_id=f"u{at % 3}", message="修") for at in range(20)]
    files[0].write_text(page_of([*rows[::-2], CHANGE]), encoding="utf-8")
    files[1].write_text(page_of([*rows[::-1], CHANGE]), encoding="utf-8")

    for target in (tmp_path / "twin.db", database):
        first, second = bring(target, files[0]), bring(target, files[1], few_rows=0)

        assert (first.new, second.new) == ({"commits": 10, "changes": 1}, {"commits": 10, "changes": 0})
    assert answers_of(database) == answers_of(tmp_path / "twin.db")
