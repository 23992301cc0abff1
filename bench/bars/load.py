"""Many clients at once, and several processes: told for orientation; only errors are judged."""

from collections.abc import Iterable, Iterator
from itertools import chain, cycle

from bench.client import Connection
from bench.crowd import Crowd, Tally
from bench.judging import Bar, Result, measured, skipped
from bench.rig import Group, Rig
from bench.servers import MemoryGrowth, has_workers, our_server
from bench.targets import COMMITS_CSV, SMALL, commits_csv, end_dates, new_pages, page

ERRORS = Bar("load", "errors of 200 connections at once", 0, "")
GROWTH = Bar("load", "growth of the server's memory", unit="MB")
P50 = Bar("load", "page of 100 items, median", unit="ms")
P99 = Bar("load", "page of 100 items, 99th percentile", unit="ms")
FILES = Bar("load", "files of one day, a second", unit="files/s")
WORKERS = {
    count: Bar("workers", f"new pages of 1,000, 8 connections, --workers {count}", unit="requests/s")
    for count in (1, 2)
}
_PAGES, _FILES, _SLOW = 150, 40, 10


def measure_crowd(rig: Rig) -> Iterator[Result]:
    """150 clients read pages, 40 files of a day, 10 a whole file at 4 KB a second."""
    with our_server(rig.file) as server:
        with Connection(server.port) as connection:
            connection.get(SMALL)
        with MemoryGrowth(server) as growth:
            tally = Crowd(server.port, seconds=rig.sizes.load_s).run(
                pages=[_pages_of_100(first) for first in range(_PAGES)],
                files=[commits_csv(1)] * _FILES,
                slow=[COMMITS_CSV] * _SLOW,
            )
    latencies = sorted(one * 1000 for one in tally.latencies_s)
    yield measured(ERRORS, [len(tally.errors)])
    yield measured(GROWTH, [growth.megabytes])
    yield measured(P50, [latencies[len(latencies) // 2]])
    yield measured(P99, [latencies[len(latencies) * 99 // 100]])
    yield measured(FILES, [tally.files / rig.sizes.load_s])


def measure_workers(rig: Rig) -> Iterator[Result]:
    """The same load on one process and on two."""
    if not has_workers():
        for bar in WORKERS.values():
            yield skipped(bar, "`serve` has no option --workers")
        return
    seconds = min(rig.sizes.load_s, 10.0)
    for count, bar in WORKERS.items():
        with our_server(rig.file, "--workers", str(count)) as server:
            tally = _eight(server.port, seconds, rig.sizes.rows)
        yield measured(bar, [len(tally.latencies_s) / seconds])


def _eight(port: int, seconds: float, rows: int) -> Tally:
    targets = list(new_pages(8_000, rows))
    parts = [cycle(targets[number::8]) for number in range(8)]
    return Crowd(port, seconds=seconds).run(pages=parts, files=(), slow=())


def _pages_of_100(first: int) -> Iterable[str]:
    """Some pages that all clients ask for, and some that one alone does."""
    own = (page(first + 1, size=100, end=end) for end in end_dates(50))
    return cycle(chain.from_iterable((page(number % 5 + 1, size=100), one) for number, one in enumerate(own)))


CROWD = Group(("load",), measure_crowd)
WORKERS_GROUP = Group(("workers",), measure_workers)
