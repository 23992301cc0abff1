"""What is staged into a database: its world, its team, and everything in one transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, to_ms
from aicode_mock.datasets import drop_unused, own_dataset_for_good, template_of
from aicode_mock.importing.settling import TeamRows, settle
from aicode_mock.importing.staging import KINDS, Staging
from aicode_mock.ingest import find_team, first_team, note_change
from aicode_mock.keyring import give_key
from aicode_mock.roster import Roster
from aicode_mock.scenario import Scenario, TeamPlan
from aicode_mock.tables import DATASETS, TEAMS
from aicode_mock.twin import Twin
from aicode_mock.worldplan import WorldPlan
from aicode_mock.worldrecords import Conditions, dataset_of, has_world
from aicode_mock.worlds import add_world
from aicode_mock.worldtables import MAIN_WORLD

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Shows progress: what is done, and how much of it; the function hears of each part."""

_SEED = 42  # that of `serve`, unless it is told another
_NAME = "imported"
_SCENARIO = Scenario(title="Rows of an import", teams=(TeamPlan(name=_NAME, domain="imported.example"),))


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of each kind were new, and the name of the team that has them."""

    new: dict[str, int]
    team: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes staged rows.  ``team`` None is the first Enterprise team; ``newest`` is that of the rows."""

    staging: Staging
    newest: datetime | None
    team: str | None
    api_key: str | None
    bar: Bar
    few_rows: int

    def write(self, twin: Twin) -> Written:
        """Put the rows in that are new; a store without a world gets one with a single, empty team.

        Raises:
            NoTeamError, NoEnterpriseTeamError, KeyTakenError: team or key cannot be had.
        """
        with twin.store.rearranging() as connection:
            if not has_world(connection, MAIN_WORLD):
                self._make_world(connection)
            team_id = find_team(connection, dataset_of(connection, MAIN_WORLD), self.team)
            if self.api_key is not None:
                give_key(connection, MAIN_WORLD, self.api_key)
            new = {
                kind.name: self.staging.pick(kind, TeamRows(connection, kind, team_id).count)
                for kind in KINDS
            }
            name = connection.execute(select(TEAMS.c.name).where(TEAMS.c.id == team_id)).scalar_one()
            if any(new.values()):
                self._settle(connection, new)
            return Written(new, name)

    def _make_world(self, connection: Connection) -> None:
        now = Clock().now()
        plan = WorldPlan(_NAME, _SCENARIO, _SEED, self.newest or now)
        dataset_id, _ = template_of(connection, plan, now=to_ms(now))
        add_world(connection, MAIN_WORLD, dataset_id=dataset_id, conditions=Conditions(), now=to_ms(now))

    def _settle(self, connection: Connection, new: dict[str, int]) -> None:
        dataset_id = own_dataset_for_good(connection, MAIN_WORLD)
        team_id = find_team(connection, dataset_id, self.team)
        ordinal = team_id - first_team(connection, dataset_id)
        roster = Roster(connection, team_id)
        with self.bar("writing", sum(new.values())) as progress:
            for kind in KINDS:
                if count := new[kind.name]:
                    team = TeamRows(connection, kind, team_id)
                    named = settle(
                        team,
                        self.staging,
                        roster,
                        count=count,
                        few_rows=self.few_rows,
                        progress=progress,
                    )
                    note_change(connection, dataset_id, f"import {ordinal} {kind.name}", named)
        self._move_anchor(connection, dataset_id)
        drop_unused(connection)

    def _move_anchor(self, connection: Connection, dataset_id: int) -> None:
        """Let a world that an import made tell of its newest row; those of a scenario keep their origin."""
        newest = None if self.newest is None else to_ms(self.newest)
        ours = (DATASETS.c.id == dataset_id, DATASETS.c.scenario == _NAME, DATASETS.c.anchor < newest)
        connection.execute(update(DATASETS).where(*ours).values(anchor=newest))
