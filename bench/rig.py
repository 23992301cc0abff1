"""What every measurement has at hand: sizes, data files, and a place for what is to be drawn."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.data import DataFiles
from bench.judging import Result
from bench.sizes import Sizes

_BLOCK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a plot: ``plot`` names the plot, ``name`` the line."""

    plot: str
    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rig:
    """The surroundings of a measurement; ``series`` collects what is to be drawn."""

    sizes: Sizes
    data: DataFiles
    series: list[Series] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The data file that most bars are measured on."""
        return self.data.of(self.sizes.rows)

    @property
    def small_file(self) -> Path:
        """The data file of few rows."""
        return self.data.of(self.sizes.few_rows)

    def scratch(self) -> TemporaryDirectory[str]:
        """A folder beside the data, so on the same disk."""
        return TemporaryDirectory(prefix="scratch-", dir=self.data.folder)


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that are measured together."""

    names: tuple[str, ...]
    measure: Callable[[Rig], Iterable[Result]]


def read_through(*files: Path) -> None:
    """Read files once, so that nobody who is measured later waits for the disk."""
    for file in files:
        with file.open("rb", buffering=0) as stream:
            while stream.read(_BLOCK_BYTES):
                pass


def seconds_of(action: Callable[[], object]) -> float:
    """How long something takes."""
    start = perf_counter()
    action()
    return perf_counter() - start


def median_seconds(actions: Iterable[Callable[[], object]]) -> float:
    """How long the middle one of several takes."""
    return median(seconds_of(action) for action in actions)
