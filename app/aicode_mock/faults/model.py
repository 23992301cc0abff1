"""A fault: for which requests, and what it does to their answers."""

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt, model_validator

from aicode_mock.faults.actions import Action
from aicode_mock.inputs import Input

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
    path: Annotated[str | None, Field(description="The path, without a query; `*` stands for anything.")] = (
        None
    )
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
    seen: Annotated[
        int, Field(ge=0, description="Requests that fit, without those whose answers gave it nothing to do.")
    ] = 0
    hits: Annotated[int, Field(ge=0, description="Requests that it hit.")] = 0
