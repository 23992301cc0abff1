"""The clock runs, runs shifted, or stands still; instants are whole milliseconds in UTC."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.clock import Clock, from_ms, instant_text, start_of_day, stopwatch_s, to_ms
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, KEY, Client, serving
from tests.stores import open_twin
from tests.worldplayer import Api

pytestmark = pytest.mark.both_stores

NOON = datetime(2026, 6, 30, 12, 0, 0, 123_456, tzinfo=UTC)
WALL = datetime(2027, 1, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
INSTANTS_MS = st.integers(-62_135_596_800_000, 253_402_300_799_999)  # years 1 to 9999


def test_a_frozen_clock_stands_still() -> None:
    clock = Clock(frozen_at=NOON, offset=timedelta(days=1))

    assert clock.now() == NOON
    assert clock.now() == NOON


def test_a_clock_runs_with_wall_time_unless_told_otherwise() -> None:
    before = datetime.now(UTC)

    now = Clock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_shifted_clock_runs_beside_wall_time() -> None:
    shift = timedelta(days=-40)
    before = datetime.now(UTC)

    now = Clock(offset=shift).now()

    assert before + shift <= now <= datetime.now(UTC) + shift


def test_the_stopwatch_never_goes_back() -> None:
    readings = [stopwatch_s() for _ in range(100)]

    assert readings == sorted(readings)


def test_a_day_starts_at_midnight_utc() -> None:
    assert start_of_day(NOON) == datetime(2026, 6, 30, tzinfo=UTC)
    assert start_of_day(start_of_day(NOON)) == start_of_day(NOON)


@pytest.mark.parametrize(
    ("instant", "milliseconds"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC), 1000),
        (datetime(1970, 1, 1, 0, 0, 0, 1999, tzinfo=UTC), 1),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2026, 6, 30, tzinfo=UTC), 1_782_777_600_000),
        (datetime(2026, 6, 30, 2, tzinfo=UTC).astimezone(tz=None), 1_782_784_800_000),
    ],
)
def test_milliseconds_are_whole_and_rounded_down(instant: datetime, milliseconds: int) -> None:
    assert to_ms(instant) == milliseconds


@given(INSTANTS_MS)
def test_milliseconds_survive_the_way_to_an_instant_and_back(milliseconds: int) -> None:
    instant = from_ms(milliseconds)

    assert instant.utcoffset() == timedelta()
    assert to_ms(instant) == milliseconds


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (1_753_884_750_000, "2025-07-30T14:12:30.000Z"),  # the documents' sample
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_instants_have_three_decimals_and_a_z(milliseconds: int, text: str) -> None:
    assert instant_text(milliseconds) == text


@given(INSTANTS_MS)
def test_the_text_of_an_instant_reads_back_as_the_same_instant(milliseconds: int) -> None:
    text = instant_text(milliseconds)

    assert len(text) == len("2025-07-30T14:12:30.000Z")
    assert datetime.fromisoformat(text) == from_ms(milliseconds)


@pytest.mark.parametrize(
    ("clock", "change", "expected"),
    [
        (Clock(NOON), {}, Clock(NOON)),
        (Clock(NOON), {"advance": SECOND}, Clock(NOON + SECOND)),
        (Clock(NOON), {"instant": WALL}, Clock(WALL)),
        (Clock(NOON), {"instant": WALL, "advance": SECOND}, Clock(WALL + SECOND)),
        (Clock(NOON), {"is_frozen": True}, Clock(NOON)),
        (Clock(NOON), {"is_frozen": False}, Clock(offset=NOON - WALL)),
        (Clock(NOON), {"is_frozen": False, "instant": WALL}, Clock()),
        (Clock(offset=DAY), {}, Clock(offset=DAY)),
        (Clock(offset=DAY), {"advance": SECOND}, Clock(offset=DAY + SECOND)),
        (Clock(offset=DAY), {"instant": NOON}, Clock(offset=NOON - WALL)),
        (Clock(offset=DAY), {"instant": WALL}, Clock()),
        (Clock(offset=DAY), {"is_frozen": True}, Clock(WALL + DAY)),
        (Clock(offset=DAY), {"is_frozen": True, "advance": SECOND}, Clock(WALL + DAY + SECOND)),
        (Clock(offset=DAY), {"is_frozen": True, "instant": NOON}, Clock(NOON)),
    ],
)
def test_a_clock_is_set_then_moved_then_stopped_or_started(
    clock: Clock, change: dict[str, Any], expected: Clock
) -> None:
    wanted: dict[str, Any] = {"instant": None, "is_frozen": None, "advance": timedelta(), **change}

    assert clock.set(wall=WALL, **wanted) == expected


@given(INSTANTS_MS | st.none(), st.integers(-(10**13), 10**13))
def test_the_clock_of_a_store_is_the_one_that_was_put_there(frozen_at: int | None, offset_ms: int) -> None:
    clock = Clock.of(frozen_at=frozen_at, offset_ms=offset_ms)

    assert clock.offset == timedelta(milliseconds=offset_ms)
    assert (clock.frozen_at is None) if frozen_at is None else (clock.now() == from_ms(frozen_at))


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    world = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "5"})
    with serving(open_twin(world)) as client:
        yield client


@pytest.fixture(scope="module")
def open_api(server: Client) -> Iterator[Api]:
    with closing(Api(server.url)) as api:
        yield api


@pytest.fixture
def api(open_api: Api) -> Api:
    """Asks a server whose default world is as it was made."""
    open_api.control("POST", "/worlds/default/reset", expected=204)
    return open_api


@pytest.mark.parametrize(
    ("change", "now"),
    [
        ({"advance": "61s"}, "2026-06-30T00:01:01.000Z"),
        ({"advance": "PT61S"}, "2026-06-30T00:01:01.000Z"),
        ({"advance": "500ms"}, "2026-06-30T00:00:00.500Z"),
        ({"advance": "0.25s"}, "2026-06-30T00:00:00.250Z"),
        ({"advance": "1h30m"}, "2026-06-30T01:30:00.000Z"),
        ({"advance": "P1DT2H"}, "2026-07-01T02:00:00.000Z"),
        ({"advance": "2d"}, "2026-07-02T00:00:00.000Z"),
        ({"advance": "0s"}, "2026-06-30T00:00:00.000Z"),
        ({"now": "2026-01-02"}, "2026-01-02T00:00:00.000Z"),
        ({"now": "2026-01-02T03:04:05.678+01:00"}, "2026-01-02T02:04:05.678Z"),
        ({"now": "2026-01-02", "advance": "1m", "isFrozen": True}, "2026-01-02T00:01:00.000Z"),
        ({"now": None, "isFrozen": None}, "2026-06-30T00:00:00.000Z"),
    ],
)
def test_a_frozen_clock_stands_where_it_is_put(api: Api, change: dict[str, object], now: str) -> None:
    told = api.control("PUT", "/worlds/default/clock", change)

    assert told == {"now": now, "isFrozen": True}
    assert api.control("GET", "/worlds/default/clock") == told


def test_a_clock_runs_on_and_is_stopped_again(api: Api) -> None:
    running = api.control("PUT", "/worlds/default/clock", {"isFrozen": False})
    later = api.control("PUT", "/worlds/default/clock", {"advance": "1h"})
    stopped = api.control("PUT", "/worlds/default/clock", {"isFrozen": True})

    assert [told["isFrozen"] for told in (running, later, stopped)] == [False, False, True]
    assert "2026-06-30T00:00:00.000Z" <= running["now"] < "2026-06-30T00:10"
    assert "2026-06-30T01:00:00.000Z" <= later["now"] <= stopped["now"] < "2026-06-30T01:10"
    assert api.control("GET", "/worlds/default/clock") == stopped


def test_a_clock_may_go_with_real_time_again(api: Api) -> None:
    before = instant_text(to_ms(datetime.now(UTC)))

    told = api.control("PUT", "/worlds/default/clock", {"now": "wall", "isFrozen": False})

    assert before <= told["now"] <= instant_text(to_ms(datetime.now(UTC)))
    assert not told["isFrozen"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "body: give now, advance, isFrozen, or several of them"),
        ({"advance": "soon"}, "advance: must be a duration such as 61s, 1h30m or PT61S: got 'soon'"),
        ({"advance": ""}, "advance: must be a duration"),
        ({"advance": "61"}, "advance: must be a duration"),
        ({"advance": 61}, "advance: must be a duration"),
        ({"advance": "-61s"}, "advance: must be a duration"),
        ({"advance": "-PT61S"}, "advance: "),
        ({"advance": "61 s"}, "advance: must be a duration"),
        ({"advance": "\u0666s"}, "advance: must be a duration"),
        ({"advance": "999999999d999999999d"}, "advance: must be a duration"),
        ({"advance": "999999999d"}, "advance: the clock must stay between 1970 and 9998"),
        ({"now": "9998-12-31", "advance": "1d"}, "advance: the clock must stay between 1970 and 9998"),
        ({"now": "soon"}, "now: not YYYY-MM-DD, or an ISO 8601 date and time: 'soon'"),
        ({"now": 1}, "now: not YYYY-MM-DD"),
        ({"now": "1969-12-31"}, "now: must be between 1970 and 9998"),
        ({"now": "9999-12-31T23:59:59-01:00"}, "now: is out of range"),
        ({"isFrozen": "perhaps"}, "isFrozen: "),
        ({"frozen": True}, "body: unknown field 'frozen', did you mean isFrozen?"),
        ([], "body: "),
    ],
)
def test_a_clock_that_cannot_be_is_refused_by_name_and_goes_on_as_it_did(
    api: Api, change: object, message: str
) -> None:
    told = api.control("PUT", "/worlds/default/clock", change, expected=400)

    assert told["message"].startswith(message)
    assert api.control("GET", "/worlds/default/clock") == {
        "now": "2026-06-30T00:00:00.000Z",
        "isFrozen": True,
    }


def test_a_limit_is_over_when_the_clock_is_advanced_by_a_minute(api: Api) -> None:
    def ask() -> list[int]:
        return [api.get(KEY, "commits").status for _ in range(7)]

    first = ask()
    api.control("PUT", "/worlds/default/clock", {"advance": "59s"})
    in_the_same_minute = ask()
    api.control("PUT", "/worlds/default/clock", {"advance": "2s"})

    assert first == [200] * 5 + [429] * 2
    assert in_the_same_minute == [429] * 7
    assert ask() == first


def test_the_wait_that_is_told_follows_the_clock(api: Api) -> None:
    settings = {"rate_limit": 1, "retry_after": "window"}
    api.control("PATCH", "/worlds/default/contract", {"settings": settings})
    api.get(KEY, "commits")

    waits = [api.get(KEY, "commits").headers["retry-after"]]
    api.control("PUT", "/worlds/default/clock", {"advance": "41.5s"})
    waits.append(api.get(KEY, "commits").headers["retry-after"])

    assert waits == ["60", "19"]


def test_relative_dates_follow_the_clock(api: Api) -> None:
    counts = []

    for _ in range(4):
        counts.append(api.get(KEY, "commits?startDate=2d").json["totalCount"])
        api.control("PUT", "/worlds/default/clock", {"advance": "12h"})

    assert counts == [4, 3, 3, 1]


def test_advances_at_once_all_count(server: Client, api: Api) -> None:
    def advance(_number: int) -> None:
        server.http.put("/_mock/worlds/default/clock", json={"advance": "1s"}).raise_for_status()

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(advance, range(40)))

    assert api.control("GET", "/worlds/default/clock")["now"] == "2026-06-30T00:00:40.000Z"
