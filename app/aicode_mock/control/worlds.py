"""Making, looking at, resetting and dropping worlds."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection
from starlette.requests import Request

from aicode_mock.clock import Clock, instant_text, to_ms
from aicode_mock.contract import REVISIONS
from aicode_mock.control.problems import CONFLICT
from aicode_mock.instants import Instant
from aicode_mock.keyring import keys_of
from aicode_mock.newworld import NewWorld, make_world
from aicode_mock.twin import Twin
from aicode_mock.worldfacts import WorldFacts, list_worlds, world_facts
from aicode_mock.worldrecords import hold_world
from aicode_mock.worlds import drop_world, drop_worlds, forget_limits, reset_world


class WorldShape(BaseModel):
    """A world; its clock and contract as they are now."""

    id: str
    baseUrl: Annotated[str, Field(description="What a client of this world takes as the API's URL.")]
    isSandbox: bool
    scenario: str
    seed: int
    anchor: Instant
    now: Instant
    isFrozen: bool
    revision: str
    behavior: str
    settings: dict[str, str]
    commits: int
    changes: int
    digest: Annotated[str, Field(description="Names the data: the same digest, the same rows.")]
    requests: Annotated[int, Field(description="Requests since it was made or reset.")]


class TeamKey(BaseModel):
    """The key of a team."""

    team: str
    plan: str
    key: str


class MadeWorld(WorldShape):
    """A new world with its keys, which are told here and nowhere else."""

    keys: Annotated[list[TeamKey], Field(description="One for each team, that of the first one first.")]


class Worlds(BaseModel):
    """All worlds, by their ids."""

    worlds: list[WorldShape]


def build_routes(twin: Twin) -> APIRouter:
    """The routes of worlds."""
    routes = APIRouter(tags=["Worlds"])

    @routes.post("/worlds", status_code=201, responses=CONFLICT, summary="Make a world")
    def create_world(request: Request, new: NewWorld | None = None) -> MadeWorld:
        with twin.store.rearranging() as connection:
            return _make(connection, new or NewWorld(), request)

    @routes.get("/worlds", summary="List the worlds")
    def read_worlds(request: Request) -> Worlds:
        with twin.store.reading() as connection:
            return Worlds(worlds=[_shape(facts, request) for facts in list_worlds(connection)])

    @routes.delete("/worlds", status_code=204, summary="Drop all worlds but the default one")
    def delete_worlds() -> None:
        with twin.store.rearranging() as connection:
            drop_worlds(connection)

    @routes.delete("/worlds/{world}/limits", status_code=204, summary="Forget what the rate limits counted")
    def delete_limits(world: str) -> None:
        with twin.store.writing() as connection:
            hold_world(connection, world)
            forget_limits(connection, world)

    @routes.get("/worlds/{world}", summary="Look at a world")
    def read_world(world: str, request: Request) -> WorldShape:
        with twin.store.reading() as connection:
            return _shape(world_facts(connection, world), request)

    @routes.delete("/worlds/{world}", status_code=204, responses=CONFLICT, summary="Drop a world")
    def delete_world(world: str) -> None:
        """Everything of its own goes with it. The default world stays: reset it."""
        with twin.store.rearranging() as connection:
            drop_world(connection, world)

    @routes.post("/worlds/{world}/reset", status_code=204, summary="Take a world back to how it was made")
    def reset(world: str) -> None:
        """Rows, contract and clock; faults, journal and limits are emptied. Keys and snapshots stay.

        One transaction: requests under way end with what they began with.
        """
        with twin.store.rearranging() as connection:
            reset_world(connection, world)

    return routes


def _make(connection: Connection, new: NewWorld, request: Request) -> MadeWorld:
    facts = make_world(connection, new, now=to_ms(Clock().now()))
    prefix = REVISIONS[facts.revision].key_prefix
    keys = [
        TeamKey(team=one.team, plan=one.plan, key=one.key)
        for one in keys_of(connection, facts.world_id, prefix=prefix)
    ]
    return MadeWorld(**_shape(facts, request).model_dump(), keys=keys)


def _shape(facts: WorldFacts, request: Request) -> WorldShape:
    return WorldShape(
        id=facts.world_id,
        baseUrl=str(request.base_url.replace(path="")).rstrip("/"),
        isSandbox=facts.is_sandbox,
        scenario=facts.scenario,
        seed=facts.seed,
        anchor=instant_text(to_ms(facts.anchor)),
        now=instant_text(to_ms(facts.clock.now())),
        isFrozen=facts.clock.frozen_at is not None,
        revision=facts.revision,
        behavior=facts.behavior,
        settings=dict(facts.settings),
        commits=facts.commits,
        changes=facts.changes,
        digest=facts.digest,
        requests=facts.requests,
    )
