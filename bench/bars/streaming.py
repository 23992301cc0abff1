"""S1 to S4: whole CSV files against the sqlite3 shell, the memory they take, their first byte."""

from collections.abc import Iterator
from pathlib import Path

from bench.client import Connection, Streamed, stream
from bench.judging import Bar, Result, measured, ratios
from bench.references import shell
from bench.rig import Group, Rig, Series
from bench.servers import MemoryGrowth, Server, our_server
from bench.targets import CHANGES_CSV, COMMITS_CSV, SMALL, commits_count, commits_csv
from bench.wire import WrongAnswerError

S1 = Bar("S1", "commits.csv, all rows ÷ `sqlite3 -csv` of the same rows", 0.6)
S2 = Bar("S2", "changes.csv, all rows ÷ `sqlite3 -csv` of the same rows", 0.8)
S3 = Bar("S3", "growth of the server's memory during S1 and S2", 25, "MB")
S4 = Bar("S4", "first byte of S1", 30, "ms")
THROUGHPUT = Bar("S1", "rows of commits.csv a second", unit="rows/s")
_DAYS = (6, 15, 30, 45, 60)
_TRIES = 3


def measure(rig: Rig) -> Iterator[Result]:
    """Stream both files and dump them by turns."""
    file, repeats = rig.file, rig.sizes.repeats
    with our_server(file) as server:
        with Connection(server.port) as connection:
            connection.get(SMALL)
        with MemoryGrowth(server) as growth:
            commits, commit_references = _by_turns(server, file, COMMITS_CSV, shell.COMMITS, repeats)
            changes, change_references = _by_turns(server, file, CHANGES_CSV, shell.CHANGES, repeats)
        yield measured(S1, ratios([one.seconds for one in commits], commit_references))
        yield measured(S2, ratios([one.seconds for one in changes], change_references))
        yield measured(S3, [growth.megabytes])
        yield measured(S4, [one.first_byte_s * 1000 for one in commits])
        yield measured(THROUGHPUT, [rig.sizes.rows / one.seconds for one in commits])
        rig.series.extend(_by_rows(server, file))


def _by_turns(
    server: Server, file: Path, target: str, statement: str, repeats: int
) -> tuple[list[Streamed], list[float]]:
    ours, references = [], []
    for _ in range(repeats):
        seconds, dumped_bytes = shell.dump(file, statement)
        streamed = stream(server.port, target)
        if streamed.received_bytes < dumped_bytes * 0.95:
            raise WrongAnswerError(f"{target} has fewer bytes than the dump of its rows")
        references.append(seconds)
        ours.append(streamed)
    return ours, references


def _by_rows(server: Server, file: Path) -> Iterator[Series]:
    """Seconds against rows, of ever longer ranges; the best of some tries, for a plot."""
    with Connection(server.port) as connection:
        rows = [connection.get(commits_count(days)).total_count for days in _DAYS]
    dumps, streams = [], []
    for days, count in zip(_DAYS, rows, strict=True):
        dumps.append(min(shell.dump(file, f"{shell.COMMITS} LIMIT {count}")[0] for _ in range(_TRIES)))
        streams.append(min(stream(server.port, commits_csv(days)).seconds for _ in range(_TRIES)))
    yield Series("rows", "sqlite3 -csv", tuple(rows), tuple(dumps))
    yield Series("rows", "commits.csv", tuple(rows), tuple(streams))


GROUP = Group(("S1", "S2", "S3", "S4"), measure)
