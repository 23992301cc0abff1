"""Whether a database holds the world that the options ask for."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from aicode_mock.worldfacts import WorldFacts

if TYPE_CHECKING:  # what makes rows is loaded when rows are made
    from aicode_mock.worldplan import WorldPlan

_DIGEST_LETTERS = 12


class OtherWorldError(ValueError):
    """The database was made of something else than the options say."""


def expect_origin(facts: WorldFacts, plan: "WorldPlan", given: Collection[str]) -> None:
    """Compare what the world was made of with the options that somebody has set.

    Raises:
        OtherWorldError: they differ.
    """
    stored, asked = _stored(facts), _asked(plan)
    if stored["scenario"] == asked["scenario"] and facts.scenario_digest != plan.scenario_digest:
        stored["scenario"] += f" ({facts.scenario_digest[:_DIGEST_LETTERS]})"
        asked["scenario"] += f" ({plan.scenario_digest[:_DIGEST_LETTERS]})"
    for option in given:
        if stored[option] != asked[option]:
            raise OtherWorldError(
                f"the database was made with --{option} {stored[option]}, not {asked[option]}: "
                "drop the option or use another --database"
            )


def _stored(facts: WorldFacts) -> dict[str, str]:
    return {
        "scenario": facts.scenario,
        "seed": str(facts.seed),
        "anchor": facts.anchor.isoformat(),
        "commits": _count(facts.scaled_commits),
        "changes": _count(facts.scaled_changes),
    }


def _asked(plan: "WorldPlan") -> dict[str, str]:
    return {
        "scenario": plan.scenario_name,
        "seed": str(plan.seed),
        "anchor": plan.anchor.isoformat(),
        "commits": _count(plan.commits),
        "changes": _count(plan.changes),
    }


def _count(scaled: int | None) -> str:
    return "as the scenario says" if scaled is None else str(scaled)
