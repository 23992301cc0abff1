"""Copies a team's AI code figures into an SQLite file: a small client, and an honest one.

    CURSOR_API_KEY=... python cursor_sync.py figures.db --days 30

What it takes care of, because clients of this API have lost rows by it:

* windows of at most 30 days, without gap or overlap, computed once, and in the past;
* pages until ``page * pageSize`` of the answer reaches ``totalCount``, not until one is short;
* 429 (Retry-After, or the minute of the limit), 5xx and cut connections: tried again, later and later;
* a CSV that ends early without an error: counted against ``totalCount``;
* neither commitHash nor changeId is a unique key: a window is replaced as a whole.
"""

import argparse
import csv
import io
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

KINDS = ("commits", "changes")
_PATH = "/analytics/ai-code"
_LARGEST_PAGE = 1000
_WIDEST = timedelta(days=30)
_MILLISECOND = timedelta(milliseconds=1)  # of createdAt; both ends of a range are inclusive
_LIMIT_S = 60.0
_TEXTS = {"commit_hash", "user_id", "user_email", "repo_name", "branch_name", "commit_source", "message"}
_TEXTS |= {"commit_ts", "created_at", "change_id", "source", "model"}

Item = dict[str, Any]
Answer = TypeVar("Answer")


class TryAgain(Exception):  # noqa: N818  # it is no error yet
    """The server is busy; ``after_s`` is how long it wants to be left alone, if it said so."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.text[:200]}")
        named = answer.headers.get("Retry-After", "")
        self.after_s = float(named) if named.isdigit() else _LIMIT_S if answer.status_code == 429 else None


class IncompleteError(Exception):
    """The rows are not those that totalCount promised, or cannot be read."""


@dataclass(frozen=True)
class Window:
    """A closed interval of createdAt."""

    start: datetime
    end: datetime

    @property
    def query(self) -> dict[str, str]:
        """The parameters of a request for it."""
        return {"startDate": _text(self.start), "endDate": _text(self.end)}


def windows(start: datetime, end: datetime) -> Iterator[Window]:
    """The time from ``start`` up to, but not including, ``end`` in windows that the API takes."""
    while start < end:
        following = min(start + _WIDEST, end)
        yield Window(start, following - _MILLISECOND)
        start = following


class Api:
    """The endpoints of one team.  ``sleep`` is how it waits, in seconds."""

    def __init__(
        self, url: str, key: str, *, by_csv: bool = True, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = httpx.Client(base_url=f"{url}{_PATH}", auth=(key, ""), timeout=60)
        self._by_csv = by_csv
        self._sleep = sleep

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def rows(self, kind: str, window: Window) -> list[Item]:
        """All commits or changes of a window, as the JSON endpoint prints them, the newest first."""
        read = self._read_csv if self._by_csv else self._read_pages
        return self._persistently(IncompleteError, lambda: read(kind, window))

    def _read_pages(self, kind: str, window: Window) -> list[Item]:
        rows: list[Item] = []
        page = total = 1
        while len(rows) < total:
            query = {**window.query, "page": str(page), "pageSize": str(_LARGEST_PAGE)}
            found = self._get_page(kind, query)
            if page > 1 and (found["totalCount"] != total or not found["items"]):
                raise IncompleteError(f"{kind} changed while they were read")
            rows += found["items"]
            page, total = page + 1, found["totalCount"]
        return rows

    def _read_csv(self, kind: str, window: Window) -> list[Item]:
        probe = self._get_page(kind, {**window.query, "page": "1", "pageSize": "1"})
        if not probe["totalCount"]:
            return []
        text = self._get(f"/{kind}.csv", window.query).text
        rows = [_item(record) for record in csv.DictReader(io.StringIO(text, newline=""))]
        if len(rows) != probe["totalCount"]:
            raise IncompleteError(f"{kind}.csv has {len(rows)} of {probe['totalCount']} rows")
        return rows

    def _get_page(self, kind: str, query: dict[str, str]) -> dict[str, Any]:
        try:
            page: dict[str, Any] = self._get(f"/{kind}", query).json()
        except ValueError as error:
            raise IncompleteError(f"a page of {kind} is no JSON: {error}") from error
        return page

    def _get(self, path: str, query: dict[str, str]) -> httpx.Response:
        def ask() -> httpx.Response:
            answer = self._http.get(path, params=query)
            if answer.status_code == 429 or answer.status_code >= 500:
                raise TryAgain(answer)
            return answer.raise_for_status()

        return self._persistently((TryAgain, httpx.TransportError), ask)

    def _persistently(
        self, failures: type[Exception] | tuple[type[Exception], ...], work: Callable[[], Answer]
    ) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception_type(failures),
            wait=_delay_s,
            stop=stop_after_attempt(6),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(work)


class Figures:
    """The copy: one table, a row an item."""

    def __init__(self, file: str) -> None:
        self._database = sqlite3.connect(file)
        self._database.execute("CREATE TABLE IF NOT EXISTS items (kind TEXT, createdAt TEXT, item TEXT)")
        self._database.execute("CREATE INDEX IF NOT EXISTS items_of ON items (kind, createdAt)")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def replace(self, kind: str, window: Window, rows: list[Item]) -> None:
        """What the window held before is gone, what it holds now is there: all or nothing."""
        with self._database:
            inside = (kind, *window.query.values())
            self._database.execute("DELETE FROM items WHERE kind = ? AND createdAt BETWEEN ? AND ?", inside)
            self._database.executemany(
                "INSERT INTO items VALUES (?, ?, ?)",
                [(kind, row["createdAt"], json.dumps(row, ensure_ascii=False)) for row in rows],
            )

    def items(self, kind: str) -> list[Item]:
        """All items, the newest first."""
        found = self._database.execute(
            "SELECT item FROM items WHERE kind = ? ORDER BY createdAt DESC", (kind,)
        )
        return [json.loads(item) for (item,) in found]


def sync(api: Api, figures: Figures, *, until: datetime, days: int) -> dict[str, int]:
    """Copy the days before ``until``; how many rows of what."""
    copied = dict.fromkeys(KINDS, 0)
    for kind in KINDS:
        for window in windows(until - timedelta(days=days), until):
            rows = api.rows(kind, window)
            figures.replace(kind, window, rows)
            copied[kind] += len(rows)
    return copied


def _delay_s(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    if isinstance(failure, TryAgain) and failure.after_s is not None:
        return failure.after_s
    return min(2.0**state.attempt_number, _LIMIT_S)


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _item(record: dict[str, str]) -> Item:
    """A CSV record as the item of the JSON endpoint: its names, its types, null for what is empty."""
    return {_name(column): _value(column, text) for column, text in record.items()}


def _name(column: str) -> str:
    first, *others = column.removesuffix("_json").split("_")
    return first + "".join(map(str.capitalize, others))


def _value(column: str, text: str) -> object:
    if not text:
        return None
    return text if column in _TEXTS else json.loads(text)  # numbers, true, false, metadata


def main() -> None:
    """Read the command line, and copy."""
    parser = argparse.ArgumentParser(description="Copy a team's AI code figures into an SQLite file.")
    parser.add_argument("file")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--until", type=_day, help="up to this day, UTC; default: today")
    parser.add_argument("--pages", action="store_true", help="read JSON pages instead of CSV")
    options = parser.parse_args()
    until = options.until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    url = os.environ.get("CURSOR_API_URL", "https://api.cursor.com")
    with (
        closing(Api(url, os.environ["CURSOR_API_KEY"], by_csv=not options.pages)) as api,
        closing(Figures(options.file)) as figures,
    ):
        copied = sync(api, figures, until=until, days=options.days)
    print(", ".join(f"{count} {kind}" for kind, count in copied.items()))


if __name__ == "__main__":
    main()
