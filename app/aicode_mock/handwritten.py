"""Rows that a scenario spells out one by one."""

from collections.abc import Iterator

from aicode_mock.company import Worker
from aicode_mock.outbox import Made, MadeChange, MadeCommit
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json, non_ai_lines
from aicode_mock.scenario import ChangePlan, CommitPlan, TeamPlan


def handwritten_rows(team: TeamPlan, crew: list[Worker], *, anchor: int) -> Iterator[Made]:
    """The commits and changes that the scenario spells out, around the anchor (milliseconds)."""
    workers = {plan.login: worker for plan, worker in zip(team.people, crew, strict=False)}
    for commit in team.commits:
        yield MadeCommit(_commit(commit, workers[commit.person], anchor), workers[commit.person])
    for change in team.changes:
        yield MadeChange(_change(change, workers[change.person], anchor), workers[change.person])


def _commit(plan: CommitPlan, worker: Worker, anchor: int) -> CommitRow:
    def non_ai(side: int) -> int | None:
        return (
            non_ai_lines(plan.total[side], plan.tab[side], plan.composer[side]) if plan.non_ai_known else None
        )

    return CommitRow(
        commit_hash=plan.hash,
        commit_source=plan.source,
        user_id=worker.user_id,
        user_email=worker.email,
        repo_name=plan.repository,
        branch_name=plan.branch,
        is_primary_branch=plan.primary,
        total_lines_added=plan.total[0],
        total_lines_deleted=plan.total[1],
        tab_lines_added=plan.tab[0],
        tab_lines_deleted=plan.tab[1],
        composer_lines_added=plan.composer[0],
        composer_lines_deleted=plan.composer[1],
        non_ai_lines_added=non_ai(0),
        non_ai_lines_deleted=non_ai(1),
        message=plan.message,
        commit_ts=None if plan.committed is None else anchor + plan.committed,
        created_at=anchor + plan.created,
    )


def _change(plan: ChangePlan, worker: Worker, anchor: int) -> ChangeRow:
    return ChangeRow(
        change_id=plan.id,
        user_id=worker.user_id,
        user_email=worker.email,
        source=plan.source,
        model=plan.model,
        total_lines_added=sum(added for _, added, _ in plan.files),
        total_lines_deleted=sum(deleted for _, _, deleted in plan.files),
        created_at=anchor + plan.created,
        metadata=metadata_json(
            [
                FileChange(None if worker.privacy else name, _extension(name), added, deleted)
                for name, added, deleted in plan.files
            ]
        ),
    )


def _extension(name: str) -> str:
    """What follows the last dot of the file's own name, or nothing."""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return extension if dot and stem else ""
