"""The contract of a world: revision, behaviour, switches."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from aicode_mock.contract import describe_switches, resolve
from aicode_mock.control.problems import UnfitError
from aicode_mock.inputs import Input, SwitchText, unknown_name
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import Conditions, conditions_of, hold_world, set_conditions


class ContractShape(BaseModel):
    """What a world promises; switches that are not named are as the behaviour sets them."""

    revision: str
    behavior: str
    settings: dict[str, str]


class ContractChange(Input):
    """What is to change; what is absent stays, and a switch that is null falls back to its behaviour."""

    revision: str | None = None
    behavior: str | None = None
    settings: Annotated[
        dict[str, SwitchText | None] | None,
        Field(description="Switches by name; true and false are `on` and `off`."),
    ] = None


def build_routes(twin: Twin) -> APIRouter:
    """The routes of contracts."""
    routes = APIRouter(tags=["Contract"])

    @routes.get("/worlds/{world}/contract", summary="Read the contract")
    def read_contract(world: str) -> ContractShape:
        with twin.store.reading() as connection:
            return _shape(conditions_of(connection, world))

    @routes.patch("/worlds/{world}/contract", summary="Choose revision, behaviour, switches")
    def write_contract(world: str, change: ContractChange) -> ContractShape:
        with twin.store.writing() as connection:
            hold_world(connection, world)
            conditions = _changed(conditions_of(connection, world), change)
            set_conditions(connection, world, conditions)
            return _shape(conditions)

    return routes


def _changed(before: Conditions, change: ContractChange) -> Conditions:
    wanted = {**before.settings_by_name, **(change.settings or {})}
    for name in (change.settings or {}).keys() - describe_switches():
        raise UnfitError(f"settings: {unknown_name('switch', name, list(describe_switches()))}")
    settings = {name: value for name, value in wanted.items() if value is not None}
    revision = before.revision if change.revision is None else change.revision
    behavior = before.behavior if change.behavior is None else change.behavior
    resolve(revision, behavior, settings)
    return before.with_contract(revision, behavior, settings)


def _shape(conditions: Conditions) -> ContractShape:
    return ContractShape(
        revision=conditions.revision, behavior=conditions.behavior, settings=conditions.settings_by_name
    )
