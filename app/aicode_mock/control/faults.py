"""The faults of a world."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, Discriminator, Tag
from pydantic_core import PydanticSerializationError
from sqlalchemy.engine import Connection

from aicode_mock.control.faultuse import expect_use
from aicode_mock.control.problems import CONFLICT, UnfitError
from aicode_mock.faults.book import clear_faults, declare, find_fault, list_faults, remove_fault
from aicode_mock.faults.bundles import bundle_names, load_bundle
from aicode_mock.faults.model import Declared, Fault
from aicode_mock.ingest import team_names
from aicode_mock.inputs import Input, unknown_name
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import dataset_of, expect_world, hold_world

FaultId = Annotated[int, Path(ge=1, lt=2**31)]


class BundleWanted(Input):
    """The faults of a named bundle."""

    bundle: str


def _kind(body: object) -> str:
    return "bundle" if isinstance(body, dict) and "bundle" in body else "fault"


def _storable(wanted: Fault | BundleWanted) -> Fault | BundleWanted:
    try:
        is_kept = type(wanted).model_validate_json(wanted.model_dump_json()) == wanted
    except PydanticSerializationError:
        is_kept = False
    if not is_kept:
        raise ValueError("must not hold half a surrogate pair")
    return wanted


Wanted = Annotated[
    Annotated[Fault, Tag("fault")] | Annotated[BundleWanted, Tag("bundle")],
    Discriminator(_kind),
    AfterValidator(_storable),
]


class Faults(BaseModel):
    """Faults in the order of their declaration."""

    faults: list[Declared]


class Bundle(BaseModel):
    """Faults that are shipped under a name."""

    name: str
    title: str
    faults: list[Fault]


class Bundles(BaseModel):
    """All bundles, by their names."""

    bundles: list[Bundle]


def build_routes(twin: Twin) -> APIRouter:
    """The routes of faults."""
    routes = APIRouter(tags=["Faults"])

    @routes.post("/worlds/{world}/faults", status_code=201, responses=CONFLICT, summary="Declare faults")
    def create_faults(world: str, wanted: Wanted) -> Faults:
        """One fault, or those of a bundle. They act from the next request on."""
        faults = load_bundle(wanted.bundle).faults if isinstance(wanted, BundleWanted) else (wanted,)
        for fault in faults:
            expect_use(fault)
        with twin.store.writing() as connection:
            hold_world(connection, world)
            return _declare(connection, world, faults)

    @routes.get("/worlds/{world}/faults", summary="List the faults and their hits")
    def read_faults(
        world: str, unused: Annotated[bool, Query(description="Only those that never hit.")] = False
    ) -> Faults:
        with twin.store.reading() as connection:
            expect_world(connection, world)
            return Faults(faults=list_faults(connection, world, unused=unused))

    @routes.get("/worlds/{world}/faults/{id}", summary="Look at a fault")
    def read_fault(world: str, id: FaultId) -> Declared:  # noqa: A002  # the name in the path
        with twin.store.reading() as connection:
            expect_world(connection, world)
            return find_fault(connection, world, id)

    @routes.delete("/worlds/{world}/faults/{id}", status_code=204, summary="Take a fault back")
    def delete_fault(world: str, id: FaultId) -> None:  # noqa: A002  # the name in the path
        with twin.store.writing() as connection:
            expect_world(connection, world)
            remove_fault(connection, world, id)

    @routes.delete("/worlds/{world}/faults", status_code=204, summary="Take all faults back")
    def delete_faults(world: str) -> None:
        with twin.store.writing() as connection:
            expect_world(connection, world)
            clear_faults(connection, world)

    @routes.get("/bundles", summary="List the bundles of faults")
    def read_bundles() -> Bundles:
        return Bundles(bundles=[_bundle(name) for name in bundle_names()])

    return routes


def _declare(connection: Connection, world: str, faults: tuple[Fault, ...]) -> Faults:
    teams = team_names(connection, dataset_of(connection, world))
    for fault in faults:
        if fault.match.team is not None and fault.match.team not in teams:
            raise UnfitError(f"match.team: {unknown_name('team', fault.match.team, teams)}")
    numbers = [declare(connection, world, fault) for fault in faults]
    return Faults(faults=[find_fault(connection, world, number) for number in numbers])


def _bundle(name: str) -> Bundle:
    bundle = load_bundle(name)
    return Bundle(name=name, title=bundle.title, faults=list(bundle.faults))
