"""The invariants of a generated history, over the shapes of ``default`` and ``hostile``."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.activity import QUIET_HOURS, History
from aicode_mock.chance import Weighted
from aicode_mock.clock import to_ms
from aicode_mock.company import hire
from aicode_mock.outbox import Made, MadeChange, MadeCommit, Outbox
from aicode_mock.pools import load_pools
from aicode_mock.rows import non_ai_lines
from aicode_mock.scenario import TeamPlan
from aicode_mock.settings import Settings
from aicode_mock.workload import HOUR_MS, Hour, working_hours
from aicode_mock.worldplan import TeamWork
from tests.conftest import ANCHOR, made_rows

MINUTE_MS = 60_000
POOLS = load_pools(("en_US",))
SMALL = {
    "name": "small",
    "domain": "small.example",
    "members": 3,
    "repositories": [{"name": "small/app"}],
    "offices": [{"utc_offset": "+00:00", "share": 1}],
}


@dataclass(frozen=True, slots=True)
class Told:
    """The generated rows of a team, in the order in which they came, and all rows of it."""

    work: TeamWork
    commits: list[MadeCommit]
    changes: list[MadeChange]
    everything: list[Made]

    @property
    def generated(self) -> list[Made]:
        """All rows but those that the scenario spells out."""
        return [*self.commits, *self.changes]

    @property
    def fresh_commits(self) -> list[MadeCommit]:
        """Commits that are neither amended, nor on a second branch, nor ingested again."""
        seen: set[object] = set()
        fresh = []
        for made in self.commits:
            row = made.row
            keys: set[object] = {row.commit_hash}
            if row.commit_ts is not None:
                keys.add((row.user_id, row.commit_ts, *row[7:15]))
            if not keys & seen:
                fresh.append(made)
            seen |= keys
        return fresh

    @property
    def fresh_changes(self) -> list[MadeChange]:
        """Changes without the repeated ones."""
        return list({made.row.change_id: made for made in reversed(self.changes)}.values())


@pytest.fixture(scope="module")
def history_of() -> Callable[[str], Told]:
    """The history of a scenario's first team, made once."""
    told: dict[str, Told] = {}

    def tell(scenario: str) -> Told:
        if scenario not in told:
            work, rows = next(made_rows(Settings(scenario=scenario, anchor=ANCHOR).plan()))
            hashes, ids = {one.hash for one in work.plan.commits}, {one.id for one in work.plan.changes}
            told[scenario] = Told(
                work,
                [one for one in rows if isinstance(one, MadeCommit) and one.row.commit_hash not in hashes],
                [one for one in rows if isinstance(one, MadeChange) and one.row.change_id not in ids],
                rows,
            )
        return told[scenario]

    return tell


@pytest.fixture(params=["default", "hostile"])
def told(request: pytest.FixtureRequest, history_of: Callable[[str], Told]) -> Told:
    return history_of(request.param)


def small_history(
    *, commits: int, changes: int, days: int = 2, hours: list[Hour] | None = None, **parts: object
) -> list[Made]:
    """The history of three people under the given plan."""
    team = TeamPlan.model_validate({**SMALL, **parts})
    crew = hire(team, POOLS, "test")
    calendar = hours or working_hours(team, crew, anchor=to_ms(ANCHOR), days=days)
    history = History(team, crew, POOLS, "test")
    return list(history.rows(calendar, commits=commits, changes=changes, outbox=Outbox()))


def one_busy_hour() -> list[Hour]:
    """An hour in which the first of three people works, and the quiet hours after it."""
    crew = hire(TeamPlan.model_validate(SMALL), POOLS, "test")
    quiet = [Hour(number * HOUR_MS, Weighted([], [])) for number in range(1, 1 + QUIET_HOURS)]
    return [Hour(0, Weighted(crew, [1, 0, 0])), *quiet]


def test_rows_come_in_the_order_of_their_creation_ties_by_a_stable_key(told: Told) -> None:
    commits = [
        (made.row.created_at, made.row.commit_hash, made.row.branch_name or "")
        for made in told.everything
        if isinstance(made, MadeCommit)
    ]
    changes = [
        (made.row.created_at, made.row.change_id) for made in told.everything if isinstance(made, MadeChange)
    ]

    assert commits == sorted(commits)
    assert changes == sorted(changes)


