"""A run as it is kept: its surroundings and its results, as JSON beside the page."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bench.judging import Result
from bench.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Report:
    """What one run measured, of which sizes, where."""

    environment: dict[str, str]
    sizes: Sizes
    results: tuple[Result, ...]


_JSON = TypeAdapter(Report)


def write_report(report: Report, file: Path) -> None:
    """Keep a run."""
    file.write_bytes(_JSON.dump_json(report, indent=1) + b"\n")


def read_report(file: Path) -> Report | None:
    """A run that was kept; None if there is none."""
    return _JSON.validate_json(file.read_bytes()) if file.exists() else None
