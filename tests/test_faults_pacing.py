"""How slowly answers are sent: in which drops, and until when they are held."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.types import Message

from aicode_mock.faults.model import Fault
from aicode_mock.faults.pacing import Departure, Pace
from aicode_mock.faults.taken import Taken

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def hits(*actions: dict[str, Any]) -> list[Taken]:
    return [
        Taken(number, Fault.model_validate({"action": action}).action)
        for number, action in enumerate(actions)
    ]


async def stay() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def go() -> Message:
    return {"type": "http.disconnect"}


async def send_paced(pace: Pace, body: bytes, departure: Departure) -> list[tuple[bytes, bool]]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await pace.send_body(send, body, departure, more=False)
    departure.forget()
    return [(message["body"], message["more_body"]) for message in messages]


@pytest.mark.parametrize(
    ("bytes_per_second", "body", "drops"),
    [
        (1000, b"x" * 120, [50, 50, 20]),
        (400, b"x" * 40, [20, 20]),
        (19, b"xy", [1, 1]),
        (20, b"", [0]),
    ],
)
def test_a_body_comes_in_twenty_drops_a_second(bytes_per_second: int, body: bytes, drops: list[int]) -> None:
    async def send() -> list[tuple[bytes, bool]]:
        pace = Pace(hits({"kind": "drip", "bytesPerSecond": bytes_per_second}), lambda: NOON)
        return await send_paced(pace, body, Departure(stay))

    sent = asyncio.run(send())

    assert [len(drop) for drop, _ in sent] == drops
    assert [more for _, more in sent] == [True] * (len(drops) - 1) + [False]


def test_whoever_has_gone_is_not_waited_for() -> None:
    async def send() -> list[tuple[bytes, bool]]:
        endless = {"kind": "delay", "seconds": 3600, "clock": "world"}
        pace = Pace(hits({"kind": "drip", "bytesPerSecond": 1}, endless), lambda: NOON)
        departure = Departure(go)
        await departure.receive()
        await pace.hold(departure)
        return await send_paced(pace, b"xyz", departure)

    assert asyncio.run(send()) == [(b"xyz", False)]


def test_an_answer_is_held_until_the_clock_has_moved_by_all_delays_together() -> None:
    asked: list[datetime] = []
    instants: Iterator[datetime] = iter(NOON + timedelta(seconds=seconds) for seconds in (0, 1, 2.9, 3, 9))

    def now() -> datetime:
        asked.append(next(instants))
        return asked[-1]

    async def hold() -> None:
        departure = Departure(stay)
        delay = {"kind": "delay", "clock": "world"}
        await Pace(hits({**delay, "seconds": 1}, {**delay, "seconds": 2}), now).hold(departure)
        departure.forget()

    asyncio.run(hold())

    assert asked[-1] == NOON + timedelta(seconds=3)


def test_the_clock_is_not_asked_without_a_delay_on_it() -> None:
    def now() -> datetime:
        raise AssertionError

    async def hold() -> None:
        departure = Departure(stay)
        await Pace(hits({"kind": "delay", "seconds": 0.01}), now).hold(departure)
        departure.forget()

    asyncio.run(hold())
