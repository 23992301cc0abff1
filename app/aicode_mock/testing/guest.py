"""A test that has a world: from the words of its markers to a handle, and what is wrong when it passed."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from typing import Any

from aicode_mock.contract import describe_switches
from aicode_mock.testing.complaints import check_severity
from aicode_mock.testing.mock import CheckError, Mock
from aicode_mock.testing.plane import MockError, Server
from aicode_mock.testing.serving import world_on
from aicode_mock.testing.settings import Settings, check_names

_JUDGING = ("fail_on", "ignore")


@dataclass(frozen=True, slots=True)
class TestServer:
    """The server of a run; ``scenario`` is that of its worlds, unless they name another."""

    __test__ = False  # for pytest, which collects what is named so

    url: str
    control_token: str | None
    scenario: str

    def world(self, **settings: Any) -> AbstractContextManager[Mock]:
        """A world for a block, such as a fixture of a wider scope; its settings are those of ``serve``.

        Nothing fails by itself: ask ``check()`` of its handle.

        Raises:
            MockError: a setting is wrong.
        """
        given = {"scenario": self.scenario, **settings}
        return world_on(Server.at(self.url, self.control_token), Settings.of(given))


@dataclass(frozen=True, slots=True)
class Guest:
    """A test with its world, and what it wants to fail by."""

    mock: Mock
    fail_on: str
    ignore: tuple[str, ...]

    def complaint(self) -> str | None:
        """What fails the test although it passed; None if nothing does."""
        try:
            self.mock.check(fail_on=self.fail_on, ignore=self.ignore)
        except (CheckError, MockError) as error:
            return str(error)
        return None


@contextmanager
def receive(server: TestServer, said: Iterable[Mapping[str, Any]]) -> Iterator[Guest]:
    """A world for a test, until its end; of what is ``said`` of it, the last word counts.

    Raises:
        MockError: a setting is wrong, or no server is there.
    """
    given = {name: value for one in said for name, value in one.items()}
    check_names(given, [*_own_names(), *_JUDGING, *describe_switches()])
    judging = {name: given.pop(name) for name in _JUDGING if name in given}
    fail_on, ignore = str(judging.get("fail_on", "never")), judging.get("ignore", ())
    check_severity(fail_on)
    with server.world(**given) as mock:
        yield Guest(mock, fail_on, (ignore,) if isinstance(ignore, str) else tuple(ignore))


def _own_names() -> list[str]:
    return [one.name for one in fields(Settings) if one.name != "switches"]
