"""S6, S8 and S9: pages that nobody asked for before: what they cost, how deep, over how many rows."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from statistics import median

from bench.client import Connection
from bench.judging import Bar, Result, measured, ratios
from bench.references.commitmodels import reference_file
from bench.rig import Group, Rig, median_seconds, read_through, seconds_of
from bench.servers import Server, our_server, reference_command, serving
from bench.sizes import Sizes
from bench.targets import end_dates, new_pages, page
from bench.wire import WrongAnswerError

S6 = Bar("S6", "page of 1,000 never asked before ÷ by SQLModel and `response_model`, CPU", 1 / 30)
OUR_CPU = Bar("S6", "CPU of our page", unit="ms")
S8 = Bar("S8", "last page ÷ first page", 1.2)
S8_USER = Bar("S8", "last page ÷ first page, of one user", 1.2)
S9 = Bar("S9", "a page of one with its `totalCount`, many rows ÷ few rows", 1.5)


def measure_rendering(rig: Rig) -> Iterator[Result]:
    """Ask both servers for the same pages by turns and compare their CPU."""
    sizes = rig.sizes
    targets = new_pages(sizes.repeats * sizes.pages, sizes.rows)
    reference = reference_command("models", str(reference_file(rig.file)))
    read_through(rig.file, reference_file(rig.file))
    with our_server(rig.file) as server, serving(reference) as reference_server:
        _check_alike(server, reference_server)
        ours, references = [], []
        for _ in range(sizes.repeats):
            chosen = list(islice(targets, sizes.pages))
            rounds = [_reference_target(target) for target in chosen[: sizes.reference_pages]]
            references.append(cpu_of(reference_server, rounds))
            ours.append(cpu_of(server, chosen))
    yield measured(S6, ratios(ours, references))
    yield measured(OUR_CPU, [one * 1000 for one in ours])


def measure_depth(rig: Rig) -> Iterator[Result]:
    """Ask for the first and for the last full page of the same range by turns."""
    read_through(rig.file)
    with our_server(rig.file) as server:
        with Connection(server.port) as connection:
            user = _busy_user(connection)
        for bar, who in ((S8, None), (S8_USER, user)):
            yield measured(bar, depth(server, rig.sizes, who))


def depth(server: Server, sizes: Sizes, user: str | None = None) -> list[float]:
    """The last full page ÷ the first one, a median for each round."""
    values = []
    ends = end_dates(sizes.repeats * sizes.pages)
    with Connection(server.port) as connection:
        for _ in range(sizes.repeats):
            chosen = zip(islice(ends, sizes.pages), cycle((True, False)), strict=False)
            pairs = [_first_and_last(connection, end, user, first_first=order) for end, order in chosen]
            values.append(median(last for _, last in pairs) / median(first for first, _ in pairs))
    return values


def measure_count(rig: Rig) -> Iterator[Result]:
    """Ask for one item of ever other ranges, of many rows and of few, by turns."""
    sizes = rig.sizes
    ends = end_dates(sizes.repeats * sizes.requests, share=0.8)
    values = []
    with our_server(rig.file) as server, our_server(rig.small_file) as small_server:
        for _ in range(sizes.repeats):
            targets = [page(size=1, end=end) for end in islice(ends, sizes.requests)]
            few = _median_latency(small_server, targets)
            values.append(_median_latency(server, targets) / few)
    yield measured(S9, values)


def cpu_of(server: Server, targets: list[str], *, tags: list[str] | None = None, status: int = 200) -> float:
    """Seconds of the server's CPU for each of the targets, on average."""
    with Connection(server.port) as connection:
        before = server.cpu_s()
        for number, target in enumerate(targets):
            connection.get(target, tag=tags[number] if tags else None, status=status)
        return (server.cpu_s() - before) / len(targets)


def _median_latency(server: Server, targets: Sequence[str]) -> float:
    with Connection(server.port) as connection:
        return median_seconds(partial(connection.get, target) for target in targets)


def _reference_target(target: str) -> str:
    return "/commits?" + target.partition("?")[2]


def _check_alike(server: Server, reference: Server) -> None:
    """Both servers are to send the same items: else there is nothing to compare."""
    target = page(2, end=next(end_dates(1)))
    with Connection(server.port) as ours, Connection(reference.port) as theirs:
        mine = json.loads(bytes(ours.get(target).body))
        other = json.loads(bytes(theirs.get(_reference_target(target)).body))
    if mine != other:
        raise WrongAnswerError("the reference's page is not ours")


def _first_and_last(
    connection: Connection, end: str, user: str | None, *, first_first: bool
) -> tuple[float, float]:
    """Seconds of both pages; whichever comes second finds the range in the caches."""
    total = connection.get(page(size=1, end=end, user=user)).total_count
    if total < 2000:
        raise WrongAnswerError("the range has no page behind its first: take more rows")
    numbers = (1, total // 1000)
    seconds = {
        number: seconds_of(partial(connection.get, page(number, end=end, user=user)))
        for number in (numbers if first_first else reversed(numbers))
    }
    return seconds[numbers[0]], seconds[numbers[1]]


def _busy_user(connection: Connection) -> str:
    """Somebody who wrote more than most."""
    newest = json.loads(bytes(connection.get(page()).body))["items"]
    emails = [item["userEmail"] for item in newest]
    return str(max(sorted(set(emails)), key=emails.count))


RENDERING = Group(("S6",), measure_rendering)
DEPTH = Group(("S8",), measure_depth)
COUNT = Group(("S9",), measure_count)
