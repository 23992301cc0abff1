"""The faults that hit a request, and what they do to it and to its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from aicode_mock.faults.actions import (
    Action,
    ContentType,
    Drip,
    Empty,
    InsertRow,
    MalformedJson,
    Own,
    PageSize,
    ProxyPage,
    RepeatRow,
    TotalCount,
)
from aicode_mock.faults.distorted import Distorted
from aicode_mock.faults.effects import Bend, Effect
from aicode_mock.faults.replacement import replacement
from aicode_mock.faults.taken import Taken, actions_of
from aicode_mock.switches import Switches

_SPOILING = (Empty, MalformedJson, Own, ProxyPage)


@dataclass(frozen=True, slots=True)
class FaultHits:
    """One fault at least, in the order of their declaration: ``effects.Hits``."""

    taken: tuple[Taken, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Which ones."""
        return tuple(one.number for one in self.taken)

    @property
    def spoiling(self) -> tuple[int, ...]:
        """Those after which an answer of 200 has no rows, or none that a client could read."""
        return tuple(one.number for one in self.taken if isinstance(one.action, _SPOILING))

    @property
    def bend(self) -> Bend:
        """What all together make of a page."""
        sizes = [action.pageSize for action in actions_of(self.taken, PageSize)]
        return Bend(
            page_size=min(sizes, default=None),
            shift=len(actions_of(self.taken, RepeatRow)),
            count_by=sum(one.action.by * one.hit for one in self.taken if isinstance(one.action, TotalCount)),
        )

    @property
    def new_rows(self) -> int:
        """How many rows the world gets before the request is answered."""
        return len(actions_of(self.taken, InsertRow))

    def replacement(self, switches: Switches) -> Response | None:
        """The answer in place of the real one, which then need not be made; None if there is none."""
        return replacement(self.taken, switches)

    def missed(self, effect: Effect) -> tuple[int, ...]:
        """Those that found nothing to do; what only the body tells is not among them."""
        return tuple(one.number for one in self.taken if not _acts(one.action, effect))

    def distorted(
        self,
        response: Response,
        *,
        now: Callable[[], datetime],
        on_missed: Callable[[tuple[int, ...]], None],
    ) -> Response:
        """The answer as they let it be sent."""
        return Distorted(response, self.taken, now=now, on_missed=on_missed)


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
