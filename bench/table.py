"""Results as rows of text: bar, what, limit, median, range, verdict."""

from collections.abc import Sequence

from bench.judging import Bar, Result

HEADINGS = ("bar", "what", "limit", "measured", "min–max", "holds")
_VERDICTS = {True: "yes", False: "NO", None: ""}


def cells(result: Result) -> tuple[str, ...]:
    """One row of the table."""
    bar = result.bar
    if not result.values:
        return (bar.name, bar.what, limit_text(bar), "skipped", result.skipped, "")
    spread = f"{number(min(result.values))}–{number(max(result.values))}"
    middle = f"{number(result.median)} {bar.unit}"
    return (bar.name, bar.what, limit_text(bar), middle, spread, _VERDICTS[result.holds])


def limit_text(bar: Bar) -> str:
    """The limit with its direction and unit; empty where nothing is judged."""
    if bar.limit is None:
        return ""
    return f"{'≥' if bar.at_least else '≤'} {number(bar.limit)} {bar.unit}"


def number(value: float) -> str:
    """Three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3 if abs(value) >= 0.1 else 4
    return f"{value:.{digits}f}"


def text_table(results: Sequence[Result]) -> str:
    """A table for the terminal."""
    rows = [HEADINGS, *map(cells, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(results: Sequence[Result]) -> str:
    """The same table in Markdown."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(cells, results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
