"""The parts of a data set on their way into the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

Values = tuple[object, ...]
"""A row of a table, in the order of its columns."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were made of what."""

    teams: int
    members: int
    commits: int
    changes: int
    annotations: int


class Part(NamedTuple):
    """Rows for some tables, by the names of these; ``size`` of them are commits and changes."""

    rows: Mapping[str, list[Values]]
    size: int = 0


class Whole(NamedTuple):
    """What comes last: how many rows there were of what, and a digest of them all."""

    counts: Counts
    digest: str
