"""Rows on their way in: kept on disk, put into their order, and only the new ones taken.

How often a row is wanted is how often it stands in that export which has it most often: the
same file twice adds nothing, and two identical rows of one export stay two.  What the
database has of it already is taken off.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from aicode_mock.importing.entries import Answer
from aicode_mock.importing.exports import Exports
from aicode_mock.importing.identity import identity_of, moved
from aicode_mock.importing.shapes import Row
from aicode_mock.newplaces import OrderKey, change_key, commit_key
from aicode_mock.rows import ChangeRow, CommitRow
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, RowKind

Known = Counter[tuple[int, bytes]]
"""How many rows there are of an instant and a content."""

KINDS = (COMMIT_ROWS, CHANGE_ROWS)  # commits before changes

_AT_ONCE = 500
_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -32768")
_TABLES = """
    CREATE TABLE staged (
        number INTEGER PRIMARY KEY, kind, created_at, stable, branch, identity, export, knows_source, facts);
    CREATE TABLE fresh (place INTEGER PRIMARY KEY, kind, number);
    CREATE TABLE lifted (place INTEGER PRIMARY KEY, kind, facts);
"""


def kind_of(row: Row) -> RowKind:
    """What kind of row it is."""
    return COMMIT_ROWS if isinstance(row, CommitRow) else CHANGE_ROWS


def order_key(row: Row) -> OrderKey:
    """What rows are ordered by."""
    if isinstance(row, CommitRow):
        return commit_key(row.created_at, row.commit_hash, row.branch_name)
    return change_key(row.created_at, row.change_id)


class _Staged(NamedTuple):
    created_at: int
    identity: bytes
    export: int
    knows_source: int
    number: int


class Staging:
    """All rows that were read; a folder of its own is its place, and its owner's to remove."""

    def __init__(self, folder: Path) -> None:
        """Nothing was read yet."""
        self._disk = sqlite3.connect(folder / "staged.db", isolation_level=None)
        for pragma in _PRAGMAS:
            self._disk.execute(f"PRAGMA {pragma}")
        self._disk.executescript(_TABLES)
        self._disk.execute("BEGIN")
        self._waiting: list[tuple[object, ...]] = []
        self._exports = defaultdict[str, Exports](Exports)
        self.oldest: int | None = None  # of all instants
        self.newest: int | None = None  # createdAt
        self.latest: int | None = None  # of all instants
        self.shift_ms = 0

    def close(self) -> None:
        """Give back the file."""
        self._disk.close()

    def add(self, row: Row, answer: Answer, *, knows_source: bool) -> None:
        """Take a row that stands in an answer of the API."""
        name = kind_of(row).name
        export = self._exports[name].number_of(answer)
        facts = json.dumps(row, ensure_ascii=False)
        self._waiting.append((name, *order_key(row), identity_of(row), export, knows_source, facts))
        self.newest = max(row.created_at, self.newest or row.created_at)
        first, last = sorted((row.created_at, _commit_ts(row)))
        self.oldest = first if self.oldest is None else min(first, self.oldest)
        self.latest = last if self.latest is None else max(last, self.latest)
        if len(self._waiting) >= _AT_ONCE:
            self._flush()

    def pick(self, kind: RowKind, known: Callable[[Sequence[int]], Known]) -> int:
        """Find the rows that are new, and return how many; ``known`` counts those of some instants."""
        self._flush()
        rows = self._disk.execute(
            "SELECT created_at, identity, export, knows_source, number FROM staged WHERE kind = ?"
            " ORDER BY created_at, stable, branch, number DESC",  # the API's order is newest first
            (kind.name,),
        )
        instants = ((at, list(some)) for at, some in groupby(map(_Staged._make, rows), itemgetter(0)))
        count = 0
        while some := list(islice(instants, _AT_ONCE)):
            there = known([at + self.shift_ms for at, _ in some])
            fresh = [(kind.name, one.number) for _, group in some for one in self._fresh(group, there)]
            self._disk.executemany("INSERT INTO fresh (kind, number) VALUES (?, ?)", fresh)
            count += len(fresh)
        return count

    def fresh(self, kind: RowKind) -> Iterator[Row]:
        """The rows that ``pick`` found, in their order, where they belong in time."""
        rows = self._disk.execute(
            "SELECT facts FROM fresh CROSS JOIN staged USING (number) WHERE fresh.kind = ? ORDER BY place",
            (kind.name,),
        )
        return (moved(one, self.shift_ms) for one in _read(kind, rows))

    def lift(self, kind: RowKind, rows: Iterable[Row]) -> None:
        """Keep rows of the database, which come in their order, while room is made for others."""
        facts = ((kind.name, json.dumps(row, ensure_ascii=False)) for row in rows)
        self._disk.executemany("INSERT INTO lifted (kind, facts) VALUES (?, ?)", facts)

    def lifted(self, kind: RowKind) -> Iterator[Row]:
        """The rows that ``lift`` kept."""
        rows = self._disk.execute("SELECT facts FROM lifted WHERE kind = ? ORDER BY place", (kind.name,))
        return _read(kind, rows)

    def _fresh(self, group: list[_Staged], there: Known) -> Iterator[_Staged]:
        """The rows of one instant that are not there."""
        exports: defaultdict[bytes, defaultdict[int, list[_Staged]]] = defaultdict(lambda: defaultdict(list))
        for one in group:
            exports[one.identity][one.export].append(one)
        wanted: set[int] = set()
        for identity, found in exports.items():
            most = max(found.values(), key=_worth)
            most.sort(key=_knows_source, reverse=True)
            missing = max(0, len(most) - there[group[0].created_at + self.shift_ms, identity])
            wanted.update(one.number for one in most[:missing])
        return (one for one in group if one.number in wanted)

    def _flush(self) -> None:
        self._disk.executemany(
            "INSERT INTO staged (kind, created_at, stable, branch, identity, export, knows_source, facts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self._waiting,
        )
        self._waiting.clear()


def _commit_ts(row: Row) -> int:
    """When a commit was made; of what does not tell it, when it came in."""
    known = row.commit_ts if isinstance(row, CommitRow) else None
    return row.created_at if known is None else known


_knows_source = itemgetter(3)


def _worth(rows: list[_Staged]) -> tuple[int, int]:
    """Of exports that have a row, the one that has it most often, and then tells most of it."""
    return len(rows), sum(map(_knows_source, rows))


def _read(kind: RowKind, rows: Iterable[Any]) -> Iterator[Row]:
    make: Callable[[Iterable[Any]], Row] = CommitRow._make if kind is COMMIT_ROWS else ChangeRow._make
    return (make(json.loads(facts)) for (facts,) in rows)
