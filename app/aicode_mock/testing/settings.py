"""What a test may say of its world, by keyword: the options of ``serve``, and every switch by its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Self

from aicode_mock.clock import Clock, instant_text, start_of_day, to_ms
from aicode_mock.contract import describe_switches
from aicode_mock.datafiles import data_folder
from aicode_mock.daterange import ISO, read_instant
from aicode_mock.settings import DEFAULT_SEED
from aicode_mock.testing.plane import MockError

__tracebackhide__ = True  # a test's failure shows the test

WALL = "wall"
DEFAULT_SCENARIO = "tiny"
DEFAULT_NOW = "2026-06-30"
Moment = str | date  # a datetime is a date; one without a zone is UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A world to make.  The same settings, the same rows: on every machine, in every run.

    A scenario that is not shipped is the server's own: a file of yours, or imported rows.  Its rows are there
    as they are, so seed and anchor are the server's unless they are given.

    Args:
        scenario: a shipped one, or the one that the server was started with.
        seed: random seed of the rows; None is 42, or the server's.
        now: where the clock stands; ``wall`` lets it run with real time.
        anchor: up to when rows are made; None is the start of the day of ``now``, or the server's.
        revision: of the contract; None is the server's.
        behavior: ``documented`` or ``observed``; None is the server's.
        api_key: the key of the first Enterprise team; None is one of its own.
        switches: of the contract, by name.
    """

    scenario: str = DEFAULT_SCENARIO
    seed: int | None = None
    now: Moment = DEFAULT_NOW
    anchor: Moment | None = None
    revision: str | None = None
    behavior: str | None = None
    api_key: str | None = None
    switches: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Settings as keywords, switches among them.

        Raises:
            MockError: a keyword is none of those allowed.
        """
        own = [one.name for one in fields(cls) if one.name != "switches"]
        check_names(given, [*own, *describe_switches()])
        switches = {name: value for name, value in given.items() if name not in own}
        return cls(**{name: value for name, value in given.items() if name in own}, switches=switches)

    @property
    def is_running(self) -> bool:
        """Whether the clock runs with real time."""
        return self.now == WALL

    def body(self) -> dict[str, object]:
        """What the control plane is asked for."""
        wanted = {
            "scenario": Path(self.scenario).name.removesuffix(".toml"),
            "seed": self.seed if self._is_own else self._seed,
            "now": None if self.is_running else moment_text(self.now),
            "anchor": None if self._is_own and self.anchor is None else self._anchor(),
            "revision": self.revision,
            "behavior": self.behavior,
            "apiKey": self.api_key,
            "settings": dict(self.switches) or None,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def options(self) -> list[str]:
        """How a server is started whose rows are those of this world."""
        return ["--scenario", self.scenario, "--seed", str(self._seed), "--anchor", self._anchor()]

    def explained(self, refused: MockError) -> MockError:
        """The refusal of such a world, with what to do about a file that the server does not know."""
        if not (self.scenario.endswith(".toml") and str(refused).startswith("scenario must be")):
            return refused
        return MockError(
            f"{refused}: a world takes no file, but a server is started with one: "
            f"the ini setting aicode_mock_scenario, or aicode_mock.serve(scenario={self.scenario!r})"
        )

    @property
    def _seed(self) -> int:
        return DEFAULT_SEED if self.seed is None else self.seed

    @property
    def _is_own(self) -> bool:
        """Whether the scenario is the server's own, whose rows cannot be made anew."""
        return not (data_folder("seed") / f"{self.scenario}.toml").is_file()

    def _anchor(self) -> str:
        if self.anchor is not None:
            return moment_text(self.anchor)
        try:
            now = Clock().now() if self.is_running else read_instant(moment_text(self.now))
        except (ValueError, OverflowError):
            raise MockError(f"now must be {WALL}, {ISO}: got {self.now!r}") from None
        return instant_text(to_ms(start_of_day(now)))


def check_names(given: Mapping[str, Any], allowed: list[str]) -> None:
    """Go on if all keywords are among those allowed.

    Raises:
        MockError: one is not; the message names the near one, and all.
    """
    from aicode_mock.inputs import unknown_name  # after pydantic, which nobody needs who spells right

    for name in given:
        if name not in allowed:
            raise MockError(unknown_name("setting", name, allowed))


def moment_text(moment: Moment) -> str:
    """A date or an instant as the control plane reads it."""
    return moment.isoformat() if isinstance(moment, date) else str(moment)
