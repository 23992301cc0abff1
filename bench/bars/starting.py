"""S11: from the start of the process to the first 200."""

from collections.abc import Iterator

from bench.judging import Bar, Result, measured, ratios
from bench.rig import Group, Rig
from bench.servers import our_command, reference_command, seconds_to_first_answer
from bench.targets import SMALL

_EMPTY = "start to first 200 ÷ start of an empty FastAPI application with SQLModel"
S11 = Bar("S11", f"{_EMPTY}: default scenario", 1.5)
S11_FILE = Bar("S11", f"{_EMPTY}: file with all rows", 1.2)
EMPTY = Bar("S11", "the empty application itself", unit="s")


def measure(rig: Rig) -> Iterator[Result]:
    """Start the three by turns; a first time to let Python compile and the disk warm up."""
    commands = (
        (reference_command("empty"), "/"),
        (our_command(database=None), SMALL),
        (our_command(database=rig.file), SMALL),
    )
    rounds = [
        tuple(seconds_to_first_answer(command, target) for command, target in commands)
        for _ in range(rig.sizes.repeats + 1)
    ]
    empty, scenario, file = zip(*rounds[1:], strict=True)
    yield measured(S11, ratios(scenario, empty))
    yield measured(S11_FILE, ratios(file, empty))
    yield measured(EMPTY, empty)


GROUP = Group(("S11",), measure)
