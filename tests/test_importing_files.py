"""Files of every kind are read, whatever they are named; what is none of them is told why."""

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.importing.complaints import BadRowError, UnreadableError
from aicode_mock.importing.csvcolumns import column_reason
from aicode_mock.importing.csvfiles import csv_entries
from aicode_mock.importing.entries import Entry
from aicode_mock.importing.files import MissingFileError, expect_files, read_file
from aicode_mock.importing.jsonfiles import json_entries
from aicode_mock.importing.shapes import read_row
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.wiretext import CsvForm, commit_json
from tests.exported import COMMITS, csv_of, page_of
from tests.test_importing_identity import CHANGE, ONE

GOLDEN = Path(__file__).parent / "golden"
TWO = [ONE, ONE._replace(commit_hash="b", message='He said "no",\r\nonce')]
ITEMS = [commit_json(one) for one in TWO]
COMMIT, CHANGED = json.loads(ITEMS[0]), json.loads(page_of([CHANGE]))["items"][0]


def entries(content: bytes, folder: Path) -> list[Entry]:
    file = folder / "any.name"
    file.write_bytes(content)
    return list(read_file(str(file), lambda _: None))


def rows(found: Sequence[Entry]) -> list[CommitRow | ChangeRow]:
    return [read_row(one.fields or {})[0] for one in found]


