"""A new database file: built aside, fast and without care, and named when it is whole.

Killed half-way, it leaves nothing under its name; what lies aside, the next one removes.
Of two processes that make one file, the first to be done gives it, and the other drops
its own.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from aicode_mock.databases import new_file
from aicode_mock.parts import Counts
from aicode_mock.privatefolder import PRIVATE_PREFIX, PrivateFolder
from aicode_mock.seeding import silent
from aicode_mock.store import Store
from aicode_mock.twin import Twin
from aicode_mock.worldplan import WorldPlan

FilledT = TypeVar("FilledT")


def make_file(
    database: str,
    plan: WorldPlan,
    *,
    progress: Callable[[int], None] = silent,
    link: Callable[[Path, Path], None] = os.link,
) -> Counts | None:
    """Make a file that is not there yet, with the default world in it; how many rows of what.

    None if nothing was made, as ``build_file`` says.

    Raises:
        StoreError: the database cannot be used.
        SeedingError: rows are asked for that no team of the scenario makes.
        UnknownLocaleError: the scenario names a locale that Faker does not know.
    """
    return build_file(database, lambda twin: twin.ensure_main_world(plan, progress=progress), link=link)


def build_file(
    database: str, fill: Callable[[Twin], FilledT], *, link: Callable[[Path, Path], None] = os.link
) -> FilledT | None:
    """Make a file that is not there yet of what ``fill`` writes; what that returns.

    None if nothing was made: the file is there, perhaps only now, or the database is no
    file, or its folder takes none (the store tells why when it is opened).

    Raises:
        StoreError: the database cannot be used.
    """
    file = new_file(database)
    if file is None:
        return None
    try:
        folder = PrivateFolder(f".{file.name}.", file.parent)
    except OSError:
        return None
    with folder:
        built = Path(folder.name, "store.db")
        filled = _build(built, fill)
        with built.open("rb+") as written:
            os.fsync(written.fileno())
        return filled if _give_name(built, file, link) else None


def open_private(plan: WorldPlan) -> Store:
    """Open a new private file with the default world in it.

    Raises:
        UnknownLocaleError: the scenario names a locale that Faker does not know.
    """
    folder = PrivateFolder(PRIVATE_PREFIX)
    try:
        built = Path(folder.name, "store.db")
        _build(built, lambda twin: twin.ensure_main_world(plan))
        return Store.open(str(built), private=folder)
    except BaseException:
        folder.cleanup()
        raise


def _build(file: Path, fill: Callable[[Twin], FilledT]) -> FilledT:
    with closing(Twin.of(Store.open(str(file), loading=True))) as twin:
        filled = fill(twin)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # whoever wants the file on the disk syncs it once
        connection.execute("PRAGMA journal_mode = WAL")  # so that nobody has to change it under others
    return filled


def _give_name(built: Path, file: Path, link: Callable[[Path, Path], None]) -> bool:
    """Whether the name was free; a link, unlike a rename, never takes it from another file."""
    try:
        link(built, file)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if file.exists():
            return False
        built.rename(file)
    return True
