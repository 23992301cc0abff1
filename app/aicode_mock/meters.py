"""What is counted of all requests, for whoever watches the server: in the process, then in the store.

A request adds to some numbers in memory.  Each process tells them to the store once a
second, and before it ends; there they are sums over all workers, replicas and times.
Names are few: endpoints, statuses and the bounds of a histogram, never a key or a world.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import select, text
from sqlalchemy.engine import Connection

from aicode_mock.entries import Entry
from aicode_mock.store import Store
from aicode_mock.worldtables import METERS

BOUNDS_MS = (1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
BUCKETS = (*map(str, BOUNDS_MS), "+Inf")
NO_ENDPOINT = "none"  # a path that no endpoint has
_LIMITED = 429

_ALL = select(METERS)
_ADD = text("""
    INSERT INTO meter (name, endpoint, label, value) VALUES (:name, :endpoint, :label, :value)
    ON CONFLICT (name, endpoint, label) DO UPDATE SET value = meter.value + excluded.value
""")

Sums = Counter[tuple[str, str, str]]
"""Numbers by name, endpoint and label."""


@dataclass(slots=True)
class _Met:
    """Requests of one endpoint with one status."""

    requests: int = 0
    rows: int = 0
    bytes: int = 0
    limited: int = 0
    faults: int = 0
    microseconds: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))


class Meters:
    """Counts requests for a store."""

    def __init__(self, store: Store) -> None:
        """Nothing is counted yet."""
        self._store = store
        self._lock, self._telling = Lock(), Lock()
        self._met: dict[tuple[str | None, int], _Met] = {}
        self._untold: Sums = Counter()

    def count(self, entry: Entry) -> None:
        """Count a request that has been answered."""
        with self._lock:
            met = self._met.get((entry.endpoint, entry.status))
            if met is None:
                met = self._met[entry.endpoint, entry.status] = _Met()
            met.requests += 1
            met.rows += entry.rows or 0
            met.bytes += entry.bytes
            met.limited += entry.status == _LIMITED and entry.rateLimit is not None
            met.faults += len(entry.faults)
            met.microseconds += int(1000 * entry.ms)
            met.buckets[bisect_left(BOUNDS_MS, entry.ms)] += 1

    def tell(self) -> None:
        """Add what was counted to the sums of the store; what cannot be told now is told the next time.

        Raises:
            SQLAlchemyError: the store does not answer.
        """
        with self._telling:  # what another thread tells now is told as well when this returns
            with self._lock:
                met, self._met = self._met, {}
                untold, self._untold = self._untold + _sums(met), Counter()
            if untold:
                self._add(untold)

    def _add(self, untold: Sums) -> None:
        names = sorted(untold)  # in one order, so that no two processes wait for each other
        try:
            with self._store.writing() as connection:
                connection.execute(_ADD, [_row(one, untold[one]) for one in names])
        except BaseException:
            with self._lock:
                self._untold += untold
            raise


def read_meters(connection: Connection) -> Sums:
    """The sums of the store."""
    return Counter({(row.name, row.endpoint, row.label): row.value for row in connection.execute(_ALL)})


def _sums(met: dict[tuple[str | None, int], _Met]) -> Sums:
    sums: Sums = Counter()
    for (endpoint, status), one in met.items():
        place = endpoint or NO_ENDPOINT
        sums["requests", place, str(status)] += one.requests
        for name in ("rows", "bytes", "limited", "faults", "microseconds"):
            sums[name, place, ""] += getattr(one, name)
        for bound, requests in zip(BUCKETS, one.buckets, strict=True):
            sums["bucket", place, bound] += requests
    return sums


def _row(name: tuple[str, str, str], value: int) -> dict[str, str | int]:
    return {"name": name[0], "endpoint": name[1], "label": name[2], "value": value}
