"""The clock of a world: freeze it, set it, advance it, let it run again."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from aicode_mock.clock import Clock, instant_text, to_ms
from aicode_mock.control.problems import UnfitError
from aicode_mock.daterange import shorten
from aicode_mock.inputs import Input
from aicode_mock.instants import Instant
from aicode_mock.newrows import read_moment
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import conditions_of, hold_world, set_conditions

_PART = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)", re.ASCII)
_PARTS = re.compile(f"(?:{_PART.pattern})+", re.ASCII)
_ISO = TypeAdapter(timedelta)
_UNIT = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def _read_duration(value: object) -> timedelta:
    """``61s``, ``1h30m``, or a duration of ISO 8601."""
    try:
        if isinstance(value, str) and _PARTS.fullmatch(value):
            return sum((float(number) * _UNIT[unit] for number, unit in _PART.findall(value)), timedelta())
        if not isinstance(value, str) or "P" not in value:
            raise ValueError
        if (duration := _ISO.validate_python(value)) < timedelta():
            raise ValueError
        return duration
    except (ValueError, OverflowError):  # overflow: longer than any timedelta
        raise ValueError(
            f"must be a duration such as 61s, 1h30m or PT61S: got {shorten(str(value))}"
        ) from None


def _read_now(value: object) -> object:
    """An instant, or ``wall``; in a union of both each would have its own complaint."""
    return value if value in (None, "wall") else read_moment(value)


Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration, json_schema_input_type=str),
    Field(description="Such as `61s`, `1h30m`, or ISO 8601: `PT61S`.", examples=["61s"]),
]


class ClockShape(BaseModel):
    """The clock of a world."""

    now: Instant
    isFrozen: bool


class ClockChange(Input):
    """What is to change; in this order: ``now`` is set, ``advance`` added, and it stands or runs."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    now: Annotated[
        datetime | Literal["wall"] | None,
        BeforeValidator(_read_now, json_schema_input_type=str | None),
        Field(description="An instant, or `wall` for real time."),
    ] = None
    advance: Duration | None = None
    isFrozen: Annotated[
        bool | None, Field(strict=True, description="Whether it stands; as it was, if absent.")
    ] = None

    @model_validator(mode="after")
    def _check_any(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("give now, advance, isFrozen, or several of them")
        return self


def build_routes(twin: Twin) -> APIRouter:
    """The routes of clocks."""
    routes = APIRouter(tags=["Clock"])

    @routes.get("/worlds/{world}/clock", summary="Read the clock")
    def read_clock(world: str) -> ClockShape:
        with twin.store.reading() as connection:
            return _shape(conditions_of(connection, world).clock)

    @routes.put("/worlds/{world}/clock", summary="Freeze, set, advance the clock, or let it run")
    def write_clock(world: str, change: ClockChange) -> ClockShape:
        """Relative dates, rate-limit windows and delays on the world's clock follow at once."""
        with twin.store.writing() as connection:
            hold_world(connection, world)
            before = conditions_of(connection, world)
            clock = _changed(before.clock, change)
            set_conditions(connection, world, before.with_clock(clock))
            return _shape(clock)

    return routes


def _changed(clock: Clock, change: ClockChange) -> Clock:
    wall = Clock().now()
    instant = wall if change.now == "wall" else change.now
    try:
        changed = clock.set(
            instant=instant if isinstance(instant, datetime) else None,
            is_frozen=change.isFrozen,
            advance=change.advance or timedelta(),
            wall=wall,
        )
        is_in_range = 1970 <= changed.now().year <= 9998
    except OverflowError:
        is_in_range = False
    if not is_in_range:
        raise UnfitError("advance: the clock must stay between 1970 and 9998")
    return changed


def _shape(clock: Clock) -> ClockShape:
    return ClockShape(now=instant_text(to_ms(clock.now())), isFrozen=clock.frozen_at is not None)
