"""The control plane of a server over HTTP: JSON in, JSON out, and one exception for all that goes wrong."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection  # whatever proxy is set
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

__tracebackhide__ = True  # a test's failure shows the test

_TIMEOUT_S = 120  # a world of another scenario makes its rows first
_KINDS: Mapping[str, type[HTTPConnection]] = {"http": HTTPConnection, "https": HTTPSConnection}


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
            parts = urlsplit(url)
            is_server = parts.scheme in _KINDS and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number
            is_server = False
        if not is_server or parts.path.strip("/") or parts.query or parts.fragment:
            raise MockError(f"the URL of the server must be http://HOST:PORT: got {url!r}")
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
        status, text = self._exchange(method, f"/_mock{path}{_query_text(query or {})}", body)
        try:
            answer: Any = json.loads(text) if text else None
            if status < 300:
                return answer
            message = str(answer["message"])
        except (ValueError, KeyError, TypeError):
            raise MockError(f"what answers at {self.url} is no aicode-mock: {status} {text[:200]}") from None
        raise MockError(message)

    def _exchange(self, method: str, target: str, body: object) -> tuple[int, str]:
        parts = urlsplit(self.url)
        headers = {"Content-Type": "application/json"}
        if self.control_token is not None:
            headers["Authorization"] = f"Bearer {self.control_token}"
        try:
            with closing(_KINDS[parts.scheme](parts.hostname or "", parts.port, timeout=_TIMEOUT_S)) as line:
                line.request(method, target, None if body is None else json.dumps(body), headers)
                answer = line.getresponse()
                return answer.status, answer.read().decode(errors="replace")
        except (OSError, HTTPException, UnicodeError) as error:
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


def _query_text(query: Mapping[str, object]) -> str:
    given = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
        if value is not None
    }
    return f"?{urlencode(given, doseq=True)}" if given else ""
