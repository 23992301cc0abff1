"""What was meant: parameters that an ignored name is near to, endpoints that a path is near to.

The real service ignores what it does not know and says nothing (assumed), so a client that
sends ``page_size`` gets pages of 100 and never learns why.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

_SAME_MEANING = {
    "pagesize": ("limit", "perpage", "size", "count", "maxresults", "top"),
    "page": ("offset", "cursor", "pagenumber", "skip", "pagetoken"),
    "startdate": ("start", "from", "since", "after", "begin", "starttime", "datefrom"),
    "enddate": ("end", "to", "until", "before", "endtime", "dateto"),
    "user": ("email", "userid", "useremail", "users", "member", "author"),
    "email": ("user", "useremail", "users", "member", "author"),
    "searchterm": ("search", "query", "q", "term"),
    "sortby": ("sort", "order", "orderby"),
    "sortdirection": ("direction", "sortorder"),
    "branch": ("ref", "branchname"),
}
_SLASH = "/"


def near_parameter(name: str, known: Sequence[str]) -> str | None:
    """The parameter among ``known`` that a name is another spelling of, or another word for."""
    by_letters = {_letters(one): one for one in known}
    letters = _letters(name)
    meant = [one for one in by_letters if letters in _SAME_MEANING.get(one, ())]
    near = meant or get_close_matches(letters, by_letters, n=1, cutoff=0.75)
    return by_letters[near[0]] if near else None


def near_endpoint(method: str, path: str, known: Mapping[str, str]) -> str | None:
    """The endpoint that a request was meant for, among paths and their methods; None if none is near."""
    plain = path.rstrip(_SLASH)
    near = get_close_matches(plain, known, n=1, cutoff=0.9) or _siblings(plain, known)
    if not near:
        return None
    meant = f"{known[near[0]]} {near[0]}"
    if path == near[0]:
        return f"{method} is no method of it: send {meant}"
    return (
        f"did you mean {meant}, without a slash at the end?" if plain == near[0] else f"did you mean {meant}?"
    )


def _siblings(path: str, known: Mapping[str, str]) -> list[str]:
    """The known path of the same folder whose last part is near."""
    folder, _, name = path.rpartition(_SLASH)
    names = [one.rpartition(_SLASH)[2] for one in known if one.rpartition(_SLASH)[0] == folder]
    return [f"{folder}{_SLASH}{one}" for one in get_close_matches(name, names, n=1, cutoff=0.7)]


def _letters(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
