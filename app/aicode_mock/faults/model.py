"""A fault: for which requests, and what it does to their answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, StrictFloat, StrictInt, model_validator

from aicode_mock.faults.actions import (
    Action,
    ContentType,
    Drip,
    InsertRow,
    PageSize,
    RepeatRow,
    TotalCount,
)
from aicode_mock.inputs import Input

ActionT = TypeVar("ActionT", bound=BaseModel)
_LARGEST = 2**53 - 1  # beyond it JSON numbers lose digits


class Match(Input):
    """Which requests a fault is for: those that fit are counted, and some of them hit.

    Whatever is null or left out fits every request.
    """

    endpoint: Annotated[
        str | Annotated[tuple[str, ...], Field(min_length=1)] | None,
        Field(description="Name of an endpoint, or several."),
    ] = None
    team: Annotated[str | None, Field(description="Name of the team whose key is sent.")] = None
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] | None = None
    path: Annotated[str | None, Field(description="The path; `*` stands for anything.")] = None
    query: Annotated[
        dict[str, str],
        Field(description="Parameters and their values as sent; `*` is any value, if there is one."),
    ] = {}
    first: Annotated[
        StrictInt,
        Field(ge=1, le=_LARGEST, description="The first request that hits, of those that fit, from 1."),
    ] = 1
    last: Annotated[
        StrictInt | None, Field(ge=1, le=_LARGEST, description="The last one, included; null is no end.")
    ] = None
    probability: Annotated[
        StrictFloat, Field(ge=0, le=1, allow_inf_nan=False, description="How likely each of them hits.")
    ] = 1.0
    seed: Annotated[
        StrictInt,
        Field(ge=0, le=_LARGEST, description="The same seed lets chance fall on the same ones again."),
    ] = 0

    @model_validator(mode="after")
    def _ends_after_its_begin(self) -> "Match":
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last must not be before first: got first {self.first}, last {self.last}")
        return self


class Fault(Input):
    """What goes wrong, for which requests; a fault without ``match`` is for all."""

    name: Annotated[str | None, Field(max_length=200, description="For whoever reads it.")] = None
    match: Match = Match()
    action: Action


class Declared(Fault):
    """A fault of a world, and what came of it."""

    id: Annotated[int, Field(ge=1, description="Counts the faults of a world.")]
    seen: Annotated[int, Field(ge=0, description="Requests that fit.")] = 0
    hits: Annotated[int, Field(ge=0, description="Requests that it hit.")] = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A fault that hits a request, for the ``hit``-th time."""

    number: int
    action: Action
    hit: int = 1


@dataclass(frozen=True, slots=True)
class Bend:
    """How a page differs from what was asked for.

    It has at most ``page_size`` rows (None: as asked), begins ``shift`` rows earlier, and
    tells a ``totalCount`` that is ``count_by`` too high.
    """

    page_size: int | None = None
    shift: int = 0
    count_by: int = 0


def bend(taken: Iterable[Taken]) -> Bend:
    """What all faults together make of a page."""
    hits = list(taken)
    if not hits:
        return AS_ASKED
    sizes = [action.pageSize for action in actions_of(hits, PageSize)]
    return Bend(
        page_size=min(sizes, default=None),
        shift=len(actions_of(hits, RepeatRow)),
        count_by=sum(one.action.by * one.hit for one in hits if isinstance(one.action, TotalCount)),
    )


AS_ASKED = Bend()


@dataclass(frozen=True, slots=True)
class Effect:
    """What faults found to act on: a page they bent, a row they put in, a body they could change."""

    bend: Bend = AS_ASKED
    has_new_row: bool = False
    has_body: bool = True


def missed(taken: Iterable[Taken], effect: Effect) -> tuple[int, ...]:
    """The faults that found nothing to do; what only the body tells is not among them."""
    return tuple(one.number for one in taken if not _acts(one.action, effect))


def _acts(action: Action, effect: Effect) -> bool:
    match action:
        case PageSize():
            return effect.bend.page_size is not None
        case RepeatRow():
            return bool(effect.bend.shift)
        case TotalCount():
            return bool(effect.bend.count_by)
        case InsertRow():
            return effect.has_new_row
        case ContentType() | Drip():
            return effect.has_body
        case _:
            return True


def rows_to_insert(taken: Iterable[Taken]) -> int:
    """How many rows the world gets before the request is answered."""
    return len(actions_of(taken, InsertRow))


def actions_of(taken: Iterable[Taken], kind: type[ActionT]) -> list[ActionT]:
    """The actions of one kind."""
    return [one.action for one in taken if isinstance(one.action, kind)]
