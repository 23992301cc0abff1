"""What a server, or a command about worlds, was told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aicode_mock.clock import Clock, start_of_day
from aicode_mock.contract import LATEST, Behavior, resolve

if TYPE_CHECKING:  # what makes rows is loaded when rows are made
    from aicode_mock.worldplan import WorldPlan

DEFAULT_SEED = 42
JOURNAL_SIZE = 10_000  # requests that each world keeps


@dataclass(frozen=True, slots=True)
class Settings:
    """What to serve.  ``database`` None is a private file.

    ``commits`` and ``changes`` scale the scenario to so many.  ``given`` names the options
    of the world's origin (scenario, seed, anchor, commits, changes) that somebody set: a
    database that was made of others is refused then.
    """

    database: str | None = None
    scenario: str = "default"
    seed: int = DEFAULT_SEED
    anchor: datetime | None = None
    commits: int | None = None
    changes: int | None = None
    now: datetime | None = None
    api_key: str | None = None
    revision: str = LATEST
    behavior: str = Behavior.DOCUMENTED
    switches: Mapping[str, str] = field(default_factory=dict)
    journal_size: int = JOURNAL_SIZE
    given: Collection[str] = ()

    def plan(self) -> "WorldPlan":
        """The world that a new store gets.

        Raises:
            ScenarioError: there is no such scenario, or it is wrong.
            ContractError: a switch is set that does not exist.
        """
        from aicode_mock.scenariofile import load_scenario
        from aicode_mock.worldplan import WorldPlan

        resolve(self.revision, self.behavior, self.switches)
        return WorldPlan(
            scenario_name=Path(self.scenario).stem,
            scenario=load_scenario(self.scenario),
            seed=self.seed,
            anchor=self.anchor or start_of_day(self.now or Clock().now()),
            commits=self.commits,
            changes=self.changes,
        )
