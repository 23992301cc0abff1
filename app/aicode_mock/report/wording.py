"""Figures as findings word them."""

from collections.abc import Sequence

_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_UNITS = ((2 * _DAY, _DAY, "days"), (_HOUR, _HOUR, "h"), (_MINUTE, _MINUTE, "min"), (_SECOND, _SECOND, "s"))
_MOST_IDS = 8
_MOST_NAMED = 3


def duration(milliseconds: int) -> str:
    """``20 ms``, ``1.5 s``, ``3 min``, ``24 h``, ``4 days``."""
    for least, size, unit in _UNITS:
        if milliseconds >= least:
            amount = milliseconds / size
            return f"{amount:{'.3g' if amount < 100 else ',.0f'}} {unit}"
    return f"{milliseconds} ms"


def count(number: int, noun: str) -> str:
    """``1 page``, ``1,500 pages``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}s"


def pages(first: int, last: int) -> str:
    """``page 3``, or ``pages 3 to 5``."""
    return f"page {first}" if first == last else f"pages {first} to {last}"


def evidence(ids: Sequence[int]) -> str:
    """``request 11``, or ``requests 1, 2``; no more than the first few."""
    shown = ", ".join(map(str, ids[:_MOST_IDS]))
    noun = "request" if len(ids) == 1 else "requests"
    return f"{noun} {shown}" + (f" and {len(ids) - _MOST_IDS:,} more" if len(ids) > _MOST_IDS else "")


def several(sentences: Sequence[str]) -> str:
    """One sentence as it is; of more, their number and the first few."""
    if len(sentences) == 1:
        return sentences[0]
    named = "; ".join(f"({number}) {one}" for number, one in enumerate(sentences[:_MOST_NAMED], 1))
    rest = len(sentences) - _MOST_NAMED
    return f"{len(sentences):,} cases: {named}" + (f"; and {rest:,} more" if rest > 0 else "")
