"""All bars, in the order in which they are measured and told."""

from collections.abc import Collection

from bench.bars import latency, load, pages, postgresql, repeated, scale, seeding, starting, streaming
from bench.rig import Group

BARS = (
    streaming.GROUP,
    latency.GROUP,
    pages.RENDERING,
    repeated.AGAIN,
    pages.DEPTH,
    pages.COUNT,
    seeding.GROUP,
    starting.GROUP,
    repeated.UNCHANGED,
    load.CROWD,
    load.WORKERS_GROUP,
    postgresql.GROUP,
)
SCALE = (scale.MAKING, streaming.GROUP, pages.DEPTH, pages.COUNT)
NAMES = tuple(name for group in BARS for name in group.names)


def chosen(names: Collection[str]) -> list[Group]:
    """The groups that have one of the bars; all of them if none is named."""
    return [group for group in BARS if not names or not set(names).isdisjoint(group.names)]
