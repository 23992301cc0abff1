"""What tests share: twins that live for the whole run, set back before each test."""

import base64
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import chain

import httpx
import hypothesis
import psutil
import pytest
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock
from aicode_mock.contract import LATEST
from aicode_mock.drawing import drawing
from aicode_mock.outbox import Made
from aicode_mock.pages import page_json
from aicode_mock.pools import load_pools
from aicode_mock.query import PageWanted
from aicode_mock.selection import Selection
from aicode_mock.server import Server, bind, create_app
from aicode_mock.settings import Settings
from aicode_mock.twin import Twin
from aicode_mock.wiretext import JsonForm
from aicode_mock.worldplan import TeamWork, WorldPlan, plan_work
from aicode_mock.worldrecords import Conditions, conditions_of, set_conditions
from aicode_mock.worlds import forget_limits
from aicode_mock.worldtables import MAIN_WORLD
from tests.stores import OVER_POSTGRESQL, drop_schemas, new_schema, open_twin

ANCHOR = datetime(2026, 6, 30, tzinfo=UTC)
KEY = "test-key"

# A machine under load is no failure, and fewer examples than usual keep the suite short.
_EXAMPLES = int(os.environ.get("AICODE_MOCK_TEST_EXAMPLES", "6" if OVER_POSTGRESQL else "20"))
hypothesis.settings.register_profile("suite", deadline=None, max_examples=_EXAMPLES)
hypothesis.settings.load_profile("suite")
API = "/analytics/ai-code"


def basic(key: str, password: str = "") -> dict[str, str]:
    """The header of a client that sends ``key``."""
    return {"Authorization": f"Basic {base64.b64encode(f'{key}:{password}'.encode()).decode()}"}


def set_contract(twin: Twin, revision: str, behavior: str, settings: Mapping[str, str]) -> None:
    """Give the default world another contract."""
    _change(twin, lambda before: before.with_contract(revision, behavior, settings))


def set_clock(twin: Twin, frozen_at: datetime | None) -> None:
    """Freeze the default world's clock at an instant, or let it run with wall time."""
    _change(twin, lambda before: before.with_clock(Clock(frozen_at)))


def _change(twin: Twin, change: Callable[[Conditions], Conditions]) -> None:
    with twin.store.writing() as connection:
        set_conditions(connection, MAIN_WORLD, change(conditions_of(connection, MAIN_WORLD)))


class Client:
    """An HTTP client of a server in this process, and the handles to change what it promises."""

    def __init__(self, twin: Twin, url: str) -> None:
        """The client sends the key of the first Enterprise team."""
        self.twin = twin
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30)

    def get(
        self, path: str, *, headers: Mapping[str, str] | None = None, **query: str | int
    ) -> httpx.Response:
        """GET a path of the AI Code Tracking API (without a slash) or of the server (with one)."""
        url = path if path.startswith("/") else f"{API}/{path}"
        return self.http.get(url, params=query or None, headers={**basic(KEY), **(headers or {})})

    def promise(self, *, revision: str = LATEST, behavior: str = "documented", **switches: str) -> None:
        """Set the contract; no rate limit unless one is named."""
        set_contract(self.twin, revision, behavior, {"rate_limit": "off", **switches})

    def forget_limits(self) -> None:
        """Forget what was counted for the default world."""
        with self.twin.store.writing() as connection:
            forget_limits(connection, MAIN_WORLD)

    def freeze(self, now: datetime) -> None:
        """Set the clock."""
        set_clock(self.twin, now)


@contextmanager
def serving(twin: Twin) -> Iterator[Client]:
    """Serve a twin on a free port of this process; closes it."""
    listener, ready = bind("127.0.0.1", 0), threading.Event()
    server = Server(create_app(twin), on_ready=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert ready.wait(timeout=30)
    client = Client(twin, f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield client
    finally:
        client.http.close()
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="session")
def session_client() -> Iterator[Callable[[str], Client]]:
    """Makes the client of a scenario, once in a run."""
    clients: dict[str, Client] = {}
    with ExitStack() as servers:

        def make(scenario: str) -> Client:
            if scenario not in clients:
                settings = Settings(scenario=scenario, anchor=ANCHOR, api_key=KEY)
                clients[scenario] = servers.enter_context(serving(open_twin(settings)))
            return clients[scenario]

        yield make


@pytest.fixture
def client_of(session_client: Callable[[str], Client]) -> Callable[[str], Client]:
    """The client of a scenario, as if new: clock at the anchor, no limits, default contract."""

    def fresh(scenario: str) -> Client:
        client = session_client(scenario)
        client.promise()
        client.freeze(ANCHOR)
        client.forget_limits()
        return client

    return fresh


@pytest.fixture
def client(client_of: Callable[[str], Client]) -> Client:
    """The client of ``tiny``."""
    return client_of("tiny")


@pytest.fixture(scope="session")
def twin_of(session_client: Callable[[str], Client]) -> Callable[[str], Twin]:
    """The twin of a scenario, for tests that read its rows and need no HTTP."""
    return lambda scenario: session_client(scenario).twin


@pytest.fixture(scope="module")
def database() -> str:
    """The URL of an empty schema of PostgreSQL; on CI it must be there, elsewhere it may be missing."""
    return new_schema()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Over PostgreSQL, run what is said to hold over both stores; the rest asks for its store by itself."""
    if OVER_POSTGRESQL:
        left_out = [item for item in items if item.get_closest_marker("both_stores") is None]
        items[:] = [item for item in items if item.get_closest_marker("both_stores") is not None]
        config.hook.pytest_deselected(items=left_out)


def pytest_sessionfinish() -> None:
    """Leave nothing in PostgreSQL."""
    drop_schemas()


def page_text(
    connection: Connection, selection: Selection, form: JsonForm = JsonForm(), *, page: int, size: int
) -> str:
    """The envelope of a page as the endpoint makes it."""
    wanted = PageWanted(page, size=size, asked_size=size)
    page_bytes = page_json(
        connection, selection, form, page=wanted, offset=wanted.offset, total=selection.total
    )
    return page_bytes.decode()


def made_rows(plan: WorldPlan) -> Iterator[tuple[TeamWork, list[Made]]]:
    """The rows that each team of a world gets, without a store."""
    pools = load_pools(plan.scenario.locales)
    works = plan_work(plan, pools)
    with drawing(plan, pools, works) as drawn:
        for work, batches in zip(works, drawn, strict=True):
            yield work, list(chain.from_iterable(batches))


def second_processes() -> list[psutil.Process]:
    """New processes that make rows for this one."""
    return [one for one in psutil.Process().children() if "aicode_mock.apart" in one.cmdline()]
