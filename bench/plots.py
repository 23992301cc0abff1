"""The plots, as SVG files that are the same for the same figures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FormatStrFormatter, LogLocator, NullFormatter

from bench.judging import Result
from bench.rig import Series

_OURS, _OTHER, _BAD = "#1f6feb", "#8c959f", "#cf222e"
_PERCENTILES = 200


def draw_rows(series: Sequence[Series], file: Path) -> None:
    """Seconds against rows."""
    with _axes(file, "All commits as CSV: time against rows") as axes:
        for one in series:
            color = _OURS if one.name.endswith(".csv") else _OTHER
            axes.plot(one.xs, one.ys, marker="o", color=color, label=one.name)
        axes.set(xlabel="rows", ylabel="seconds", xlim=(0, None), ylim=(0, None))
        axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
        axes.legend(frameon=False)


def draw_latency(series: Sequence[Series], file: Path) -> None:
    """The part of the requests that were answered within a time."""
    with _axes(file, "A page of one item, idle and while a whole file is streamed") as axes:
        parts = [number / _PERCENTILES for number in range(_PERCENTILES + 1)]
        for one in series:
            ordered = sorted(one.ys)
            times = [ordered[min(int(part * len(ordered)), len(ordered) - 1)] for part in parts]
            color = _OTHER if one.name == "idle" else _OURS
            axes.plot([100 * part for part in parts], times, color=color, label=one.name)
        axes.set(xlabel="percent of requests answered within", ylabel="milliseconds", yscale="log")
        _label_log(axes.yaxis)
        axes.legend(frameon=False)


def draw_bars(results: Sequence[Result], file: Path) -> None:
    """Each judged value as a part of its limit; several of one name are a, b and so on."""
    judged = [result for result in results if result.holds is not None and result.bar.limit]
    with _axes(file, "The bars", height=0.9 + 0.3 * len(judged)) as axes:
        labels = [_label(judged, result) for result in judged]
        colors = [_OURS if result.holds else _BAD for result in judged]
        axes.barh(labels, [_part_of_limit(result) for result in judged], color=colors)
        axes.axvline(1, color="black", linewidth=1)
        axes.set(xlabel="part of the limit that is used; beyond 1 the bar is missed", xscale="log")
        _label_log(axes.xaxis)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")


@contextmanager
def _axes(file: Path, title: str, *, height: float = 3.6) -> Iterator[Axes]:
    """Axes to draw on; the file is written at the end of the block."""
    style = mpl.rc_context(
        {
            "svg.hashsalt": "aicode-mock",  # else ids are random
            "svg.fonttype": "none",  # text stays text
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#dddddd",
        }
    )
    with style:
        figure = Figure(figsize=(7, height))
        axes = figure.add_subplot()
        axes.set_title(title, loc="left")
        yield axes
        figure.tight_layout()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def _label_log(axis: Axis) -> None:
    """Plain numbers at 1, 2 and 5 of each power of ten."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FormatStrFormatter("%g"))
    axis.set_minor_formatter(NullFormatter())


def _label(judged: Sequence[Result], result: Result) -> str:
    namesakes = [one for one in judged if one.bar.name == result.bar.name]
    letter = chr(ord("a") + namesakes.index(result)) if len(namesakes) > 1 else ""
    return result.bar.name + letter


def _part_of_limit(result: Result) -> float:
    limit, value = result.bar.limit or 1, max(result.median, 1e-9)
    return limit / value if result.bar.at_least else value / limit
