"""Answers on the event loop: the same as in a thread, without waiting, and nothing half-done."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool

from aicode_mock import api
from aicode_mock.atonce import AtOnce, NotAtOnceError, Resources
from aicode_mock.directory import find_caller, key_digest
from aicode_mock.entries import Entry
from aicode_mock.journal import Filter, find_entries
from aicode_mock.launch import open_twin
from aicode_mock.meters import Meters
from aicode_mock.settings import Settings
from aicode_mock.twin import Twin
from aicode_mock.worldtables import MAIN_WORLD
from tests.conftest import ANCHOR, KEY, Client, basic, serving

PAGE = "commits?startDate=30d"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "twin.db"


@pytest.fixture
def twin(file: Path) -> Iterator[Twin]:
    settings = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, database=str(file))
    with closing(open_twin(settings)) as opened:
        yield opened


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of requests that were answered in a thread."""
    paths: list[str] = []

    async def note(answer: Callable[..., object], *parts: object) -> object:
        paths.append(parts[1].url.path.rpartition("/")[2])  # type: ignore[attr-defined]
        return await run_in_threadpool(answer, *parts)

    monkeypatch.setattr(api, "run_in_threadpool", note)
    monkeypatch.setattr(Meters, "tell", lambda _: None)  # else one would wait for it now and then
    return paths


