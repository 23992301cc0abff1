"""A world for a ``with`` or ``async with`` block: on a server of its own, or on one that runs already.

>>> import urllib.request
>>> import aicode_mock
>>> with aicode_mock.serve(rate_limit=1) as mock:
...     url = f"{mock.base_url}/analytics/ai-code/commits?pageSize=1"
...     request = urllib.request.Request(url, headers={"Authorization": f"Bearer {mock.api_key}"})
...     with urllib.request.urlopen(request) as answer:
...         print(answer.status, mock.journal.count())
200 1

>>> import asyncio
>>> async def main() -> None:
...     async with aicode_mock.serve(scenario="empty") as mock:
...         print(mock.answers().commits.count)
>>> asyncio.run(main())
0

A setting that there is not is refused before anything is started:

>>> aicode_mock.serve(ratelimit=1)
Traceback (most recent call last):
    ...
aicode_mock.MockError: unknown setting 'ratelimit', did you mean rate_limit? (allowed: ...)
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager, suppress
from types import TracebackType

from aicode_mock.testing.mock import Mock
from aicode_mock.testing.plane import MockError, Server
from aicode_mock.testing.process import ServerProcess
from aicode_mock.testing.settings import DEFAULT_NOW, DEFAULT_SCENARIO, Moment, Settings


class Serving(AbstractContextManager[Mock], AbstractAsyncContextManager[Mock]):
    """A world that is there within one ``with`` or ``async with`` block.

    The handle's own calls block, for some milliseconds, also in an event loop: the server lies in
    another process or on another machine, so nothing waits for itself.
    """

    def __init__(self, open_world: Callable[[], AbstractContextManager[Mock]]) -> None:
        """``open_world`` makes what is entered."""
        self._open_world = open_world
        self._world: AbstractContextManager[Mock] | None = None

    def __enter__(self) -> Mock:
        """Start what has to be started, make the world.

        Raises:
            MockError: the server does not start or answer, or refuses the settings.
        """
        world = self._open_world()
        mock = world.__enter__()
        self._world = world
        return mock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what was started, drop the world."""
        if self._world is not None:
            self._world.__exit__(kind, error, trace)

    async def __aenter__(self) -> Mock:
        """As ``with``, and the event loop goes on meanwhile."""
        from anyio import CancelScope, to_thread

        with CancelScope(shield=True):  # half a start would be nobody's to stop
            mock = await to_thread.run_sync(self.__enter__)
        return mock  # noqa: RET504  # as far as mypy knows, the block may swallow errors

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As ``with``, and the event loop goes on meanwhile."""
        from anyio import CancelScope, to_thread

        with CancelScope(shield=True):
            await to_thread.run_sync(self.__exit__, kind, error, trace)


def serve(
    *,
    scenario: str = DEFAULT_SCENARIO,
    seed: int | None = None,
    now: Moment = DEFAULT_NOW,
    anchor: Moment | None = None,
    revision: str | None = None,
    behavior: str | None = None,
    api_key: str | None = None,
    **switches: str | int,
) -> Serving:
    """A world on a server of its own, which is stopped at the end of the block.

    Args:
        scenario: a shipped one, or a TOML file.
        seed: random seed of the rows; None is 42.
        now: where the clock stands; ``wall`` lets it run with real time.
        anchor: up to when rows are made; None is the start of the day of ``now``.
        revision: of the contract; None is the newest.
        behavior: ``documented`` (also None) or ``observed``.
        api_key: what the client sends; None is a key as the service makes them.
        switches: of the contract, such as ``rate_limit="off"``.

    Raises:
        MockError: there is no such setting.
    """
    settings = _settings(scenario, seed, now, anchor, revision, behavior, api_key, switches)

    @contextmanager
    def open_world() -> Iterator[Mock]:
        process = ServerProcess.start(settings.options())
        try:
            yield Mock.make(process.server, settings)
        finally:
            process.stop()

    return Serving(open_world)


def connect(
    url: str,
    *,
    control_token: str | None = None,
    scenario: str = DEFAULT_SCENARIO,
    seed: int | None = None,
    now: Moment = DEFAULT_NOW,
    anchor: Moment | None = None,
    revision: str | None = None,
    behavior: str | None = None,
    api_key: str | None = None,
    **switches: str | int,
) -> Serving:
    """A world on a server that runs already, as in a container; it is dropped at the end of the block.

    Args as those of ``serve``; ``control_token`` is that of the server, ``scenario`` a shipped one or
    the one that the server was started with, whose seed and anchor are the server's unless given.

    Raises:
        MockError: there is no such setting, or the URL is none of a server.
    """
    settings = _settings(scenario, seed, now, anchor, revision, behavior, api_key, switches)
    server = Server.at(url, control_token)
    return Serving(lambda: world_on(server, settings))


@contextmanager
def world_on(server: Server, settings: Settings) -> Iterator[Mock]:
    """A world on a running server, which is dropped at the end."""
    mock = Mock.make(server, settings)
    try:
        yield mock
    finally:
        with suppress(MockError):  # the server is gone, and with it the world; who asked it knows
            mock.drop()


def _settings(
    scenario: str,
    seed: int | None,
    now: Moment,
    anchor: Moment | None,
    revision: str | None,
    behavior: str | None,
    api_key: str | None,
    switches: dict[str, str | int],
) -> Settings:
    own = {"scenario": scenario, "seed": seed, "now": now, "anchor": anchor}
    contract = {"revision": revision, "behavior": behavior, "api_key": api_key}
    return Settings.of({**own, **contract, **switches})
