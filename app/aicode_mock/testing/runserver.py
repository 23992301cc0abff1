"""The one server of a test run, which is started when somebody first asks for it.

Under pytest-xdist every worker is a process of its own, and comes and goes as it likes.  So the
controller, which lives as long as the run, starts the server when the first worker asks at its door.
"""

import hmac
import json
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

from aicode_mock.testing.plane import MockError, Server
from aicode_mock.testing.process import ServerProcess

Start = Callable[[], ServerProcess]
_LOOPBACK = "127.0.0.1"
_ASK, _CLOSE = "where", "close"
_WORD_S = 10  # a visitor who says nothing for so long is shown out
_MOST_BYTES = 4096


class RunServer:
    """Starts a server at most once, and stops it."""

    def __init__(self, start: Start) -> None:
        """``start`` is called when somebody first asks."""
        self._start = start
        self._lock = Lock()
        self._outcome: ServerProcess | MockError | None = None

    def where(self) -> Server:
        """Where the server is.

        Raises:
            MockError: it did not start; nobody tries again.
        """
        with self._lock:
            if self._outcome is None:
                try:
                    self._outcome = self._start()
                except MockError as error:
                    self._outcome = error
        if isinstance(self._outcome, MockError):
            raise self._outcome
        return self._outcome.server

    def close(self) -> None:
        """Stop the server, if one was started."""
        with self._lock:
            if isinstance(self._outcome, ServerProcess):
                self._outcome.stop()


class Door:
    """Tells the workers of a run where its server is: a port of loopback, behind a secret of the run.

    A visitor says a line, ``<secret> where``, and is told a line of JSON.
    """

    def __init__(self, run: RunServer) -> None:
        """Workers are answered from now on, until ``close``."""
        self._run = run
        self._listener = socket.create_server((_LOOPBACK, 0), backlog=64)
        self.ticket = {"port": self._listener.getsockname()[1], "secret": secrets.token_hex(16)}
        self._thread = Thread(target=self._answer_all, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more, and stop the server."""
        with suppress(OSError):
            _say(self.ticket, _CLOSE)
        self._thread.join()
        self._run.close()

    def _answer_all(self) -> None:
        is_open = True
        with self._listener:  # however this ends: else whoever says something would wait for an answer
            while is_open:
                visitor, _ = self._listener.accept()
                # A worker that was killed while it asked, or a stranger, is no reason to close.
                with visitor, suppress(OSError):
                    is_open = self._answer(visitor)

    def _answer(self, visitor: socket.socket) -> bool:
        visitor.settimeout(_WORD_S)
        with visitor.makefile("rb") as lines:
            secret, _, word = lines.readline(_MOST_BYTES).decode("ascii", "replace").strip().partition(" ")
        if hmac.compare_digest(secret.encode(), str(self.ticket["secret"]).encode()):
            if word == _CLOSE:
                return False
            visitor.sendall(f"{json.dumps(self._told())}\n".encode())
        return True

    def _told(self) -> dict[str, str]:
        try:
            return {"url": self._run.where().url}
        except MockError as error:
            return {"error": str(error)}


def ask_at(door: Mapping[str, Any]) -> Server:
    """Where the server of the run is, for a worker; ``door`` is the ``ticket`` that it was given.

    Raises:
        MockError: it did not start, or the controller is gone.
    """
    try:
        told = json.loads(_say(door, _ASK))
    except (OSError, ValueError) as error:
        raise MockError("the controller of the run does not answer") from error
    if "error" in told:
        raise MockError(told["error"])
    return Server(told["url"])


def _say(door: Mapping[str, Any], word: str) -> bytes:
    """What the door answers; it ends the connection."""
    with socket.create_connection((_LOOPBACK, door["port"])) as line:
        line.sendall(f"{door['secret']} {word}\n".encode())
        with line.makefile("rb") as lines:
            return lines.readline()
