"""Whether a bar holds: the median of its measured values against its limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit on a measured value, in ``unit``; without a limit the value is told and not judged.

    The value may be at most the limit, or must be ``at_least`` that.
    """

    name: str
    what: str
    limit: float | None = None
    unit: str = "×"
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured for a bar, one value for each round; ``skipped`` says why there is none."""

    bar: Bar
    values: tuple[float, ...]
    skipped: str = ""

    @property
    def median(self) -> float:
        """The value that is judged."""
        return median(self.values)

    @property
    def holds(self) -> bool | None:
        """Whether the bar is kept; None where nothing is judged."""
        if self.bar.limit is None or not self.values:
            return None
        if self.bar.at_least:
            return self.median >= self.bar.limit
        return self.median <= self.bar.limit


def measured(bar: Bar, values: Sequence[float]) -> Result:
    """A result of at least one round."""
    return Result(bar, tuple(values))


def skipped(bar: Bar, reason: str) -> Result:
    """A bar that cannot be measured here."""
    return Result(bar, (), reason)


def ratios(ours: Sequence[float], references: Sequence[float]) -> list[float]:
    """Ours ÷ reference, round by round: what disturbs one round disturbs both of its halves."""
    return [mine / theirs for mine, theirs in zip(ours, references, strict=True)]


def missed(results: Sequence[Result]) -> list[str]:
    """The names of the bars that are not kept."""
    return [result.bar.name for result in results if result.holds is False]
