"""Rows as the text that clients see: JSON items and CSV lines, in every form of the contract.

The store keeps the text of the default forms beside each row, so that answers need
no rendering; the other forms are rendered from the row by the same functions.

Source: field and column order documented (``tests/golden``).  CSV follows the
documents' samples: ``message`` and ``metadata_json`` always quoted, everything else
only where it must be, null is empty.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from aicode_mock.clock import instant_text
from aicode_mock.contract import Contract
from aicode_mock.rows import ChangeRow, CommitRow, quote_json

_NULL_FIELD = re.compile(r'"\w+":null,')  # never inside a string: its quotes are escaped
_NEEDS_QUOTES = re.compile(r'[,"\r\n]')
_LITERALS = {None: "null", True: "true", False: "false"}

_IDENTITY = "user_id,user_email,repo_name,branch_name,is_primary_branch"
_FIGURES = (
    "total_lines_added,total_lines_deleted,tab_lines_added,tab_lines_deleted,composer_lines_added,"
    "composer_lines_deleted,non_ai_lines_added,non_ai_lines_deleted,message,commit_ts,created_at"
)
_CHANGE_COLUMNS = (
    "change_id,user_id,user_email,source,model,total_lines_added,total_lines_deleted,created_at,metadata_json"
)


@dataclass(frozen=True, slots=True)
class JsonForm:
    """How JSON items are printed; the defaults are what the store keeps."""

    commit_source: bool = True
    omit_nulls: bool = False
    spaced_instants: bool = False

    @classmethod
    def of(cls, contract: Contract) -> "JsonForm":
        """The form that a contract asks for."""
        return cls(
            commit_source=contract.revision.has_commit_source,
            omit_nulls=contract.switches.omit_nulls == "on",
            spaced_instants=contract.switches.timestamps == "space",
        )


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How CSV lines are printed; ``commit_source`` is the place of that column, or "absent"."""

    commit_source: str = "sample"
    always_quoted: bool = True
    line_end: str = "\n"
    spaced_instants: bool = False

    @classmethod
    def of(cls, contract: Contract) -> "CsvForm":
        """The form that a contract asks for."""
        switches = contract.switches
        return cls(
            commit_source=switches.commit_source_column if contract.revision.has_commit_source else "absent",
            always_quoted=switches.csv_quoting == "documented",
            line_end="\r\n" if switches.csv_line_end == "crlf" else "\n",
            spaced_instants=switches.timestamps == "space",
        )


def commit_json(row: CommitRow, form: JsonForm = JsonForm()) -> str:
    """One commit as a JSON object."""
    source = f'"commitSource":"{row.commit_source}",' if form.commit_source else ""
    text = (
        f'{{"commitHash":{quote_json(row.commit_hash)},"userId":{_json_name(row.user_id)},'
        f'"userEmail":{_json_name(row.user_email)},"repoName":{_json_name(row.repo_name)},'
        f'"branchName":{_json_text(row.branch_name)},"isPrimaryBranch":{_LITERALS[row.is_primary_branch]},'
        f'{source}"totalLinesAdded":{row.total_lines_added},"totalLinesDeleted":{row.total_lines_deleted},'
        f'"tabLinesAdded":{row.tab_lines_added},"tabLinesDeleted":{row.tab_lines_deleted},'
        f'"composerLinesAdded":{row.composer_lines_added},"composerLinesDeleted":{row.composer_lines_deleted},'
        f'"nonAiLinesAdded":{_json_number(row.non_ai_lines_added)},'
        f'"nonAiLinesDeleted":{_json_number(row.non_ai_lines_deleted)},"message":{_json_text(row.message)},'
        f'"commitTs":{_json_instant(row.commit_ts, form)},'
        f'"createdAt":"{_instant(row.created_at, form.spaced_instants)}"}}'
    )
    return _NULL_FIELD.sub("", text) if form.omit_nulls else text


