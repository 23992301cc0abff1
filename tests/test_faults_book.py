"""The faults of a world in the store: declared, listed, taken and counted, also by several at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import NoResultFound

from aicode_mock.faults.book import (
    NoFaultError,
    clear_faults,
    declare,
    find_fault,
    give_back,
    is_expected,
    list_faults,
    remove_fault,
    take,
)
from aicode_mock.faults.effects import Visit
from aicode_mock.faults.model import Declared, Fault
from aicode_mock.faults.taken import Taken
from aicode_mock.store import Store
from aicode_mock.tables import DATASETS
from aicode_mock.worldtables import FAULTS, WORLDS
from tests.stores import OVER_POSTGRESQL, open_store

pytestmark = pytest.mark.both_stores

HERE, THERE = "here", "there"
COMMITS = Visit("commits", "duo", "GET", "/commits", [("page", "1")])
CHANGES = Visit("changes", "duo", "GET", "/changes")


def fault(kind: str = "empty", match: dict[str, object] | None = None, **fields: object) -> Fault:
    return Fault.model_validate({"match": match or {}, "action": {"kind": kind, **fields}})


@pytest.fixture(scope="module")
def shared_store() -> Iterator[Store]:
    store = open_store()
    dataset = {
        "id": 1,
        "scenario": "none",
        "scenario_digest": "",
        "seed": 0,
        "anchor": 0,
        "digest": "",
        "is_template": False,
        "used_at": 0,
    }
    world = {
        "dataset_id": 1,
        "origin_id": 1,
        "revision": "2026-06",
        "behavior": "documented",
        "settings": "{}",
        "offset_ms": 0,
        "created_as": "{}",
        "is_sandbox": False,
        "last_request": 0,
        "last_fault": 0,
        "used_at": 0,
    }
    with store.writing() as connection:
        connection.execute(insert(DATASETS), dataset)
        connection.execute(insert(WORLDS), [{"id": name, **world} for name in (HERE, THERE)])
    yield store
    store.close()


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Two worlds without faults."""
    with shared_store.writing() as connection:
        connection.execute(update(WORLDS).values(last_fault=0))
        for world in (HERE, THERE):
            clear_faults(connection, world)
    return shared_store


def given(store: Store, *faults: Fault, world: str = HERE) -> list[int]:
    with store.writing() as connection:
        return [declare(connection, world, one) for one in faults]


def taken(store: Store, visit: Visit, world: str = HERE) -> tuple[Taken, ...]:
    with store.writing() as connection:
        return take(connection, world, visit)


def counts(store: Store, world: str = HERE) -> list[tuple[int, int, int]]:
    with store.reading() as connection:
        return [(one.id, one.seen, one.hits) for one in list_faults(connection, world)]


def test_faults_are_numbered_in_each_world(store: Store) -> None:
    here = given(store, fault(), fault("reset"))
    there = given(store, fault("insert-row"), world=THERE)

    assert (here, there) == ([1, 2], [1])
    with store.reading() as connection:
        assert list_faults(connection, HERE) == [
            Declared(id=1, action=fault().action),
            Declared(id=2, action=fault("reset").action),
        ]
        assert find_fault(connection, THERE, 1).action.kind == "insert-row"


def test_a_number_is_never_given_twice(store: Store) -> None:
    given(store, fault(), fault())

    with store.writing() as connection:
        remove_fault(connection, HERE, 2)
        again = declare(connection, HERE, fault())
        clear_faults(connection, HERE)
        after_all = declare(connection, HERE, fault())

    assert (again, after_all) == (3, 4)
    assert counts(store) == [(4, 0, 0)]


def test_a_fault_needs_a_world(store: Store) -> None:
    with pytest.raises(NoResultFound):
        given(store, fault(), world="nowhere")


@pytest.mark.parametrize("use", [find_fault, remove_fault])
def test_a_fault_of_another_world_is_none(store: Store, use: object) -> None:
    given(store, fault(), world=THERE)

    with store.writing() as connection, pytest.raises(NoFaultError, match="there is no fault 1"):
        use(connection, HERE, 1)  # type: ignore[operator]  # one of two functions
    assert counts(store, THERE) == [(1, 0, 0)]


def test_clearing_one_world_leaves_the_other(store: Store) -> None:
    given(store, fault())
    given(store, fault(), world=THERE)

    with store.writing() as connection:
        clear_faults(connection, HERE)

    assert (counts(store), counts(store, THERE)) == ([], [(1, 0, 0)])


