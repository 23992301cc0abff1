"""Random operations on the worlds of a server, each answer held against a model of its world.

``python worldplayer.py URL PLAYER SECONDS WORLD…`` plays until the time is over, and prints how often it
did what.  It needs nothing but the standard library, so that many processes start at once.
"""

import base64
import csv
import http.client
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

API = "/analytics/ai-code"
ANCHOR_MS = 1_782_777_600_000  # 2026-06-30
MINUTE_MS, DAY_MS = 60_000, 86_400_000
PEOPLE = ("ada@duo.example", "bo@duo.example", "new@duo.example", "newer@duo.example")
NAMES = ("first", "second")
KEYS = {"commits": "commitHash", "changes": "changeId"}
COLUMNS = {"commits": "commit_hash", "changes": "change_id"}
_IDLE_S = 3
Item = dict[str, Any]


def instant(milliseconds: int) -> str:
    """An instant as the API prints it."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def order_key(item: Item) -> tuple[str, str, str]:
    """What the rows of a team are ordered by, the oldest first."""
    if "commitHash" in item:
        return (item["createdAt"], item["commitHash"], item["branchName"] or "")
    return (item["createdAt"], item["changeId"].rjust(10, "0"), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class Api:
    """A client of one server, on one connection."""

    def __init__(self, url: str) -> None:
        """``url`` is the server's, without a path."""
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        self._used_at = time.monotonic()

    def control(self, method: str, path: str, body: object = None, *, expected: int | None = None) -> Any:
        """Ask the control plane; the JSON of its answer, or None if that is empty."""
        text = None if body is None else json.dumps(body)
        answer = self._ask(method, f"/_mock{path}", text, {"Content-Type": "application/json"})
        if answer.status != (expected or {"POST": 201, "DELETE": 204}.get(method, 200)):
            raise AssertionError(f"{method} {path} {text}: {answer}")
        return answer.json if answer.text else None

    def get(self, key: str, target: str) -> Answer:
        """Ask the mirrored API."""
        credentials = base64.b64encode(f"{key}:".encode()).decode()
        return self._ask("GET", f"{API}/{target}", None, {"Authorization": f"Basic {credentials}"})

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if time.monotonic() > self._used_at + _IDLE_S:
            self._connection.close()  # else the server does, perhaps just now
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        text = answer.read().decode()
        self._used_at = time.monotonic()
        return Answer(answer.status, headers, text)


@dataclass(slots=True)
class State:
    """What a snapshot keeps of a world."""

    rows: dict[str, list[Item]]  # oldest first
    settings: dict[str, str] = field(default_factory=lambda: {"rate_limit": "off"})
    now: int = ANCHOR_MS


@dataclass(slots=True)
class Model:
    """A world as it must be."""

    created: State
    state: State
    snapshots: dict[str, State] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    windows: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    requests: int = 0

    @classmethod
    def of(cls, rows: dict[str, list[Item]]) -> "Model":
        """A world that was just made, of these rows."""
        created = State(deepcopy(rows))
        return cls(created, deepcopy(created))

    def reset(self) -> None:
        """Go back to how it was made; snapshots stay."""
        self.state = deepcopy(self.created)
        self.faults, self.windows, self.requests = [], {}, 0

    def put(self, kind: str, items: list[Item]) -> None:
        """Rows come in, wherever their place is."""
        self.state.rows[kind] = sorted([*self.state.rows[kind], *items], key=order_key)

    def found(self, kind: str, *, days: int, user: str | None) -> list[Item]:
        """The rows of a query, newest first."""
        start, end = instant(self.state.now - days * DAY_MS), instant(self.state.now)
        rows = [
            item
            for item in self.state.rows[kind]
            if start <= item["createdAt"] <= end and user in (None, item["userEmail"])
        ]
        return rows[::-1]

    def meet(self, endpoint: str) -> int:
        """Count a request; the status of its answer."""
        self.requests += 1
        is_hit = False
        for fault in self.faults:
            if fault["endpoint"] == endpoint:
                falls = fault["seen"] + 1 == fault["nth"]
                fault["seen"] += not (
                    falls and is_hit
                )  # the one before leaves nothing to do, and is alone counted
                is_hit |= falls
        if is_hit:
            return 503
        limit = self.state.settings["rate_limit"]
        return 200 if limit == "off" or self._count(endpoint, limit) <= int(limit) else 429

    def _count(self, endpoint: str, limit: str) -> int:
        now, window = self.state.now, (endpoint, limit)
        ends_at, hits = self.windows.get(window, (0, 0))
        if not now < ends_at <= now + MINUTE_MS:
            ends_at, hits = now + MINUTE_MS, 0
        self.windows[window] = (ends_at, hits + 1)
        return hits + 1


