"""Parameters that were meant: what an ignored name is near to.

The real service ignores what it does not know and says nothing (assumed), so a client that
sends ``page_size`` gets pages of 100 and never learns why.
"""

from collections.abc import Sequence
from difflib import get_close_matches

_SAME_MEANING = {
    "pagesize": ("limit", "perpage", "size", "count", "maxresults", "top"),
    "page": ("offset", "cursor", "pagenumber", "skip", "pagetoken"),
    "startdate": ("start", "from", "since", "after", "begin", "starttime", "datefrom"),
    "enddate": ("end", "to", "until", "before", "endtime", "dateto"),
    "user": ("email", "userid", "useremail", "users", "member", "author"),
    "branch": ("ref", "branchname"),
}
_MEANT = {other: name for name, others in _SAME_MEANING.items() for other in others}


def near_parameter(name: str, known: Sequence[str]) -> str | None:
    """The parameter among ``known`` that a name is another spelling of, or another word for."""
    by_letters = {_letters(one): one for one in known}
    letters = _letters(name)
    meant = _MEANT.get(letters, letters)
    near = get_close_matches(meant, by_letters, n=1, cutoff=0.75)
    return by_letters[near[0]] if near else None


def _letters(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