@pytest.mark.parametrize(
    "text",
    [
        page_of(TWO),
        json.dumps(json.loads(page_of(TWO)), indent=2),
        f"[{','.join(ITEMS)}]",
        f"[{page_of(TWO[:1])},{page_of(TWO[1:])}]",
        "\n".join(ITEMS),
        "\r\n\r\n".join(ITEMS) + "\n",
        f"{page_of(TWO[:1])}\n{page_of(TWO[1:])}\n",
        f"[{ITEMS[0]}]\n[{ITEMS[1]}]",
        f"{page_of(TWO[:1])}{page_of(TWO[1:])}",
        f"{page_of([])}\n{page_of(TWO[:1])}{page_of(TWO[1:])}\n",
        f"{page_of(TWO[:1])}{page_of([])}\n[{ITEMS[1]}]\n",
        "\n".join(json.dumps(json.loads(page_of([one])), indent=2) for one in TWO),
        "".join(json.dumps(json.loads(one), indent=2) for one in ITEMS),
        csv_of(TWO, of_commits=True),
        csv_of(TWO, CsvForm(commit_source="table", line_end="\r\n", always_quoted=False), of_commits=True),
        f"\ufeff{csv_of(TWO, of_commits=True)}",
        f"\ufeff \n{page_of(TWO)}",
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_all_forms_of_two_rows_are_two_rows(text: str, tmp_path: Path, packed: bool) -> None:
    content = gzip.compress(text.encode()) if packed else text.encode()

    assert rows(entries(content, tmp_path)) == TWO


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    header, *records = (line.split(",") for line in csv_of([ONE, ONE], of_commits=True).splitlines())
    turned = "\n".join(",".join(cells[::-1]) for cells in [header, *records])

    assert rows(entries(turned.encode(), tmp_path)) == [ONE, ONE]


@pytest.mark.parametrize("name", ["changes.csv", "changes.json", "commits.r1-r4.csv", "commits.r5.csv"])
def test_documented_samples_are_read(name: str) -> None:
    assert rows(list(read_file(str(GOLDEN / name), lambda _: None)))


def test_progress_hears_of_all_bytes(tmp_path: Path) -> None:
    file, heard = tmp_path / "x.json", list[int]()
    file.write_text(page_of(TWO * 2000), encoding="utf-8")

    list(read_file(str(file), heard.append))

    assert sum(heard) == file.stat().st_size == expect_files([str(file), "-"])
    assert len(heard) > 2


PAGE, CSV = page_of(TWO).encode(), csv_of(TWO, of_commits=True).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"<!DOCTYPE html><h1>502 Bad Gateway</h1>", "is HTML or XML, perhaps an error page"),
        (PAGE[:-150], "ends in the middle of its JSON: it is cut off, so fetch it again"),
        (PAGE[:-1], "ends in the middle of its JSON: it is cut off, so fetch it again"),
        ("\n".join(ITEMS)[:-1].encode(), "ends within the JSON of line 2: it is cut off, so fetch it again"),
        (
            CSV[: CSV.index(b"once")],
            "ends within the row that begins in line 3: it is cut off, so fetch it again",
        ),
        (
            CSV + b"c,ide,user_1",
            "ends within the row that begins in line 5: it is cut off, so fetch it again",
        ),
        (PAGE + b"x", "is no JSON: Expecting value at line 1, column 1 of value 2"),
        (PAGE + PAGE[:-1], "ends in the middle of its JSON: it is cut off, so fetch it again"),
        (b'{"items": oops}', "is no JSON: Expecting value at line 1, column 11"),
        (b'["\xff"]', "is not UTF-8: it holds the byte 0xff"),
        (b"[" * 200_000, "is nested too deeply"),
        (b"[" + b"1" * 5000 + b"]", "is no JSON that we read"),
        (PAGE.decode().encode("utf-16"), "is text in UTF-16"),
        (CSV.decode().encode("utf-16-le"), "is no text"),
        (
            gzip.compress(PAGE, mtime=0)[:-20],
            "ends in the middle of its gzip: it is cut off, so fetch it again",
        ),
        (gzip.compress(PAGE, mtime=0)[:40] + b"\xff" * 50, "is no whole gzip file"),
        (gzip.compress(PAGE, mtime=0)[:-8] + b"\0" * 8, "is no whole gzip file"),
        (b"PK\x03\x04....", "is a zip archive"),
        (b"SQLite format 3\0", "is a database"),
        (bz2.compress(PAGE), "is a bzip2 file"),
        (lzma.compress(PAGE), "is an xz file"),
        (b"hash,email\n1,2\n", "is neither JSON nor CSV of the API: its first line is 'hash,email'"),
        (b"a" * 10_000_000, "is neither JSON nor CSV of the API: its first line is 'aaa"),
        (CSV.replace(b"user_id,", b"", 1), "column user_id is missing"),
        (CSV.replace(b"user_id,", b"user_id,userid,", 1), "unknown column 'userid', did you mean user_id?"),
        (CSV.replace(b"user_id,", b"user_id,user_id,", 1), "column user_id is there twice"),
        (CSV.replace(b"He", b"\xff"), "is not UTF-8: it holds the byte 0xff"),
    ],
)
def test_what_is_no_export_is_told_why(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as refused:
        entries(content, tmp_path)

    assert reason in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path / 'any.name'} ")
    assert len(str(refused.value)) < 700 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (ITEMS[0].encode() + b"\nnull", "line 2: is no page, list or item: 'null'"),
        (b"[1]", "item 1: must be an object: got '1'"),
        (b"{}", "item 1: is neither a commit nor a change: its fields are none"),
        (b'[{"userId":"u"}]', "item 1: is neither a commit nor a change: its fields are 'userId'"),
        (ITEMS[0].encode() + b"\n{oops\n", "line 2: is no JSON: '{oops'"),
        (f"{ITEMS[0]}\n{ITEMS[1][:-1]}\n{ITEMS[0]}".encode(), "line 2: is no JSON: "),
        (ITEMS[0].encode() + b"\noops", "line 2: is no JSON: 'oops'"),
        (CSV + b"c,ide,user_1\n", "line 5: has 3 cells, the header 18 columns"),
        (CSV.rstrip(b"\n") + b",more", "has 19 cells, the header 18 columns"),
        (CSV.replace(b'"Hi"', b'"Hi"x'), "line 2: is no CSV: ',' expected after '\"'"),
        (CSV.replace(b"true", b"yes", 1), "is_primary_branch must be a valid boolean: got 'yes'"),
        (CSV.replace(b",9,9,", b",9,+9,", 1), "total_lines_deleted must be a valid integer: got '+9'"),
        (CSV.replace(b",9,9,", b",,9,", 1), "total_lines_added must be a valid integer: got null"),
        (CSV.replace(b",6,6,", b",7,6,", 1), "non_ai_lines_added must be 6, max(0, total - AI): got 7"),
        (
            csv_of([CHANGE], of_commits=False).replace('"[]"', "oops").encode(),
            "metadata_json must be a valid list: got 'oops'",
        ),
    ],
)
def test_bad_rows_are_told_with_their_places(content: bytes, complaint: str, tmp_path: Path) -> None:
    told = []
    for entry in entries(content, tmp_path):
        try:
            read_row(entry.fields or {}) if not entry.problem else None
        except BadRowError as error:
            reasons = map(column_reason, error.reasons) if entry.answer.is_csv else error.reasons
            told.append(f"{entry.place}: {'; '.join(reasons)}")
        else:
            told += [f"{entry.place}: {entry.problem}"] if entry.problem else []

    assert len(told) == 1, told
    assert complaint in told[0]


