"""The clock runs, runs shifted, or stands still; instants are whole milliseconds in UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.clock import Clock, from_ms, instant_text, start_of_day, stopwatch_s, to_ms

NOON = datetime(2026, 6, 30, 12, 0, 0, 123_456, tzinfo=UTC)
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
