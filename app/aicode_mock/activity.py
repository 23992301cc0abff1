"""A team's history: changes, and the commits that they end up in.

Events are made hour by hour in the order in which they happen.  A change adds its
lines to what its author has in hand; a commit takes from there, so a commit's AI lines
always come from changes before it.  Rows come out in the order of their createdAt,
with only a few hours of them in memory.

Source: commitTs in whole seconds, createdAt 3 minutes to 2 h 21 min later (observed);
changeId an unsigned 32-bit number (documented); the rarer shapes as in ``Oddities``.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha1
from operator import itemgetter

from aicode_mock.authoring import NOWHERE, Author, Place
from aicode_mock.chance import Dice, Weighted
from aicode_mock.company import Worker
from aicode_mock.outbox import Made, MadeChange, MadeCommit, Outbox
from aicode_mock.pools import Pools
from aicode_mock.rows import ChangeRow, CommitRow, metadata_json, non_ai_lines
from aicode_mock.scenario import TeamPlan
from aicode_mock.workload import HOUR_MS, Hour, allot

QUIET_HOURS = 3  # before the anchor, so that every commit is ingested by then
_MINUTE_MS = 60_000
_LEAST_DELAY_MS, _MOST_DELAY_MS = 3 * _MINUTE_MS, 141 * _MINUTE_MS
_STILL_FRESH_MS = 60 * _MINUTE_MS
_CHANGE_ID_STEP = 2_654_435_761  # odd, so every number below 2**32 comes up once
_CHANGE_IDS = 2**32
_REMEMBERED = 200


@dataclass(slots=True)
class _Hand:
    """AI lines that a worker has accepted and not committed: [added, deleted]."""

    tab: list[int] = field(default_factory=lambda: [0, 0])
    composer: list[int] = field(default_factory=lambda: [0, 0])


class History:
    """Makes the rows of one team."""

    def __init__(self, team: TeamPlan, crew: list[Worker], pools: Pools, *labels: str | int) -> None:
        """The labels (scenario, seed, team) choose all chance."""
        self._team = team
        self._dice = Dice("history", *labels)
        self._author = Author(team, pools, self._dice)
        self._labels = "/".join(map(str, labels))
        self._hands = [_Hand() for _ in crew]
        self._models = Weighted(list(team.models), list(team.models.values()))
        self._sources = Weighted(list(team.sources), list(team.sources.values()))
        self._commits: deque[MadeCommit] = deque(maxlen=_REMEMBERED)
        self._changes: deque[MadeChange] = deque(maxlen=_REMEMBERED)
        self._made = 0

    def rows(self, hours: list[Hour], *, commits: int, changes: int, outbox: Outbox) -> Iterator[Made]:
        """So many commits and changes spread over the hours, and whatever waits in the outbox."""
        last = len(hours) - QUIET_HOURS
        per_hour = zip(
            hours, allot(commits, hours[:last]) + [0] * QUIET_HOURS, allot(changes, hours), strict=True
        )
        for hour, commit_count, change_count in per_hour:
            events: list[tuple[int, Callable[[Hour, int], Made]]]
            events = [(self._dice.below(HOUR_MS), self._change) for _ in range(change_count)]
            events += [(1000 * self._dice.below(HOUR_MS // 1000), self._commit) for _ in range(commit_count)]
            events.sort(key=itemgetter(0))  # stable: changes before the commits of the same instant
            for offset, happen in events:
                outbox.put(happen(hour, hour.start + offset))
            yield from outbox.leave(hour.start + HOUR_MS)
        yield from outbox.leave()

    def _change(self, hour: Hour, instant: int) -> MadeChange:
        odd = self._team.oddities
        if self._changes and self._dice.happens(odd.repeated_change_per_mille, 1000):
            again = self._changes[0]
            return again._replace(row=again.row._replace(created_at=instant))
        if self._changes and self._dice.happens(odd.batched_changes_per_mille, 1000):
            instant = max(self._changes[-1].row.created_at, hour.start)
        made = self._fresh_change(hour.workers.pick(self._dice), instant)
        self._changes.append(made)
        return made

    def _fresh_change(self, worker: Worker, instant: int) -> MadeChange:
        dice, team = self._dice, self._team
        is_tab = dice.happens(team.tab_percent, 100)
        unknown_model = is_tab or dice.happens(team.unknown_model_percent, 100)
        files = self._author.files(worker, most_lines=24 if is_tab else 240)
        added, deleted = (
            sum([file.lines_added for file in files]),
            sum([file.lines_deleted for file in files]),
        )
        hand = self._hands[worker.index]
        lines = hand.tab if is_tab else hand.composer
        lines[0] += added
        lines[1] += deleted
        self._made += 1
        return MadeChange(
            ChangeRow(
                change_id=(self._made * _CHANGE_ID_STEP) % _CHANGE_IDS,
                user_id=worker.user_id,
                user_email=worker.email,
                source="TAB" if is_tab else "COMPOSER",
                model=None if unknown_model else self._models.pick(dice),
                total_lines_added=added,
                total_lines_deleted=deleted,
                created_at=instant,
                metadata=metadata_json(files),
            ),
            worker,
        )

    def _commit(self, hour: Hour, instant: int) -> MadeCommit:
        odd = self._team.oddities
        if self._commits and self._dice.happens(odd.ingested_again_per_mille, 1000):
            again = self._commits[0]
            if again.row.created_at < instant:  # ingested at all by now
                return again._replace(row=again.row._replace(created_at=instant))
        if self._commits and instant - (self._commits[-1].row.commit_ts or 0) < _STILL_FRESH_MS:
            if self._dice.happens(odd.amended_per_mille, 1000):
                return self._amended(self._commits[-1], instant)
            if self._dice.happens(odd.second_branch_per_mille, 1000):
                return self._on_second_branch(self._commits[-1], instant)
        made = self._fresh_commit(hour.workers.pick(self._dice), instant)
        self._commits.append(made)
        return made

    def _fresh_commit(self, worker: Worker, instant: int) -> MadeCommit:
        dice, odd = self._dice, self._team.oddities
        place = self._author.place()
        message: str | None = self._author.message()
        hand = self._hands[worker.index]
        is_merge = dice.happens(odd.squash_merge_per_mille, 1000)
        if is_merge:
            tab, composer, message = [0, 0], [0, 0], self._author.merge_message(place)
        else:
            kept = dice.between(55, 100)
            tab, composer = ([lines * kept // 100 for lines in taken] for taken in (hand.tab, hand.composer))
            self._hands[worker.index] = _Hand()
        if dice.happens(odd.unknown_repository_per_mille, 1000):
            place, message = NOWHERE, None
        total = self._totals(tab, composer, most=900 if is_merge else 160)
        row = self._row(worker, place, message, tab, composer, total, instant)
        return MadeCommit(row, worker)

    def _totals(self, tab: list[int], composer: list[int], *, most: int) -> list[int]:
        ai = [tab[0] + composer[0], tab[1] + composer[1]]
        if any(ai) and self._dice.happens(self._team.oddities.ai_above_total_per_mille, 1000):
            return [lines * 7 // 10 for lines in ai]
        return [ai[0] + self._dice.small(most), ai[1] + self._dice.small(most // 2)]

    def _row(
        self,
        worker: Worker,
        place: Place,
        message: str | None,
        tab: list[int],
        composer: list[int],
        total: list[int],
        instant: int,
    ) -> CommitRow:
        dice, odd = self._dice, self._team.oddities
        hides_non_ai = dice.happens(odd.null_non_ai_per_mille, 1000)
        hides_ts = dice.happens(odd.null_commit_ts_per_mille, 1000)
        return CommitRow(
            commit_hash=self._hash(),
            commit_source=self._sources.pick(dice),
            user_id=worker.user_id,
            user_email=worker.email,
            repo_name=place.repository,
            branch_name=place.branch,
            is_primary_branch=place.is_primary,
            total_lines_added=total[0],
            total_lines_deleted=total[1],
            tab_lines_added=tab[0],
            tab_lines_deleted=tab[1],
            composer_lines_added=composer[0],
            composer_lines_deleted=composer[1],
            non_ai_lines_added=None if hides_non_ai else non_ai_lines(total[0], tab[0], composer[0]),
            non_ai_lines_deleted=None if hides_non_ai else non_ai_lines(total[1], tab[1], composer[1]),
            message=message,
            commit_ts=None if hides_ts else instant,
            created_at=instant + _LEAST_DELAY_MS + dice.small(_MOST_DELAY_MS - _LEAST_DELAY_MS),
        )

    def _amended(self, before: MadeCommit, instant: int) -> MadeCommit:
        created_at = instant + _LEAST_DELAY_MS
        return before._replace(row=before.row._replace(commit_hash=self._hash(), created_at=created_at))

    def _on_second_branch(self, before: MadeCommit, instant: int) -> MadeCommit:
        row = before.row
        if row.branch_name is None:
            return self._amended(before, instant)
        place = self._author.other_branch(Place(row.repo_name, row.branch_name, row.is_primary_branch))
        return before._replace(
            row=row._replace(
                branch_name=place.branch,
                is_primary_branch=place.is_primary,
                created_at=instant + _LEAST_DELAY_MS,
            ),
        )

    def _hash(self) -> str:
        self._made += 1
        return sha1(f"{self._labels}/{self._made}".encode(), usedforsecurity=False).hexdigest()