def test_there_are_exactly_as_many_rows_as_planned(told: Told) -> None:
    kinds = Counter(type(made) for made in told.everything)

    assert kinds[MadeCommit] == told.work.commits + len(told.work.plan.commits)
    assert kinds[MadeChange] == told.work.changes + len(told.work.plan.changes)
    assert len(told.everything) == told.work.rows


def test_all_rows_lie_between_the_first_day_and_the_anchor(told: Told) -> None:
    first, anchor = told.work.hours[0].start, to_ms(ANCHOR)

    assert all(first <= made.row.created_at < anchor for made in told.everything)
    assert all(made.row.commit_ts is None or made.row.commit_ts >= first for made in told.commits)


def test_nobody_commits_in_the_last_hours_before_the_anchor(told: Told) -> None:
    quiet_from = to_ms(ANCHOR) - QUIET_HOURS * HOUR_MS

    assert all(made.row.commit_ts < quiet_from for made in told.commits if made.row.commit_ts is not None)


def test_commits_are_made_in_whole_seconds(told: Told) -> None:
    assert all(made.row.commit_ts is None or made.row.commit_ts % 1000 == 0 for made in told.commits)
    assert any(made.row.created_at % 1000 for made in told.commits)


def test_a_commit_is_ingested_three_minutes_to_two_hours_and_21_minutes_later(told: Told) -> None:
    seen = set()
    for made in told.commits:
        row = made.row
        is_again = (row.commit_hash, row.branch_name) in seen
        seen.add((row.commit_hash, row.branch_name))
        if row.commit_ts is not None and not is_again:
            assert 3 * MINUTE_MS <= row.created_at - row.commit_ts <= 141 * MINUTE_MS
    assert len(seen) > 1000


@pytest.mark.parametrize("side", ["added", "deleted"])
@pytest.mark.parametrize("origin", ["tab", "composer"])
def test_the_ai_lines_of_commits_come_from_changes_before_them(told: Told, origin: str, side: str) -> None:
    events: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for change in told.fresh_changes:
        if change.row.source == origin.upper():
            lines = getattr(change.row, f"total_lines_{side}")
            events[change.row.user_id].append((change.row.created_at, 0, lines))
    for commit in told.fresh_commits:
        row = commit.row
        known_by = row.created_at if row.commit_ts is None else row.commit_ts
        events[row.user_id].append((known_by, 1, -getattr(row, f"{origin}_lines_{side}")))

    for steps in events.values():
        in_hand = 0
        for _, _, lines in sorted(steps):
            in_hand += lines
            assert in_hand >= 0
    assert sum(lines < 0 for steps in events.values() for _, _, lines in steps) > 100


def test_most_ai_lines_end_up_in_commits(told: Told) -> None:
    accepted = sum(made.row.total_lines_added for made in told.fresh_changes)
    committed = sum(row.row.tab_lines_added + row.row.composer_lines_added for row in told.fresh_commits)

    assert accepted // 2 < committed < accepted


def test_lines_without_ai_are_the_rest(told: Told) -> None:
    for made in told.commits:
        row = made.row
        if row.non_ai_lines_added is None:
            assert row.non_ai_lines_deleted is None
        else:
            assert row.non_ai_lines_added == non_ai_lines(
                row.total_lines_added, row.tab_lines_added, row.composer_lines_added
            )
            assert row.non_ai_lines_deleted == non_ai_lines(
                row.total_lines_deleted, row.tab_lines_deleted, row.composer_lines_deleted
            )


def test_some_commits_have_more_ai_lines_than_lines(told: Told) -> None:
    above = [
        made.row
        for made in told.commits
        if made.row.tab_lines_added + made.row.composer_lines_added > made.row.total_lines_added
    ]

    assert above
    assert all(row.non_ai_lines_added in (0, None) for row in above)


def test_a_change_id_comes_again_only_with_another_creation_and_nothing_else_changed(told: Told) -> None:
    first: dict[int, MadeChange] = {}
    again = 0
    for made in told.changes:
        before = first.setdefault(made.row.change_id, made)
        if before is not made:
            again += 1
            assert made.row.created_at > before.row.created_at
            assert made.row._replace(created_at=0) == before.row._replace(created_at=0)

    assert 0 < again < len(told.changes) // 20
    assert all(0 <= change_id < 2**32 for change_id in first)


