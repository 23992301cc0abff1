"""What is asked for: targets of the API, and end dates that nobody has asked for yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.data import ANCHOR

_DAYS = 60  # of the default scenario
_BASE = "/analytics/ai-code"
EVERYTHING = "startDate=3650d"
SMALL = f"{_BASE}/commits?{EVERYTHING}&pageSize=1"
COMMITS_CSV = f"{_BASE}/commits.csv?{EVERYTHING}"
CHANGES_CSV = f"{_BASE}/changes.csv?{EVERYTHING}"
WEEK_CSV = f"{_BASE}/commits.csv?startDate=7d"


def page(number: int = 1, *, size: int = 1000, end: str | None = None, user: str | None = None) -> str:
    """A page of commits, of all rows until an instant."""
    parts = [f"{_BASE}/commits?{EVERYTHING}", f"page={number}", f"pageSize={size}"]
    parts += [f"endDate={end}"] if end else []
    parts += [f"user={user}"] if user else []
    return "&".join(parts)


def commits_csv(days: int) -> str:
    """The commits of the last days."""
    return f"{_BASE}/commits.csv?startDate={days}d"


def commits_count(days: int) -> str:
    """A page whose totalCount is how many commits the last days have."""
    return f"{_BASE}/commits?startDate={days}d&pageSize=1"


def end_dates(count: int, *, share: float = 0.25) -> Iterator[str]:
    """Different instants, backwards from the end of the data over a share of it.

    Rows come between any two of them, so an answer to one is no answer to another.
    """
    anchor = datetime.fromisoformat(ANCHOR)
    step = timedelta(days=_DAYS * share) / count
    for number in range(count):
        instant = anchor - number * step
        yield f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def new_pages(count: int, rows: int) -> Iterator[str]:
    """Full pages of 1,000, no two of them of the same range; their numbers go all over the older half."""
    last = max(1, rows // 2000)
    for number, end in enumerate(end_dates(count)):
        yield page(1 + number * 7919 % last, end=end)
