"""What is counted of all requests: exact, summed over processes, and never lost while the store is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from aicode_mock.entries import Entry, LimitState
from aicode_mock.meters import BOUNDS_MS, Meters, Sums, read_meters
from aicode_mock.store import Store
from tests.stores import open_store

pytestmark = pytest.mark.both_stores

LIMIT = LimitState(perMinute=5, used=5, endsAt=None)


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_store()) as store:
        yield store


def entry(*, endpoint: str | None = "commits", status: int = 200, ms: float = 3.0, **fields: object) -> Entry:
    instant = "2026-06-30T00:00:00.000Z"
    known = {
        "id": 1,
        "instant": instant,
        "realInstant": instant,
        "team": None,
        "method": "GET",
        "path": "/x",
        "query": "",
        "understood": None,
        "message": None,
        "rows": None,
        "totalCount": None,
        "bytes": 0,
        "faults": [],
        "rateLimit": None,
        "conditional": "none",
        "retryAfter": None,
        "complete": True,
    }
    return Entry.model_validate({**known, "endpoint": endpoint, "status": status, "ms": ms, **fields})


def told(store: Store) -> Sums:
    with store.reading() as connection:
        return read_meters(connection)


def test_requests_are_summed_by_endpoint_and_status(store: Store) -> None:
    meters = Meters(store)
    for one in (
        entry(rows=3, bytes=100, faults=[1, 2]),
        entry(rows=4, bytes=50),
        entry(status=429, bytes=9, rateLimit=LIMIT),
        entry(status=429, bytes=9),  # a fault says so, not the limit
        entry(endpoint=None, status=404),
    ):
        meters.count(one)

    meters.tell()

    sums = told(store)
    assert sums["requests", "commits", "200"] == 2
    assert sums["requests", "commits", "429"] == 2
    assert sums["requests", "none", "404"] == 1
    figures = {name: sums[name, "commits", ""] for name in ("rows", "bytes", "limited", "faults")}
    assert figures == {"rows": 7, "bytes": 168, "limited": 1, "faults": 2}
    assert sums["microseconds", "commits", ""] == 12_000


@pytest.mark.parametrize(
    ("ms", "bucket"),
    [(0.0, "1"), (1.0, "1"), (1.1, "2.5"), (10_000.0, "10000"), (10_000.1, "+Inf")],
)
def test_a_time_is_in_the_first_bucket_that_holds_it(store: Store, ms: float, bucket: str) -> None:
    meters = Meters(store)
    meters.count(entry(ms=ms))
    meters.tell()

    assert {label for name, _, label in told(store) if name == "bucket"} == {bucket}


def test_bounds_rise() -> None:
    assert list(BOUNDS_MS) == sorted(set(BOUNDS_MS))


def test_processes_add_to_the_same_sums(store: Store) -> None:
    processes = [Meters(store) for _ in range(4)]

    def work(meters: Meters) -> None:
        for number in range(60):
            meters.count(entry(status=200 + number % 3))
            if number % 7 == 0:
                meters.tell()
        meters.tell()

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(work, processes))

    assert [told(store)["requests", "commits", str(status)] for status in (200, 201, 202)] == [80] * 3


def test_nothing_new_writes_nothing(store: Store) -> None:
    Meters(store).tell()

    assert told(store) == {}


def test_what_the_store_does_not_take_is_told_the_next_time(store: Store) -> None:
    meters = Meters(store)
    meters.count(entry())
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE meter RENAME TO away")
    with pytest.raises(SQLAlchemyError):
        meters.tell()
    meters.count(entry())
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO meter")

    meters.tell()

    assert told(store)["requests", "commits", "200"] == 2


def test_who_tells_waits_for_what_another_thread_is_telling(store: Store) -> None:
    meters, is_writing, may_go_on = Meters(store), Event(), Event()
    writing = store.writing

    @contextmanager
    def slowly() -> Iterator[Connection]:
        is_writing.set()
        assert may_go_on.wait(20)
        with writing() as connection:
            yield connection

    meters.count(entry())
    with ThreadPoolExecutor(2) as threads, pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "writing", slowly)
        first = threads.submit(meters.tell)
        assert is_writing.wait(20)
        second = threads.submit(meters.tell)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        may_go_on.set()
        second.result(timeout=20)
        assert told(store)["requests", "commits", "200"] == 1
        first.result(timeout=20)