def test_commits_that_are_ingested_again_are_the_same_but_later(told: Told) -> None:
    first: dict[tuple[str, str | None], MadeCommit] = {}
    again = 0
    for made in told.commits:
        before = first.setdefault((made.row.commit_hash, made.row.branch_name), made)
        if before is not made:
            again += 1
            assert made.row.created_at > before.row.created_at
            assert made.row._replace(created_at=0) == before.row._replace(created_at=0)

    assert again > 5


def test_an_amended_commit_has_a_new_hash_and_the_same_commit_time(told: Told) -> None:
    by_figures = defaultdict(set)
    for made in told.commits:
        if made.row.commit_ts is not None and made.row.message is not None:
            by_figures[made.row._replace(commit_hash="", created_at=0)].add(made.row.commit_hash)

    assert sum(len(hashes) > 1 for hashes in by_figures.values()) > 10


def test_a_hash_on_two_branches_is_otherwise_the_same_commit(told: Told) -> None:
    by_hash = defaultdict(list)
    for made in told.commits:
        by_hash[made.row.commit_hash].append(made.row)
    on_several = [rows for rows in by_hash.values() if len({row.branch_name for row in rows}) > 1]

    assert len(on_several) > 10
    for rows in on_several:
        assert len({row._replace(branch_name="", is_primary_branch=False, created_at=0) for row in rows}) == 1
        assert len({row.branch_name for row in rows if row.is_primary_branch}) <= 1


def test_squash_merges_are_all_non_ai(told: Told) -> None:
    merges = [made.row for made in told.commits if (made.row.message or "").startswith("Merge pull request")]

    assert len(merges) > 20
    for row in merges:
        assert row[9:13] == (0, 0, 0, 0)
        assert row.non_ai_lines_added in (row.total_lines_added, None)


def test_repository_branch_and_message_are_unknown_together(told: Told) -> None:
    unknown = [made.row for made in told.commits if made.row.repo_name is None]

    assert len(unknown) > 20
    for made in told.commits:
        row = made.row
        parts = (row.repo_name, row.branch_name, row.is_primary_branch, row.message)
        assert parts.count(None) in (0, 4)


def test_primary_branches_are_called_so(told: Told) -> None:
    primary = {one.name: one.primary_branch for one in told.work.plan.repositories}

    for made in told.commits:
        if made.row.repo_name is not None:
            is_primary = made.row.branch_name == primary[made.row.repo_name]
            assert made.row.is_primary_branch == is_primary


def test_the_lines_of_a_change_are_the_sums_over_its_files(told: Told) -> None:
    for made in told.changes:
        files = json.loads(made.row.metadata)
        assert made.row.total_lines_added == sum(file["linesAdded"] for file in files)
        assert made.row.total_lines_deleted == sum(file["linesDeleted"] for file in files)
        assert 1 <= len(files) <= 4


def test_files_have_extensions_without_the_dot_or_none(told: Told) -> None:
    allowed = {"", *(one for repository in told.work.plan.repositories for one in repository.extensions)}
    files = [file for made in told.changes for file in json.loads(made.row.metadata)]

    assert {file["fileExtension"] for file in files} == allowed
    for file in files:
        extension = file["fileExtension"]
        assert file.get("fileName", f".{extension}").endswith(f".{extension}" if extension else "")


def test_only_members_in_privacy_mode_have_files_without_names(told: Told) -> None:
    for made in told.changes:
        named = {"fileName" in file for file in json.loads(made.row.metadata)}
        assert named == {not made.worker.privacy}
    assert any(made.worker.privacy for made in told.changes)


def test_tab_has_no_model_and_composer_mostly_one(told: Told) -> None:
    models = Counter((made.row.source, made.row.model is None) for made in told.changes)

    assert models["TAB", False] == 0
    assert models["TAB", True] > 100
    assert models["COMPOSER", False] > models["COMPOSER", True] > 0
    assert {made.row.model for made in told.changes} == {None, *told.work.plan.models}


def test_commits_are_made_in_the_editor_the_terminal_and_the_cloud(told: Told) -> None:
    assert {made.row.commit_source for made in told.commits} == {"ide", "cli", "cloud"}


def test_hashes_are_forty_hexadecimal_digits(told: Told) -> None:
    assert all(re.fullmatch("[0-9a-f]{40}", made.row.commit_hash) for made in told.commits)


