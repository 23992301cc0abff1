"""The control plane of a server over HTTP: JSON in, JSON out, and one exception for all that goes wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from aicode_mock.asking import NO_ANSWER, exchange, line_to, message_of, split_url, target_of

__tracebackhide__ = True  # a test's failure shows the test

_NO_TOKEN = 401
_TIMEOUT_S = 120  # a world of another scenario makes its rows first


class MockError(Exception):
    """The twin refused, or is not there; the message says what was wrong and what is allowed."""

    __module__ = "aicode_mock"  # where users find it


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and the token of its control plane; None where it asks for none."""

    url: str
    control_token: str | None = None

    @classmethod
    def at(cls, url: str, control_token: str | None = None) -> Self:
        """A server by its URL.

        Raises:
            MockError: the URL is not one of a server.
        """
        try:
            split_url(url)
        except ValueError:
            raise MockError(f"the URL of the server must be http://HOST:PORT: got {url!r}") from None
        return cls(url.rstrip("/"), control_token)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | Sequence[object] | None = None,
        query: Mapping[str, object] | None = None,
    ) -> Any:
        """What the control plane answers to a request under ``/_mock``; None to a command.

        What is None in ``query`` is not sent.

        Raises:
            MockError: it refuses, or nothing answers there.
        """
        status, text = self._exchange(method, target_of(f"/_mock{path}", query or {}), body)
        try:
            if status < 300:
                return json.loads(text) if text else None
            message = message_of(text)
        except ValueError:
            raise MockError(f"what answers at {self.url} is no aicode-mock: {status} {text[:200]}") from None
        hint = ": control_token=, or AICODE_MOCK_CONTROL_TOKEN for pytest" if status == _NO_TOKEN else ""
        raise MockError(f"{message}{hint}")

    def _exchange(self, method: str, target: str, body: object) -> tuple[int, str]:
        try:
            line = line_to(split_url(self.url), timeout_s=_TIMEOUT_S)
            return exchange(line, method, target, token=self.control_token, body=body)
        except NO_ANSWER as error:
            raise MockError(f"no aicode-mock answers at {self.url}: {error}") from error


@dataclass(frozen=True, slots=True)
class Plane:
    """The control plane of one world."""

    server: Server
    world: str

    def ask(
        self,
        method: str,
        path: str = "",
        body: Mapping[str, object] | Sequence[object] | None = None,
        query: Mapping[str, object] | None = None,
    ) -> Any:
        """As ``Server.ask``, of a path below that of the world."""
        return self.server.ask(method, f"/worlds/{quote(self.world, safe='')}{path}", body, query)
