"""The documented contract as data: its revisions, its two behaviours, its switches by name.

A *revision* is what the vendor's documents said from a date on.  A *behaviour* is a
named setting of all switches: ``documented`` is their defaults, ``observed`` what
clients report on the wire.  Single switches are set on top of it.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, cached_property
from typing import get_args, get_type_hints

from aicode_mock.daterange import shorten
from aicode_mock.switches import Point, Switches

_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class ContractError(ValueError):
    """No such revision, behaviour, switch or value; the message lists the right ones."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What the documents of one date said; all other points are the same in every revision."""

    name: str
    rate_limit: int  # requests a minute, for each team and endpoint
    has_commit_source: bool  # 18 commit fields instead of 17
    has_commit_detail: bool  # GET …/commits/{hash[,hash…]}
    detail_has_commit_source: bool
    key_prefix: str
    composer_means: str
    usage_days: int = 30  # widest range of POST /teams/daily-usage-data
    admin_rate_limit: int = 20  # likewise, for the endpoints under /teams


REVISIONS = {
    revision.name: revision
    for revision in (
        Revision("2025-08", 5, False, False, False, "key_", "accepted diffs from Composer", 90),
        Revision("2025-12", 20, False, False, False, "key_", "accepted diffs from Composer"),
        Revision("2026-03", 20, False, True, False, "key_", "accepted diffs from Agent edits"),
        Revision("2026-06", 20, True, True, True, "crsr_", "accepted diffs from Agent edits"),
    )
}
LATEST = "2026-06"


class Behavior(StrEnum):
    """A named setting of all switches."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"


@dataclass(frozen=True)
class Contract:
    """What one world promises its clients: a revision, and a value for every switch."""

    revision: Revision
    behavior: Behavior
    switches: Switches

    @cached_property
    def fingerprint(self) -> str:
        """Names this contract among all."""
        return f"{self.revision.name} {dataclasses.astuple(self.switches)}"

    @property
    def rate_limit(self) -> int | None:
        """Requests a minute for each team and endpoint under /analytics; None is no limit."""
        return self._limit(self.revision.rate_limit)

    @property
    def admin_rate_limit(self) -> int | None:
        """Likewise for the endpoints under /teams."""
        return self._limit(self.revision.admin_rate_limit)

    @property
    def usage_days(self) -> int | None:
        """The widest range of daily usage, in days of 24 hours; None is no limit."""
        match self.switches.max_usage_days:
            case "revision":
                return self.revision.usage_days
            case "off":
                return None
            case number:
                return number

    def _limit(self, documented: int) -> int | None:
        match self.switches.rate_limit:
            case "revision":
                return documented
            case "off":
                return None
            case number:
                return number


@dataclass(frozen=True, slots=True)
class SwitchDescription:
    """One switch, as messages and the reference page name it; all values as text."""

    name: str
    choices: tuple[str, ...]
    takes_number: bool
    documented: str
    observed: str
    about: str
    evidence: str

    @property
    def allowed(self) -> str:
        """The allowed values, for a reader."""
        number = ("a number from 1 to 999999999",) if self.takes_number else ()
        return ", ".join((*self.choices, *number))

    def parse(self, text: str) -> int | str:
        """Read a value.

        Raises:
            ContractError: the switch does not take it.
        """
        if text in self.choices:
            return text
        if self.takes_number and _NUMBER.fullmatch(text):
            return int(text)
        raise ContractError(f"{self.name} must be {self.allowed}: got {shorten(text)}")


@cache
def describe_switches() -> dict[str, SwitchDescription]:
    """Every switch by its name, in the order of the table."""
    hints = get_type_hints(Switches, include_extras=True)
    return {
        field.name: _describe(field.name, str(field.default), *get_args(hints[field.name]))
        for field in dataclasses.fields(Switches)
    }


def _describe(name: str, default: str, kind: type, point: Point) -> SwitchDescription:
    members = get_args(kind) or (kind,)  # a union, a Literal, or int alone
    choices = [
        text for member in members for text in (get_args(member) or (member,)) if isinstance(text, str)
    ]
    return SwitchDescription(
        name=name,
        choices=tuple(choices),
        takes_number=int in members,
        documented=default,
        observed=point.observed or default,
        about=point.about,
        evidence=point.evidence,
    )


def resolve(revision: str, behavior: str, settings: Mapping[str, str]) -> Contract:
    """The contract of a revision under a behaviour, with single switches set on top.

    Raises:
        ContractError: an unknown revision, behaviour, switch or value.
    """
    _expect(revision, REVISIONS, what="revision")
    _expect(behavior, list(Behavior), what="behavior")
    described = describe_switches()
    values: dict[str, int | str] = {}
    if behavior == Behavior.OBSERVED:
        values = {name: switch.parse(switch.observed) for name, switch in described.items()}
    for name, text in settings.items():
        _expect(name, described, what="switch")
        values[name] = described[name].parse(text)
    # Each value was parsed by its own switch, which is what the types of Switches say.
    return Contract(REVISIONS[revision], Behavior(behavior), Switches(**values))  # type: ignore[arg-type]


def _expect(name: str, known: Mapping[str, object] | list[Behavior], *, what: str) -> None:
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    hint = f", did you mean {near[0]}?" if near else ""
    raise ContractError(f"unknown {what} {shorten(name)}{hint} (allowed: {', '.join(known)})")
