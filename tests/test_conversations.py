"""Who wrote which lines: ranges add up to a commit's Composer lines and never overlap."""

import json
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.conversations import MadeAnnotation, annotate
from aicode_mock.pools import load_pools
from aicode_mock.rows import CommitRow
from aicode_mock.scenario import TeamPlan

POOLS = load_pools(("en_US",))
TEAM = TeamPlan.model_validate(
    {
        "name": "t",
        "domain": "t.example",
        "models": {"gpt-5": 1, "composer-1": 1},
        "repositories": [{"name": "t/app", "extensions": ["ts", "py"]}],
    }
)


def commit(commit_hash: str, composer_lines: int) -> CommitRow:
    return CommitRow(
        commit_hash=commit_hash,
        commit_source="ide",
        user_id="user_1",
        user_email="a@t.example",
        repo_name="t/app",
        branch_name="main",
        is_primary_branch=True,
        total_lines_added=composer_lines,
        total_lines_deleted=0,
        tab_lines_added=0,
        tab_lines_deleted=0,
        composer_lines_added=composer_lines,
        composer_lines_deleted=0,
        non_ai_lines_added=0,
        non_ai_lines_deleted=0,
        message="Write",
        commit_ts=0,
        created_at=0,
    )


def lines(one: MadeAnnotation) -> int:
    return one.last_line - one.first_line + 1


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6), st.integers())
def test_the_ranges_of_a_commit_add_up_to_its_composer_lines(counts: list[int], seed: int) -> None:
    commits = [commit(f"{number:040x}", count) for number, count in enumerate(counts)]

    _, annotations = annotate(TEAM, POOLS, commits, seed)

    for row in commits:
        mine = [one for one in annotations if one.commit_hash == row.commit_hash]
        assert sum(map(lines, mine)) == row.composer_lines_added
        assert 1 <= len(mine) <= 3


@given(st.integers(1, 5000), st.integers())
def test_ranges_never_touch_and_start_from_line_one_at_the_least(count: int, seed: int) -> None:
    _, annotations = annotate(TEAM, POOLS, [commit("a" * 40, count)], seed)

    assert annotations[0].first_line >= 1
    assert all(one.first_line <= one.last_line for one in annotations)
    assert all(one.last_line + 1 < next_one.first_line for one, next_one in pairwise(annotations))
    assert len({(one.file_path, one.model, one.conversation_id) for one in annotations}) == 1


def test_every_hash_has_one_conversation_however_often_it_is_there() -> None:
    commits = [commit("a" * 40, 5), commit("b" * 40, 7), commit("a" * 40, 5)]

    conversations, annotations = annotate(TEAM, POOLS, commits, "x")

    assert len({one.conversation_id for one in conversations}) == len(conversations) == 2
    assert sum(map(lines, annotations)) == 12


def test_a_conversation_has_an_id_and_a_summary_of_the_documented_form() -> None:
    (conversation,), _ = annotate(TEAM, POOLS, [commit("a" * 40, 5)], "x")

    assert re.fullmatch("conv_[0-9a-z]{16}", conversation.conversation_id)
    assert all((conversation.title, conversation.tldr, conversation.overview))
    assert len(json.loads(conversation.bullets)) == 3


def test_models_and_extensions_are_the_teams() -> None:
    commits = [commit(f"{number:040x}", 5) for number in range(40)]

    _, annotations = annotate(TEAM, POOLS, commits, "x")

    assert {one.model for one in annotations} == {"gpt-5", "composer-1"}
    assert {one.file_path.rpartition(".")[2] for one in annotations} == {"ts", "py"}


def test_a_team_without_repositories_writes_typescript() -> None:
    team = TEAM.model_copy(update={"repositories": ()})

    _, annotations = annotate(team, POOLS, [commit("a" * 40, 5)], "x")

    assert annotations[0].file_path.endswith(".ts")


def test_no_commits_have_no_conversations() -> None:
    assert annotate(TEAM, POOLS, [], "x") == ([], [])


def test_the_same_labels_make_the_same_ranges() -> None:
    commits = [commit("a" * 40, 500)]

    assert annotate(TEAM, POOLS, commits, "x") == annotate(TEAM, POOLS, commits, "x")
    assert annotate(TEAM, POOLS, commits, "x") != annotate(TEAM, POOLS, commits, "y")
