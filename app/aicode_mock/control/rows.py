"""Single rows into a world, and all of them out of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from sqlalchemy.engine import Connection

from aicode_mock import wire
from aicode_mock.ingest import Inlet, remove_all
from aicode_mock.newrows import NewChange, NewCommit
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import conditions_of, expect_world

_MOST_ROWS = 10_000
TeamName = Annotated[str | None, Query(description="A team of the world, or the first Enterprise team.")]


def _as_list(body: object) -> object:
    return [body] if isinstance(body, dict) else body


Commits = Annotated[
    list[NewCommit],
    Field(max_length=_MOST_ROWS),
    BeforeValidator(_as_list, json_schema_input_type=list[NewCommit] | NewCommit),
]
Changes = Annotated[
    list[NewChange],
    Field(max_length=_MOST_ROWS),
    BeforeValidator(_as_list, json_schema_input_type=list[NewChange] | NewChange),
]


def build_routes(twin: Twin) -> APIRouter:
    """The routes of rows."""
    routes = APIRouter(tags=["Rows"])

    @routes.post("/worlds/{world}/commits", status_code=201, summary="Ingest commits")
    def add_commits(world: str, commits: Commits, team: TeamName = None) -> list[wire.Commit]:
        """In the API's own shape; the answer is the items, in the newest revision's shape for every world."""
        with twin.store.rearranging() as connection:
            items = _inlet(connection, world, team).add_commits(commits)
        return [wire.Commit.model_validate_json(item) for item in items]

    @routes.post(
        "/worlds/{world}/changes",
        status_code=201,
        response_model_exclude_unset=True,  # as a file without a name
        summary="Ingest changes",
    )
    def add_changes(world: str, changes: Changes, team: TeamName = None) -> list[wire.Change]:
        """In the API's own shape; the answer is the items, in the newest revision's shape for every world."""
        with twin.store.rearranging() as connection:
            items = _inlet(connection, world, team).add_changes(changes)
        return [wire.Change.model_validate_json(item) for item in items]

    @routes.delete("/worlds/{world}/commits", status_code=204, summary="Delete all commits")
    def delete_commits(world: str) -> None:
        with twin.store.rearranging() as connection:
            expect_world(connection, world)
            remove_all(connection, world, COMMIT_ROWS)

    @routes.delete("/worlds/{world}/changes", status_code=204, summary="Delete all changes")
    def delete_changes(world: str) -> None:
        with twin.store.rearranging() as connection:
            expect_world(connection, world)
            remove_all(connection, world, CHANGE_ROWS)

    return routes


def _inlet(connection: Connection, world: str, team: str | None) -> Inlet:
    now = conditions_of(connection, world).clock.now()
    return Inlet.open(connection, world, team, now=now)
