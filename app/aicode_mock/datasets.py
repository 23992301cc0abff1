"""Data sets and who shares them: templates, copies, and dropping what nobody uses.

Worlds and snapshots refer to a data set; while more than one does, none may change it.
A world that changes a row first gets a copy of its own.  So making, resetting and
restoring a world moves a reference, whatever the number of rows.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, literal, select, update
from sqlalchemy.engine import Connection

from aicode_mock.bulk import next_id
from aicode_mock.clock import to_ms
from aicode_mock.tables import (
    CHANGE_CSV,
    CHANGE_JSON,
    CHANGES,
    COMMIT_CSV,
    COMMIT_JSON,
    COMMITS,
    CONVERSATIONS,
    DATASETS,
    LINE_ANNOTATIONS,
    MEMBERS,
    REPOSITORIES,
    TEAMS,
)
from aicode_mock.teamids import POSITIONS, first_id
from aicode_mock.worldtables import SNAPSHOTS, WORLDS

if TYPE_CHECKING:  # what makes rows is loaded when rows are made
    from aicode_mock.parts import Counts
    from aicode_mock.worldplan import WorldPlan

_SPARE_TEMPLATES = 8  # kept for the next world, beside those in use
_OF_TEAMS = (MEMBERS, REPOSITORIES, CONVERSATIONS, LINE_ANNOTATIONS, COMMITS, CHANGES)
_TEXTS = (COMMIT_JSON, COMMIT_CSV, CHANGE_JSON, CHANGE_CSV)
_REFERENCES = (WORLDS.c.dataset_id, WORLDS.c.origin_id, SNAPSHOTS.c.dataset_id)


def template_of(
    connection: Connection, plan: "WorldPlan", *, now: int, progress: Callable[[int], None] | None = None
) -> "tuple[int, Counts | None]":
    """The data set of an origin; made, and counted, if the store has none.  ``now`` is wall time.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes.
        UnknownLocaleError: the scenario names a locale that Faker does not know.
    """
    found = connection.scalar(select(DATASETS.c.id).where(DATASETS.c.is_template, *_is_origin(plan)))
    if found is None:
        from aicode_mock.seeding import make_dataset, silent

        return make_dataset(connection, plan, now=now, progress=progress or silent)
    connection.execute(update(DATASETS).where(DATASETS.c.id == found).values(used_at=now))
    return int(found), None


def _is_origin(plan: "WorldPlan") -> list[ColumnElement[bool]]:
    origin = {
        "scenario": plan.scenario_name,
        "scenario_digest": plan.scenario_digest,
        "seed": plan.seed,
        "anchor": to_ms(plan.anchor),
        "commits": plan.commits,
        "changes": plan.changes,
    }
    return [DATASETS.c[name].is_not_distinct_from(value) for name, value in origin.items()]


def own_dataset(connection: Connection, world_id: str, *, without: Iterable[Table] = ()) -> int:
    """The data set of a world, as one that only this world refers to.

    If it is shared the world gets a copy; rows of the tables ``without`` are not copied, but
    stay where the data set was the world's own already.
    """
    dataset_id = int(
        connection.execute(select(WORLDS.c.dataset_id).where(WORLDS.c.id == world_id)).scalar_one()
    )
    if _references(connection, dataset_id) == 1 and not _is_template(connection, dataset_id):
        return dataset_id
    copy = _copy(connection, dataset_id, without=tuple(without))
    connection.execute(update(WORLDS).where(WORLDS.c.id == world_id).values(dataset_id=copy))
    return copy


def own_dataset_for_good(connection: Connection, world_id: str) -> int:
    """The data set of a world, as one that only this world refers to, and that a reset goes back to.

    A shared one is copied; what nobody refers to any more is for ``drop_unused``.
    """
    world = connection.execute(
        select(*WORLDS.c["dataset_id", "origin_id"]).where(WORLDS.c.id == world_id)
    ).one()
    dataset_id, own = int(world.dataset_id), 1 + (world.origin_id == world.dataset_id)
    if _references(connection, dataset_id) != own or _is_template(connection, dataset_id):
        dataset_id = _copy(connection, dataset_id, without=())
    connection.execute(
        update(WORLDS).where(WORLDS.c.id == world_id).values(dataset_id=dataset_id, origin_id=dataset_id)
    )
    return dataset_id


def drop_unused(connection: Connection) -> None:
    """Drop the data sets that nobody refers to, but for the templates used last."""
    unused = (
        select(DATASETS.c.id, DATASETS.c.is_template)
        .where(*(DATASETS.c.id.not_in(select(reference)) for reference in _REFERENCES))
        .order_by(DATASETS.c.used_at.desc(), DATASETS.c.id.desc())
    )
    spare = 0
    for dataset_id, is_template in connection.execute(unused).all():
        spare += is_template
        if not is_template or spare > _SPARE_TEMPLATES:
            _drop(connection, dataset_id)


def _references(connection: Connection, dataset_id: int) -> int:
    counts = [
        select(func.count()).where(reference == dataset_id).scalar_subquery() for reference in _REFERENCES
    ]
    return int(connection.scalar(select(counts[0] + counts[1] + counts[2])) or 0)


def _is_template(connection: Connection, dataset_id: int) -> bool:
    return bool(connection.scalar(select(DATASETS.c.is_template).where(DATASETS.c.id == dataset_id)))


def _copy(connection: Connection, dataset_id: int, *, without: tuple[Table, ...]) -> int:
    """A copy under new ids: those of all its teams are moved by the same number."""
    copy = next_id(connection, DATASETS)
    teams = list(
        connection.scalars(select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id).order_by(TEAMS.c.id))
    )
    moved = next_id(connection, TEAMS) - teams[0]
    same: dict[str, ColumnElement[Any]] = {"id": literal(copy), "is_template": literal(False)}
    _copy_rows(connection, DATASETS, same, DATASETS.c.id == dataset_id)
    shifted: dict[str, ColumnElement[Any]] = {"id": TEAMS.c.id + moved, "dataset_id": literal(copy)}
    _copy_rows(connection, TEAMS, shifted, TEAMS.c.dataset_id == dataset_id)
    for table in _OF_TEAMS + _TEXTS:
        if table not in without:
            _copy_rows(connection, table, _moved_columns(table, moved), _of_teams(table, teams))
    return copy


def _moved_columns(table: Table, moved: int) -> dict[str, ColumnElement[int]]:
    """The columns that name a team, and those that name something that a team has."""
    names = ("id", "member_id", "repository_id")
    columns = {name: table.c[name] + moved * POSITIONS for name in names if name in table.c}
    return columns | ({"team_id": table.c.team_id + moved} if "team_id" in table.c else {})


def _copy_rows(
    connection: Connection,
    table: Table,
    changed: Mapping[str, ColumnElement[Any]],
    condition: ColumnElement[bool],
) -> None:
    columns = [changed.get(column.name, column) for column in table.c]
    names = [column.name for column in table.c]
    rows = select(*columns).where(condition).order_by(table.c.id)
    connection.execute(insert(table).from_select(names, rows))


def _of_teams(table: Table, teams: list[int]) -> ColumnElement[bool]:
    """The rows of teams that follow on each other."""
    return table.c.id.between(first_id(teams[0]), first_id(teams[-1] + 1) - 1)


def _drop(connection: Connection, dataset_id: int) -> None:
    teams = list(
        connection.scalars(select(TEAMS.c.id).where(TEAMS.c.dataset_id == dataset_id).order_by(TEAMS.c.id))
    )
    for table in reversed(_OF_TEAMS + _TEXTS):
        connection.execute(delete(table).where(_of_teams(table, teams)))
    connection.execute(delete(TEAMS).where(TEAMS.c.dataset_id == dataset_id))
    connection.execute(delete(DATASETS).where(DATASETS.c.id == dataset_id))
