"""Worlds do not meet: many clients at once, random operations, each world compared with its own model."""

import csv
import io
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import func, select

from aicode_mock.ingest import Inlet, remove_all
from aicode_mock.newrows import NewCommit
from aicode_mock.selection import COMMIT_ROWS
from aicode_mock.settings import Settings
from aicode_mock.tables import Base
from aicode_mock.twin import Twin
from aicode_mock.worlds import reset_world
from tests import worldplayer
from tests.conftest import ANCHOR, KEY, Client, serving
from tests.stores import OVER_POSTGRESQL, open_twin
from tests.worldplayer import Api, Item, Play, order_key, rows_of

pytestmark = pytest.mark.both_stores

WORLDS = 100
PLAYERS = 16
PLAYING_S = 6
RESETS = 100 if OVER_POSTGRESQL else 500
OPERATIONS = [
    "read_page",
    "read_csv",
    "look",
    "ingest",
    "delete",
    "reset",
    "snapshot",
    "restore",
    "advance",
    "change_contract",
    "declare_fault",
    "meet_the_limit",
    "remake",
]


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    """A server of its own: without a limit, its clock at the anchor."""
    world = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"})
    with serving(open_twin(world)) as client:
        yield client


@pytest.fixture
def api(server: Client) -> Iterator[Api]:
    with closing(Api(server.url)) as api:
        yield api


def row_counts(twin: Twin) -> dict[str, int]:
    """How many rows each table holds."""
    with twin.store.reading() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name != "meter"  # which grows with every request
        }


def drop_other_worlds(api: Api) -> list[str]:
    """Drop all worlds but the default one; their ids."""
    ids = [world["id"] for world in api.control("GET", "/worlds")["worlds"] if world["id"] != "default"]
    for world in ids:
        api.control("DELETE", f"/worlds/{world}")
    return ids


def start_player(url: str, number: int, worlds: list[str]) -> "subprocess.Popen[str]":
    """A process that plays on worlds of its own; without site packages it starts at once."""
    script = str(Path(worldplayer.__file__))
    command = [sys.executable, "-I", "-S", script, url, str(number), str(PLAYING_S), *worlds]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_hundred_worlds_and_sixteen_processes_never_meet(server: Client, api: Api) -> None:
    before, default = row_counts(server.twin), api.control("GET", "/worlds/default")
    made = [f"made-{number}" for number in range((WORLDS - PLAYERS) // 2)]
    opened = [f"sandbox_{number}" for number in range((WORLDS - PLAYERS) // 2)]

    players = [
        start_player(server.url, number, [*made[number::PLAYERS], *opened[number::PLAYERS]])
        for number in range(PLAYERS)
    ]
    ended = [(*player.communicate(timeout=60), player.returncode) for player in players]

    assert [error for _, error, _ in ended if error] == []
    assert [status for _, _, status in ended] == [0] * PLAYERS
    done = sum((Counter(json.loads(told)) for told, _, _ in ended), Counter[str]())
    assert set(done) == set(OPERATIONS)
    assert api.control("GET", "/worlds/default") == default
    assert len(drop_other_worlds(api)) == WORLDS
    assert row_counts(server.twin) == before


def test_any_operations_on_two_worlds_leave_each_as_its_model_says(server: Client, api: Api) -> None:
    before, rows = row_counts(server.twin), rows_of(api, KEY)

    class Machine(RuleBasedStateMachine):
        @initialize(seed=st.integers(0, 2**32))
        def make_worlds(self, seed: int) -> None:
            drop_other_worlds(api)
            random = Random(seed)  # noqa: S311  # no secret
            names = (f"made-{uuid4().hex}", f"sandbox_{uuid4().hex}")
            self.plays = [Play(api, name, random, rows=rows) for name in names]

        @rule(which=st.integers(0, 1), what=st.sampled_from(OPERATIONS))
        def operate(self, which: int, what: str) -> None:
            operation: Callable[[], None] = getattr(self.plays[which], what)
            operation()

        def teardown(self) -> None:
            for play in self.plays:
                play.look()

    run_state_machine_as_test(Machine, settings=settings(max_examples=20, stateful_step_count=30))

    drop_other_worlds(api)
    assert {name: count for name, count in row_counts(server.twin).items() if name != "journal"} == {
        name: count for name, count in before.items() if name != "journal"
    }


def read_until(is_over: threading.Event, url: str, legal: dict[int, list[Item]]) -> Counter[int]:
    """Ask for a page and all of the CSV, again and again; how often there were how many rows."""
    counts = Counter[int]()
    with closing(Api(url)) as reader:
        while not is_over.is_set():
            page = reader.get("toggled", "commits?startDate=30d&pageSize=4&page=2").json
            counts[page["totalCount"]] += 1
            assert page["items"] == legal[page["totalCount"]][4:8]
            text = reader.get("toggled", "commits.csv?startDate=30d").text
            hashes = [record["commit_hash"] for record in csv.DictReader(io.StringIO(text, newline=""))]
            assert hashes == [item["commitHash"] for item in legal[len(hashes)]]
    return counts


def test_hundreds_of_resets_under_load_never_show_anything_between(server: Client, api: Api) -> None:
    store, is_over = server.twin.store, threading.Event()
    late = NewCommit(userEmail="ada@duo.example", createdAt=ANCHOR - timedelta(days=2))
    api.control("POST", "/worlds", {"id": "toggled", "apiKey": "toggled"})
    created = rows_of(api, "toggled")["commits"]
    with store.rearranging() as connection:
        come = Inlet.open(connection, "toggled", None, now=ANCHOR).add_commits([late] * 3)
    grown = sorted([*created, *map(json.loads, come)], key=order_key)
    legal = {len(rows): rows[::-1] for rows in (created, grown, list[Item]())}
    api.control("POST", "/worlds/toggled/reset", expected=204)

    def toggle(number: int) -> int:
        with store.rearranging() as connection:
            if number % 2:
                remove_all(connection, "toggled", COMMIT_ROWS)
                return 0
            Inlet.open(connection, "toggled", None, now=ANCHOR).add_commits([late] * 3)
            return len(grown)

    with ThreadPoolExecutor(2) as crowd:
        readers = [crowd.submit(read_until, is_over, server.url, legal) for _ in range(2)]
        try:
            for number in range(RESETS):
                count = toggle(number)
                if number % 25 == 0:
                    assert api.control("GET", "/worlds/toggled")["commits"] == count
                with store.rearranging() as connection:
                    reset_world(connection, "toggled")
        finally:
            is_over.set()
        counts = sum((reader.result() for reader in readers), Counter[int]())

    assert counts.total() > 20
    assert counts.keys() <= legal.keys()
    assert api.control("GET", "/worlds/toggled")["commits"] == len(created)
    api.control("DELETE", "/worlds/toggled")
