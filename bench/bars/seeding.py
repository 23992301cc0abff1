"""S10: making a data file against importing the same rows from ready CSV files."""

from collections.abc import Iterator
from pathlib import Path

from bench.data import seed
from bench.judging import Bar, Result, measured, ratios
from bench.references import shell
from bench.rig import Group, Rig, seconds_of

S10 = Bar("S10", "seeding ÷ `.import` of the same rows into the same six tables", 2.2)
S10_FILES = Bar("S10", "seeding ÷ `.import` of the two documented CSV files into plain tables")
RATE = Bar("S10", "seeding of a million rows", unit="s")


def measure(rig: Rig) -> Iterator[Result]:
    """Seed and import by turns, each into a new file; a commit to every three changes."""
    commits, changes = rig.sizes.seeded_commits, rig.sizes.seeded_changes
    seeded, imported, documented = [], [], []
    with rig.scratch() as scratch:
        folder = Path(scratch)
        source, file = folder / "source.db", folder / "imported.db"
        seed(source, commits=commits, changes=changes)
        shell.export(source, folder)
        shell.export_documented(source, folder)
        for _ in range(min(rig.sizes.repeats, 3)):
            imported.append(shell.import_tables(file, folder, like=source))
            shell.check_alike(file, source)
            seeded.append(seconds_of(lambda: seed(source, commits=commits, changes=changes)))
            documented.append(shell.import_documented(file, folder))
    yield measured(S10, ratios(seeded, imported))
    yield measured(S10_FILES, ratios(seeded, documented))
    yield measured(RATE, [seconds / (commits + changes) * 1e6 for seconds in seeded])


GROUP = Group(("S10",), measure)
