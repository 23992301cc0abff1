"""``python -m bench``: measure the bars, print them, write the page; exit code 1 when one is missed."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from bench.data import FOLDER, data_files
from bench.environment import describe
from bench.judging import Result, missed
from bench.page import write_page
from bench.plots import draw_bars, draw_latency, draw_rows
from bench.registry import NAMES, SCALE, chosen
from bench.report import Report, read_report, write_report
from bench.rig import Group, Rig, Series
from bench.sizes import FULL, QUICK
from bench.table import cells, text_table

_SCALE_ROWS = 10_000_000
_DRAWN: dict[str, Callable[[Sequence[Series], Path], None]] = {"rows": draw_rows, "latency": draw_latency}


@click.command()
@click.option("--quick", is_flag=True, help="Little data and few rounds: about a minute.")
@click.option("--only", default="", metavar="NAMES", help=f"Some of {','.join(NAMES)}, with commas between.")
@click.option(
    "--scale",
    type=click.IntRange(min=10_000),
    is_flag=False,
    flag_value=_SCALE_ROWS,
    metavar="[ROWS]",
    help="Only what depends on size, with so many commits and changes (10,000,000).",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of page, plots and JSON; default: docs for all bars in full size, else .bench/output.",
)
def main(quick: bool, only: str, scale: int | None, output: Path | None) -> None:
    """Measure the bars of speed."""
    names = _names(only)
    sizes = QUICK if quick else FULL
    if scale:
        sizes = replace(FULL, name="scale", rows=scale, repeats=3)
    folder = output or (FOLDER / "output" if quick or names else Path("docs"))
    rig = Rig(sizes, data_files())
    results = _measure(rig, SCALE if scale else chosen(names))
    _write(folder, rig, results, is_scale=scale is not None)
    click.echo(text_table(results))
    click.echo(f"\nwritten to {folder}/speed.md")
    if names_missed := missed(results):
        click.echo(f"missed: {', '.join(names_missed)}")
        sys.exit(1)


def _names(only: str) -> list[str]:
    names = [name for name in only.split(",") if name]
    if unknown := set(names) - set(NAMES):
        raise click.BadParameter(f"no bar {', '.join(sorted(unknown))}", param_hint="--only")
    return names


def _measure(rig: Rig, groups: Sequence[Group]) -> list[Result]:
    """All results; each is also told at once, as a run takes its time."""
    results: list[Result] = []
    hidden = not sys.stderr.isatty()
    with click.progressbar(groups, file=sys.stderr, hidden=hidden, item_show_func=_shown) as progress:
        for group in progress:
            for result in group.measure(rig):
                click.echo(" ".join(cells(result)), err=True)
                results.append(result)
    return results


def _shown(group: Group | None) -> str:
    return " ".join(group.names) if group else ""


def _write(folder: Path, rig: Rig, results: Sequence[Result], *, is_scale: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    bars, scale = folder / "speed.json", folder / "speed-scale.json"
    write_report(Report(describe(), rig.sizes, tuple(results)), scale if is_scale else bars)
    if not is_scale:
        draw_bars(results, folder / "speed-bars.svg")
        for name, draw in _DRAWN.items():
            if lines := [one for one in rig.series if one.plot == name]:
                draw(lines, folder / f"speed-{name}.svg")
    write_page(folder, read_report(bars), read_report(scale))


if __name__ == "__main__":
    main()