def change_json(row: ChangeRow, form: JsonForm = JsonForm()) -> str:
    """One change as a JSON object."""
    text = (
        f'{{"changeId":"{row.change_id}","userId":{_json_name(row.user_id)},'
        f'"userEmail":{_json_name(row.user_email)},"source":"{row.source}","model":{_json_name(row.model)},'
        f'"totalLinesAdded":{row.total_lines_added},"totalLinesDeleted":{row.total_lines_deleted},'
        f'"createdAt":"{_instant(row.created_at, form.spaced_instants)}","metadata":{row.metadata}}}'
    )
    return _NULL_FIELD.sub("", text) if form.omit_nulls else text


def commit_csv(row: CommitRow, form: CsvForm = CsvForm()) -> str:
    """One commit as a CSV record with its line end."""
    identity = (
        f"{_csv_name(row.user_id)},{_csv_name(row.user_email)},{_csv_name(row.repo_name)},"
        f"{_csv_text(row.branch_name)},"
        f"{'' if row.is_primary_branch is None else _LITERALS[row.is_primary_branch]}"
    )
    figures = (
        f"{row.total_lines_added},{row.total_lines_deleted},{row.tab_lines_added},{row.tab_lines_deleted},"
        f"{row.composer_lines_added},{row.composer_lines_deleted},{_csv_number(row.non_ai_lines_added)},"
        f"{_csv_number(row.non_ai_lines_deleted)},{_quoted(row.message, form)},"
        f"{_csv_instant(row.commit_ts, form)},{_instant(row.created_at, form.spaced_instants)}"
    )
    return _commit_columns(_quote_if_needed(row.commit_hash), row.commit_source, identity, figures, form)


def change_csv(row: ChangeRow, form: CsvForm = CsvForm()) -> str:
    """One change as a CSV record with its line end."""
    return (
        f"{row.change_id},{_csv_name(row.user_id)},{_csv_name(row.user_email)},{row.source},"
        f"{_csv_name(row.model)},"
        f"{row.total_lines_added},{row.total_lines_deleted},{_instant(row.created_at, form.spaced_instants)},"
        f"{_quoted(row.metadata, form)}{form.line_end}"
    )


def commit_csv_header(form: CsvForm) -> str:
    """The header line of ``commits.csv``."""
    return _commit_columns("commit_hash", "commit_source", _IDENTITY, _FIGURES, form)


def change_csv_header(form: CsvForm) -> str:
    """The header line of ``changes.csv``."""
    return f"{_CHANGE_COLUMNS}{form.line_end}"


def _commit_columns(commit: str, source: str, identity: str, figures: str, form: CsvForm) -> str:
    match form.commit_source:
        case "sample":
            return f"{commit},{source},{identity},{figures}{form.line_end}"
        case "table":
            return f"{commit},{identity},{source},{figures}{form.line_end}"
        case _:
            return f"{commit},{identity},{figures}{form.line_end}"


def _json_text(text: str | None) -> str:
    return "null" if text is None else quote_json(text)


_json_name = lru_cache(maxsize=1024)(_json_text)  # the same few people, repositories and models all over


def _json_number(number: int | None) -> str:
    return "null" if number is None else str(number)


def _json_instant(milliseconds: int | None, form: JsonForm) -> str:
    return "null" if milliseconds is None else f'"{_instant(milliseconds, form.spaced_instants)}"'


def _csv_number(number: int | None) -> str:
    return "" if number is None else str(number)


def _csv_instant(milliseconds: int | None, form: CsvForm) -> str:
    return "" if milliseconds is None else _instant(milliseconds, form.spaced_instants)


def _instant(milliseconds: int, spaced: bool) -> str:
    text = instant_text(milliseconds)
    return text.replace("T", " ").removesuffix("Z") if spaced else text


def _csv_text(text: str | None) -> str:
    return "" if text is None else _quote_if_needed(text)


_csv_name = lru_cache(maxsize=1024)(_csv_text)


def _quote_if_needed(text: str) -> str:
    return _quote(text) if _NEEDS_QUOTES.search(text) else text


def _quoted(text: str | None, form: CsvForm) -> str:
    if text is None:
        return ""
    return _quote(text) if form.always_quoted or _NEEDS_QUOTES.search(text) else text


def _quote(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
