"""CSV answers: the bytes that the documents show, and the same rows as JSON in every reader."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pandas
import pytest

from tests.conftest import Client

pytestmark = pytest.mark.both_stores

Rows = list[dict[str, str]]
Reader = Callable[[bytes, Path], Rows]

COLUMNS = {
    "commits": (
        "commit_hash,commit_source,user_id,user_email,repo_name,branch_name,is_primary_branch,"
        "total_lines_added,total_lines_deleted,tab_lines_added,tab_lines_deleted,composer_lines_added,"
        "composer_lines_deleted,non_ai_lines_added,non_ai_lines_deleted,message,commit_ts,created_at"
    ),
    "changes": (
        "change_id,user_id,user_email,source,model,total_lines_added,total_lines_deleted,created_at,"
        "metadata_json"
    ),
}
TINY_CHANGES = """\
change_id,user_id,user_email,source,model,total_lines_added,total_lines_deleted,created_at,metadata_json
1006,user_000000000000000000000000bo,bo@duo.example,COMPOSER,gpt-5,16,5,2026-06-29T12:30:00.000Z,\
"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":11,""linesDeleted"":0},\
{""fileName"":""README.md"",""fileExtension"":""md"",""linesAdded"":5,""linesDeleted"":5}]"
1005,user_000000000000000000000000bo,bo@duo.example,TAB,,4,1,2026-06-29T12:00:00.000Z,\
"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":4,""linesDeleted"":1}]"
"""
TINY_COMMITS = """\
6666666666666666666666666666666666666666,ide,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,\
true,30,10,4,1,16,5,10,4,"Show prices

