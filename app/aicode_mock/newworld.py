"""A world that a caller of the control plane asks for: what may be said of it, and making it.

Whatever is left out is as the default world was made.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from sqlalchemy import Row, select
from sqlalchemy.engine import Connection

from aicode_mock.clock import from_ms, to_ms
from aicode_mock.contract import resolve
from aicode_mock.datasets import drop_unused, template_of
from aicode_mock.daterange import shorten
from aicode_mock.ingest import Inlet
from aicode_mock.inputs import Input, SwitchText
from aicode_mock.newrows import Moment, NewChange, NewCommit
from aicode_mock.scenariofile import ScenarioError, load_scenario, shipped_scenarios
from aicode_mock.tables import DATASETS
from aicode_mock.teamkeys import KEY_RULE, is_sendable
from aicode_mock.worldfacts import WorldFacts, world_facts
from aicode_mock.worldplan import WorldPlan
from aicode_mock.worldrecords import WORLD_ID_RULE, Conditions, is_world_id, read_created
from aicode_mock.worlds import add_world, expect_new, keep_as_origin
from aicode_mock.worldtables import MAIN_WORLD, SANDBOX_PREFIX, WORLDS

_MOST_ROWS = 10_000


def _sendable(key: str) -> str:
    if not is_sendable(key):
        raise ValueError(KEY_RULE)
    return key


Key = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_sendable)]


def _nameable(text: str) -> str:
    if not is_world_id(text):
        raise ValueError(f"must be {WORLD_ID_RULE}")
    return text


WorldId = Annotated[str, AfterValidator(_nameable), Field(description="Random, unless given.")]


class NewWorld(Input):
    """A world to make; every field that is left out is as the default world was made."""

    id: WorldId | None = None
    scenario: Annotated[
        str | None, Field(description="A shipped scenario, or the one that the server was started with.")
    ] = None
    seed: Annotated[int | None, Field(strict=True, ge=0, lt=2**63)] = None
    anchor: Annotated[Moment | None, Field(description="The instant up to which rows are made.")] = None
    now: Annotated[Moment | None, Field(description="Freeze the clock at this instant.")] = None
    revision: str | None = None
    behavior: str | None = None
    settings: Annotated[
        dict[str, SwitchText] | None,
        Field(description="Switches of the contract, by name; true and false are `on` and `off`."),
    ] = None
    apiKey: Annotated[
        Key | None,
        Field(description="The only key of the first Enterprise team; that of a sandbox is its id."),
    ] = None
    commits: Annotated[
        list[NewCommit],
        Field(max_length=_MOST_ROWS, description="More rows of the first Enterprise team."),
    ] = []
    changes: Annotated[list[NewChange], Field(max_length=_MOST_ROWS, description="Likewise.")] = []


def make_world(connection: Connection, new: NewWorld, *, now: int) -> WorldFacts:
    """Make the world that is asked for; ``now`` is wall time in milliseconds.

    Raises:
        WorldExistsError, KeyTakenError: there is one of this id or key.
        ScenarioError, ContractError, NoEnterpriseTeamError, NoTeamError, NoMemberError: what is asked
            for does not exist or fit; the message says what.
    """
    key = new.apiKey or (new.id if new.id and new.id.startswith(SANDBOX_PREFIX) else None)
    expect_new(connection, new.id, key)  # before any row is made
    conditions = _conditions(connection, new)
    world_id = add_world(
        connection,
        new.id,
        dataset_id=_dataset(connection, new, now),
        conditions=conditions,
        now=now,
        key=key,
    )
    if new.commits or new.changes:
        clock = world_facts(connection, world_id).clock
        inlet = Inlet.open(connection, world_id, None, now=clock.now())
        inlet.add_commits(new.commits)
        inlet.add_changes(new.changes)
        keep_as_origin(connection, world_id)
        drop_unused(connection)  # the rows that it was copied from, if nobody else has them
    return world_facts(connection, world_id)


def _conditions(connection: Connection, new: NewWorld) -> Conditions:
    main = read_created(connection, MAIN_WORLD)
    settings = main.settings_by_name if new.settings is None else new.settings
    revision, behavior = new.revision or main.revision, new.behavior or main.behavior
    resolve(revision, behavior, settings)
    frozen_at = main.frozen_at if new.now is None else to_ms(new.now)
    return Conditions.of(revision, behavior, settings, frozen_at=frozen_at, offset_ms=main.offset_ms)


def _dataset(connection: Connection, new: NewWorld, now: int) -> int:
    """The default world's own rows, if the same is asked for, or those of another origin."""
    main = connection.execute(
        select(DATASETS).join(WORLDS, WORLDS.c.origin_id == DATASETS.c.id).where(WORLDS.c.id == MAIN_WORLD)
    ).one()
    anchor = from_ms(main.anchor) if new.anchor is None else new.anchor
    seed = main.seed if new.seed is None else new.seed
    scenario = new.scenario or main.scenario
    if (scenario, seed, to_ms(anchor)) == (main.scenario, main.seed, main.anchor):
        return int(main.id)
    plan = _plan(main, scenario, seed, anchor)
    return template_of(connection, plan, now=now)[0]


def _plan(main: Row[*tuple[Any, ...]], scenario: str, seed: int, anchor: datetime) -> WorldPlan:
    shipped = shipped_scenarios()
    if scenario in shipped:
        plan = WorldPlan(scenario, load_scenario(scenario), seed, anchor)
        if scenario != main.scenario:
            return plan
        if plan.scenario_digest == main.scenario_digest:
            return replace(plan, commits=main.commits, changes=main.changes)
    if scenario == main.scenario:
        raise ScenarioError(f"seed and anchor must be the server's: its {scenario!r} is no shipped scenario")
    raise ScenarioError(f"scenario must be one of {', '.join(shipped)}: got {shorten(scenario)}")
