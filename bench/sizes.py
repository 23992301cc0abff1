"""How much is measured: rows, repeats, seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Each data file has ``rows`` commits and as many changes; ``few_rows`` is the small one of S9.

    ``repeats`` counts interleaved rounds; the other counts are those of one round.
    """

    name: str
    rows: int
    few_rows: int
    seeded_commits: int
    seeded_changes: int
    repeats: int
    pages: int
    reference_pages: int
    requests: int
    streaming_s: float
    load_s: float


FULL = Sizes(
    name="full",
    rows=1_000_000,
    few_rows=10_000,
    seeded_commits=250_000,
    seeded_changes=750_000,
    repeats=5,
    pages=200,
    reference_pages=10,
    requests=400,
    streaming_s=3.0,
    load_s=60.0,
)
QUICK = Sizes(
    name="quick",
    rows=100_000,
    few_rows=1_000,
    seeded_commits=10_000,
    seeded_changes=30_000,
    repeats=3,
    pages=60,
    reference_pages=4,
    requests=100,
    streaming_s=0.5,
    load_s=5.0,
)
