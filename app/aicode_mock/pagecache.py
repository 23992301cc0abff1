"""The answers that were rendered last, found by what determines their bytes.

None of them ever has to be forgotten: when rows, contract or range change, so does the name.
"""

from collections.abc import Callable
from threading import Lock

from cachetools import LRUCache

_MOST_BYTES = 32 * 1024 * 1024  # some fifty pages of 1,000 items


class PageCache:
    """Keeps rendered answers, those asked for last, for all threads of this process."""

    def __init__(self, *, most_bytes: int = _MOST_BYTES) -> None:
        """A larger answer than ``most_bytes`` is not kept."""
        self._pages: LRUCache[str, bytes] = LRUCache(most_bytes, getsizeof=len)
        self._lock = Lock()

    def page(self, name: str, render: Callable[[], bytes]) -> bytes:
        """The answer of a name, rendered if it is not here."""
        with self._lock:
            kept = self._pages.get(name)
        return self._keep(name, render()) if kept is None else kept

    def _keep(self, name: str, page: bytes) -> bytes:
        if len(page) <= self._pages.maxsize:
            with self._lock:
                self._pages[name] = page
        return page
