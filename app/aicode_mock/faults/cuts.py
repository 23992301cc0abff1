"""The cuts of one answer: which of them comes first, and whether its client can tell.

An answer whose promised bytes are all there is whole, whatever its connection does then; so is
one of HTTP/1.0, which knows no chunks, that ends with its connection.
"""

from collections.abc import Iterable
from typing import NamedTuple

from aicode_mock.faults.actions import BreakKind, Cut
from aicode_mock.faults.places import Place, place_of
from aicode_mock.faults.taken import Taken


class FoundCut(NamedTuple):
    """Where in a piece the body is cut, and by which fault."""

    position: int
    number: int
    how: BreakKind


class Cuts:
    """Looks for the places of all cuts in a body that comes in pieces."""

    def __init__(
        self, taken: Iterable[Taken], media_type: str, *, length_bytes: int | None, has_chunks: bool
    ) -> None:
        """``length_bytes`` is what is promised, None for a body that just ends; ``has_chunks`` says how."""
        self._length_bytes, self._has_chunks = length_bytes, has_chunks
        self._passed_bytes = 0
        self._cuts: list[tuple[Place, Taken, Cut]] = [
            (place, one, one.action)
            for one in taken
            if isinstance(one.action, Cut) and (place := place_of(one.action, media_type))
        ]

    def find(self, piece: bytes, *, ends: bool) -> FoundCut | None:
        """The first cut in the next piece."""
        found = [
            FoundCut(position, one.number, cut.how)
            for place, one, cut in self._cuts
            if (position := place.find(piece, ends=ends)) is not None
            and not self._is_whole(position, is_end=ends and position == len(piece))
        ]
        self._passed_bytes += len(piece)
        return min(found, default=None)

    def _is_whole(self, position: int, *, is_end: bool) -> bool:
        if self._length_bytes is not None:
            return self._passed_bytes + position >= self._length_bytes
        return is_end and not self._has_chunks
