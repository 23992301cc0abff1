"""The request journal of a world."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.engine import Connection

from aicode_mock.control.problems import UnfitError
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.entries import Entry
from aicode_mock.ingest import team_names
from aicode_mock.inputs import unknown_name
from aicode_mock.journal import Filter, count_entries, find_entries, find_entry, forget_entries
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import dataset_of, expect_world

_MOST = 10_000
_NAMES = [endpoint.name for endpoint in ENDPOINTS]


class Entries(BaseModel):
    """Entries of the journal, oldest first."""

    requests: list[Entry]
    total: Annotated[int, Field(ge=0, description="How many fit; the last of them are here.")]


class EntryCount(BaseModel):
    """How many entries fit."""

    count: Annotated[int, Field(ge=0)]


def _known_endpoint(name: str | None) -> str | None:
    if name is not None and name not in _NAMES:
        raise ValueError(unknown_name("endpoint", name, _NAMES))
    return name


def _filter(
    team: str | None = None,
    endpoint: Annotated[
        str | None, AfterValidator(_known_endpoint), Query(json_schema_extra={"enum": list(_NAMES)})
    ] = None,
    status: Annotated[int | None, Query(ge=0, le=999)] = None,
    faulted: Annotated[bool | None, Query(description="Whether a fault was applied.")] = None,
    after: Annotated[int, Query(ge=0, lt=2**63, description="Only entries of a higher id.")] = 0,
) -> Filter:
    return Filter(team=team, endpoint=endpoint, status=status, faulted=faulted, after=after)


def _expect_team(connection: Connection, world: str, name: str | None) -> None:
    """Go on if the world is there, with a team of that name if there is one."""
    names = team_names(connection, dataset_of(connection, world))
    if name is not None and name not in names:  # which may be a key: it is not repeated
        raise UnfitError(f"team: the world has no such team (allowed: {', '.join(names)})")


Wanted = Annotated[Filter, Depends(_filter)]
EntryId = Annotated[int, Path(ge=1, lt=2**63)]


def build_routes(twin: Twin) -> APIRouter:
    """The routes of journals."""
    routes = APIRouter(tags=["Request journal"])

    @routes.get("/worlds/{world}/requests", summary="Read the journal")
    def read_requests(
        world: str, wanted: Wanted, limit: Annotated[int, Query(ge=1, le=_MOST)] = 1000
    ) -> Entries:
        """The last ones that fit. The journal is a ring, whose size is an option of the server."""
        with twin.store.reading() as connection:
            _expect_team(connection, world, wanted.team)
            return Entries(
                requests=find_entries(connection, world, wanted, limit=limit),
                total=count_entries(connection, world, wanted),
            )

    @routes.get("/worlds/{world}/requests/count", summary="Count the journal's entries")
    def count_requests(world: str, wanted: Wanted) -> EntryCount:
        with twin.store.reading() as connection:
            _expect_team(connection, world, wanted.team)
            return EntryCount(count=count_entries(connection, world, wanted))

    @routes.get("/worlds/{world}/requests/{id}", summary="Read one entry")
    def read_request(world: str, id: EntryId) -> Entry:  # noqa: A002  # the name in the path
        with twin.store.reading() as connection:
            expect_world(connection, world)
            return find_entry(connection, world, id)

    @routes.delete("/worlds/{world}/requests", status_code=204, summary="Empty the journal")
    def delete_requests(world: str) -> None:
        """Ids go on from where they were."""
        with twin.store.writing() as connection:
            expect_world(connection, world)
            forget_entries(connection, world)

    return routes
