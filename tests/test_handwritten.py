"""Rows that a scenario spells out come out as they were written."""

import json

import pytest

from aicode_mock.clock import instant_text, to_ms
from aicode_mock.company import hire
from aicode_mock.handwritten import handwritten_rows
from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.pools import load_pools
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.scenario import TeamPlan
from tests.conftest import ANCHOR

PEOPLE = [
    {"login": "ada", "name": "Ada", "user_id": "user_ada"},
    {"login": "bo", "name": "Bo", "user_id": "user_bo", "privacy": True},
]
CHANGE = {"id": 7, "person": "ada", "source": "TAB", "created": "-1d 09:00"}
COMMIT = {"hash": "abc", "person": "bo", "total": [10, 8], "created": "-1d 10:05"}


def written(**parts: object) -> list[Made]:
    team = TeamPlan.model_validate(
        {
            "name": "duo",
            "domain": "duo.example",
            "people": PEOPLE,
            "repositories": [{"name": "duo/shop"}],
            "members": 2,
            **parts,
        }
    )
    crew = hire(team, load_pools(("en_US",)), "test")
    return list(handwritten_rows(team, crew, anchor=to_ms(ANCHOR)))


def commit_of(**parts: object) -> CommitRow:
    (made,) = written(commits=[{**COMMIT, **parts}])
    assert isinstance(made, MadeCommit)
    assert made.worker.user_id == made.row.user_id
    return made.row


def change_of(**parts: object) -> ChangeRow:
    (made,) = written(changes=[{**CHANGE, "files": [["a.ts", 1, 0]], **parts}])
    assert isinstance(made, MadeChange)
    assert made.worker.user_id == made.row.user_id
    return made.row


def test_a_commit_is_what_the_scenario_says() -> None:
    row = commit_of(
        source="cli",
        repository="duo/shop",
        branch="main",
        primary=True,
        tab=[3, 1],
        composer=[2, 2],
        message="Write",
        committed="-1d 10:00",
    )

    assert row == CommitRow(
        commit_hash="abc",
        commit_source="cli",
        user_id="user_bo",
        user_email="bo@duo.example",
        repo_name="duo/shop",
        branch_name="main",
        is_primary_branch=True,
        total_lines_added=10,
        total_lines_deleted=8,
        tab_lines_added=3,
        tab_lines_deleted=1,
        composer_lines_added=2,
        composer_lines_deleted=2,
        non_ai_lines_added=5,
        non_ai_lines_deleted=5,
        message="Write",
        commit_ts=to_ms(ANCHOR) - 14 * 3_600_000,
        created_at=to_ms(ANCHOR) - 14 * 3_600_000 + 300_000,
    )


def test_what_a_commit_does_not_say_is_unknown() -> None:
    row = commit_of()

    assert (row.repo_name, row.branch_name, row.is_primary_branch) == (None, None, None)
    assert (row.message, row.commit_ts) == (None, None)
    assert row.commit_source == "ide"
    assert row[9:15] == (0, 0, 0, 0, 10, 8)


def test_ai_lines_above_the_total_leave_none_over() -> None:
    row = commit_of(tab=[9, 0], composer=[9, 0])

    assert (row.non_ai_lines_added, row.non_ai_lines_deleted) == (0, 8)


def test_figures_without_ai_may_be_unknown() -> None:
    row = commit_of(non_ai_known=False)

    assert (row.non_ai_lines_added, row.non_ai_lines_deleted) == (None, None)


def test_a_change_sums_its_files() -> None:
    row = change_of(source="COMPOSER", model="gpt-5", files=[["src/a.ts", 5, 1], ["README.md", 2, 2]])

    assert row == ChangeRow(
        change_id=7,
        user_id="user_ada",
        user_email="ada@duo.example",
        source="COMPOSER",
        model="gpt-5",
        total_lines_added=7,
        total_lines_deleted=3,
        created_at=to_ms(ANCHOR) - 15 * 3_600_000,
        metadata='[{"fileName":"src/a.ts","fileExtension":"ts","linesAdded":5,"linesDeleted":1},'
        '{"fileName":"README.md","fileExtension":"md","linesAdded":2,"linesDeleted":2}]',
    )


def test_files_of_a_member_in_privacy_mode_have_no_names() -> None:
    row = change_of(person="bo", files=[["src/secret.ts", 5, 1]])

    assert row.metadata == '[{"fileExtension":"ts","linesAdded":5,"linesDeleted":1}]'


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.ts", "ts"),
        ("types/a.d.ts", "ts"),
        ("Makefile", ""),
        (".gitignore", ""),
        ("dir.d/Makefile", ""),
        ("dir.d/.env", ""),
        (".config.json", "json"),
        ("ends.", ""),
        ("データ.py", "py"),
    ],
)
def test_an_extension_is_what_follows_the_last_dot_of_the_files_own_name(name: str, extension: str) -> None:
    (file,) = json.loads(change_of(files=[[name, 1, 0]]).metadata)

    assert (file["fileName"], file["fileExtension"]) == (name, extension)


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        ("-1d 00:00", "2026-06-29T00:00:00.000Z"),
        ("-30d 23:59:59.999", "2026-05-31T23:59:59.999Z"),
        ("-0d 14:12:03", "2026-06-30T14:12:03.000Z"),
    ],
)
def test_moments_lie_around_the_anchor(moment: str, instant: str) -> None:
    assert instant_text(change_of(created=moment).created_at) == instant


def test_a_scenario_that_spells_out_nothing_has_no_rows() -> None:
    assert written() == []
