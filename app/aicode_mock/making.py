"""Making a data set: scenario, random seed and anchor in, the same rows out every time.

They come as their tables take them, some thousand at a time.  Nothing here knows a
database, so that another process may do it (``ahead``).
"""

import json
from collections.abc import Generator, Iterator
from hashlib import sha256

from aicode_mock.conversations import annotate
from aicode_mock.drawing import Batches, drawing
from aicode_mock.parts import Counts, Part, Values, Whole
from aicode_mock.pools import Pools, load_pools
from aicode_mock.rowvalues import TeamRows
from aicode_mock.teamids import first_id
from aicode_mock.worldplan import TeamWork, WorldPlan, plan_work


def make(plan: WorldPlan, dataset_id: int, team_id: int) -> Generator[Part | Whole]:
    """The parts of a data set in the order in which they are to be written, and the whole.

    Its first team gets the id ``team_id``, and the others those that follow.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes.
        UnknownLocaleError: the scenario names a locale that Faker does not know.
    """
    pools = load_pools(plan.scenario.locales)
    works = plan_work(plan, pools)
    teams = [_Team(plan, pools, work, team_id + ordinal) for ordinal, work in enumerate(works)]
    with drawing(plan, pools, works) as drawn:
        for ordinal, (team, batches) in enumerate(zip(teams, drawn, strict=True)):
            yield from team.make(dataset_id, ordinal, batches)
    fingerprint = sha256("".join(team.digest for team in teams).encode())
    yield Whole(
        Counts(
            teams=len(teams),
            members=sum(len(work.crew) for work in works),
            commits=sum(team.rows.commits for team in teams),
            changes=sum(team.rows.changes for team in teams),
            annotations=sum(team.annotations for team in teams),
        ),
        fingerprint.hexdigest(),
    )


class _Team:
    """Makes one team: its people and repositories, then its rows, then who wrote which lines."""

    def __init__(self, plan: WorldPlan, pools: Pools, work: TeamWork, team_id: int) -> None:
        self._pools, self._work, self._id = pools, work, team_id
        self._labels = (*plan.labels, work.plan.name)
        self._first_id = first_id(team_id)
        repositories = enumerate(work.plan.repositories, start=self._first_id)
        self._repository_ids = {one.name: number for number, one in repositories}
        self.rows = TeamRows(
            team_id,
            member_ids={one.index: self._first_id + one.index for one in work.crew},
            repository_ids=self._repository_ids,
            remember=work.plan.annotated_commits,
        )
        self.annotations = 0
        self.digest = ""

    def make(self, dataset_id: int, ordinal: int, drawn: Batches) -> Iterator[Part]:
        team = self._work.plan
        yield Part(
            {
                "team": [(self._id, dataset_id, ordinal, team.name, team.plan, team.detail)],
                "member": self._members(),
                "repository": self._repositories(),
            }
        )
        for batch in drawn:
            yield Part(self.rows.place(batch), len(batch))
        yield self._details()

    def _members(self) -> list[Values]:
        return [
            (
                self._first_id + one.index,
                self._id,
                one.user_id,
                one.numeric_id,
                one.email,
                one.email.casefold(),
                one.name,
                one.role,
                one.removed,
                one.privacy,
            )
            for one in self._work.crew
        ]

    def _repositories(self) -> list[Values]:
        return [
            (self._repository_ids[one.name], self._id, one.name, one.primary_branch)
            for one in self._work.plan.repositories
        ]

    def _details(self) -> Part:
        """Who wrote which lines; all is there to take the digest of."""
        team = self._work.plan
        conversations, annotations = annotate(team, self._pools, self.rows.newest_ai_commits, *self._labels)
        people = [
            [one.user_id, one.numeric_id, one.email, one.name, one.role, one.removed]
            for one in self._work.crew
        ]
        details = [*conversations, *annotations]
        everything = [team.name, team.plan, team.detail, people, self.rows.digest, details]
        self.digest = sha256(json.dumps(everything).encode()).hexdigest()
        self.annotations = len(annotations)
        return Part(
            {
                "conversation": [
                    (number, self._id, *one) for number, one in enumerate(conversations, self._first_id)
                ],
                "line_annotation": [
                    (number, self._id, *one) for number, one in enumerate(annotations, self._first_id)
                ],
            }
        )