def test_rows_carry_the_id_and_address_of_their_author(told: Told) -> None:
    for made in told.generated:
        assert (made.row.user_id, made.row.user_email) == (made.worker.user_id, made.worker.email)


def test_idle_members_write_nothing_and_all_others_something(told: Told) -> None:
    writers = {made.worker.index for made in told.generated}

    assert writers == {worker.index for worker in told.work.crew if worker.activity}


def test_removed_members_write_nothing_new_in_the_second_half(told: Told) -> None:
    middle = told.work.hours[len(told.work.hours) // 2].start

    new = [made.row.commit_ts or made.row.created_at for made in told.fresh_commits if made.worker.removed]
    new += [made.row.created_at for made in told.fresh_changes if made.worker.removed]

    assert new
    assert all(instant < middle + 141 * MINUTE_MS for instant in new)


def test_several_changes_are_created_in_the_same_millisecond(told: Told) -> None:
    at_once = Counter(made.row.created_at for made in told.changes)

    assert sum(count > 1 for count in at_once.values()) > 20


def test_a_few_messages_hold_what_parsers_stumble_over(told: Told) -> None:
    messages = "\0".join(made.row.message or "" for made in told.commits)

    assert all(piece in messages for piece in (",", '"', "\n", "\r\n", "\t", "🎉", "修正", "إصلاح", "="))


@given(st.integers(0, 60), st.integers(0, 60))
def test_any_number_of_rows_is_made_exactly(commits: int, changes: int) -> None:
    rows = small_history(commits=commits, changes=changes, oddities={"amended_per_mille": 300})

    assert Counter(type(made) for made in rows) == Counter({MadeCommit: commits, MadeChange: changes})


def test_commits_are_ingested_again_only_after_the_first_time() -> None:
    rows = small_history(
        commits=300, changes=0, hours=one_busy_hour(), oddities={"ingested_again_per_mille": 1000}
    )

    commits = [made.row for made in rows if isinstance(made, MadeCommit)]
    assert len({row.commit_hash for row in commits}) < len(commits) == 300
    assert all(row.created_at >= (row.commit_ts or 0) + 3 * MINUTE_MS for row in commits)


def test_a_change_is_repeated_at_another_instant() -> None:
    rows = small_history(
        commits=0, changes=30, oddities={"repeated_change_per_mille": 900, "batched_changes_per_mille": 1000}
    )

    keys = [(made.row.change_id, made.row.created_at) for made in rows if isinstance(made, MadeChange)]
    assert len(set(keys)) == len(keys)


def test_a_commit_without_a_branch_is_amended_rather_than_copied() -> None:
    odd = {"second_branch_per_mille": 1000, "unknown_repository_per_mille": 1000}

    rows = small_history(commits=40, changes=0, days=1, oddities=odd)

    assert all(made.row.branch_name is None for made in rows if isinstance(made, MadeCommit))
    times = Counter(made.row.commit_ts for made in rows if isinstance(made, MadeCommit))
    assert max(times.values()) > 1


def test_changes_of_an_instant_come_before_its_commits() -> None:
    rows = small_history(commits=1, changes=400, hours=one_busy_hour())

    commit = next(made.row for made in rows if isinstance(made, MadeCommit))
    before = [
        made.row.total_lines_added
        for made in rows
        if isinstance(made, MadeChange) and made.row.created_at <= (commit.commit_ts or 0)
    ]
    assert 0 < commit.tab_lines_added + commit.composer_lines_added <= sum(before)


def test_the_outbox_gives_rows_back_in_order_and_not_before_their_time() -> None:
    commits = [made for made in small_history(commits=20, changes=0) if isinstance(made, MadeCommit)]
    outbox = Outbox()
    for made in reversed(commits):
        outbox.put(made)
    middle = commits[10].row.created_at

    early, late = list(outbox.leave(middle)), list(outbox.leave())

    assert early + late == commits
    assert all(made.row.created_at < middle for made in early)
    assert list(outbox.leave()) == []


def test_the_same_labels_make_the_same_rows() -> None:
    team = TeamPlan.model_validate(SMALL)
    crew = hire(team, POOLS, "test")
    hours = working_hours(team, crew, anchor=to_ms(ANCHOR), days=2)

    made = [
        list(History(team, crew, POOLS, label).rows(hours, commits=20, changes=20, outbox=Outbox()))
        for label in ("a", "a", "b")
    ]

    assert made[0] == made[1] != made[2]
