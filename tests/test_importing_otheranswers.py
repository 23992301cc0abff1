"""Answers that are no exports are refused, wherever in a file they stand; bad rows are bad rows."""

import json
from pathlib import Path

import pytest

from aicode_mock.importing.complaints import UnreadableError
from aicode_mock.importing.files import read_file
from aicode_mock.importing.otheranswers import expect_row
from aicode_mock.wiretext import commit_json
from tests.exported import page_of
from tests.test_importing_identity import CHANGE, ONE

GOLDEN = Path(__file__).parent / "golden"
ERROR = '{"error":"Unauthorized","message":"Invalid API key"}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ERROR, "item 1 is an error of the API, 'Invalid API key': fetch it again"),
        ('{"code":"error","message":"Invalid Team API Key"}', "an error of the API, 'Invalid Team API Key'"),
        ('{"error":"Unauthorized"}', "an error of the API, 'Unauthorized'"),
        ('{"message":"Forbidden"}', "an error of the API, 'Forbidden'"),
        (f"[{page_of([ONE])},{ERROR}]", "item 2 is an error of the API"),
        (f"{page_of([ONE])}\n{ERROR}\n{page_of([ONE])}", "line 2 is an error of the API"),
        (f'{{"data":{page_of([ONE])}}}', "with the rows in its field 'data': take that alone"),
        (f'{{"ok":true,"data":{page_of([])}}}', "with the rows in its field 'data'"),
        (f'{{"commits":[{commit_json(ONE)}]}}', "with the rows in its field 'commits'"),
        (f'{{"changes":{json.dumps(json.loads(page_of([CHANGE]))["items"])}}}', "in its field 'changes'"),
        ('{"teamMembers":[]}', "an object with the fields 'teamMembers', no page and no row"),
        ('{"items":null,"page":1}', "an object with the fields 'items', 'page', no page and no row"),
        ('{"data":[1]}', "an object with the fields 'data'"),
        ('{"commits":[{"commitHash":"a"}]}', "an object with the fields 'commits'"),
    ],
)
def test_other_answers_are_refused(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "any.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableError) as refused:
        list(read_file(str(file), lambda _: None))

    assert str(refused.value).startswith(f"{file} is no export: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "file",
    [*GOLDEN.glob("neighbours/*.json"), *GOLDEN.glob("commit_detail.*.json")],
    ids=lambda file: file.name,
)
def test_answers_of_other_endpoints_are_refused(file: Path) -> None:
    with pytest.raises(UnreadableError, match=r"is an object with the fields .*, no page and no row"):
        list(read_file(str(file), lambda _: None))


@pytest.mark.parametrize("item", [{}, {"userId": "u"}, {"commitHash": "a", "error": 1}, {"changeId": 7}])
def test_bad_rows_are_left_to_the_contract(item: dict[str, object]) -> None:
    expect_row(item, "item 1")