def ask(client: Client, target: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of an answer."""
    answer = client.http.get(f"/analytics/ai-code/{target}", headers={**basic(KEY), **headers})
    return answer.status_code, answer.content, dict(answer.headers)


def entries(twin: Twin) -> list[Entry]:
    with twin.store.reading() as connection:
        return find_entries(connection, MAIN_WORLD, Filter())


def told(found: list[Entry]) -> list[dict[str, object]]:
    """What entries say beside their numbers and times."""
    return [
        entry.model_dump(
            exclude={"id": True, "ms": True, "instant": True, "realInstant": True, "rateLimit": {"endsAt"}}
        )
        for entry in found
    ]


def test_what_is_known_is_answered_without_a_thread(client: Client, in_threads: list[str]) -> None:
    page_7 = f"{PAGE}&pageSize=7"  # which no other test asks for
    status, page, headers = ask(client, page_7)
    assert (status, in_threads) == (200, ["commits"])

    assert ask(client, page_7)[:2] == (200, page)
    assert ask(client, page_7, **{"If-None-Match": headers["etag"]})[:2] == (304, b"")
    assert ask(client, page_7, Authorization="Basic eDo=")[0] == 401
    assert ask(client, "changes?pageSize=0")[0] == 400
    assert ask(client, "commits.csv?startDate=nonsense")[0] == 400
    assert in_threads == ["commits"]


def test_a_caller_is_known_until_anybody_else_writes(file: Path, twin: Twin, in_threads: list[str]) -> None:
    def statuses(*keys: str) -> list[int]:
        return [ask(client, PAGE, **basic(key))[0] for key in keys]

    with serving(twin) as client, closing(sqlite3.connect(file)) as other:
        assert statuses(KEY, KEY, "key-2") == [200, 200, 401]
        with other:
            change = "UPDATE api_key SET digest = ? WHERE digest = ?"
            other.execute(change, (key_digest("key-2"), key_digest(KEY)))
        assert statuses(KEY, "key-2") == [401, 200]
        assert set(statuses(*(f"key-{number}" for number in range(3, 300)))) == {401}
        bearer = {"Authorization": "Bearer key-2"}
        assert ask(client, PAGE, **bearer)[0] == 200
        client.promise(auth_schemes="basic")
        assert ask(client, PAGE, **bearer)[0] == 401
    assert in_threads == ["commits"]


def test_what_takes_time_has_a_thread(client: Client, in_threads: list[str]) -> None:
    ask(client, PAGE)
    in_threads.clear()
    status, _, headers = ask(client, "commits.csv")

    assert status == 200
    assert ask(client, PAGE, Authorization=basic("sandbox_at_once")["Authorization"])[0] == 200
    client.promise(order="shuffled")
    assert ask(client, PAGE)[0] == 200
    assert ask(client, PAGE)[0] == 200, "rows in no order are looked through each time"
    client.promise()
    assert in_threads == ["commits.csv", "commits", "commits", "commits"]
    assert ask(client, "commits.csv", **{"If-None-Match": headers["etag"]})[0] == 304
    assert in_threads.count("commits.csv") == 1


def test_a_fault_for_the_request_has_a_thread_and_takes_one_turn(twin: Twin, in_threads: list[str]) -> None:
    with serving(twin) as client:
        ask(client, PAGE)
        fault = {
            "match": {"endpoint": "commits", "first": 2, "last": 2},
            "action": {"kind": "status", "status": 500},
        }
        client.http.post("/_mock/worlds/default/faults", json=fault).raise_for_status()
        in_threads.clear()
        statuses = [ask(client, PAGE)[0] for _ in range(4)]
        assert ask(client, "changes")[0] == 200
        assert ask(client, "changes")[0] == 200

        assert statuses == [200, 500, 200, 200]
        assert in_threads == ["commits"] * 4 + ["changes"], "no fault is for the others"


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (PAGE, {}),
        (PAGE, {"If-None-Match": "*"}),
        (PAGE, {"If-None-Match": '"other"'}),
        (PAGE, {"Authorization": "Basic eDo="}),
        (f"{PAGE}&user=ada@duo.example&pageSize=2&nonsense=1", {}),
        ("changes?page=0", {}),
        ("commits.csv?endDate=yesterday", {"If-None-Match": "*"}),
    ],
)
@pytest.mark.parametrize("rate_limit", ["off", "4"])
def test_answer_entry_and_count_are_those_of_a_thread(
    client: Client,
    in_threads: list[str],
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    headers: dict[str, str],
    rate_limit: str,
) -> None:
    def never(_self: AtOnce, _answer: Callable[[Resources], object]) -> None:
        raise NotAtOnceError

    client.promise(rate_limit=rate_limit)
    with monkeypatch.context() as patched:
        patched.setattr(AtOnce, "run", never)
        ask(client, target, **headers)
        threaded = [ask(client, target, **headers) for _ in range(4)]
        noted = entries(client.twin)[-4:]
        client.forget_limits()
        ask(client, target, **headers)
    in_threads.clear()

    at_once = [ask(client, target, **headers) for _ in range(4)]

    assert not in_threads
    undated = [{**answer[2], "date": ""} for answer in (*threaded, *at_once)]
    assert undated[:4] == undated[4:]
    assert [answer[:2] for answer in at_once] == [answer[:2] for answer in threaded]
    assert told(entries(client.twin)[-4:]) == told(noted)


def test_while_another_request_writes_none_waits_on_the_loop(twin: Twin, in_threads: list[str]) -> None:
    with serving(twin) as client:
        ask(client, PAGE)
        in_threads.clear()
        answered, asked = [], Event()

        def ask_late() -> None:
            asked.set()
            answered.append(ask(client, PAGE)[0])

        with twin.store.writing():
            thread = Thread(target=ask_late)
            thread.start()
            asked.wait()
            while not in_threads:
                assert client.http.get("/_mock/health").status_code == 200
            assert answered == []
        thread.join()

        assert (answered, in_threads) == ([200], ["commits"])


def test_while_another_process_writes_none_waits_on_the_loop(twin: Twin, file: Path) -> None:
    at_once = AtOnce(twin)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotAtOnceError):
            at_once.run(lambda _: "answer")
        other.execute("ROLLBACK")

    assert at_once.run(lambda _: "answer") == "answer"


@pytest.mark.parametrize("error", [NotAtOnceError, RuntimeError("a bug")])
def test_what_comes_to_nothing_leaves_nothing(twin: Twin, error: BaseException) -> None:
    at_once = AtOnce(twin)
    with twin.store.reading() as connection:
        caller = find_caller(connection, KEY)
    assert caller

    def count(resources: Resources) -> int:
        state = resources.limits.count(caller, "commits", per_minute=5, is_free=False)
        return state.used if state else 0

    def fail(resources: Resources) -> None:
        assert count(resources) == 1
        with resources.store.writing() as connection:
            connection.execute(text("DELETE FROM api_key"))
        raise error

    with pytest.raises(NotAtOnceError):
        at_once.run(fail)

    assert at_once.run(count) == 1
    with twin.store.reading() as connection:
        assert find_caller(connection, KEY) == caller


def test_a_statement_that_fails_is_left_to_a_thread(twin: Twin) -> None:
    def fail(resources: Resources) -> None:
        with resources.store.writing() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (1)"))

    with pytest.raises(NotAtOnceError):
        AtOnce(twin).run(fail)


def test_outside_of_a_transaction_there_is_nothing_to_read(twin: Twin) -> None:
    at_once = AtOnce(twin)

    for transaction in (at_once.store.reading, at_once.store.writing, at_once.store.rearranging):
        with pytest.raises(NotAtOnceError), transaction():
            pass


def test_the_loop_never_waits_for_the_disk(twin: Twin) -> None:
    with twin.store.at_once() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("wal_autocheckpoint", "busy_timeout")
        ]
    with twin.store.writing() as connection:
        usual = connection.execute(text("PRAGMA wal_autocheckpoint")).scalar()

    assert pragmas == [0, 0]
    assert usual, "those who write in threads do it"
