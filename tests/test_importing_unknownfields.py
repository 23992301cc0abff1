"""Unknown fields are found, named and left out, wherever they stand."""

import json
from pathlib import Path

import pytest

from aicode_mock.importing.complaints import UnreadableError
from aicode_mock.importing.entries import Answer, Entry
from aicode_mock.importing.files import read_file
from aicode_mock.importing.shapes import read_row
from aicode_mock.importing.unknownfields import unknown_fields, without_unknown_fields
from aicode_mock.rows import FileChange, metadata_json
from aicode_mock.wiretext import CsvForm, change_json, commit_json
from tests.exported import csv_of
from tests.test_importing_identity import CHANGE, ONE

FILES = CHANGE._replace(
    metadata=metadata_json([FileChange("a.py", "py", 1, 0), FileChange(None, "go", 1, 0)]),
    total_lines_added=2,
)


def test_fields_of_a_commit_are_left_out() -> None:
    item = json.loads(commit_json(ONE))
    entry = Entry("item 1", Answer(), {"risk": 1, **item, "metadata": [{"x": 1}], "Message": None})

    left = without_unknown_fields(entry)

    assert left.left_out == ("risk", "metadata", "Message")
    assert left.fields == item


def test_fields_of_a_change_and_of_its_files_are_left_out() -> None:
    item = json.loads(change_json(FILES))
    files = [{"hunks": 1, **one, "risk": None} for one in item["metadata"]]

    left = without_unknown_fields(Entry("item 1", Answer(), {**item, "metadata": files, "cost": 1}))

    assert left.left_out == ("cost", "metadata[].hunks", "metadata[].risk")
    assert left.fields is not None
    assert read_row(left.fields)[0] == FILES


@pytest.mark.parametrize(
    "fields", [None, {}, {"x": 1}, json.loads(commit_json(ONE)), json.loads(change_json(FILES))]
)
def test_what_has_no_unknown_fields_is_as_it_was(fields: dict[str, object] | None) -> None:
    entry = Entry("item 1", Answer(), fields)

    assert without_unknown_fields(entry) is entry


@pytest.mark.parametrize("metadata", [None, 7, [7, None], "text"])
def test_files_of_another_kind_are_left_to_the_contract(metadata: object) -> None:
    item = {**json.loads(change_json(CHANGE)), "metadata": metadata}

    assert unknown_fields(item) == ()
    assert without_unknown_fields(Entry("", Answer(), {**item, "x": 1})).fields == item


def test_columns_are_left_out(tmp_path: Path) -> None:
    commit = ONE._replace(message="")
    lines = csv_of([commit], CsvForm(), of_commits=True).splitlines()
    file = tmp_path / "new.csv"
    file.write_text(f'risk,{lines[0]},commitHash,risk\n"a,b",{lines[1]},c,d\n', encoding="utf-8")

    (entry,) = read_file(str(file), lambda _: None, ignore_unknown=True)

    assert entry.left_out == ("risk", "commitHash")
    assert entry.fields is not None
    assert read_row(entry.fields)[0] == commit


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("user_id", "risk", "column user_id is missing"),
        ("user_id", "user_id,user_id", "user_id is there twice"),
    ],
)
def test_columns_that_are_missing_or_twice_are_still_refused(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "new.csv"
    file.write_text(csv_of([ONE], of_commits=True).replace(old, new, 1), encoding="utf-8")

    with pytest.raises(UnreadableError, match=reason):
        list(read_file(str(file), lambda _: None, ignore_unknown=True))
