"""The types of the contract take the documents' samples and write them back unchanged."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from aicode_mock.adminwire import TeamMembers
from aicode_mock.contract import REVISIONS, Behavior, resolve
from aicode_mock.errors import bad_request, no_enterprise, not_found, rate_limited, unauthorized, unexpected
from aicode_mock.wire import (
    ChangePage,
    ErrorBody,
    ObservedErrorBody,
    commit_details_type,
    commit_page_type,
    commit_type,
)

GOLDEN = Path(__file__).parent / "golden"
COMMITS = {name: "commits.r5.json" if name == "2026-06" else "commits.r1-r4.json" for name in REVISIONS}
DETAILS = {"2026-03": "commit_detail.r4.json", "2026-06": "commit_detail.r5.json"}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def assert_same_bytes(shape: type[BaseModel], sample: object) -> None:
    dumped = shape.model_validate(sample).model_dump_json()

    assert dumped == json.dumps(sample, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(("revision", "file"), COMMITS.items())
def test_commits_are_written_back_in_the_documented_order(revision: str, file: str) -> None:
    assert_same_bytes(commit_page_type(REVISIONS[revision]), golden(file))


@pytest.mark.parametrize(("revision", "file"), DETAILS.items())
def test_details_are_written_back_in_the_documented_order(revision: str, file: str) -> None:
    assert_same_bytes(commit_details_type(REVISIONS[revision]), golden(file))


def test_changes_are_written_back_in_the_documented_order() -> None:
    assert_same_bytes(ChangePage, golden("changes.json"))


def test_members_have_the_documented_keys_and_those_that_clients_read() -> None:
    (sample,) = golden("neighbours/teams_members.json").items()
    item = {"id": "user_1", "name": "", "email": "", "role": "owner", "isRemoved": True}

    assert_same_bytes(TeamMembers, {sample[0]: [item]})
    assert_same_bytes(TeamMembers, {sample[0]: [{**item, **one} for one in sample[1]]})


@pytest.mark.parametrize(
    ("revision", "count"), [("2025-08", 17), ("2025-12", 17), ("2026-03", 17), ("2026-06", 18)]
)
def test_a_commit_has_as_many_fields_as_documented(revision: str, count: int) -> None:
    assert len(commit_type(REVISIONS[revision]).model_fields) == count


@pytest.mark.parametrize(
    ("revision", "sample"),
    [("2026-06", "commits.r1-r4.json"), ("2026-03", "commits.r5.json"), ("2025-08", "commits.r5.json")],
)
def test_commits_of_another_revision_do_not_fit(revision: str, sample: str) -> None:
    with pytest.raises(ValidationError, match="commitSource"):
        commit_page_type(REVISIONS[revision]).model_validate(golden(sample))


@pytest.mark.parametrize(
    ("revision", "sample"), [("2026-06", "commit_detail.r4.json"), ("2026-03", "commit_detail.r5.json")]
)
def test_details_of_another_revision_do_not_fit(revision: str, sample: str) -> None:
    with pytest.raises(ValidationError, match="commitSource"):
        commit_details_type(REVISIONS[revision]).model_validate(golden(sample))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("totalLinesAdded", -1),
        ("totalLinesAdded", 1.5),
        ("totalLinesAdded", None),
        ("nonAiLinesDeleted", -1),
        ("createdAt", "2025-07-30T14:12:30Z"),
        ("createdAt", "2025-07-30 14:12:30.000"),
        ("createdAt", None),
        ("commitSource", "web"),
        ("unheardOf", 1),
    ],
)
def test_a_commit_that_the_documents_do_not_permit_is_refused(field: str, value: object) -> None:
    item = {**golden("commits.r5.json")["items"][0], field: value}

    with pytest.raises(ValidationError, match=field):
        commit_type(REVISIONS["2026-06"]).model_validate(item)


@pytest.mark.parametrize(
    "field",
    [
        "repoName",
        "branchName",
        "isPrimaryBranch",
        "nonAiLinesAdded",
        "nonAiLinesDeleted",
        "message",
        "commitTs",
    ],
)
def test_a_commit_may_hold_null_where_the_documents_permit_it(field: str) -> None:
    item = {**golden("commits.r5.json")["items"][0], field: None}

    assert getattr(commit_type(REVISIONS["2026-06"]).model_validate(item), field) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("changeId", "12345678901"), ("changeId", "a"), ("source", "CHAT"), ("metadata", None)],
)
def test_a_change_that_the_documents_do_not_permit_is_refused(field: str, value: object) -> None:
    page = golden("changes.json")
    page["items"][0][field] = value

    with pytest.raises(ValidationError, match=field):
        ChangePage.model_validate(page)


@pytest.mark.parametrize("behavior", Behavior)
def test_every_error_has_the_shape_of_its_behavior(behavior: Behavior) -> None:
    switches = resolve("2026-06", behavior, {}).switches
    shaped = ErrorBody if behavior == Behavior.DOCUMENTED else ObservedErrorBody

    for error in (unauthorized(switches), no_enterprise(switches), bad_request(switches, "why")):
        assert shaped.model_validate(error.body).model_dump() == error.body
    for error in (not_found(), rate_limited(switches), unexpected()):
        assert ErrorBody.model_validate(error.body).model_dump() == error.body


def test_documented_errors_are_the_documents_own() -> None:
    switches = resolve("2026-06", "documented", {}).switches
    sample = golden("errors_overview.json")

    for error in (
        unauthorized(switches),
        no_enterprise(switches),
        not_found(),
        rate_limited(switches),
        unexpected(),
    ):
        assert error.body == sample[str(error.status.value)]
    assert bad_request(switches, "why").body == {**sample["400"], "message": "why"}


def test_observed_errors_are_those_that_clients_report() -> None:
    switches = resolve("2026-06", "observed", {}).switches
    reported = [(entry["status"], entry["body"]) for entry in golden("observed_errors.json")]

    for error in (unauthorized(switches), no_enterprise(switches)):
        assert (error.status.value, error.body) in reported
    assert rate_limited(switches).headers == {"Retry-After": "60"}
