"""Requests that were under way together: those of a burst had been sent when the first was answered.

Times are real: the world's clock may stand still.  A client that sends one request after
another has bursts of one.  Where some do overlap, others of their burst may have missed
each other by little.
"""

from collections.abc import Sequence

from aicode_mock.report.request import Request

_MOST_MS = 1000  # after it a client has read the first answer
_SCATTER_MS = 100  # threads start, and connections are opened, one after another


def ends_ms(request: Request) -> float:
    """When the answer was ready, in real time."""
    return request.real_ms + request.entry.ms


def overlap(earlier: Request, later: Request) -> bool:
    """Whether ``later`` surely came before ``earlier`` was answered; instants are cut to milliseconds."""
    return later.real_ms + 1 <= ends_ms(earlier)


def bursts_of(stream: Sequence[Request]) -> dict[int, int]:
    """The number of each request's burst, by its id."""
    answered = [one for one in stream if one.entry.complete]  # a client may have left the others
    sends_together = len(set(_bursts(answered, scatter_ms=-1).values())) < len(answered)
    return _bursts(stream, scatter_ms=_SCATTER_MS if sends_together else -1)


def _bursts(stream: Sequence[Request], *, scatter_ms: int) -> dict[int, int]:
    numbers: dict[int, int] = {}
    number, reach, latest = 0, float("-inf"), float("-inf")
    for request in sorted(stream, key=lambda one: one.real_ms):
        if request.real_ms > min(reach + scatter_ms, latest):
            number += 1
            latest = ends_ms(request) + _MOST_MS
            reach = float("-inf")
        reach = max(reach, ends_ms(request))
        numbers[request.id] = number
    return numbers
