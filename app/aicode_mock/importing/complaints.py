"""What is wrong with what was read: where it stands, in which column, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from aicode_mock.daterange import shorten

CUT_OFF = "it is cut off, so fetch it again"  # nobody knows how many rows are missing: none is taken


class ImportFailedError(Exception):
    """Nothing was imported; the message says why, and what to do."""


class UnreadableError(ImportFailedError):
    """A file is none that the API gave, or only a part of one."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one row.  ``place`` names file and line, or item."""

    place: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """One line for a reader."""
        return f"{self.place}: {'; '.join(self.reasons)}"


class BadRowError(ValueError):
    """A row is not as the contract says; ``reasons`` are sentences that begin with the column."""

    def __init__(self, *reasons: str) -> None:
        """One reason at least."""
        super().__init__("; ".join(reasons))
        self.reasons = reasons

    @classmethod
    def of(cls, error: ValidationError) -> "BadRowError":
        """What pydantic found."""
        return cls(*dict.fromkeys(_reasons(error)))


def _reasons(error: ValidationError) -> Iterable[str]:
    for one in error.errors():
        path = _path(one["loc"])
        wording = _wording(dict(one))
        yield f"{path} {wording}" if path else wording


def _path(where: tuple[int | str, ...]) -> str:
    """``metadata[0].linesAdded``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).removeprefix(".")


def _wording(one: dict[str, Any]) -> str:
    match one["type"]:
        case "missing":
            return "is missing"
        case "value_error":
            reason, got = str(one["msg"]).removeprefix("Value error, "), one["input"]
            return reason if isinstance(got, dict) else f"{reason}: got {_literal(got)}"
        case _:
            reason = str(one["msg"]).replace("Input should be", "must be").replace("String should", "must")
            return f"{reason}: got {_literal(one['input'])}"


def _literal(value: object) -> str:
    """A value as JSON names it, or as much of it as a message can hold."""
    if isinstance(value, str):
        return shorten(value)
    names = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return names[value]
    return (
        str(value) if isinstance(value, int | float) else "an object" if isinstance(value, dict) else "a list"
    )
