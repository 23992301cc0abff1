"""What came of a request.

A request is *delivered* by a whole answer of 200 that can be used, or by 304.  It has
*failed* if asking again is the right thing: 408, 429, 5xx, a cut connection, a cut or a
spoilt answer.  Anything else has *refused* it: asking again unchanged is of no use.
"""

from enum import Enum

from aicode_mock.entries import Entry

_TRY_AGAIN = frozenset({0, 408, 429})


class Outcome(Enum):
    """Whether the client has it, should ask again, or should not."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"


def outcome_of(entry: Entry) -> Outcome:
    """What came of the request of an entry."""
    if entry.status in _TRY_AGAIN or entry.status >= 500 or not entry.complete:
        return Outcome.FAILED
    if entry.status == 304:
        return Outcome.DELIVERED
    if entry.status != 200:
        return Outcome.REFUSED
    return Outcome.FAILED if entry.spoilt else Outcome.DELIVERED
