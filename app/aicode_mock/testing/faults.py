"""The faults of a world, from a test; keywords are the field names of the control plane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from aicode_mock.testing.plane import Plane

if TYPE_CHECKING:
    from aicode_mock.faults.model import Declared

__tracebackhide__ = True  # a test's failure shows the test

Kind = Literal[
    "status",
    "own",
    "delay",
    "drip",
    "reset",
    "cut",
    "csv",
    "malformed-json",
    "content-type",
    "proxy-page",
    "empty",
    "total-count",
    "repeat-row",
    "page-size",
    "insert-row",
]


class MatchFields(TypedDict, total=False):
    """Which requests a fault is for."""

    endpoint: str | Sequence[str]
    team: str
    method: str
    path: str
    query: Mapping[str, str | int]
    first: int
    last: int
    probability: float
    seed: int


class FaultFields(MatchFields, total=False):
    """Which requests, and what happens to them, in the field names of each kind."""

    name: str
    status: int
    headers: Mapping[str, str]
    body: str
    retryAfter: int | Literal["off"]
    seconds: float
    clock: Literal["real", "world"]
    bytesPerSecond: int
    at: str
    count: int
    how: Literal["close", "reset"]
    lineEnd: Literal["crlf"]
    bom: bool
    value: str
    by: int
    pageSize: int


@dataclass(frozen=True, slots=True)
class FaultHandle:
    """A fault that was declared."""

    plane: Plane
    id: int

    def read(self) -> "Declared":
        """What was declared, and what came of it."""
        from aicode_mock.faults.model import Declared

        return Declared.model_validate(self.plane.ask("GET", f"/faults/{self.id}"))

    @property
    def hits(self) -> int:
        """How many requests it has hit by now."""
        return self.read().hits

    @property
    def seen(self) -> int:
        """How many requests fitted by now, without those whose answers gave it nothing to do."""
        return self.read().seen


@dataclass(frozen=True, slots=True)
class Faults:
    """Declares faults, and remembers which of them a test relies on.

    ``awaited`` holds groups of ids: of each group, one fault at least must hit.
    """

    plane: Plane
    awaited: list[list[int]] = field(default_factory=list)

    def add(self, kind: Kind, *, optional: bool = False, **fields: Unpack[FaultFields]) -> FaultHandle:
        """Declare a fault; unless it is ``optional``, a test in which it never hits fails.

        Raises:
            MockError: it could never act, or a field is wrong; nothing is declared then.
        """
        (number,) = self._declare(_fault(kind, dict(fields)), optional=optional)
        return FaultHandle(self.plane, number)

    def add_bundle(self, name: str, *, optional: bool = False) -> list[FaultHandle]:
        """Declare the faults of a bundle; unless it is ``optional``, one of them must hit."""
        numbers = self._declare({"bundle": name}, optional=optional)
        return [FaultHandle(self.plane, number) for number in numbers]

    def list(self) -> Sequence["Declared"]:
        """All faults with what came of them, in the order of their declaration."""
        from aicode_mock.faults.model import Declared

        return [Declared.model_validate(one) for one in self.plane.ask("GET", "/faults")["faults"]]

    def remove(self, fault: FaultHandle) -> None:
        """Take one back; nobody waits for it any more."""
        self.plane.ask("DELETE", f"/faults/{fault.id}")
        self.awaited[:] = [group for group in self.awaited if fault.id not in group]

    def clear(self) -> None:
        """Take all back."""
        self.plane.ask("DELETE", "/faults")
        self.awaited.clear()

    def never_hit(self) -> Sequence["Declared"]:
        """Faults that a test relies on and that never hit; of a bundle, only if none of it did."""
        if not self.awaited:
            return []
        declared = {one.id: one for one in self.list()}
        groups = [[declared[number] for number in group if number in declared] for group in self.awaited]
        return [one for group in groups if not any(it.hits for it in group) for one in group]

    def _declare(self, wanted: Mapping[str, object], *, optional: bool) -> Sequence[int]:
        numbers = [one["id"] for one in self.plane.ask("POST", "/faults", wanted)["faults"]]
        if not optional:
            self.awaited.append(numbers)
        return numbers


def _as_sent(value: object) -> object:
    """A number as clients send it; what is neither that nor a text is the server's to refuse."""
    return str(value) if type(value) is int else value


def _fault(kind: str, fields: dict[str, Any]) -> Mapping[str, object]:
    match = {name: fields.pop(name) for name in MatchFields.__annotations__ if name in fields}
    if "query" in match:
        match["query"] = {name: _as_sent(value) for name, value in match["query"].items()}
    return {"name": fields.pop("name", None), "match": match, "action": {"kind": kind, **fields}}
