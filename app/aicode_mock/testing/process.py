"""A server in a process of its own, which ends with ours, however that ends.

A process, not a thread: the tests' own process may have its warnings as errors, its clock patched, its
event loop blocked, or packages of its own in the way.  Nothing of that reaches the server.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Self

from aicode_mock.testing.plane import MockError, Server

_READY = "aicode-mock ready "
_STOP_S = 3
_PYTHON = ("PYTHONWARNINGS", "PYTHONINSPECT")  # meant for the tests


class NotStartedError(MockError):
    """The server did not start; ``exit_code`` is its own."""

    def __init__(self, message: str, exit_code: int) -> None:
        """``message`` has the server's own words."""
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that runs; whoever started it stops it."""

    server: Server
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, options: Sequence[str] = (), *, env: Mapping[str, str] | None = None) -> Self:
        """Start ``aicode-mock serve`` on a free port of loopback, and wait until it is ready.

        Args:
            options: of ``serve``; options in the environment are not asked.
            env: the environment; None is our own.

        Raises:
            NotStartedError: it does not; the message is the server's.
        """
        # -P: a project's own app/, logging.py or fastapi/ is none of the server's business.
        command = [sys.executable, "-P", "-m", "aicode_mock", "serve", "--port", "0", "--until-eof"]
        with TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            process = subprocess.Popen(  # noqa: S603  # our own command
                [*command, "--log-format", "off", *options],
                env=_clean(os.environ if env is None else env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it
            )
            url = _wait_until_ready(process)
            if url is None:
                _stop(process)
                errors.seek(0)
                reason = errors.read().strip().removeprefix("aicode-mock: error: ")
                raise NotStartedError(f"the server did not start: {reason}", process.returncode)
        return cls(Server(url), process)

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        _stop(self.process)


def _wait_until_ready(process: subprocess.Popen[str]) -> str | None:
    """The URL of a server, once it is ready; None if it ends before."""
    lines = process.stdout or ()  # Ctrl-C meanwhile lets go of the pipe, and so ends it
    return next((line.split()[2] for line in lines if line.startswith(_READY)), None)


def _stop(process: subprocess.Popen[str]) -> None:
    for pipe in _pipes(process):
        with suppress(OSError):
            pipe.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:  # a child of the tests holds the pipe, too
        process.terminate()
        process.wait()


def _pipes(process: subprocess.Popen[str]) -> list[IO[str]]:
    return [pipe for pipe in (process.stdin, process.stdout) if pipe is not None]


def _clean(env: Mapping[str, str]) -> dict[str, str]:
    """What the server gets of an environment: nothing that would be an option, or a warning an error."""
    return {
        name: value
        for name, value in env.items()
        if not name.startswith("AICODE_MOCK_") and name not in (*_PYTHON, "PORT")
    }
