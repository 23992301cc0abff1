"""S5: how long a small request waits while a whole CSV file is streamed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from statistics import median
from time import perf_counter, sleep

from bench.client import Connection, stream
from bench.judging import Bar, Result, measured, ratios
from bench.rig import Group, Rig, Series
from bench.servers import Server, our_server
from bench.sizes import Sizes
from bench.targets import COMMITS_CSV, SMALL

S5 = Bar("S5", "median of a small JSON request while S1 runs ÷ idle", 1.5)
IDLE = Bar("S5", "the same, idle", unit="ms")
_PAUSE_S = 0.005  # a client that asks now and then, not one that wants all of the server


@dataclass(frozen=True, slots=True)
class Asked:
    """When a request was sent, in seconds since the first, and how long its answer took."""

    moments: list[float] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)


def measure(rig: Rig) -> Iterator[Result]:
    """Ask idle and during streams, by turns."""
    idle, streaming = Asked(), Asked()
    with our_server(rig.file) as server:
        medians = ask_by_turns(server, rig.sizes, idle, streaming)
    yield measured(S5, ratios([during for _, during in medians], [before for before, _ in medians]))
    yield measured(IDLE, [before * 1000 for before, _ in medians])
    for name, asked in (("idle", idle), ("while commits.csv streams", streaming)):
        rig.series.append(
            Series("latency", name, tuple(asked.moments), tuple(one * 1000 for one in asked.latencies_s))
        )


def ask_by_turns(server: Server, sizes: Sizes, idle: Asked, streaming: Asked) -> list[tuple[float, float]]:
    """Ask idle and during streams, by turns; the medians of each round."""
    medians: list[tuple[float, float]] = []
    start = perf_counter()
    with Connection(server.port) as connection:
        _ask(connection, Asked(), start, 0.5)
        for _ in range(sizes.repeats):
            first = len(idle.latencies_s), len(streaming.latencies_s)
            _ask(connection, idle, start, sizes.streaming_s)
            with _Streams(server.port):
                _ask(connection, streaming, start, sizes.streaming_s)
            medians.append((median(idle.latencies_s[first[0] :]), median(streaming.latencies_s[first[1] :])))
    return medians


def _ask(connection: Connection, asked: Asked, start: float, seconds: float) -> None:
    end = perf_counter() + seconds
    while (sent := perf_counter()) < end:
        connection.get(SMALL)
        asked.moments.append(sent - start)
        asked.latencies_s.append(perf_counter() - sent)
        sleep(_PAUSE_S)


class _Streams:
    """One stream after the other until the end of the block, in a process of its own."""

    def __init__(self, port: int) -> None:
        spawn = get_context("spawn")
        self._begun, self._ended = spawn.Event(), spawn.Event()
        self._process = spawn.Process(target=_read, args=(port, self._begun, self._ended), daemon=True)

    def __enter__(self) -> None:
        self._process.start()
        self._begun.wait()

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._process.join()


def _read(port: int, begun: Event, ended: Event) -> None:
    begun.set()
    while not ended.is_set():
        stream(port, COMMITS_CSV)


GROUP = Group(("S5",), measure)
