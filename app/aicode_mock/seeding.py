"""Writing a data set that is made, in one transaction, with only some thousands of its rows in memory."""

from collections.abc import Callable, Generator
from contextlib import closing

from sqlalchemy.engine import Connection

from aicode_mock.ahead import begun_already
from aicode_mock.bulk import bulk_insert, create_indexes, next_id, tell_planner
from aicode_mock.clock import to_ms
from aicode_mock.parts import Counts, Part, Whole
from aicode_mock.tables import DATASETS, TEAMS, Base
from aicode_mock.worldplan import WorldPlan

_MANY_ROWS = 10_000  # of fewer, any plan is fast


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
    dataset_id, team_id = next_id(connection, DATASETS), next_id(connection, TEAMS)
    _insert_dataset(connection, plan, dataset_id, now)
    with closing(_made(plan, dataset_id, team_id)) as made:
        while isinstance(one := next(made), Part):
            for name, rows in one.rows.items():
                bulk_insert(connection, Base.metadata.tables[name], rows)
            if one.size:
                progress(one.size)
    connection.execute(DATASETS.update().where(DATASETS.c.id == dataset_id).values(digest=one.digest))
    create_indexes(connection)
    if one.counts.commits + one.counts.changes >= _MANY_ROWS:
        tell_planner(connection)
    return dataset_id, one.counts


def _made(plan: WorldPlan, dataset_id: int, team_id: int) -> Generator[Part | Whole]:
    if begun := begun_already(plan, dataset_id, team_id):
        return begun
    from aicode_mock.making import make  # where nobody makes it for us

    return make(plan, dataset_id, team_id)


def _insert_dataset(connection: Connection, plan: WorldPlan, dataset_id: int, now: int) -> None:
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
