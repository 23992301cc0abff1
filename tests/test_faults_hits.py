"""What the faults that hit a request come to together."""

import pytest
from starlette.responses import Response

from aicode_mock.clock import Clock
from aicode_mock.contract import LATEST, Behavior, resolve
from aicode_mock.faults.actions import Action, Drip, Empty, InsertRow, PageSize, RepeatRow, TotalCount
from aicode_mock.faults.effects import AS_ASKED, NO_HITS, Bend, Effect
from aicode_mock.faults.hits import FaultHits
from aicode_mock.faults.taken import Taken


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([InsertRow(kind="insert-row")], Bend()),
        ([PageSize(kind="page-size", pageSize=9), PageSize(kind="page-size", pageSize=7)], Bend(page_size=7)),
        ([RepeatRow(kind="repeat-row"), RepeatRow(kind="repeat-row")], Bend(shift=2)),
        ([TotalCount(kind="total-count", by=-2)], Bend(count_by=-6)),
        ([TotalCount(kind="total-count"), TotalCount(kind="total-count", by=5)], Bend(count_by=18)),
    ],
    ids=str,
)
def test_a_page_bends_by_all_faults_together(actions: list[Action], expected: Bend) -> None:
    hits = FaultHits(tuple(Taken(number, action, hit=3) for number, action in enumerate(actions)))

    assert hits.bend == expected


def test_each_insertion_is_a_row() -> None:
    inserts = [Taken(number, InsertRow(kind="insert-row")) for number in range(2)]

    assert FaultHits((*inserts, Taken(3, RepeatRow(kind="repeat-row")))).new_rows == 2


def test_a_fault_that_found_nothing_to_do_is_told() -> None:
    hits = FaultHits(
        (
            Taken(1, PageSize(kind="page-size", pageSize=5)),
            Taken(2, RepeatRow(kind="repeat-row")),
            Taken(3, TotalCount(kind="total-count", by=2)),
            Taken(4, InsertRow(kind="insert-row")),
            Taken(5, Drip(kind="drip", bytesPerSecond=1)),
            Taken(6, Empty(kind="empty")),
        )
    )

    everything = Effect(Bend(page_size=5, shift=1, count_by=2), has_new_row=True)
    assert hits.missed(everything) == ()
    assert hits.missed(Effect()) == (1, 2, 3, 4)
    assert hits.missed(Effect(has_body=False)) == (1, 2, 3, 4, 5)


def test_no_hits_change_nothing() -> None:
    def fail(_missed: tuple[int, ...]) -> None:
        raise AssertionError

    response, switches = Response("as it is"), resolve(LATEST, Behavior.DOCUMENTED, {}).switches

    assert (NO_HITS.numbers, NO_HITS.spoiling, NO_HITS.bend, NO_HITS.new_rows) == ((), (), AS_ASKED, 0)
    assert NO_HITS.replacement(switches) is None
    assert NO_HITS.missed(Effect()) == ()
    assert NO_HITS.distorted(response, now=Clock().now, on_missed=fail) is response
