"""A client and a server in memory, and the journal of their talk: nothing to say of a good client.

The client's fields are its manners; the rules' tests spoil one at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aicode_mock.clock import instant_text, to_ms
from aicode_mock.contract import REVISIONS
from aicode_mock.entries import Entry, IgnoredParameter, LimitState, Understood
from aicode_mock.report.findings import Report
from aicode_mock.report.review import review

pytestmark = pytest.mark.both_stores

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
COMMITS, CHANGES = "/analytics/ai-code/commits", "/analytics/ai-code/changes"
NEAR = {"page_size": "pageSize", "start_date": "startDate"}


@dataclass
class Server:
    """Answers like the API over rows that came at an even pace until now, and keeps the journal.

    ``faults`` are fields of the entry, by its id (an answer that is cut was cut by one, unless
    told); ``limit`` None admits everything.  ``now`` is the world's clock, which a client may have
    moved, unless it stands still: then it sleeps in real time.
    """

    rows_a_day: int = 350
    limit: int | None = 20
    retry_after: int | None = None
    faults: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    now: datetime = NOW
    real: datetime = NOW
    stands_still: bool = False
    entries: list[Entry] = field(default_factory=list)
    used: dict[str, list[datetime]] = field(default_factory=dict)

    def get(self, path: str, query: str = "", tag: str | None = None, team: str | None = "acme") -> Entry:
        """Answer a request that takes 50 ms."""
        self.now += timedelta() if self.stands_still else timedelta(milliseconds=50)
        self.real += timedelta(milliseconds=50)
        endpoint = path.rpartition("/")[2]
        sent = dict(parse_qsl(query, keep_blank_values=True))
        entry = self._entry(path, query, team, endpoint)
        if not self._admits(endpoint):
            entry |= {"status": 429, "retryAfter": self.retry_after, "rateLimit": self._limit_state()}
        elif endpoint == "members":
            entry |= {"status": 200}
        else:
            entry |= self._rows(sent, tag, is_csv=endpoint.endswith(".csv"))
        told = self.faults.get(entry["id"], {})  # type: ignore[call-overload]  # ids are numbers
        entry |= {"faults": []} if told.get("complete", True) else {"faults": [1]}
        entry |= told
        self.entries.append(Entry.model_validate(entry))
        return self.entries[-1]

    def wait(self, wait: timedelta) -> None:
        """Let time pass without a request."""
        if self.stands_still:
            self.real += wait
        else:
            self.now += wait

    def review(self, revision: str = "2026-06", **terms: object) -> Report:
        """The report on its journal."""
        return review(self.entries, revision=REVISIONS[revision], **terms)  # type: ignore[arg-type]  # tests vary them

    def review_of(self, ids: Iterable[int]) -> Report:
        """The report on what is left of its journal."""
        kept = set(ids)
        return review([one for one in self.entries if one.id in kept], revision=REVISIONS["2026-06"])

    def _entry(self, path: str, query: str, team: str | None, endpoint: str) -> dict[str, object]:
        return {
            "id": len(self.entries) + 1,
            "instant": instant_text(to_ms(self.now)),
            "realInstant": instant_text(to_ms(self.real)),
            "team": team,
            "method": "GET",
            "path": path,
            "query": query,
            "endpoint": endpoint,
        }

    def _admits(self, endpoint: str) -> bool:
        used = self.used.setdefault(endpoint, [])
        if used and self.now - used[0] >= MINUTE:
            used.clear()
        used.append(self.now)
        return self.limit is None or len(used) <= self.limit

    def _rows(self, sent: Mapping[str, str], tag: str | None, *, is_csv: bool) -> dict[str, object]:
        start, end = self._read(sent.get("startDate", "7d")), self._read(sent.get("endDate", "now"))
        total = max(0, (min(end, self.now) - start) * self.rows_a_day // DAY)
        asked = int(sent.get("pageSize", "100"))
        page, size = int(sent.get("page", "1")), min(asked, 1000)
        known = {"startDate", "endDate", "user"} | (set() if is_csv else {"page", "pageSize"})
        understood = Understood(
            startDate=instant_text(to_ms(start)),
            endDate=instant_text(to_ms(end)),
            members=None if "user" not in sent else int("@" in sent["user"]),
            page=None if is_csv else page,
            pageSize=None if is_csv else size,
            askedPageSize=None if is_csv or "pageSize" not in sent else asked,
            ignored=[
                IgnoredParameter(name=one, didYouMean=NEAR.get(one)) for one in sent if one not in known
            ],
        )
        rows = total if is_csv else min(size, max(0, total - (page - 1) * size))
        return {
            "understood": understood,
            "status": 304 if tag == str(total) else 200,
            "conditional": "none" if tag is None else "matched" if tag == str(total) else "changed",
            "rows": None if tag == str(total) else rows,
            "totalCount": None if tag == str(total) else total,
            "bytes": 100 * rows,
            "rateLimit": self._limit_state(),
        }

    def _limit_state(self) -> LimitState | None:
        return None if self.limit is None else LimitState(perMinute=self.limit, used=1, endsAt=None)

    def _read(self, text: str) -> datetime:
        if text in ("now", "today", "tomorrow"):  # refusals are planted as faults
            return self.now
        if text.endswith("d"):
            return self.now - int(text[:-1]) * DAY
        instant = datetime.fromisoformat(text)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@dataclass
class Client:
    """Reads windows page by page, with good manners unless told otherwise."""

    server: Server
    page_size: int = 1000
    attempts: int = 6
    first_delay: timedelta = timedelta(seconds=1)
    growth: int = 2
    obeys_retry_after: bool = True
    keeps_tags: bool = True
    checks_length: bool = True
    begins_again: bool = True
    stops_on_short_page: bool = False
    last_page: int | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def read(self, path: str = COMMITS, **parameters: str) -> None:
        """Read all pages of a query; begin again if the count moves."""
        page, total = 1, None
        while True:
            answer = self.ask(path, **parameters, page=str(page), pageSize=str(self.page_size))
            if answer is None or answer.status == 304 or page == self.last_page:
                return
            if total not in (None, answer.totalCount) and self.begins_again:
                page, total = 1, None
                continue
            total = answer.totalCount
            if self._is_last(answer, page):
                return
            page += 1

    def read_csv(self, path: str = COMMITS, **parameters: str) -> None:
        """Read a window at once."""
        self.ask(f"{path}.csv", **parameters)

    def ask(self, path: str, **parameters: str) -> Entry | None:
        """The answer, after as many attempts as it takes; None if there was none."""
        query, delay = urlencode(parameters), self.first_delay
        url = f"{path}?{query}"
        for _ in range(self.attempts):
            answer = self.server.get(path, query, tag=self.tags.get(url))
            if answer.status in (200, 304) and (answer.complete or not self.checks_length):
                if self.keeps_tags and answer.totalCount is not None:
                    self.tags[url] = str(answer.totalCount)
                return answer
            told = timedelta(seconds=answer.retryAfter or 0) if self.obeys_retry_after else timedelta()
            self.server.wait(told or delay)
            delay *= self.growth
        return None

    def _is_last(self, answer: Entry, page: int) -> bool:
        assert answer.understood is not None
        assert answer.understood.pageSize is not None
        if self.stops_on_short_page:
            return (answer.rows or 0) < self.page_size
        return page * answer.understood.pageSize >= (answer.totalCount or 0)


def days(first: str, number: int) -> list[dict[str, str]]:
    """Windows of a day each that touch without sharing an instant."""
    starts = [datetime.fromisoformat(first).replace(tzinfo=UTC) + one * DAY for one in range(number)]
    return [
        {
            "startDate": instant_text(to_ms(start)),
            "endDate": instant_text(to_ms(start + DAY) - 1),
        }
        for start in starts
    ]


def rules_of(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_a_single_run_is_clean() -> None:
    server = Server()

    Client(server).read(startDate="7d")

    assert [entry.rows for entry in server.entries] == [1000, 1000, 450]
    assert server.review().verdict == "clean"


def test_probes_and_connection_checks_are_clean() -> None:
    server = Server()

    for _ in range(3):
        server.get("/teams/members")
        server.get(COMMITS, "page=1&pageSize=1")

    assert server.review().findings == []


def test_a_sync_that_is_repeated_conditionally_is_clean() -> None:
    server = Server()
    client = Client(server)

    for _ in range(3):
        client.read(startDate="2026-06-20", endDate="2026-06-27")
        server.now += timedelta(hours=1)

    assert [entry.status for entry in server.entries] == [200, 200, 200, 304, 304]
    assert server.review().findings == []


def test_a_sync_that_is_repeated_with_other_rows_is_clean() -> None:
    server = Server()
    client = Client(server)

    client.read(startDate="7d")
    server.rows_a_day += 10
    client.read(startDate="7d")

    assert [entry.conditional for entry in server.entries] == ["none"] * 3 + ["changed"] * 3
    assert server.review().findings == []


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"status": 429, "retryAfter": 30},
        {"status": 0, "complete": False, "rows": None, "totalCount": None},
        {"status": 200, "complete": False},
        {"status": 500, "understood": None, "rows": None, "totalCount": None},
    ],
)
def test_a_client_that_survives_its_faults_is_clean(fault: dict[str, object]) -> None:
    server = Server(faults={2: {"faults": [7], **fault}, 3: {"faults": [7], **fault}})

    Client(server).read(startDate="2026-06-20", endDate="2026-06-27")

    assert len(server.entries) == 5
    assert server.review().findings == []


@example(rows_a_day=0, failing={6, 7, 8, 9, 10, 11}, status=0, told=None)
@given(
    rows_a_day=st.integers(0, 3900),
    failing=st.sets(st.integers(1, 20), max_size=6),
    status=st.sampled_from([0, 200, 429, 500]),
    told=st.sampled_from([None, 1, 30]),
)
def test_a_good_client_is_clean_whatever_happens_to_it(
    rows_a_day: int, failing: set[int], status: int, told: int | None
) -> None:
    fault = {"status": status, "complete": status > 200, "retryAfter": told, "understood": None}
    fault |= {} if status == 200 else {"rateLimit": None}  # what replaces an answer is not counted
    server = Server(rows_a_day=rows_a_day, limit=5, faults=dict.fromkeys(failing, fault))
    client = Client(server, attempts=20)

    for _ in range(2):
        for window in days("2026-06-10", 4):
            client.read(**window)

    assert server.review("2025-08").findings == []


def test_a_client_that_waits_for_the_limit_is_clean() -> None:
    server = Server(limit=5, retry_after=60)
    client = Client(server)

    for window in days("2026-06-10", 12):
        client.read(**window)

    assert [entry.status for entry in server.entries].count(429) == 2
    assert server.review("2025-08").findings == []


def test_a_client_that_backs_off_without_being_told_how_long_is_clean() -> None:
    server = Server(limit=5)
    client = Client(server, attempts=10)

    for window in days("2026-06-10", 7):
        client.read(**window)

    assert [entry.status for entry in server.entries].count(429) == 6
    assert server.review("2025-08").findings == []


@pytest.mark.parametrize("step", [1, -1])
def test_windows_that_touch_are_clean_in_either_direction(step: int) -> None:
    server = Server()
    client = Client(server)

    for window in days("2026-06-10", 14)[::step]:
        client.read(**window)

    assert len(server.entries) == 14
    assert server.review().findings == []


def test_windows_of_bare_dates_share_their_bounds_and_nothing_else() -> None:
    server = Server()
    client = Client(server)

    for day in range(10, 17):
        client.read(startDate=f"2026-06-{day}", endDate=f"2026-06-{day + 1}")

    assert rules_of(server.review()) == {"window-shares-bound"}


def test_windows_that_reach_up_to_now_may_overlap_what_was_read_before() -> None:
    server = Server()
    client = Client(server)

    for hour in range(3):
        client.read(startDate=f"2026-06-30T{8 + hour:02}:00:00Z", endDate="now")
        server.now += timedelta(minutes=5)

    assert server.review().findings == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-30T11:55:00Z", "2026-07-07T11:55:00Z"),  # begins before now
        ("2026-06-30T12:01:00Z", "2026-06-30T12:06:00Z"),  # a clock that is a minute fast
        ("7d", "2026-07-07"),
    ],
)
def test_windows_that_end_after_now_are_clean(start: str, end: str) -> None:
    server = Server()

    Client(server).read(startDate=start, endDate=end)

    assert server.review().findings == []


def test_a_window_of_rows_that_were_put_after_now_is_clean() -> None:
    server = Server(faults={1: {"rows": 3, "totalCount": 3}})

    Client(server).read(startDate="2026-07-10", endDate="2026-07-17")

    assert server.review().findings == []


def test_a_window_may_be_read_again_later_together_with_what_came_after() -> None:
    server = Server()
    client = Client(server)

    client.read(startDate="2026-06-01", endDate="2026-06-08")
    server.now += timedelta(hours=1)
    client.read(startDate="2026-06-02", endDate="2026-06-09")

    assert server.review().findings == []


def test_windows_of_different_width_are_questions_of_their_own() -> None:
    server = Server()
    client = Client(server)

    client.read(startDate="2026-06-01", endDate="2026-06-29")
    client.read(startDate="2026-06-10", endDate="2026-06-11")
    client.read(startDate="2026-06-20", endDate="2026-06-21", user="ada@duo.example")

    assert len(server.entries) == 12
    assert rules_of(server.review()) == {"csv-fits-better"}


def test_csv_for_a_large_volume_is_clean() -> None:
    server = Server(rows_a_day=20_000)
    client = Client(server)

    client.read_csv(startDate="30d")
    client.read_csv(CHANGES, startDate="30d")

    assert [entry.rows for entry in server.entries] == [600_000, 600_000]
    assert server.review().findings == []


def test_a_sync_that_begins_again_when_the_count_moves_is_clean() -> None:
    server = Server(faults={2: {"totalCount": 2460}})

    Client(server, keeps_tags=False).read(startDate="7d")

    assert [entry.query[-15:-14] for entry in server.entries] == ["1", "2", "1", "2", "3"]
    assert server.review().findings == []


def test_pages_in_any_order_are_clean() -> None:
    server = Server()

    for page in (1, 3, 2):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")
    for page in (3, 1, 2):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000", tag="2450")

    assert server.review().findings == []


def test_requests_in_flight_when_one_is_refused_are_clean() -> None:
    server = Server(faults={2: {"status": 429, "retryAfter": 60, "ms": 51}})

    for page in (1, 2, 3):
        server.get(COMMITS, f"startDate=7d&page={page}&pageSize=1000")
    server.now += MINUTE
    server.get(COMMITS, "startDate=7d&page=2&pageSize=1000")

    assert server.review().findings == []


def test_two_teams_and_two_endpoints_are_apart() -> None:
    server = Server(limit=None)

    for team in ("acme", "duo"):
        for path in (COMMITS, CHANGES):
            for day in range(10, 21):
                dates = f"startDate=2026-06-{day}&endDate=2026-06-{day}T23:59:59.999Z"
                server.get(path, f"{dates}&pageSize=1000", team=team)

    assert server.review().requests == 44
    assert server.review().findings == []
