"""Named snapshots of a world."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from aicode_mock.clock import Clock, instant_text, to_ms
from aicode_mock.control.problems import CONFLICT
from aicode_mock.inputs import Input
from aicode_mock.instants import Instant
from aicode_mock.snapshots import (
    SnapshotEntry,
    drop_snapshot,
    list_snapshots,
    restore_snapshot,
    take_snapshot,
)
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import expect_world


class NewSnapshot(Input):
    """A snapshot to take."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]


class SnapshotShape(BaseModel):
    """A snapshot: rows, contract and clock of its world as they were."""

    name: str
    madeAt: Annotated[Instant, Field(description="In real time.")]


class Snapshots(BaseModel):
    """The snapshots of a world, by their names."""

    snapshots: list[SnapshotShape]


def build_routes(twin: Twin) -> APIRouter:
    """The routes of snapshots."""
    routes = APIRouter(tags=["Snapshots"])

    @routes.post("/worlds/{world}/snapshots", status_code=201, responses=CONFLICT, summary="Take a snapshot")
    def create_snapshot(world: str, new: NewSnapshot) -> SnapshotShape:
        with twin.store.rearranging() as connection:
            return _shape(take_snapshot(connection, world, new.name, now=to_ms(Clock().now())))

    @routes.get("/worlds/{world}/snapshots", summary="List the snapshots")
    def read_snapshots(world: str) -> Snapshots:
        with twin.store.reading() as connection:
            expect_world(connection, world)
            return Snapshots(snapshots=[_shape(one) for one in list_snapshots(connection, world)])

    @routes.post("/worlds/{world}/snapshots/{name}/restore", status_code=204, summary="Go back to a snapshot")
    def restore(world: str, name: str) -> None:
        """Rows, contract and clock; faults, journal, limits and keys stay as they are."""
        with twin.store.rearranging() as connection:
            expect_world(connection, world)
            restore_snapshot(connection, world, name)

    @routes.delete("/worlds/{world}/snapshots/{name}", status_code=204, summary="Forget a snapshot")
    def delete_snapshot(world: str, name: str) -> None:
        with twin.store.rearranging() as connection:
            expect_world(connection, world)
            drop_snapshot(connection, world, name)

    return routes


def _shape(entry: SnapshotEntry) -> SnapshotShape:
    return SnapshotShape(name=entry.name, madeAt=instant_text(to_ms(entry.made_at)))
