"""Making a data set: scenario, random seed and anchor in, the same rows out every time.

It is written in one transaction, with only a few hours of its rows in memory.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from aicode_mock.bulk import bulk_insert, create_indexes, next_id, tell_planner
from aicode_mock.clock import to_ms
from aicode_mock.company import Worker
from aicode_mock.conversations import MadeAnnotation, MadeConversation, annotate
from aicode_mock.drawing import Batches, drawing
from aicode_mock.pools import Pools, load_pools
from aicode_mock.rowwriter import RowWriter
from aicode_mock.scenario import TeamPlan
from aicode_mock.tables import CONVERSATIONS, DATASETS, LINE_ANNOTATIONS, MEMBERS, REPOSITORIES, TEAMS
from aicode_mock.teamids import first_id
from aicode_mock.worldplan import WorldPlan, hire_all

_MANY_ROWS = 10_000  # of fewer, any plan is fast


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were made of what."""

    teams: int
    members: int
    commits: int
    changes: int
    annotations: int


def silent(rows: int) -> None:
    """Nobody wants to hear of progress."""


def make_dataset(
    connection: Connection, plan: WorldPlan, *, now: int, progress: Callable[[int], None] = silent
) -> tuple[int, Counts]:
    """Write a data set and return its id; ``progress`` hears how many more rows are made, now and then.

    ``now`` is wall time in milliseconds.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes.
        UnknownLocaleError: the scenario names a locale that Faker does not know.
    """
    pools = load_pools(plan.scenario.locales)
    dataset_id = _insert_dataset(connection, plan, now)
    fingerprint = sha256()
    made = []
    crews = hire_all(plan, pools)
    with drawing(plan, pools) as drawn:
        for ordinal, (team, crew, batches) in enumerate(zip(plan.scenario.teams, crews, drawn, strict=True)):
            maker = _TeamMaker(connection, plan, pools, team, crew)
            counts, digest = maker.make(dataset_id, ordinal, batches, progress)
            fingerprint.update(digest.encode())
            made.append(counts)
    connection.execute(
        DATASETS.update().where(DATASETS.c.id == dataset_id).values(digest=fingerprint.hexdigest())
    )
    create_indexes(connection)
    if sum(one.commits + one.changes for one in made) >= _MANY_ROWS:
        tell_planner(connection)
    return dataset_id, Counts(
        teams=len(made),
        members=sum(one.members for one in made),
        commits=sum(one.commits for one in made),
        changes=sum(one.changes for one in made),
        annotations=sum(one.annotations for one in made),
    )


def _insert_dataset(connection: Connection, plan: WorldPlan, now: int) -> int:
    dataset_id = next_id(connection, DATASETS)
    connection.execute(
        DATASETS.insert(),
        {
            "id": dataset_id,
            "scenario": plan.scenario_name,
            "scenario_digest": plan.scenario_digest,
            "seed": plan.seed,
            "anchor": to_ms(plan.anchor),
            "commits": plan.commits,
            "changes": plan.changes,
            "digest": "",
            "is_template": True,
            "used_at": now,
        },
    )
    return dataset_id


class _TeamMaker:
    """Writes one team: its people and repositories, then its rows, then who wrote which lines."""

    def __init__(
        self, connection: Connection, plan: WorldPlan, pools: Pools, team: TeamPlan, crew: list[Worker]
    ) -> None:
        self._connection = connection
        self._pools = pools
        self._team = team
        self._crew = crew
        self._labels = (*plan.labels, team.name)
        self._team_id = next_id(connection, TEAMS)

    def make(
        self, dataset_id: int, ordinal: int, drawn: Batches, progress: Callable[[int], None]
    ) -> tuple[Counts, str]:
        """Write everything; the text is the digest of the team's data."""
        team = self._team
        self._insert(TEAMS, [(self._team_id, dataset_id, ordinal, team.name, team.plan, team.detail)])
        writer = RowWriter(
            self._connection,
            team_id=self._team_id,
            member_ids=self._insert_members(),
            repository_ids=self._insert_repositories(),
            remember=team.annotated_commits,
        )
        for batch, texts in drawn:
            writer.write(batch, texts)
            progress(len(batch))
        conversations, annotations = annotate(team, self._pools, writer.newest_ai_commits, *self._labels)
        self._insert_details(CONVERSATIONS, conversations)
        self._insert_details(LINE_ANNOTATIONS, annotations)
        people = [
            [one.user_id, one.numeric_id, one.email, one.name, one.role, one.removed] for one in self._crew
        ]
        details = [*conversations, *annotations]
        everything = [team.name, team.plan, team.detail, people, writer.digest, details]
        digest = sha256(json.dumps(everything).encode()).hexdigest()
        return Counts(1, len(self._crew), writer.commits, writer.changes, len(annotations)), digest

    def _insert_members(self) -> dict[int, int]:
        first = first_id(self._team_id)
        self._insert(
            MEMBERS,
            [
                (
                    first + one.index,
                    self._team_id,
                    one.user_id,
                    one.numeric_id,
                    one.email,
                    one.email.casefold(),
                    one.name,
                    one.role,
                    one.removed,
                    one.privacy,
                )
                for one in self._crew
            ],
        )
        return {one.index: first + one.index for one in self._crew}

    def _insert_repositories(self) -> dict[str, int]:
        repositories = self._team.repositories
        ids = {one.name: number for number, one in enumerate(repositories, start=first_id(self._team_id))}
        self._insert(
            REPOSITORIES,
            [(ids[one.name], self._team_id, one.name, one.primary_branch) for one in repositories],
        )
        return ids

    def _insert_details(self, table: Table, made: Sequence[MadeConversation | MadeAnnotation]) -> None:
        rows = enumerate(made, start=first_id(self._team_id))
        self._insert(table, [(number, self._team_id, *one) for number, one in rows])

    def _insert(self, table: Table, rows: list[tuple[object, ...]]) -> None:
        bulk_insert(self._connection, table, rows)