def test_requests_that_fit_are_seen_and_those_in_the_range_are_hit(store: Store) -> None:
    given(store, fault("insert-row", {"endpoint": "commits", "first": 2, "last": 3}))

    hits = [taken(store, visit) for visit in (COMMITS, CHANGES, COMMITS, COMMITS, COMMITS)]

    action = fault("insert-row").action
    assert hits == [(), (), (Taken(1, action, 1),), (Taken(1, action, 2),), ()]
    assert counts(store) == [(1, 4, 2)]
    assert taken(store, COMMITS, THERE) == ()


def test_faults_that_never_hit_are_found_in_one_call(store: Store) -> None:
    given(store, fault("insert-row"), fault("insert-row", {"first": 2}), fault(match={"team": "none"}))

    taken(store, COMMITS)

    with store.reading() as connection:
        unused = list_faults(connection, HERE, unused=True)
    assert [(one.id, one.seen, one.hits) for one in unused] == [(2, 1, 0), (3, 0, 0)]


def test_only_the_first_of_several_replacements_counts(store: Store) -> None:
    given(store, fault("delay", seconds=1), fault("status", status=500), fault("reset"), fault("repeat-row"))

    hits = taken(store, COMMITS)

    assert [one.number for one in hits] == [1, 2]
    assert counts(store) == [(1, 1, 1), (2, 1, 1), (3, 0, 0), (4, 0, 0)]


def test_a_request_that_no_fault_is_for_is_told_without_writing(store: Store) -> None:
    given(store, fault(match={"endpoint": "commits"}))

    with store.reading() as connection:
        expected = [is_expected(connection, HERE, visit) for visit in (COMMITS, CHANGES)]
        elsewhere = is_expected(connection, THERE, COMMITS)

    assert (expected, elsewhere) == ([True, False], False)
    assert counts(store) == [(1, 0, 0)]


def test_a_hit_that_found_nothing_to_do_is_given_back(store: Store) -> None:
    given(store, fault("cut", at="rows"), fault("drip", bytesPerSecond=9))
    taken(store, COMMITS)

    with store.writing() as connection:
        give_back(connection, HERE, [1, 77])

    assert counts(store) == [(1, 0, 0), (2, 1, 1)]


def test_a_hit_is_given_back_once(store: Store) -> None:
    given(store, fault("cut", at="rows"))

    with store.writing() as connection:
        give_back(connection, HERE, [1])

    assert counts(store) == [(1, 0, 0)]


def test_chance_falls_the_same_in_every_world(store: Store) -> None:
    flaky = fault("insert-row", {"probability": 0.5, "seed": 3})
    given(store, flaky)
    given(store, fault("insert-row", {"first": 99}), flaky, world=THERE)

    here = [bool(taken(store, COMMITS)) for _ in range(20)]
    there = [bool(taken(store, COMMITS, THERE)) for _ in range(20)]

    assert here == there
    assert len(set(here)) == 2


def test_threads_that_take_at_once_never_count_wrong(store: Store) -> None:
    given(store, fault("insert-row"), fault("insert-row", {"first": 11, "last": 70}))

    with ThreadPoolExecutor(4) as threads:
        hits = [one for found in threads.map(lambda _: taken(store, COMMITS), range(100)) for one in found]

    assert counts(store) == [(1, 100, 100), (2, 100, 60)]
    ordinals = Counter((one.number, one.hit) for one in hits)
    assert ordinals == Counter([(1, nth) for nth in range(1, 101)] + [(2, nth) for nth in range(1, 61)])


@pytest.mark.skipif(OVER_POSTGRESQL, reason="removes it by a trigger of SQLite")
def test_a_fault_that_is_removed_meanwhile_hits_nothing(store: Store) -> None:
    given(store, fault("insert-row"), fault("empty"), fault("reset"))

    with store.writing() as connection:
        connection.exec_driver_sql(
            f"CREATE TEMP TRIGGER meanwhile AFTER UPDATE OF seen ON {FAULTS.name} WHEN new.number = 1 "
            f"BEGIN DELETE FROM {FAULTS.name} WHERE number = 2; END"
        )
        hits = take(connection, HERE, COMMITS)
        connection.exec_driver_sql("DROP TRIGGER meanwhile")

    assert [one.number for one in hits] == [1, 3]
