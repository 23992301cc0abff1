"""S7 and S12: what was asked before: the same page again, and what has not changed since."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from time import perf_counter

from bench.bars.pages import cpu_of
from bench.client import Connection, stream
from bench.judging import Bar, Result, measured, ratios
from bench.rig import Group, Rig, read_through
from bench.servers import Server, our_server, reference_command, serving
from bench.targets import WEEK_CSV, new_pages, page

_TURNS = 4  # that each server has in a round
_BARE = "÷ the same bytes from a bare FastAPI route, requests/s"
S7 = Bar("S7", f"the same page of 1,000 again {_BARE}", 0.6, at_least=True)
S7_RUNNING = Bar("S7", f"the same while `now` moves on {_BARE}", 0.6, at_least=True)
S7_ASYNC = Bar("S7", "the same ÷ an `async def` route, which may not wait for anything", at_least=True)
RATE = Bar("S7", "the same page again, one connection", unit="requests/s")
S12 = Bar("S12", "304 ÷ the 200 that it replaces, CPU: commits.csv of one week", 1 / 5)
S12_PAGE = Bar("S12", "304 ÷ the 200 that it replaces, CPU: page of 1,000 never asked before", 1 / 5)
S12_BARE = Bar("S12", "a 304 of a bare `async def` FastAPI route ÷ that page, CPU")


def measure_again(rig: Rig) -> Iterator[Result]:
    """Ask four servers for the same bytes by turns."""
    target = page()
    with ExitStack() as held:
        folder = held.enter_context(rig.scratch())
        frozen = held.enter_context(our_server(rig.file))
        # On a file of its own: the clock is a world's, and worlds lie in the file.
        running = held.enter_context(our_server(rig.small_file, frozen=False))
        with Connection(frozen.port) as connection:
            Path(folder, "page.json").write_bytes(connection.get(target).body)
        bare = held.enter_context(serving(reference_command("static", f"{folder}/page.json")))
        asked = ((bare, "/def"), (frozen, target), (running, target), (bare, "/async"))
        rounds = [_rates(asked, rig.sizes.requests) for _ in range(rig.sizes.repeats)]
    bare_rates, frozen_rates, running_rates, async_rates = zip(*rounds, strict=True)
    yield measured(S7, ratios(frozen_rates, bare_rates))
    yield measured(S7_RUNNING, ratios(running_rates, bare_rates))
    yield measured(S7_ASYNC, ratios(frozen_rates, async_rates))
    yield measured(RATE, frozen_rates)


def measure_unchanged(rig: Rig) -> Iterator[Result]:
    """Ask one server for answers and, with their tags, another one that never rendered them."""
    sizes = rig.sizes
    read_through(rig.file)
    weeks, pages, bares = [], [], []
    targets = new_pages(sizes.repeats * sizes.pages, sizes.rows)
    bare_command = reference_command("static", __file__)
    with our_server(rig.file) as server, our_server(rig.file) as fresh, serving(bare_command) as bare:
        for _ in range(sizes.repeats):
            tag, week_s = _streamed_week(server, max(1, sizes.pages // 20))
            unchanged = [WEEK_CSV] * sizes.pages
            weeks.append(cpu_of(fresh, unchanged, tags=[tag] * sizes.pages, status=304) / week_s)
            chosen = list(islice(targets, sizes.pages))
            tags, page_s = _asked_anew(server, chosen)
            pages.append(cpu_of(fresh, chosen, tags=tags, status=304) / page_s)
            bares.append(cpu_of(bare, ["/unchanged"] * sizes.pages, status=304) / page_s)
    yield measured(S12, weeks)
    yield measured(S12_PAGE, pages)
    yield measured(S12_BARE, bares)


def _streamed_week(server: Server, times: int) -> tuple[str, float]:
    """The tag of a week's CSV, and the seconds of CPU that one stream of it takes."""
    before = server.cpu_s()
    streams = [stream(server.port, WEEK_CSV) for _ in range(times)]
    return streams[0].tag, (server.cpu_s() - before) / times


def _asked_anew(server: Server, targets: Sequence[str]) -> tuple[list[str], float]:
    """The tags of answers, and the seconds of CPU that each took, on average."""
    with Connection(server.port) as connection:
        before = server.cpu_s()
        tags = [connection.get(target).tag for target in targets]
        return tags, (server.cpu_s() - before) / len(targets)


def _rates(asked: Sequence[tuple[Server, str]], requests: int) -> list[float]:
    """Answers a second of each server, one after the other on one connection; the first is not counted.

    The servers take short turns: what disturbs one of them disturbs the others, too.
    """
    seconds = [0.0] * len(asked)
    with ExitStack() as held:
        connections = [held.enter_context(Connection(server.port)) for server, _ in asked]
        for connection, (_, target) in zip(connections, asked, strict=True):
            connection.get(target)
        for _ in range(_TURNS):
            for number, (connection, (_, target)) in enumerate(zip(connections, asked, strict=True)):
                start = perf_counter()
                for _ in range(requests // _TURNS):
                    connection.get(target)
                seconds[number] += perf_counter() - start
    return [requests / one for one in seconds]


AGAIN = Group(("S7",), measure_again)
UNCHANGED = Group(("S12",), measure_unchanged)
