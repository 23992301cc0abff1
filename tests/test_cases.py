"""Every case that real data hold is in the synthetic data: found by asking the twin."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Row, text

from aicode_mock.clock import to_ms
from aicode_mock.scenario import ChangePlan, CommitPlan
from aicode_mock.scenariofile import load_scenario
from aicode_mock.twin import Twin
from tests.conftest import ANCHOR

pytestmark = pytest.mark.both_stores

CASES = {
    "an amended commit: another hash, the same commitTs": """
        SELECT * FROM commits a JOIN commits b ON b.member_id = a.member_id AND b.commit_ts = a.commit_ts
        AND b.commit_hash <> a.commit_hash AND b.message IS NOT NULL AND b.branch_name = a.branch_name""",
    "one hash on two branches": """
        SELECT commit_hash FROM commits GROUP BY team_id, commit_hash
        HAVING COUNT(DISTINCT branch_name) > 1""",
    "one hash ingested again later": """
        SELECT commit_hash FROM commits GROUP BY team_id, commit_hash, branch_name
        HAVING COUNT(DISTINCT created_at) > 1""",
    "a squash merge that is all non-AI": """
        SELECT * FROM commits WHERE message LIKE 'Merge pull request #% into %' AND total_lines_added > 0
        AND tab_lines_added + tab_lines_deleted + composer_lines_added + composer_lines_deleted = 0
        AND non_ai_lines_added = total_lines_added AND non_ai_lines_deleted = total_lines_deleted""",
    "repoName, branchName, isPrimaryBranch and message null together": """
        SELECT * FROM commits WHERE repository_id IS NULL AND branch_name IS NULL
        AND is_primary_branch IS NULL AND message IS NULL""",
    "a commit from the editor": "SELECT * FROM commits WHERE commit_source = 'ide'",
    "a commit from the terminal": "SELECT * FROM commits WHERE commit_source = 'cli'",
    "a commit from the cloud": "SELECT * FROM commits WHERE commit_source = 'cloud'",
    "a message with a comma": "SELECT * FROM commits WHERE message LIKE '%,%'",
    "a message with a quote": "SELECT * FROM commits WHERE message LIKE '%\"%'",
    "a message with a line break": "SELECT * FROM commits WHERE message LIKE '%\n%'",
    "a message with a carriage return": "SELECT * FROM commits WHERE message LIKE '%\r%'",
    "a message in Japanese": "SELECT * FROM commits WHERE message LIKE '%修正%'",
    "a message with an emoji": "SELECT * FROM commits WHERE message LIKE '%🎉%'",
    "AI lines above the total": """
        SELECT * FROM commits WHERE tab_lines_added + composer_lines_added > total_lines_added
        AND non_ai_lines_added = 0""",
    "a member in privacy mode: changes without fileName": """
        SELECT * FROM changes JOIN member ON member.id = member_id WHERE privacy_mode
        AND metadata NOT LIKE '%fileName%'""",
    "a removed member with rows": """
        SELECT * FROM changes JOIN member ON member.id = member_id WHERE is_removed""",
    "a TAB change with model null": "SELECT * FROM changes WHERE source = 'TAB' AND model IS NULL",
    "a COMPOSER change with a model": """
        SELECT * FROM changes WHERE source = 'COMPOSER' AND model IS NOT NULL""",
    "a COMPOSER change without a model": """
        SELECT * FROM changes WHERE source = 'COMPOSER' AND model IS NULL""",
    "a change over several files": "SELECT * FROM changes WHERE metadata LIKE '%fileExt%fileExt%'",
    "a change with a file without an extension": """
        SELECT * FROM changes WHERE metadata LIKE '%"fileExtension":""%'""",
    "several changes of one millisecond": """
        SELECT created_at FROM changes GROUP BY team_id, created_at HAVING COUNT(DISTINCT change_id) > 1""",
    "one changeId seen twice with two createdAt": """
        SELECT change_id FROM changes GROUP BY team_id, change_id HAVING COUNT(DISTINCT created_at) > 1""",
    "a team without Enterprise": "SELECT * FROM team WHERE plan <> 'enterprise'",
    "a team with people and no data": """
        SELECT * FROM team JOIN member ON member.team_id = team.id WHERE plan = 'enterprise'
        AND NOT EXISTS (SELECT * FROM commits WHERE commits.team_id = team.id)
        AND NOT EXISTS (SELECT * FROM changes WHERE changes.team_id = team.id)""",
}
HOSTILE_CASES = {
    "commitTs null": "SELECT * FROM commits WHERE commit_ts IS NULL",
    "nonAi null": "SELECT * FROM commits WHERE non_ai_lines_added IS NULL AND non_ai_lines_deleted IS NULL",
    "an empty message": "SELECT * FROM commits WHERE message = ''",
    "a model with a comma and quotes": "SELECT * FROM changes WHERE model LIKE '%,%\"%'",
    "a branch with a comma": "SELECT * FROM commits WHERE branch_name LIKE '%,%'",
    "a branch with a quote": "SELECT * FROM commits WHERE branch_name LIKE '%\"%'",
    "a team outside the limited alpha": "SELECT * FROM team WHERE NOT has_detail",
}
GAUNTLET = load_scenario("hostile").teams[0]
SPELLED_OUT: dict[str | None, CommitPlan | ChangePlan] = {
    **{row.case: row for row in GAUNTLET.commits},
    **{row.case: row for row in GAUNTLET.changes},
}
# What each labelled row of hostile.toml must show on the wire, beside what its label says of others.
LABELLED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "first version of a commit that is amended": lambda row: row["message"] == "Write it",
    "amended commit: new hash, same commitTs": lambda row: row["message"] == "Write it better",
    "one hash on a second branch": lambda row: row["isPrimaryBranch"] is False,
    "one hash ingested again later": lambda row: row["createdAt"].endswith("22:00:00.123Z"),
    "squash merge, all non-AI": lambda row: (
        (row["nonAiLinesAdded"], row["nonAiLinesDeleted"]) == (800, 450)
        and row["tabLinesAdded"] == row["composerLinesAdded"] == 0
    ),
    "repoName, branchName, isPrimaryBranch and message null together": lambda row: (
        [name for name, value in row.items() if value is None]
        == ["repoName", "branchName", "isPrimaryBranch", "message"]
    ),
    "AI lines above the total": lambda row: (
        row["tabLinesAdded"] + row["composerLinesAdded"] > row["totalLinesAdded"]
        and row["nonAiLinesAdded"] == row["nonAiLinesDeleted"] == 0
    ),
    "message with commas, quotes and line breaks": lambda row: all(
        piece in row["message"] for piece in (",", '"', "\r\n", "\n\n", "\t")
    ),
    "message in other scripts, with emoji": lambda row: all(
        piece in row["message"] for piece in ("修正", "עברית", "العربية", "👩‍👩‍👧‍👦", "\u2028")
    ),
    "empty message, zero lines": lambda row: row["message"] == "" and row["totalLinesAdded"] == 0,
    "message that a spreadsheet takes for a formula": lambda row: row["message"].startswith("=cmd|"),
    "commitTs null": lambda row: row["commitTs"] is None,
    "nonAiLinesAdded and nonAiLinesDeleted null": lambda row: (
        row["nonAiLinesAdded"] is row["nonAiLinesDeleted"] is None
    ),
    "the largest figures of 32 bits": lambda row: row["totalLinesAdded"] == 2**31 - 1,
    "member in privacy mode: files without names": lambda row: (
        [file["fileExtension"] for file in row["metadata"]] == ["ts", "py"]
        and not any("fileName" in file for file in row["metadata"])
    ),
    "removed member": lambda row: row["userEmail"] == "gone@gauntlet.example",
    "TAB with model null": lambda row: (row["source"], row["model"]) == ("TAB", None),
    "COMPOSER with a model": lambda row: (
        (row["source"], row["model"]) == ("COMPOSER", 'model, with "quotes"')
    ),
    "COMPOSER without a model": lambda row: (row["source"], row["model"]) == ("COMPOSER", None),
    "several files, one without an extension": lambda row: (
        [file["fileExtension"] for file in row["metadata"]] == ["ts", "", "", "ts"]
    ),
    "batch: first of three with the same createdAt": lambda row: row["createdAt"].endswith("00.007Z"),
    "batch: second of three with the same createdAt": lambda row: row["createdAt"].endswith("00.007Z"),
    "batch: third of three with the same createdAt": lambda row: row["createdAt"].endswith("00.007Z"),
    "changeId seen once": lambda row: row["changeId"] == "4294967295",
    "the same changeId again, with another createdAt": lambda row: row["changeId"] == "4294967295",
}


def rows(twin: Twin, query: str, **bound: object) -> list[Row[Any]]:
    with twin.store.reading() as connection:
        return list(connection.execute(text(query), bound))


def on_the_wire(twin: Twin, plan: CommitPlan | ChangePlan) -> dict[str, Any]:
    """The JSON item of a row that the scenario spells out."""
    kind, column = ("commit", "commit_hash") if isinstance(plan, CommitPlan) else ("change", "change_id")
    (row,) = rows(
        twin,
        f"SELECT text FROM {kind}_json JOIN {kind}s USING (id) "
        f"WHERE {column} = :id AND created_at = :created",
        id=plan.hash if isinstance(plan, CommitPlan) else plan.id,
        created=to_ms(ANCHOR) + plan.created,
    )
    item: dict[str, Any] = json.loads(row.text)
    return item


@pytest.mark.parametrize("scenario", ["default", "hostile"])
@pytest.mark.parametrize("case", CASES)
def test_the_data_hold(twin_of: Callable[[str], Twin], scenario: str, case: str) -> None:
    assert rows(twin_of(scenario), CASES[case])


@pytest.mark.parametrize("case", HOSTILE_CASES)
def test_the_hostile_data_hold(twin_of: Callable[[str], Twin], case: str) -> None:
    assert rows(twin_of("hostile"), HOSTILE_CASES[case])


@pytest.mark.parametrize("case", ["commitTs null", "nonAi null"])
def test_the_default_data_do_not_hold_what_loses_a_whole_sync(
    twin_of: Callable[[str], Twin], case: str
) -> None:
    assert rows(twin_of("default"), HOSTILE_CASES[case]) == []


def test_every_row_that_hostile_spells_out_is_labelled() -> None:
    assert list(SPELLED_OUT) == list(LABELLED)


@pytest.mark.parametrize("case", LABELLED)
def test_a_labelled_row_is_what_its_label_says(twin_of: Callable[[str], Twin], case: str) -> None:
    item = on_the_wire(twin_of("hostile"), SPELLED_OUT[case])

    assert LABELLED[case](item), item


def test_the_labelled_rows_stand_to_each_other_as_their_labels_say(twin_of: Callable[[str], Twin]) -> None:
    twin = twin_of("hostile")
    first, amended, copied, again = (
        on_the_wire(twin, SPELLED_OUT[case])
        for case in (
            "first version of a commit that is amended",
            "amended commit: new hash, same commitTs",
            "one hash on a second branch",
            "one hash ingested again later",
        )
    )

    assert first["commitHash"] != amended["commitHash"] == copied["commitHash"] == again["commitHash"]
    assert first["commitTs"] == amended["commitTs"] == copied["commitTs"] == again["commitTs"]
    assert first["branchName"] == amended["branchName"] == again["branchName"] != copied["branchName"]
    assert first["createdAt"] < amended["createdAt"] < copied["createdAt"] < again["createdAt"]
    assert {**amended, "createdAt": ""} == {**again, "createdAt": ""}


def test_a_batch_has_one_creation_and_several_authors(twin_of: Callable[[str], Twin]) -> None:
    batch = [
        on_the_wire(twin_of("hostile"), row)
        for case, row in SPELLED_OUT.items()
        if (case or "").startswith("batch:")
    ]

    assert len(batch) == 3
    assert len({item["createdAt"] for item in batch}) == 1
    assert len({item["userId"] for item in batch}) == 2


@pytest.mark.parametrize("scenario", ["default", "hostile", "tiny"])
def test_instants_have_three_decimals_and_commits_whole_seconds(
    twin_of: Callable[[str], Twin], scenario: str
) -> None:
    items = [json.loads(row.text) for row in rows(twin_of(scenario), "SELECT text FROM commit_json")]

    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item["createdAt"]) for item in items)
    assert all(item["commitTs"] is None or item["commitTs"].endswith(".000Z") for item in items)


def test_the_rare_stays_rare_in_the_default_data(twin_of: Callable[[str], Twin]) -> None:
    twin = twin_of("default")
    total = rows(twin, "SELECT COUNT(*) AS total FROM commits")[0].total
    rare = [
        "one hash on two branches",
        "one hash ingested again later",
        "a squash merge that is all non-AI",
        "repoName, branchName, isPrimaryBranch and message null together",
        "a message in Japanese",
        "AI lines above the total",
    ]

    counted = Counter({case: len(rows(twin, CASES[case])) for case in rare})

    assert all(0 < count < total // 20 for count in counted.values()), counted
