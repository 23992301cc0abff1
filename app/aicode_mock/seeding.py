"""Making a world: scenario, random seed and anchor in, the same rows out every time.

A world is written in one transaction, with only a few hours of its rows in memory.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from hashlib import sha256

from sqlalchemy import Column, func, select
from sqlalchemy.engine import Connection

from aicode_mock.activity import History
from aicode_mock.clock import to_ms
from aicode_mock.company import api_key
from aicode_mock.contract import REVISIONS
from aicode_mock.conversations import MadeAnnotation, MadeConversation, annotate
from aicode_mock.directory import key_digest
from aicode_mock.handwritten import handwritten_rows
from aicode_mock.outbox import Made, Outbox
from aicode_mock.pools import Pools, load_pools
from aicode_mock.rowwriter import RowWriter
from aicode_mock.store import bulk_insert, create_indexes
from aicode_mock.tables import API_KEYS, CONVERSATIONS, LINE_ANNOTATIONS, MEMBERS, REPOSITORIES, TEAMS, WORLDS
from aicode_mock.worldplan import TeamWork, WorldPlan, plan_work

KEY_PREFIXES = tuple(dict.fromkeys(revision.key_prefix for revision in REVISIONS.values()))
_PROGRESS_ROWS = 1_000


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


def make_world(
    connection: Connection, plan: WorldPlan, *, progress: Callable[[int], None] = silent
) -> Counts:
    """Write a world; ``progress`` hears how many more rows are made, now and then.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes.
        UnknownLocaleError: the scenario names a locale that Faker does not know.
    """
    pools = load_pools(plan.scenario.locales)
    works = plan_work(plan, pools)
    _insert_world(connection, plan)
    fingerprint = sha256()
    made = []
    for work in works:
        counts, digest = _TeamMaker(connection, plan, pools, work).make(progress)
        fingerprint.update(digest.encode())
        made.append(counts)
    connection.execute(
        WORLDS.update().where(WORLDS.c.id == plan.world_id).values(digest=fingerprint.hexdigest())
    )
    create_indexes(connection)
    return Counts(
        teams=len(made),
        members=sum(one.members for one in made),
        commits=sum(one.commits for one in made),
        changes=sum(one.changes for one in made),
        annotations=sum(one.annotations for one in made),
    )


def _insert_world(connection: Connection, plan: WorldPlan) -> None:
    connection.execute(
        WORLDS.insert(),
        {
            "id": plan.world_id,
            "scenario": plan.scenario_name,
            "scenario_digest": plan.scenario_digest,
            "seed": plan.seed,
            "anchor": to_ms(plan.anchor),
            "revision": plan.revision,
            "behavior": plan.behavior,
            "settings": json.dumps(dict(plan.settings)),
            "frozen_at": None,
            "offset_ms": 0,
            "digest": "",
        },
    )


class _TeamMaker:
    """Writes one team: its people, keys and repositories, then its rows, then who wrote which lines."""

    def __init__(self, connection: Connection, plan: WorldPlan, pools: Pools, work: TeamWork) -> None:
        self._connection = connection
        self._plan = plan
        self._pools = pools
        self._work = work
        self._labels = (*plan.labels, work.plan.name)
        self._team_id = _next_id(connection, TEAMS.c.id)

    def make(self, progress: Callable[[int], None]) -> tuple[Counts, str]:
        """Write everything; the text is the digest of the team's data."""
        team, crew = self._work.plan, self._work.crew
        self._insert_team()
        writer = RowWriter(
            self._connection,
            team_id=self._team_id,
            member_ids=self._insert_members(),
            repository_ids=self._insert_repositories(),
            remember=team.annotated_commits,
        )
        for number, made in enumerate(self._rows(), start=1):
            writer.write(made)
            if number % _PROGRESS_ROWS == 0:
                progress(_PROGRESS_ROWS)
        writer.finish()
        conversations, annotations = annotate(team, self._pools, writer.newest_ai_commits, *self._labels)
        self._insert_conversations(conversations)
        self._insert_annotations(annotations)
        people = [[one.user_id, one.numeric_id, one.email, one.name, one.role, one.removed] for one in crew]
        details = [*map(astuple, conversations), *map(astuple, annotations)]
        everything = [team.name, team.plan, team.detail, people, writer.digest, details]
        digest = sha256(json.dumps(everything).encode()).hexdigest()
        return Counts(1, len(crew), writer.commits, writer.changes, len(annotations)), digest

    def _rows(self) -> Iterator[Made]:
        work, outbox = self._work, Outbox()
        for made in handwritten_rows(work.plan, work.crew, anchor=to_ms(self._plan.anchor)):
            outbox.put(made)
        history = History(work.plan, work.crew, self._pools, *self._labels)
        return history.rows(work.hours, commits=work.commits, changes=work.changes, outbox=outbox)

    def _insert_team(self) -> None:
        team = self._work.plan
        bulk_insert(
            self._connection,
            TEAMS,
            [(self._team_id, self._plan.world_id, team.name, team.plan, team.detail)],
        )
        keys = [api_key(prefix, *self._plan.labels, team.name) for prefix in KEY_PREFIXES]
        bulk_insert(self._connection, API_KEYS, [(key_digest(key), key, self._team_id) for key in keys])

    def _insert_members(self) -> dict[int, int]:
        first = _next_id(self._connection, MEMBERS.c.id)
        bulk_insert(
            self._connection,
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
                for one in self._work.crew
            ],
        )
        return {one.index: first + one.index for one in self._work.crew}

    def _insert_repositories(self) -> dict[str, int]:
        ids = {
            repository.name: number
            for number, repository in enumerate(
                self._work.plan.repositories, start=_next_id(self._connection, REPOSITORIES.c.id)
            )
        }
        bulk_insert(
            self._connection,
            REPOSITORIES,
            [
                (ids[one.name], self._team_id, one.name, one.primary_branch)
                for one in self._work.plan.repositories
            ],
        )
        return ids

    def _insert_conversations(self, conversations: list[MadeConversation]) -> None:
        first = _next_id(self._connection, CONVERSATIONS.c.id)
        rows = enumerate(conversations, start=first)
        bulk_insert(
            self._connection,
            CONVERSATIONS,
            [(number, self._team_id, *astuple(one)) for number, one in rows],
        )

    def _insert_annotations(self, annotations: list[MadeAnnotation]) -> None:
        first = _next_id(self._connection, LINE_ANNOTATIONS.c.id)
        rows = enumerate(annotations, start=first)
        bulk_insert(
            self._connection,
            LINE_ANNOTATIONS,
            [(number, self._team_id, *astuple(one)) for number, one in rows],
        )


def _next_id(connection: Connection, column: Column[int]) -> int:
    return (connection.scalar(select(func.max(column))) or 0) + 1
