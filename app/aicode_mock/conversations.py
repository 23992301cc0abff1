"""Who wrote which lines: conversations and the line ranges that came out of them.

Source: shape documented (``tests/golden/commit_detail.*.json``); only the newest
commits of a team have annotations (assumed: the endpoint is a limited alpha).
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from aicode_mock.chance import Dice, token
from aicode_mock.pools import Pools
from aicode_mock.rows import CommitRow
from aicode_mock.scenario import TeamPlan

_OPERATION = "insert"  # the only one that the documents show
_ID_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class MadeConversation(NamedTuple):
    """A conversation; ``bullets`` is a JSON list; fields in the order of the table."""

    conversation_id: str
    title: str
    tldr: str
    overview: str
    bullets: str


class MadeAnnotation(NamedTuple):
    """One range of lines, both ends included, counted from 1; fields in the order of the table."""

    commit_hash: str
    file_path: str
    conversation_id: str
    model: str | None
    operation_type: str
    first_line: int
    last_line: int


def annotate(
    team: TeamPlan, pools: Pools, commits: Iterable[CommitRow], *labels: str | int
) -> tuple[list[MadeConversation], list[MadeAnnotation]]:
    """A conversation for each commit, and ranges that add up to its Composer lines."""
    dice = Dice("conversations", *labels)
    conversations, annotations = [], []
    for commit in {row.commit_hash: row for row in commits}.values():
        conversation = _conversation(pools, dice, commit.commit_hash)
        conversations.append(conversation)
        path = f"src/{dice.pick(pools.words)}.{dice.pick(_extensions(team))}"
        model = dice.pick(sorted(team.models))
        for first, last in _ranges(commit.composer_lines_added, dice):
            annotations.append(
                MadeAnnotation(
                    commit.commit_hash, path, conversation.conversation_id, model, _OPERATION, first, last
                )
            )
    return conversations, annotations


def _extensions(team: TeamPlan) -> tuple[str, ...]:
    return tuple(extension for repository in team.repositories for extension in repository.extensions) or (
        "ts",
    )


def _ranges(lines: int, dice: Dice) -> list[tuple[int, int]]:
    """One to three ranges with gaps between them."""
    ranges, first = [], dice.between(1, 40)
    for _ in range(dice.below(3)):
        part = dice.below(lines)
        if part:
            ranges.append((first, first + part - 1))
            first, lines = first + part + dice.between(2, 30), lines - part
    return [*ranges, (first, first + lines - 1)]


def _conversation(pools: Pools, dice: Dice, commit_hash: str) -> MadeConversation:
    subjects = [dice.pick(pools.words) for _ in range(3)]
    title = f"Rework {subjects[0]}"
    return MadeConversation(
        conversation_id="conv_" + token(_ID_LETTERS, 16, commit_hash),
        title=title,
        tldr=f"Moved {subjects[1]} out of {subjects[0]}",
        overview=f"{title} so that {subjects[1]} and {subjects[2]} can change on their own.",
        bullets=json.dumps(
            [f"Split {subjects[0]}", f"Added tests for {subjects[1]}", f"Updated {subjects[2]}"]
        ),
    )
