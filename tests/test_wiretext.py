"""The text of rows: the documents' samples byte for byte, and every form for any text."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.clock import instant_text
from aicode_mock.contract import REVISIONS, resolve
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json
from aicode_mock.wire import Change, commit_type
from aicode_mock.wiretext import (
    CsvForm,
    JsonForm,
    change_csv,
    change_csv_header,
    change_json,
    commit_csv,
    commit_csv_header,
    commit_json,
)
from tests.csvrecords import Bare, bare, csv_record

GOLDEN = Path(__file__).parent / "golden"
USER = {"user_id": "user_3k9x8q...", "user_email": "developer@company.com"}
REFACTOR = CommitRow(
    **USER,
    commit_hash="a1b2c3d4",
    commit_source="ide",
    repo_name="company/repo",
    branch_name="main",
    is_primary_branch=True,
    total_lines_added=120,
    total_lines_deleted=30,
    tab_lines_added=50,
    tab_lines_deleted=10,
    composer_lines_added=40,
    composer_lines_deleted=5,
    non_ai_lines_added=30,
    non_ai_lines_deleted=15,
    message="Refactor: extract analytics client",
    commit_ts=1_753_884_723_000,
    created_at=1_753_884_750_000,
)
HANDLING = CommitRow(
    **USER,
    commit_hash="e5f6g7h8",
    commit_source="cloud",
    repo_name="company/repo",
    branch_name="feature-branch",
    is_primary_branch=False,
    total_lines_added=85,
    total_lines_deleted=15,
    tab_lines_added=30,
    tab_lines_deleted=5,
    composer_lines_added=25,
    composer_lines_deleted=3,
    non_ai_lines_added=30,
    non_ai_lines_deleted=7,
    message="Add error handling",
    commit_ts=1_753_883_121_000,
    created_at=1_753_883_145_000,
)
COMPOSED = ChangeRow(
    **USER,
    change_id=749356201,
    source="COMPOSER",
    model="gpt-4o",
    total_lines_added=18,
    total_lines_deleted=4,
    created_at=1_753_888_212_000,
    metadata=metadata_json(
        [
            FileChange("src/analytics/report.ts", "ts", 12, 3),
            FileChange("src/analytics/ui.tsx", "tsx", 6, 1),
        ]
    ),
)
COMPLETED = ChangeRow(
    **USER,
    change_id=749356202,
    source="TAB",
    model=None,
    total_lines_added=8,
    total_lines_deleted=2,
    created_at=1_753_888_125_000,
    metadata=metadata_json([FileChange("src/utils/helpers.ts", "ts", 8, 2)]),
)
UNKNOWN = HANDLING._replace(
    repo_name=None,
    branch_name=None,
    is_primary_branch=None,
    non_ai_lines_added=None,
    non_ai_lines_deleted=None,
    message=None,
    commit_ts=None,
)

AWKWARD = "\",\r\n\t\\/'\0\x08\x1f\x7f\x85\u2028\u2029\ufeff:{}null=🦊"
TEXTS = st.text(st.sampled_from(AWKWARD) | st.characters(exclude_categories=["Cs"]), max_size=12)
LINES = st.integers(0, 2**31 - 1)
INSTANTS_MS = st.integers(0, 253_402_300_799_999)
COMMITS = st.builds(
    CommitRow,
    commit_hash=TEXTS,
    commit_source=st.sampled_from(["ide", "cli", "cloud"]),
    user_id=TEXTS,
    user_email=TEXTS,
    repo_name=st.none() | TEXTS,
    branch_name=st.none() | TEXTS,
    is_primary_branch=st.none() | st.booleans(),
    total_lines_added=LINES,
    total_lines_deleted=LINES,
    tab_lines_added=LINES,
    tab_lines_deleted=LINES,
    composer_lines_added=LINES,
    composer_lines_deleted=LINES,
    non_ai_lines_added=st.none() | LINES,
    non_ai_lines_deleted=st.none() | LINES,
    message=st.none() | TEXTS,
    commit_ts=st.none() | INSTANTS_MS,
    created_at=INSTANTS_MS,
)
FILES = st.builds(FileChange, st.none() | TEXTS, TEXTS, LINES, LINES)
CHANGES = st.builds(
    ChangeRow,
    change_id=st.integers(0, 2**32 - 1),
    user_id=TEXTS,
    user_email=TEXTS,
    source=st.sampled_from(["TAB", "COMPOSER"]),
    model=st.none() | TEXTS,
    total_lines_added=LINES,
    total_lines_deleted=LINES,
    created_at=INSTANTS_MS,
    metadata=st.lists(FILES, min_size=1, max_size=3).map(metadata_json),
)
CSV_FORMS = st.builds(
    CsvForm,
    commit_source=st.sampled_from(["sample", "table", "absent"]),
    always_quoted=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
    spaced_instants=st.booleans(),
)


def golden(name: str) -> str:
    return (GOLDEN / name).read_bytes().decode()


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def instant(milliseconds: int | None, *, spaced: bool) -> str | None:
    if milliseconds is None:
        return None
    text = instant_text(milliseconds)
    return text.replace("T", " ").replace("Z", "") if spaced else text


def commit_values(row: CommitRow, *, spaced: bool) -> dict[str, object]:
    """The fields of a commit in the documented order of JSON."""
    values = {camel(name): value for name, value in row._asdict().items() if name != "commit_source"}
    values |= {
        "commitTs": instant(row.commit_ts, spaced=spaced),
        "createdAt": instant(row.created_at, spaced=spaced),
    }
    before = list(values)[: list(values).index("totalLinesAdded")]
    return {**{name: values[name] for name in before}, "commitSource": row.commit_source, **values}


def change_values(row: ChangeRow, *, spaced: bool) -> dict[str, object]:
    """The fields of a change in the documented order of JSON."""
    values: dict[str, object] = {camel(name): value for name, value in row._asdict().items()}
    return values | {
        "changeId": str(row.change_id),
        "createdAt": instant(row.created_at, spaced=spaced),
        "metadata": json.loads(row.metadata),
    }


def cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("commits.r5.csv", CsvForm()),
        ("commits.r1-r4.csv", CsvForm(commit_source="absent")),
    ],
)
def test_commits_csv_is_the_documents_sample_byte_for_byte(file: str, form: CsvForm) -> None:
    text = commit_csv_header(form) + commit_csv(REFACTOR, form) + commit_csv(HANDLING, form)

    assert text == golden(file)


def test_changes_csv_is_the_documents_sample_byte_for_byte() -> None:
    form = CsvForm()

    assert change_csv_header(form) + change_csv(COMPOSED, form) + change_csv(COMPLETED, form) == golden(
        "changes.csv"
    )


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("commits.r5.json", JsonForm()),
        ("commits.r1-r4.json", JsonForm(commit_source=False)),
    ],
)
def test_a_commit_is_the_documents_sample_byte_for_byte(file: str, form: JsonForm) -> None:
    assert [commit_json(REFACTOR, form)] == [compact(item) for item in json.loads(golden(file))["items"]]


def test_a_change_is_the_documents_sample_byte_for_byte() -> None:
    row = COMPOSED._replace(model=None)  # as the JSON sample has it

    assert [change_json(row)] == [compact(item) for item in json.loads(golden("changes.json"))["items"]]


@pytest.mark.parametrize(
    ("place", "columns"),
    [("sample", "r5_sample_header"), ("table", "r5_column_table"), ("absent", "r1_to_r4_column_table")],
)
def test_the_columns_stand_where_the_documents_put_them(place: str, columns: str) -> None:
    form = CsvForm(commit_source=place)

    assert commit_csv_header(form) == ",".join(json.loads(golden("commits_csv_columns.json"))[columns]) + "\n"


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("settings", "json_form", "csv_form"),
    [
        ({}, JsonForm(), CsvForm()),
        ({"omit_nulls": "on"}, JsonForm(omit_nulls=True), CsvForm()),
        ({"timestamps": "space"}, JsonForm(spaced_instants=True), CsvForm(spaced_instants=True)),
        ({"csv_quoting": "minimal"}, JsonForm(), CsvForm(always_quoted=False)),
        ({"csv_line_end": "crlf"}, JsonForm(), CsvForm(line_end="\r\n")),
        ({"commit_source_column": "table"}, JsonForm(), CsvForm(commit_source="table")),
    ],
)
def test_a_contract_chooses_the_forms(
    revision: str, settings: dict[str, str], json_form: JsonForm, csv_form: CsvForm
) -> None:
    contract = resolve(revision, "documented", settings)
    has_source = revision == "2026-06"

    assert JsonForm.of(contract) == JsonForm(has_source, json_form.omit_nulls, json_form.spaced_instants)
    assert CsvForm.of(contract) == CsvForm(
        csv_form.commit_source if has_source else "absent",
        csv_form.always_quoted,
        csv_form.line_end,
        csv_form.spaced_instants,
    )


def test_what_is_unknown_is_null_in_json_and_empty_in_csv() -> None:
    assert '"repoName":null,"branchName":null,"isPrimaryBranch":null,"commitSource":"cloud",' in commit_json(
        UNKNOWN
    )
    assert '"nonAiLinesAdded":null,"nonAiLinesDeleted":null,"message":null,"commitTs":null,' in commit_json(
        UNKNOWN
    )
    assert commit_csv(UNKNOWN) == (
        "e5f6g7h8,cloud,user_3k9x8q...,developer@company.com,,,,85,15,30,5,25,3,,,,,2025-07-30T13:45:45.000Z\n"
    )


def test_an_empty_message_is_not_a_null_one() -> None:
    row = HANDLING._replace(message="")

    assert '"message":"",' in commit_json(row, JsonForm(omit_nulls=True))
    assert ',30,7,"",2025-07-30' in commit_csv(row)
    assert ",30,7,,2025-07-30" in commit_csv(row, CsvForm(always_quoted=False))


def test_a_message_that_looks_like_a_null_field_is_kept() -> None:
    message = '"message":null,"branchName":null,'

    text = commit_json(HANDLING._replace(message=message, branch_name=None), JsonForm(omit_nulls=True))

    assert json.loads(text)["message"] == message
    assert "branchName" not in json.loads(text)


def test_formulas_are_not_escaped() -> None:
    assert ',"=1+1",' in commit_csv(HANDLING._replace(message="=1+1"))
    assert ",=1+1," in commit_csv(HANDLING._replace(message="=1+1"), CsvForm(always_quoted=False))


@given(COMMITS, st.booleans(), st.sampled_from(list(REVISIONS)))
def test_the_json_of_a_commit_is_what_its_typed_model_writes(
    row: CommitRow, omit_nulls: bool, revision: str
) -> None:
    shape = commit_type(REVISIONS[revision])
    values = commit_values(row, spaced=False)
    known = {name: value for name, value in values.items() if name in shape.model_fields}

    text = commit_json(row, JsonForm(REVISIONS[revision].has_commit_source, omit_nulls))

    assert text == shape.model_validate(known).model_dump_json(exclude_none=omit_nulls)


@given(CHANGES, st.booleans(), st.booleans())
def test_the_json_of_a_change_is_what_its_typed_model_writes(
    row: ChangeRow, omit_nulls: bool, commit_source: bool
) -> None:
    model = Change.model_validate(change_values(row, spaced=False))

    text = change_json(row, JsonForm(commit_source, omit_nulls))

    assert text == model.model_dump_json(exclude_unset=True, exclude_none=omit_nulls)


@given(COMMITS, CHANGES, st.booleans(), st.booleans())
def test_spaced_instants_change_nothing_but_the_instants(
    commit: CommitRow, change: ChangeRow, omit_nulls: bool, commit_source: bool
) -> None:
    form = JsonForm(commit_source, omit_nulls, spaced_instants=True)
    commit_fields, change_fields = commit_values(commit, spaced=True), change_values(change, spaced=True)
    if not commit_source:
        del commit_fields["commitSource"]
    if omit_nulls:
        commit_fields = {name: value for name, value in commit_fields.items() if value is not None}
        change_fields = {name: value for name, value in change_fields.items() if value is not None}

    assert list(json.loads(commit_json(commit, form)).items()) == list(commit_fields.items())
    assert list(json.loads(change_json(change, form)).items()) == list(change_fields.items())


@given(st.lists(COMMITS, max_size=3), CSV_FORMS)
def test_a_csv_reader_gives_the_values_of_commits_back(rows: list[CommitRow], form: CsvForm) -> None:
    text = commit_csv_header(form) + "".join(commit_csv(row, form) for row in rows)

    header, *records = csv.reader(io.StringIO(text, newline=""), strict=True)

    columns = [
        name for name in CommitRow._fields if form.commit_source != "absent" or name != "commit_source"
    ]
    assert sorted(header) == sorted(columns)
    assert [dict(zip(header, record, strict=True)) for record in records] == [
        {
            name: cell(
                instant(getattr(row, name), spaced=form.spaced_instants)
                if name in ("commit_ts", "created_at")
                else getattr(row, name)
            )
            for name in columns
        }
        for row in rows
    ]
    assert text.endswith(form.line_end)


@given(st.lists(CHANGES, max_size=3), CSV_FORMS)
def test_a_csv_reader_gives_the_values_of_changes_back(rows: list[ChangeRow], form: CsvForm) -> None:
    text = change_csv_header(form) + "".join(change_csv(row, form) for row in rows)

    _, *records = csv.reader(io.StringIO(text, newline=""), strict=True)

    assert records == [
        [
            str(row.change_id),
            row.user_id,
            row.user_email,
            row.source,
            row.model or "",
            str(row.total_lines_added),
            str(row.total_lines_deleted),
            instant(row.created_at, spaced=form.spaced_instants),
            row.metadata,
        ]
        for row in rows
    ]


@given(COMMITS)
def test_only_messages_are_quoted_without_need(row: CommitRow) -> None:
    plain = row._replace(repo_name="owner/repo", branch_name="main", user_id="user_1", user_email="a@b.c")

    first, _, rest = commit_csv(plain._replace(commit_hash="abc")).partition(",")

    assert first == "abc"
    assert rest.startswith(f"{row.commit_source},user_1,a@b.c,owner/repo,main,")


def csv_cell(name: str, value: object, *, spaced: bool) -> str | Bare:
    if name in ("commit_ts", "created_at"):
        assert isinstance(value, int | None)
        value = instant(value, spaced=spaced)
    return value if name in ("message", "metadata") and isinstance(value, str) else bare(cell(value))


@given(COMMITS | CHANGES, CSV_FORMS)
def test_the_csv_of_a_row_is_what_pythons_csv_writes(row: CommitRow | ChangeRow, form: CsvForm) -> None:
    is_commit = isinstance(row, CommitRow)
    names = next(csv.reader([commit_csv_header(form)])) if is_commit else row._fields
    cells = [csv_cell(name, getattr(row, name), spaced=form.spaced_instants) for name in names]

    text = commit_csv(row, form) if isinstance(row, CommitRow) else change_csv(row, form)

    assert text == csv_record(cells, always_quoted=form.always_quoted, line_end=form.line_end)
