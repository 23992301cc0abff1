"""A request of the journal, with what every rule asks of it.

Requests with the same ``query_key`` ask for the same rows: it is the query as sent, less
``page`` and what the API does not know.  So a relative date stays one query while the
clock runs.

A journal that has lost entries falls into *stretches* without a hole: 0 begins with the
first request of all, and before any other something is missing.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import parse_qsl

from aicode_mock.bodies import Body
from aicode_mock.entries import Entry
from aicode_mock.report.outcome import Outcome, outcome_of
from aicode_mock.report.span import Span, read_ms

KNOWN = frozenset(
    {"startDate", "endDate", "user", "page", "pageSize", "branch"}
    | {"email", "userId", "searchTerm", "sortBy", "sortDirection"}
)
PAUSE_MS = 10 * 60_000  # after it a client has begun anew

_WHOLE = re.compile(r"\d{1,16}", re.ASCII)
KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True)
class Request:
    """An entry, read: when it came, what was sent, what came of it, and what is missing beside it.

    ``at_ms`` is on the world's clock, ``real_ms`` in real time.  ``is_at_cut`` says that it is the
    first of its team and endpoint after something missing, ``is_before_cut`` that something is
    missing after it.
    """

    entry: Entry
    at_ms: int
    real_ms: int
    pairs: tuple[tuple[str, str], ...]
    outcome: Outcome
    stretch: int
    is_at_cut: bool
    is_before_cut: bool

    @property
    def id(self) -> int:
        """The id of the entry."""
        return self.entry.id

    @property
    def is_delivered(self) -> bool:
        """Whether the client has what it asked for."""
        return self.outcome is Outcome.DELIVERED

    @property
    def has_failed(self) -> bool:
        """Whether the client should ask again."""
        return self.outcome is Outcome.FAILED

    @property
    def is_read(self) -> bool:
        """Whether it asks for rows: a GET, or a POST whose body says which."""
        return self.entry.method == "GET" or (self.entry.method == "POST" and self.entry.body is not None)

    @property
    def user(self) -> str | None:
        """Whose rows are asked for, as sent."""
        return self.sent.get("user") or self.sent.get("email") or self.sent.get("userId")

    @property
    def is_csv(self) -> bool:
        """Whether the answer has no pages."""
        return self.entry.path.endswith(".csv")

    @cached_property
    def sent(self) -> Mapping[str, str]:
        """The parameters as sent; the first of a name counts."""
        return dict(reversed(self.pairs))

    @cached_property
    def page(self) -> int:
        """The page that was asked for; 1 where there are none."""
        understood = self.entry.understood
        if understood is not None and understood.page is not None:
            return understood.page
        text = self.sent.get("page", "")
        return int(text) if _WHOLE.fullmatch(text) and not self.is_csv else 1

    @property
    def page_size(self) -> int | None:
        """The size that was served."""
        return self.entry.understood.pageSize if self.entry.understood else None

    @property
    def asked_size(self) -> int | None:
        """The size that the client goes by."""
        understood = self.entry.understood
        if understood is not None:
            return understood.askedPageSize or understood.pageSize
        text = self.sent.get("pageSize", "")
        return int(text) if _WHOLE.fullmatch(text) and not self.is_csv else None

    @cached_property
    def span(self) -> Span | None:
        """The range that was understood, or else the one that the texts say."""
        understood = self.entry.understood
        if understood and understood.startDate and understood.endDate:
            return Span(read_ms(understood.startDate), read_ms(understood.endDate))
        try:
            return Span(*(read_ms(one) for one in self.dates))
        except ValueError:
            return None

    @property
    def dates(self) -> tuple[str, str]:
        """StartDate and endDate as sent."""
        return self.sent.get("startDate", ""), self.sent.get("endDate", "")

    @cached_property
    def query_key(self) -> tuple[Hashable, ...]:
        """Equal for requests that ask for the same rows."""
        return (*self.loose_key, self.sent.get("startDate"), self.sent.get("endDate"))

    @cached_property
    def loose_key(self) -> tuple[Hashable, ...]:
        """Like ``query_key``, whatever the dates."""
        kept = (name for name in self.sent if name in KNOWN - {"page", "startDate", "endDate"})
        return (
            self.entry.team,
            self.entry.method,
            self.entry.path,
            *((name, self.sent[name]) for name in sorted(kept)),
        )

    def since(self, earlier: "Request") -> int:
        """Milliseconds after ``earlier`` by the faster clock; negative if the world's was set back."""
        on_world = self.at_ms - earlier.at_ms
        return on_world if on_world < 0 else max(on_world, self.real_ms - earlier.real_ms)

    def goes_on_from(self, previous: "Request") -> bool:
        """Whether this continues or repeats ``previous`` under dates that were computed anew."""
        if self.span is None or previous.span is None or self.since(previous) >= PAUSE_MS:
            return False
        return (self.page > 1 or previous.has_failed) and self.span.is_near(previous.span)


def read_requests(entries: Sequence[Entry]) -> list[Request]:
    """Read entries in ascending id."""
    requests: list[Request] = []
    stretches = _stretches(entries)
    seen: set[Hashable] = set()
    for entry, stretch in zip(entries, stretches, strict=True):
        place = (stretch, entry.team, entry.endpoint)
        requests.append(
            Request(
                entry=entry,
                at_ms=read_ms(entry.instant),
                real_ms=read_ms(entry.realInstant),
                pairs=sent_pairs(entry),
                outcome=outcome_of(entry),
                stretch=stretch,
                is_at_cut=stretch > 0 and place not in seen,
                is_before_cut=stretch < stretches[-1],
            )
        )
        seen.add(place)
    return requests


def grouped(requests: Iterable[Request], key: Callable[[Request], KeyT]) -> dict[KeyT, list[Request]]:
    """The requests by a key, in the order of each group's first."""
    groups: dict[KeyT, list[Request]] = {}
    for request in requests:
        groups.setdefault(key(request), []).append(request)
    return groups


def sent_pairs(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Names and values as they were sent, in the query or as fields of a body."""
    if entry.body is None:
        return tuple(parse_qsl(entry.query, keep_blank_values=True))
    return Body(entry.body.encode(), None).pairs


def _stretches(entries: Iterable[Entry]) -> list[int]:
    stretches: list[int] = []
    stretch, expected = 0, 1
    for entry in entries:
        stretch += entry.id != expected
        stretches.append(stretch)
        expected = entry.id + 1
    return stretches