class Play:
    """One world of a server and its model; every operation changes both and compares them."""

    def __init__(self, api: Api, world: str, random: Random, *, rows: dict[str, list[Item]]) -> None:
        """``rows`` are those of a new world.  A world ``sandbox_…`` is opened by its first request."""
        self._api = api
        self._random = random
        self._rows = rows
        self.world = world
        self.key = world if self.is_sandbox else f"key-{world}"
        self.model = Model.of(rows)
        self._make()

    @property
    def is_sandbox(self) -> bool:
        """Whether the world needs no call."""
        return self.world.startswith("sandbox_")

    def play(self) -> str:
        """Do something; the name of what was done."""
        operations: list[tuple[Callable[[], None], int]] = [
            (self.read_page, 8),
            (self.read_csv, 3),
            (self.look, 2),
            (self.ingest, 6),
            (self.delete, 1),
            (self.reset, 2),
            (self.snapshot, 2),
            (self.restore, 2),
            (self.advance, 2),
            (self.change_contract, 2),
            (self.declare_fault, 2),
            (self.meet_the_limit, 1),
            (self.remake, 1),
        ]
        functions, weights = zip(*operations, strict=True)
        operation = self._random.choices(functions, weights)[0]
        operation()
        return str(operation.__name__)

    def read_page(self) -> None:
        """One page of a query."""
        kind, days, user = self._query()
        page, size = self._random.randint(1, 3), self._random.randint(1, 9)
        target = f"{kind}?startDate={days}d&page={page}&pageSize={size}" + (f"&user={user}" if user else "")
        answer = self._ask(kind, target)
        if answer is None:
            return
        found = self.model.found(kind, days=days, user=user)
        items = [self._as_told(item) for item in found[(page - 1) * size : page * size]]
        wanted = {"items": items, "totalCount": len(found), "page": page, "pageSize": size}
        self._compare(target, answer.json, wanted)

    def read_csv(self) -> None:
        """All rows of a query as CSV."""
        kind, days, user = self._query()
        target = f"{kind}.csv?startDate={days}d" + (f"&user={user}" if user else "")
        answer = self._ask(f"{kind}.csv", target)
        if answer is None:
            return
        records = csv.DictReader(io.StringIO(answer.text, newline=""))
        told = [(one[COLUMNS[kind]], one["created_at"]) for one in records]
        found = self.model.found(kind, days=days, user=user)
        self._compare(target, told, [(item[KEYS[kind]], item["createdAt"]) for item in found])

    def look(self) -> None:
        """The facts of the world, its clock, its faults and its snapshots."""
        state = self.model.state
        facts = self._control("GET")
        wanted = {
            "id": self.world,
            "isSandbox": self.is_sandbox,
            "now": instant(state.now),
            "isFrozen": True,
            "settings": state.settings,
            "commits": len(state.rows["commits"]),
            "changes": len(state.rows["changes"]),
            "requests": self.model.requests,
        }
        self._compare("facts", {name: facts[name] for name in wanted}, wanted)
        count = self._control("GET", "/requests/count")
        self._compare("journal", count, {"count": self.model.requests})
        names = [one["name"] for one in self._control("GET", "/snapshots")["snapshots"]]
        self._compare("snapshots", names, sorted(self.model.snapshots))
        seen = [one["seen"] for one in self._control("GET", "/faults")["faults"]]
        self._compare("faults", seen, [fault["seen"] for fault in self.model.faults])

    def ingest(self) -> None:
        """Some rows, at any instant of the week."""
        kind = self._random.choice(("commits", "changes"))
        rows = [self._new_row(kind) for _ in range(self._random.randint(1, 4))]
        items = self._control("POST", f"/{kind}", rows)
        for row, item in zip(rows, items, strict=True):
            wanted = {name: value for name, value in row.items() if name != "metadata"}
            self._compare("ingested", {name: item[name] for name in wanted}, wanted)
        self.model.put(kind, items)

    def delete(self) -> None:
        """All rows of a kind."""
        kind = self._random.choice(("commits", "changes"))
        self._control("DELETE", f"/{kind}")
        self.model.state.rows[kind] = []

    def reset(self) -> None:
        """Back to how it was made."""
        self._control("POST", "/reset", expected=204)
        self.model.reset()

    def snapshot(self) -> None:
        """Take a snapshot, or drop one that is there."""
        name = self._random.choice(NAMES)
        if self.model.snapshots.pop(name, None):
            self._control("DELETE", f"/snapshots/{name}")
        else:
            self._control("POST", "/snapshots", {"name": name})
            self.model.snapshots[name] = deepcopy(self.model.state)

    def restore(self) -> None:
        """Back to a snapshot, if there is one."""
        name = self._random.choice(NAMES)
        kept = self.model.snapshots.get(name)
        self._control("POST", f"/snapshots/{name}/restore", expected=204 if kept else 404)
        if kept:
            self.model.state = deepcopy(kept)

    def advance(self) -> None:
        """Move the clock."""
        seconds = self._random.choice((1, 30, 61, 3600, 86_400))
        self._control("PUT", "/clock", {"advance": f"{seconds}s"})
        self.model.state.now += seconds * 1000

    def change_contract(self) -> None:
        """Another limit, or nulls left out."""
        limit = self._random.choice(("off", "off", "3", "7"))
        nulls = self._random.choice(({}, {}, {"omit_nulls": "on"}))
        self._control("PATCH", "/contract", {"settings": {"omit_nulls": None, **nulls, "rate_limit": limit}})
        self.model.state.settings = {**nulls, "rate_limit": limit}

    def declare_fault(self) -> None:
        """A 503 to the n-th request of an endpoint; or all faults are taken back."""
        if len(self.model.faults) > 2:
            self._control("DELETE", "/faults")
            self.model.faults = []
            return
        endpoint, nth = self._random.choice(("commits", "changes.csv")), self._random.randint(1, 3)
        match = {"endpoint": endpoint, "first": nth, "last": nth}
        fault = {"match": match, "action": {"kind": "status", "status": 503}}
        self._control("POST", "/faults", fault)
        self.model.faults.append({"endpoint": endpoint, "nth": nth, "seen": 0})

    def meet_the_limit(self) -> None:
        """More requests than the limit lets through, and once more when the minute is over."""
        self._control("PATCH", "/contract", {"settings": {"rate_limit": "2"}})
        self.model.state.settings["rate_limit"] = "2"
        for _ in range(4):
            self._ask("commits", "commits?pageSize=1")
        self._control("PUT", "/clock", {"advance": "61s"})
        self.model.state.now += 61_000
        self._ask("commits", "commits?pageSize=1")

    def remake(self) -> None:
        """Drop the world and make it again."""
        self._control("DELETE")
        self.model = Model.of(self._rows)
        self._make()

    def _make(self) -> None:
        if self.is_sandbox:
            self._ask("commits", "commits?pageSize=1")
        else:
            self._api.control("POST", "/worlds", {"id": self.world, "apiKey": self.key})

    def _query(self) -> tuple[str, int, str | None]:
        kind = self._random.choice(("commits", "changes"))
        return kind, self._random.randint(0, 9), self._random.choice((None, None, *PEOPLE))

    def _new_row(self, kind: str) -> Item:
        # Few instants and few keys, so that some are equal.
        created_at = ANCHOR_MS - self._random.randint(0, 40) * DAY_MS // 6
        added = self._random.randint(0, 99)
        row: Item = {
            "userEmail": self._random.choice(PEOPLE),
            "createdAt": instant(created_at),
            "totalLinesAdded": added,
        }
        if kind == "changes":
            files = [{"fileName": "a/b.py", "linesAdded": added}]
            return {**row, "changeId": str(self._random.randint(0, 5)), "metadata": files}
        tab = self._random.randint(0, 50)
        return {
            **row,
            "commitHash": f"{self._random.randint(0, 5)}" * 40,
            "branchName": self._random.choice((None, "main", "fix")),
            "tabLinesAdded": tab,
            "nonAiLinesAdded": max(0, added - tab),
        }

    def _ask(self, endpoint: str, target: str) -> Answer | None:
        """Ask the mirrored API; None, unless the answer is rightly 200."""
        answer = self._api.get(self.key, target)
        wanted = self.model.meet(endpoint)
        self._compare(target, answer.status, wanted)
        return answer if wanted == 200 else None

    def _control(self, method: str, path: str = "", body: object = None, expected: int | None = None) -> Any:
        return self._api.control(method, f"/worlds/{self.world}{path}", body, expected=expected)

    def _as_told(self, item: Item) -> Item:
        if "omit_nulls" not in self.model.state.settings:
            return item
        return {name: value for name, value in item.items() if value is not None}

    def _compare(self, what: str, told: object, wanted: object) -> None:
        if told != wanted:
            raise AssertionError(f"{self.world}, {what}:\n told {told}\n must {wanted}")


def rows_of(api: Api, key: str) -> dict[str, list[Item]]:
    """The rows of the world of a key, oldest first."""
    return {kind: api.get(key, f"{kind}?startDate=30d").json["items"][::-1] for kind in KEYS}


def main(url: str, player: str, seconds: str, *worlds: str) -> None:
    """Play on worlds of one's own; an answer that is wrong is an error."""
    api, random, ends_at = Api(url), Random(int(player)), time.monotonic() + float(seconds)  # noqa: S311
    rows = rows_of(api, f"sandbox_player_{player}")
    plays = [Play(api, world, random, rows=rows) for world in worlds]
    weights = [2.0**-number for number, _ in enumerate(plays)]  # long stories in the first ones
    done: Counter[str] = Counter()
    while time.monotonic() < ends_at:
        done[random.choices(plays, weights)[0].play()] += 1
    for one in plays:
        one.look()
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