Closes #7.",2026-06-29T13:00:00.000Z,2026-06-29T13:09:00.000Z
5555555555555555555555555555555555555555,ide,user_00000000000000000000000ada,ada@duo.example,,,\
,3,1,0,0,0,0,3,1,,2026-06-29T11:00:00.000Z,2026-06-29T11:30:00.000Z
"""


def read_with_csv(content: bytes, _folder: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


def read_with_pandas(content: bytes, _folder: Path) -> Rows:
    # dtype=str: else ids become numbers and figures beside a null become floats.
    # keep_default_na=False: else a message that reads "NA" or "null" is taken for a missing one.
    # lineterminator: else a lone CR within a bare field would end the record.
    frame = pandas.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, lineterminator="\n")
    return [dict(zip(frame.columns, map(str, row), strict=True)) for row in frame.itertuples(index=False)]


def read_with_duckdb(content: bytes, folder: Path) -> Rows:
    # all_varchar, header, quote and escape: DuckDB guesses each from a sample, and the first rows may
    # hold no quote. parallel=false: a block may begin inside a quoted line break.
    file = folder / "answer.csv"
    file.write_bytes(content)
    with duckdb.connect() as connection:
        relation = connection.execute(
            "SELECT * FROM read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"', "
            "escape = '\"', parallel = false)",
            [str(file)],
        )
        names = [column[0] for column in relation.description or []]
        return [
            {name: "" if value is None else value for name, value in zip(names, row, strict=True)}
            for row in relation.fetchall()
        ]


def column_of(field: str) -> str:
    """``totalLinesAdded`` as a column: ``total_lines_added``."""
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field)
    return {"metadata": "metadata_json"}.get(name, name)


def text_of(value: object) -> str:
    """A JSON value as CSV shows it; null is empty."""
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_rows(client: Client, kind: str) -> Iterator[dict[str, str]]:
    """All items of the default range, as a CSV reader should give them."""
    for page in range(1, 100):
        items = client.get(kind, page=page, pageSize=1000).json()["items"]
        for item in items:
            yield {column_of(name): text_of(value) for name, value in item.items()}
        if len(items) < 1000:
            return


@pytest.mark.parametrize("kind", ["commits", "changes"])
@pytest.mark.parametrize("scenario", ["tiny", "default", "hostile"])
@pytest.mark.parametrize("read", [read_with_csv, read_with_pandas, read_with_duckdb])
def test_every_reader_gets_the_rows_of_the_json(
    client_of: Callable[[str], Client], tmp_path: Path, kind: str, scenario: str, read: Reader
) -> None:
    client = client_of(scenario)
    expected = list(json_rows(client, kind))

    rows = read(client.get(f"{kind}.csv").content, tmp_path)

    assert rows == expected
    assert ",".join(rows[0]) == COLUMNS[kind]


@pytest.mark.parametrize("kind", ["commits", "changes"])
@pytest.mark.parametrize(
    "switches",
    [
        {"csv_line_end": "crlf", "csv_quoting": "minimal"},
        {"csv_quoting": "minimal", "order": "shuffled"},
        {"date_field": "commitTs", "timestamps": "space"},
        {"revision": "2025-08"},
    ],
    ids=str,
)
def test_other_forms_hold_the_rows_of_their_json(
    client_of: Callable[[str], Client], tmp_path: Path, kind: str, switches: dict[str, str]
) -> None:
    client = client_of("hostile")
    client.promise(**switches)
    expected = list(json_rows(client, kind))

    rows = read_with_csv(client.get(f"{kind}.csv").content, tmp_path)

    # The figures of a record are the same, its columns may stand in another order.
    assert rows == expected


@pytest.mark.parametrize("scenario", ["tiny", "hostile"])
@pytest.mark.parametrize("kind", ["commits", "changes"])
def test_csv_is_utf8_text_without_marks_and_attachments(
    client_of: Callable[[str], Client], scenario: str, kind: str
) -> None:
    answer = client_of(scenario).get(f"{kind}.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    assert answer.content.startswith(f"{COLUMNS[kind]}\n".encode())
    assert answer.content.endswith(b"\n")


def test_changes_are_printed_as_documented(client: Client) -> None:
    text = client.get("changes.csv", startDate="2026-06-29T12:00:00Z").text

    assert text == TINY_CHANGES


def test_commits_are_printed_as_documented(client: Client) -> None:
    text = client.get("commits.csv", startDate="2026-06-29T11:00:00Z").text

    assert text == f"{COLUMNS['commits']}\n{TINY_COMMITS}"


def test_lines_end_with_lf_alone(client: Client) -> None:
    content = client.get("commits.csv").content + client.get("changes.csv").content

    assert b"\r" not in content


@pytest.mark.parametrize(
    ("hash_end", "message"),
    [
        ("06", '"He said ""no"", twice\r\nand then:\n\n\t- ""yes"",\n"'),
        ("07", '"修正: データ, עברית, العربية, 👩‍👩‍👧‍👦 and a \u2028 separator"'),
        ("08", '""'),
        ("09", "\"=cmd|' /C calc'!A0\""),
        ("04", ""),
    ],
)
def test_a_message_is_quoted_and_nothing_in_it_is_changed(
    client_of: Callable[[str], Client], hash_end: str, message: str
) -> None:
    text = client_of("hostile").get("commits.csv").content.decode()

    record = text.partition(f"\na{'0' * 37}{hash_end},")[2]

    assert f",{message},2026-06-29T1" in record[:400]


def test_other_fields_are_quoted_only_where_they_must_be(client_of: Callable[[str], Client]) -> None:
    text = client_of("hostile").get("commits.csv").content.decode()

    assert ',"gauntlet/two,three","tru""nk",true,5,1,' in text
    assert ",gauntlet/one,feat/データ,false," in text
    assert ",o'brien+tag@gauntlet.example," in text
    assert text.count('"gauntlet/one"') == 0


def test_nulls_are_empty_fields(client_of: Callable[[str], Client]) -> None:
    text = client_of("hostile").get("commits.csv").text

    no_time, no_figures = (
        text.partition(f"\na{'0' * 37}{end},")[2].partition("\n")[0] for end in ("0a", "0b")
    )

    assert no_time.endswith(',"No time",,2026-06-29T18:03:00.000Z')
    assert no_figures.endswith(
        ',2,1,0,0,0,0,,,"No figures",2026-06-29T19:00:00.000Z,2026-06-29T19:03:00.000Z'
    )


@pytest.mark.parametrize("kind", ["commits", "changes"])
@pytest.mark.parametrize("query", [{"startDate": "now"}, {"user": "nobody"}, {"endDate": "2020-01-01"}])
def test_a_csv_without_rows_is_its_header(client: Client, kind: str, query: dict[str, str]) -> None:
    client.promise(reversed_range="empty")

    answer = client.http.get(
        f"/analytics/ai-code/{kind}.csv", params=query, headers=client.get("commits").request.headers
    )

    assert (answer.status_code, answer.text) == (200, f"{COLUMNS[kind]}\n")


@pytest.mark.parametrize("kind", ["commits", "changes"])
def test_a_user_filter_holds_for_csv(client: Client, kind: str) -> None:
    text = client.get(f"{kind}.csv", user="Ada@duo.example").text

    assert text.count("ada@duo.example") == 3
    assert "bo@duo.example" not in text
