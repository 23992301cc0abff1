"""A rule: what it is about, why, what to do, and the check that finds its breaches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from aicode_mock.report.journal import Journal


class Severity(StrEnum):
    """How bad it is: rows or requests are lost; will be, one day; or it could be cheaper."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return {"info": 0, "warning": 1, "error": 2}[self.value]


@dataclass(frozen=True, slots=True)
class Breach:
    """One concrete sentence with its figures, and the ids of the requests that show it."""

    message: str
    requests: list[int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule table."""

    id: str
    severity: Severity
    title: str
    why: str
    todo: str
    check: Callable[[Journal], Iterator[Breach]]

    @property
    def docs(self) -> str:
        """Where a server shows the page of this rule."""
        return f"/_mock/rules/{self.id}"
