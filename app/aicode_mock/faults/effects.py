"""What the path of a request knows of faults.

Most requests meet none, and no kind of fault is loaded for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from starlette.responses import Response

    from aicode_mock.switches import Switches


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as faults see it; ``endpoint`` and ``team`` are None where they are unknown."""

    endpoint: str | None
    team: str | None
    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Bend:
    """How a page differs from what was asked for.

    It has at most ``page_size`` rows (None: as asked), begins ``shift`` rows earlier, and
    tells a ``totalCount`` that is ``count_by`` too high.
    """

    page_size: int | None = None
    shift: int = 0
    count_by: int = 0


AS_ASKED = Bend()


@dataclass(frozen=True, slots=True)
class Effect:
    """What faults found to act on: a page they bent, a row they put in, a body they could change."""

    bend: Bend = AS_ASKED
    has_new_row: bool = False
    has_body: bool = True


class Hits(Protocol):
    """The faults that hit a request."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Which ones."""

    @property
    def spoiling(self) -> tuple[int, ...]:
        """Those after which an answer of 200 has no rows, or none that a client could read."""

    @property
    def bend(self) -> Bend:
        """What all together make of a page."""

    @property
    def new_rows(self) -> int:
        """How many rows the world gets before the request is answered."""

    def replacement(self, switches: "Switches") -> "Response | None":
        """The answer in place of the real one, which then need not be made; None if there is none."""

    def missed(self, effect: Effect) -> tuple[int, ...]:
        """Those that found nothing to do; what only the body tells is not among them."""

    def distorted(
        self,
        response: "Response",
        *,
        now: Callable[[], datetime],
        on_missed: Callable[[tuple[int, ...]], None],
    ) -> "Response":
        """The answer as they let it be sent.  See ``distorted.Distorted``."""


class _NoHits:
    numbers: tuple[int, ...] = ()
    spoiling: tuple[int, ...] = ()
    bend = AS_ASKED
    new_rows = 0

    def replacement(self, _switches: "Switches") -> None:
        return None

    def missed(self, _effect: Effect) -> tuple[int, ...]:
        return ()

    def distorted(self, response: "Response", **_how: object) -> "Response":
        return response


NO_HITS: Hits = _NoHits()
