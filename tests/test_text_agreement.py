"""What is sent is what typed models and Python's csv make of the stored figures, under every contract."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from aicode_mock.contract import LATEST, REVISIONS, Behavior, Contract, describe_switches, resolve
from aicode_mock.wire import Change, ChangePage, commit_page_type, commit_type
from tests.conftest import ANCHOR, Client
from tests.csvrecords import Bare, bare, csv_record

pytestmark = pytest.mark.both_stores

SCENARIOS = ("hostile", "default")
ENDPOINTS = ("commits", "changes")
GOLDEN = Path(__file__).parent / "golden"
COLUMNS = json.loads((GOLDEN / "commits_csv_columns.json").read_text("utf-8"))
CHANGE_COLUMNS = (GOLDEN / "changes.csv").read_text("utf-8").partition("\n")[0].split(",")
TEAM = """
    SELECT team.id FROM team JOIN world ON world.dataset_id = team.dataset_id
    WHERE world.id = 'default' AND team.plan = 'enterprise' ORDER BY team.ordinal LIMIT 1
"""
STORED = {
    "commits": f"""
        SELECT commits.*, repository.name AS repo_name, member.user_id, member.email AS user_email
        FROM commits JOIN member ON member.id = commits.member_id
        LEFT JOIN repository ON repository.id = commits.repository_id
        WHERE commits.team_id = ({TEAM}) ORDER BY commits.id DESC
    """,
    "changes": f"""
        SELECT changes.*, metadata AS metadata_json, member.user_id, member.email AS user_email
        FROM changes JOIN member ON member.id = changes.member_id
        WHERE changes.team_id = ({TEAM}) ORDER BY changes.id DESC
    """,
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBERS = ("1", "2", "30", "999999999")
Stored = Mapping[str, Any]
Asking = Callable[[str], Client]


@dataclass(frozen=True)
class Asked:
    """A contract, and what a client asks for under it."""

    revision: str
    behavior: str
    switches: dict[str, str]
    days: int
    page: int
    size: int

    @cached_property
    def contract(self) -> Contract:
        """What the server has promised."""
        return resolve(self.revision, self.behavior, self.switches)

    @property
    def start(self) -> datetime:
        """As early as asked and permitted; without days there are no rows."""
        cap = self.contract.switches.max_range_days
        return self.end - timedelta(days=self.days if cap == "off" else min(self.days, int(cap)))

    @property
    def end(self) -> datetime:
        """The anchor, or an instant at which nothing was written."""
        return ANCHOR if self.days else EPOCH

    @property
    def served_size(self) -> int:
        """The page size that is answered."""
        return min(self.size, self.contract.switches.max_page_size)


SWITCHES = {
    name: (*switch.choices, *(NUMBERS if switch.takes_number else ()))
    for name, switch in describe_switches().items()
    if name != "rate_limit"  # whose answers have no rows
}
ASKED = st.builds(
    Asked,
    revision=st.sampled_from(list(REVISIONS)),
    behavior=st.sampled_from([one.value for one in Behavior]),
    switches=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in SWITCHES.items()}
    ),
    days=st.sampled_from([0, 1, 7]),
    page=st.integers(1, 3),
    size=st.sampled_from([1, 2, 100, 1000]),
)


@pytest.fixture(scope="module")
def stored(session_client: Asking) -> dict[tuple[str, str], list[Stored]]:
    """All rows of the team that is asked for, the newest first, by scenario and endpoint."""
    found: dict[tuple[str, str], list[Stored]] = {}
    for scenario in SCENARIOS:
        with session_client(scenario).twin.store.reading() as connection:
            for endpoint, statement in STORED.items():
                rows = connection.exec_driver_sql(statement).mappings()
                found[scenario, endpoint] = [dict(row) for row in rows]
    return found


def spelt(milliseconds: int | None, *, spaced: bool) -> str | None:
    """An instant as clients see it."""
    if milliseconds is None:
        return None
    instant = (EPOCH + timedelta(milliseconds=milliseconds)).replace(tzinfo=None)
    text = instant.isoformat(" " if spaced else "T", timespec="milliseconds")
    return text if spaced else f"{text}Z"


def chosen(rows: Sequence[Stored], asked: Asked) -> list[Stored]:
    """The rows in the range of dates."""
    field = "commit_ts" if asked.contract.switches.date_field == "commitTs" else "created_at"
    low, high = ((one - EPOCH) // timedelta(milliseconds=1) for one in (asked.start, asked.end))
    instants = (row.get(field, row["created_at"]) for row in rows)
    return [row for row, at in zip(rows, instants, strict=True) if at is not None and low <= at <= high]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def model_of(row: Stored, asked: Asked) -> BaseModel:
    """A row as the typed contract has it; only then are the instants spelt in another way."""
    shape = commit_type(asked.contract.revision) if "commit_hash" in row else Change
    spaced = asked.contract.switches.timestamps == "space"
    values = {camel(name): value for name, value in row.items() if camel(name) in shape.model_fields}
    values |= {
        name: spelt(values[name], spaced=False) for name in ("commitTs", "createdAt") if name in values
    }
    if shape is Change:
        values |= {"changeId": str(row["change_id"]), "metadata": json.loads(row["metadata"])}
    else:
        values["isPrimaryBranch"] = as_flag(row)
    instants = {
        camel(name): spelt(row[name], spaced=spaced) for name in ("commit_ts", "created_at") if name in row
    }
    return shape.model_validate(values).model_copy(update=instants)


def as_flag(row: Stored) -> bool | None:
    """Whether a commit is on the primary branch; SQLite keeps a number."""
    flag = row["is_primary_branch"]
    return None if flag is None else bool(flag)


def expected_page(rows: Sequence[Stored], asked: Asked, *, total: int) -> str:
    page = commit_page_type(asked.contract.revision) if rows and "commit_hash" in rows[0] else ChangePage
    items = [model_of(row, asked) for row in rows]
    envelope = page.model_construct(
        items=items, totalCount=total, page=asked.page, pageSize=asked.served_size
    )
    return envelope.model_dump_json(
        exclude_unset=True, exclude_none=asked.contract.switches.omit_nulls == "on"
    )


def columns_of(endpoint: str, contract: Contract) -> list[str]:
    if endpoint == "changes":
        return CHANGE_COLUMNS
    if not contract.revision.has_commit_source:
        return list(COLUMNS["r1_to_r4_column_table"])
    place = contract.switches.commit_source_column
    return list(COLUMNS["r5_sample_header" if place == "sample" else "r5_column_table"])


def cell(row: Stored, name: str, contract: Contract) -> str | Bare:
    value = row[name]
    if name in ("commit_ts", "created_at"):
        value = spelt(value, spaced=contract.switches.timestamps == "space")
    if name == "is_primary_branch" and value is not None:
        value = str(as_flag(row)).lower()
    if name in ("message", "metadata_json") and value is not None:
        return str(value)
    return bare("" if value is None else str(value))


def csv_line(cells: Sequence[str | Bare], contract: Contract) -> str:
    switches = contract.switches
    line_end = "\r\n" if switches.csv_line_end == "crlf" else "\n"
    return csv_record(cells, always_quoted=switches.csv_quoting == "documented", line_end=line_end)


def assert_agreement(client: Client, rows: Mapping[str, Sequence[Stored]], asked: Asked) -> None:
    """Ask for a page and for the CSV of both endpoints."""
    contract = asked.contract
    client.promise(revision=asked.revision, behavior=asked.behavior, **asked.switches)
    client.freeze(ANCHOR)
    size = asked.served_size if contract.switches.oversized_page == "reject" else asked.size
    for endpoint, all_rows in rows.items():
        found = chosen(all_rows, asked)
        dates: dict[str, Any] = {"startDate": asked.start.isoformat(), "endDate": asked.end.isoformat()}
        page = client.get(endpoint, page=asked.page, pageSize=size, **dates)
        lines = client.get(f"{endpoint}.csv", **dates).text

        assert_page(page.status_code, page.text, found, asked)
        assert_csv(lines, endpoint, found, asked)


def difference(told: str, expected: str) -> tuple[str, str] | None:
    """Where two long texts part, told shorter and sooner than pytest would."""
    if told == expected:
        return None
    pairs = enumerate(zip(told, expected, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(told), len(expected)))
    around = slice(max(0, same - 100), same + 100)
    return told[around], expected[around]


def assert_page(status: int, text: str, found: Sequence[Stored], asked: Asked) -> None:
    first = (asked.page - 1) * asked.served_size
    if first and first >= len(found) and asked.contract.switches.page_past_end == "404":
        assert status == 404
    elif asked.contract.switches.order == "newest_first":
        expected = expected_page(found[first : first + asked.served_size], asked, total=len(found))
        assert difference(text, expected) is None
    else:
        page = json.loads(text)
        possible = json.loads(expected_page(found, asked, total=len(found)))["items"]
        assert page["totalCount"] == len(found)
        assert all(item in possible for item in page["items"][:20])


def assert_csv(text: str, endpoint: str, found: Sequence[Stored], asked: Asked) -> None:
    contract = asked.contract
    columns = columns_of(endpoint, contract)
    header = csv_line([bare(name) for name in columns], contract)
    lines = [csv_line([cell(row, name, contract) for name in columns], contract) for row in found]
    if not lines and contract.switches.csv_empty == "nothing":
        assert text == ""
    elif contract.switches.order == "newest_first":
        assert difference(text, header + "".join(lines)) is None
    else:
        assert text.startswith(header)
        assert len(text) == len(header + "".join(lines))
        assert records(text) == records(header + "".join(lines))


def records(text: str) -> list[list[str]]:
    return sorted(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("scenario", SCENARIOS)
@given(ASKED)
def test_answers_are_what_the_typed_contract_says_of_the_stored_rows(
    session_client: Asking, stored: dict[tuple[str, str], list[Stored]], scenario: str, asked: Asked
) -> None:
    rows = {endpoint: stored[scenario, endpoint] for endpoint in ENDPOINTS}

    assert_agreement(session_client(scenario), rows, asked)


def test_they_are_so_for_each_value_of_each_switch(
    session_client: Asking, stored: dict[tuple[str, str], list[Stored]]
) -> None:
    rows = {endpoint: stored["hostile", endpoint] for endpoint in ENDPOINTS}

    for switch, values in SWITCHES.items():
        for value in values:
            for days in (0, 2):
                asked = Asked(LATEST, "documented", {switch: value}, days, page=1, size=100)
                assert_agreement(session_client("hostile"), rows, asked)
