"""The request journal of a world, from a test."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

from aicode_mock.testing.plane import Plane

if TYPE_CHECKING:
    from aicode_mock.entries import Entry

__tracebackhide__ = True  # a test's failure shows the test


class Wanted(TypedDict, total=False):
    """Which entries are meant; what is left out is any."""

    team: str
    endpoint: str
    status: int
    faulted: bool
    after: int


@dataclass(frozen=True, slots=True)
class Journal:
    """What was asked, what it was taken for, what came back."""

    plane: Plane

    def requests(self, *, limit: int = 10_000, **wanted: Unpack[Wanted]) -> list["Entry"]:
        """The last requests that fit, oldest first."""
        from aicode_mock.entries import Entry

        told = self.plane.ask("GET", "/requests", query={"limit": limit, **wanted})
        return [Entry.model_validate(one) for one in told["requests"]]

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many requests fit."""
        return int(self.plane.ask("GET", "/requests/count", query={**wanted})["count"])

    def clear(self) -> None:
        """Forget them."""
        self.plane.ask("DELETE", "/requests")