def test_an_empty_line_of_csv_is_no_row(tmp_path: Path) -> None:
    assert rows(entries(CSV + b"\n\r\n", tmp_path)) == TWO


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"createdAt": "2026-01-01"}, "createdAt must be an instant such as"),
        ({"createdAt": None}, "createdAt must be an instant such as 2026-06-30T09:00:00.000Z: got null"),
        ({"createdAt": "2026-02-30T00:00:00Z"}, "createdAt day is out of range"),
        ({"createdAt": "2026-02-20T00:00:00.1234Z"}, "createdAt must be an instant"),
        ({"createdAt": "1969-12-31T23:59:59Z"}, "createdAt must be between 1970 and 9998"),
        ({"totalLinesAdded": 9.0}, "totalLinesAdded must be a valid integer: got 9.0"),
        ({"totalLinesAdded": True}, "totalLinesAdded must be a valid integer: got true"),
        ({"totalLinesAdded": "9"}, "totalLinesAdded must be a valid integer: got '9'"),
        ({"totalLinesAdded": -1}, "totalLinesAdded must be greater than or equal to 0: got -1"),
        ({"totalLinesAdded": {}}, "totalLinesAdded must be a valid integer: got an object"),
        ({"totalLinesAdded": []}, "totalLinesAdded must be a valid integer: got a list"),
        ({"nonAiLinesAdded": 5}, "nonAiLinesAdded must be 6, max(0, total - AI): got 5"),
        ({"commitSource": "web"}, "commitSource must be 'ide', 'cli' or 'cloud': got 'web'"),
        ({"commitSource": None}, "commitSource must be 'ide', 'cli' or 'cloud': got null"),
        ({"messages": "x"}, "unknown field 'messages', did you mean message?"),
        ({"message": "\ud800"}, "message must be a valid string"),
        ({"message": "a\0"}, "message must not hold NUL"),
        ({"userEmail": ""}, "userEmail must have at least 1 character: got ''"),
    ],
)
def test_commits_are_held_against_the_contract(change: dict[str, object], reason: str) -> None:
    with pytest.raises(BadRowError) as refused:
        read_row({**COMMIT, **change})

    assert refused.value.reasons[0].startswith(reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"changeId": "007"}, "changeId must match pattern"),
        ({"changeId": 7}, "changeId must be a valid string: got 7"),
        ({"changeId": "4294967296"}, "changeId must be below 4294967296: got 4294967296"),
        ({"source": "tab"}, "source must be 'TAB' or 'COMPOSER': got 'tab'"),
        ({"totalLinesAdded": 1}, "totalLinesAdded must be 0, the sum over metadata: got 1"),
        ({"metadata": [{"fileName": "a"}]}, "metadata[0].fileExtension is missing"),
        ({"metadata": None}, "metadata must be a valid list: got null"),
    ],
)
def test_changes_are_held_against_the_contract(change: dict[str, object], reason: str) -> None:
    with pytest.raises(BadRowError) as refused:
        read_row({**CHANGED, **change})

    assert refused.value.reasons[0].startswith(reason)


