"""Date ranges of requests: in milliseconds since 1970, both bounds included."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from aicode_mock.clock import instant_text, to_ms

WIDEST_MS = 30 * 86_400_000
"""The widest range that clients report to be answered."""

_DRIFT_MS = 5 * 60_000
_ABSOLUTE = re.compile(r"\d{4}-.*|\d{12,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A resolved date range."""

    start_ms: int
    end_ms: int

    def __str__(self) -> str:
        return f"{instant_text(self.start_ms)} to {instant_text(self.end_ms)}"

    @property
    def width_ms(self) -> int:
        """How far the ends lie apart."""
        return self.end_ms - self.start_ms

    @property
    def requests(self) -> int:
        """How many ranges of at most 30 days it takes."""
        return max(1, -(-self.width_ms // WIDEST_MS))

    def is_near(self, other: "Span") -> bool:
        """Whether both are one window whose bounds a client computed at different instants."""
        drift = max(abs(self.start_ms - other.start_ms), abs(self.end_ms - other.end_ms))
        return drift <= min(_DRIFT_MS, max(self.width_ms, 0) // 2)


def fewest_requests(spans: Iterable[Span]) -> int:
    """How many ranges of at most 30 days hold all of these."""
    fewest, held_until_ms = 0, None
    for span in sorted(spans, key=lambda one: one.start_ms):
        if held_until_ms is None or span.end_ms > held_until_ms:
            start_ms = span.start_ms if held_until_ms is None else max(span.start_ms, held_until_ms)
            more = Span(start_ms, span.end_ms).requests
            fewest, held_until_ms = fewest + more, start_ms + more * WIDEST_MS
    return fewest


def is_absolute(text: str) -> bool:
    """Whether a date means the same instant whenever it is sent."""
    return _ABSOLUTE.fullmatch(text) is not None


def read_ms(text: str) -> int:
    """The instant of an ISO 8601 text; no offset means UTC.

    Raises:
        ValueError: it is none.
    """
    instant = datetime.fromisoformat(text)
    return to_ms(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
