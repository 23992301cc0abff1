"""Where windows that were read in one go leave something out.

Windows may be far apart on purpose: what is missing must follow from the others.  It does

* up to a minute, which is how far bounds miss each other that are written to the second;
* a day after a bare ``endDate``, where the next window begins at the date after it;
* between windows at one distance from each other, each of which is short of it;
* where whole windows are left out of those that follow each other at one distance: fewer
  than were read on either side, and those beside the hole one after the other.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aicode_mock.report.series import Pair, Window

_MINUTE_MS, _DAY_MS = 60_000, 86_400_000
_BARE = len("2026-06-30")


def gaps_in(windows: Sequence[Window]) -> Iterator[Pair]:
    """The neighbours between which something is missing; windows come by start."""
    pairs = [Pair(*pair) for pair in pairwise(windows)]
    usual_ms = _usual_ms(pairs)
    order = {one.request.id: at for at, one in enumerate(sorted(windows, key=lambda one: one.request.id))}
    touches = any(pair.step_ms in (0, 1) for pair in pairs)
    for at, pair in enumerate(pairs):
        if pair.step_ms <= 1:
            continue
        slips = pair.step_ms <= min(_MINUTE_MS, _narrow_ms(pair)) or (not touches and _is_bare(pair))
        in_turn = abs(order[pair.earlier.request.id] - order[pair.later.request.id]) == 1
        if slips or _falls_short(pair, usual_ms) or (in_turn and _is_hole(pairs, at, usual_ms)):
            yield pair


def _usual_ms(pairs: Sequence[Pair]) -> int:
    """The distance at which most windows follow each other; 0 if none occurs twice."""
    strides = Counter(pair.stride_ms for pair in pairs).most_common(1)
    return strides[0][0] if strides and strides[0][1] > 1 else 0


def _narrow_ms(pair: Pair) -> int:
    return min(pair.earlier.span.width_ms, pair.later.span.width_ms)


def _is_bare(pair: Pair) -> bool:
    """Whether both bounds are dates, the later of them the day after the other."""
    end, start = pair.earlier.request.dates[1], pair.later.request.dates[0]
    return len(end) == len(start) == _BARE and pair.step_ms == _DAY_MS < _narrow_ms(pair)


def _falls_short(pair: Pair, usual_ms: int) -> bool:
    return pair.stride_ms == usual_ms and pair.step_ms <= _narrow_ms(pair)


def _is_hole(pairs: Sequence[Pair], at: int, usual_ms: int) -> bool:
    pair = pairs[at]
    if usual_ms == 0 or pair.stride_ms % usual_ms or _narrow_ms(pair) * 2 < usual_ms:
        return False
    left_out = pair.stride_ms // usual_ms - 1
    return 0 < left_out < min(_beside(pairs[:at][::-1], usual_ms), _beside(pairs[at + 1 :], usual_ms))


def _beside(pairs: Sequence[Pair], usual_ms: int) -> int:
    """How many windows follow each other at the usual distance, from the hole on."""
    read = 1
    for pair in pairs:
        if pair.stride_ms != usual_ms:
            break
        read += 1
    return read