@pytest.mark.parametrize("name", ["commitHash", "userId", "tabLinesDeleted", "createdAt"])
def test_what_cannot_be_null_cannot_be_left_out(name: str) -> None:
    with pytest.raises(BadRowError):
        read_row({key: value for key, value in COMMIT.items() if key != name})


def test_instants_may_have_neither_t_nor_zone() -> None:
    assert read_row({**COMMIT, "createdAt": "1970-01-01 00:00:05.000"})[0] == ONE


@given(st.lists(COMMITS, min_size=1, max_size=5), st.integers(2, 4000))
def test_what_is_streamed_is_what_is_read_whole(some: list[CommitRow], small: int) -> None:
    items = list(map(commit_json, some))
    first_line = len(items[0].encode()) + 1
    for text, least in ((page_of(some), 2), (f"[{','.join(items)}]", 2), ("\n".join(items), first_line)):
        found = list(json_entries(io.BytesIO(text.encode()), small_bytes=max(small, least)))

        assert rows(found) == some


@given(
    st.lists(COMMITS, min_size=1, max_size=5), st.sampled_from(["", "\n", " \r\n\n"]), st.integers(0, 2000)
)
def test_pages_one_after_another_are_read_through_any_window(
    some: list[CommitRow], between: str, more: int
) -> None:
    pages = [json.dumps(json.loads(page_of([one])), ensure_ascii=False, indent=1) for one in some]
    window = max(len(page.encode()) for page in pages) + more

    found = list(json_entries(io.BytesIO(between.join(pages).encode()), small_bytes=window))

    assert rows(found) == some
    assert len({id(one.answer) for one in found}) == len(pages)
    assert all(one.answer.total == 1 for one in found)
    if len(pages) > 1:
        assert [one.place for one in found] == [f"value {at}, item 1" for at in range(1, len(pages) + 1)]


@given(st.lists(COMMITS, min_size=1, max_size=5), st.integers(2, 2000))
def test_a_large_page_may_be_the_last_value(some: list[CommitRow], small: int) -> None:
    text = f" [] {page_of(some)}"

    assert rows(list(json_entries(io.BytesIO(text.encode()), small_bytes=max(small, 4)))) == some


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            PAGE[:-50],
            r"behind item 1 \(parse error: premature EOF\): perhaps it is cut off, so fetch it again",
        ),
        (b"[" + ITEMS[0].encode() + b",]", "is no JSON behind item 1"),
        (b'["\xff"]', "is not UTF-8: it holds the byte 0xff"),
        (b'[1] ["\xff"]', "is not UTF-8: it holds the byte 0xff"),
        (b"[ooo] oops", "is no JSON behind item 0"),
        (PAGE + b"\n[]", "goes on behind its item 2: what is larger than 4 MB must be the last"),
        (b'{}  {"error": "Unauthorized"}', "is a JSON object without items"),
        (b'{"error": "Unauthorized"}', "is a JSON object without items"),
    ],
)
def test_what_cannot_be_streamed_is_told_why(text: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        list(json_entries(io.BytesIO(text), small_bytes=4))


def test_a_header_with_an_open_quote_is_no_csv() -> None:
    header = CSV.decode().splitlines()[0]

    with pytest.raises(UnreadableError, match="has a header that is no CSV: unexpected end of data"):
        list(csv_entries(io.StringIO(f'{header},"extra\nx\n'), ignore_unknown=True))


def test_a_long_header_is_no_header() -> None:
    with pytest.raises(UnreadableError, match="is neither"):
        list(csv_entries(io.StringIO("x" * 100_000)))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.csv", "cannot be read: No such file"), (".", "is a folder"), ("a\0b", "cannot be read: ")],
)
def test_a_file_that_is_not_there_is_told_before_any_is_read(
    name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(MissingFileError, match=reason):
        expect_files([name])


def test_a_file_that_is_gone_meanwhile_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be read: No such file"):
        list(read_file(str(tmp_path / "gone"), lambda _: None))
