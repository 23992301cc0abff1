"""The pytest plugin for authors of clients: a world of its own for each test, on one server a run.

pytest imports this module in every run of an environment in which we are installed, before coverage
measures anything, whether or not a test wants us.  So it imports nothing but pytest; all else is loaded
with the first test that asks for a fixture.
"""

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aicode_mock.testing.guest import Guest, TestServer
    from aicode_mock.testing.mock import Mock
    from aicode_mock.testing.plane import Server
    from aicode_mock.testing.runserver import Door, RunServer

_MARKER = "aicode_mock"
_URL, _TOKEN = "AICODE_MOCK_URL", "AICODE_MOCK_CONTROL_TOKEN"
_RUN: "pytest.StashKey[RunServer | Door]" = pytest.StashKey()
_GUEST: "pytest.StashKey[Guest]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings that hold for a whole run."""
    parser.addini(
        "aicode_mock_scenario",
        "aicode-mock: scenario of all worlds that name no other; a shipped one, or a TOML file",
        default="tiny",
    )
    parser.addini(
        "aicode_mock_fail_on",
        "aicode-mock: a finding of the report that is this severe fails a test: never, error, warning, info",
        default="never",
    )
    parser.addini(
        "aicode_mock_ignore",
        "aicode-mock: rules of the report by which no test fails, with blanks between",
        type="args",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "aicode_mock(scenario=..., now=..., revision=..., behavior=..., rate_limit=..., fail_on=..., ...): "
        "what is special about the world of a test with the fixture aicode_mock; all switches are keywords.",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With pytest-xdist, in the controller: tell a worker where to ask for the server of the run."""
    if os.environ.get(_URL):
        return
    from aicode_mock.testing.runserver import Door

    stash = node.config.stash
    if _RUN not in stash:
        stash[_RUN] = Door(_run_server(node.config))
    node.workerinput[_MARKER] = stash[_RUN].ticket


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of the run, if a test asked for it."""
    if (run := config.stash.get(_RUN, None)) is not None:
        run.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a test that passed fail, if what it prepared never took place or the report objects."""
    result = yield
    guest = item.stash.get(_GUEST, None)
    if guest is not None and (complaint := guest.complaint()) is not None:
        raise _failure(complaint)
    return result


@pytest.fixture(scope="session")
def aicode_mock_server(pytestconfig: pytest.Config) -> "Iterator[TestServer]":
    """The server of the run, which all tests and all workers of pytest-xdist share.

    ``url``, ``control_token``, and ``world(**settings)``: for a world of a wider scope than a test.
    From now to the end of the run, clients in this process reach it past any proxy.
    """
    from aicode_mock.testing.guest import TestServer
    from aicode_mock.testing.plane import MockError
    from aicode_mock.testing.proxies import past_proxies

    try:
        server = _server(pytestconfig)
    except MockError as error:
        raise _failure(error) from None
    with pytest.MonkeyPatch.context() as patch:
        for name, hosts in past_proxies(server.url, os.environ).items():
            patch.setenv(name, hosts)
        yield TestServer(server.url, server.control_token, _scenario(pytestconfig))


@pytest.fixture
def aicode_mock_settings() -> Mapping[str, Any]:
    """Settings of the worlds of all tests below; override it in a conftest.py or module."""
    return {}


@pytest.fixture
def aicode_mock(
    request: pytest.FixtureRequest,
    aicode_mock_server: "TestServer",
    aicode_mock_settings: Mapping[str, Any],
) -> "Iterator[Mock]":
    """A twin of the AI Code Tracking API that this test has for itself.

    Give the client ``base_url`` and ``api_key``.  A fault that was declared and never hit fails the
    test.  See docs/pytest.md.
    """
    from aicode_mock.testing.guest import receive
    from aicode_mock.testing.plane import MockError

    marks = list(request.node.iter_markers(_MARKER))
    ini = request.config.getini
    said = [
        {"fail_on": ini("aicode_mock_fail_on"), "ignore": ini("aicode_mock_ignore")},
        aicode_mock_settings,
    ]
    with ExitStack() as stack:
        try:
            if any(mark.args for mark in marks):
                raise MockError("the marker takes keywords only, such as scenario='tiny'")
            worlds = receive(aicode_mock_server, [*said, *(mark.kwargs for mark in reversed(marks))])
            guest = stack.enter_context(worlds)
        except MockError as error:
            raise _failure(error) from None
        request.node.stash[_GUEST] = guest
        yield guest.mock


def _failure(reason: object) -> BaseException:
    """A failure that is told in its own words, without frames of ours."""
    return pytest.fail.Exception(f"aicode-mock: {reason}", pytrace=False)


def _server(config: pytest.Config) -> "Server":
    from aicode_mock.testing.plane import Server
    from aicode_mock.testing.runserver import ask_at

    if os.environ.get(_URL):
        return Server.at(os.environ[_URL], os.environ.get(_TOKEN))
    if (door := getattr(config, "workerinput", {}).get(_MARKER)) is not None:
        return ask_at(door)
    config.stash[_RUN] = run = _run_server(config)
    return run.where()


def _run_server(config: pytest.Config) -> "RunServer":
    from aicode_mock.testing.process import ServerProcess
    from aicode_mock.testing.runserver import RunServer
    from aicode_mock.testing.settings import Settings

    return RunServer(lambda: ServerProcess.start(Settings(scenario=_scenario(config)).options()))


def _scenario(config: pytest.Config) -> str:
    """A shipped scenario, or the file that is named from the folder of the ini-file."""
    named = str(config.getini("aicode_mock_scenario"))
    return str(config.rootpath / named) if named.endswith(".toml") else named
