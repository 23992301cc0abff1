"""Servers as processes of their own, on a free port of this machine."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, sleep

import psutil

from bench.client import Connection
from bench.data import ANCHOR
from bench.wire import KEY

_COMMAND = str(Path(sys.executable).with_name("aicode-mock"))
_POLL_S = 0.001
_SAMPLE_S = 0.005
_PATIENCE_S = 120.0
_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``started_at`` is when its process was asked for."""

    port: int
    process: psutil.Process
    started_at: float

    def cpu_s(self) -> float:
        """Seconds of CPU that it and its workers have used so far, the kernel's for it included."""
        times = [process.cpu_times() for process in self._processes()]
        return sum(time.user + time.system for time in times)

    def rss_bytes(self) -> int:
        """Memory that it and its workers hold now."""
        return sum(process.memory_info().rss for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def our_command(*options: str, database: Path | str | None, frozen: bool = True) -> list[str]:
    """The command line of the twin, over a file or over the default scenario."""
    command = [_COMMAND, "serve", "--api-key", KEY, "--port", "0", "--rate-limit", "off"]
    command += ["--log-format", "off", *options]
    if database is not None:
        command += ["--database", str(database)]
    return command + (["--now", ANCHOR] if frozen else [])


def has_workers() -> bool:
    """Whether the twin can serve with several processes."""
    text = subprocess.run([_COMMAND, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    return "--workers" in text


def reference_command(name: str, *arguments: str) -> list[str]:
    """The command line of an application of ``bench.references``."""
    return [sys.executable, "-m", f"bench.references.{name}", *arguments]


@contextmanager
def serving(command: Sequence[str]) -> Iterator[Server]:
    """Start a server and wait for it; it is told where to write its port by ``--port-file``."""
    with TemporaryDirectory(prefix="bench-") as folder:
        port_file = Path(folder, "port")
        started_at = perf_counter()
        with subprocess.Popen(
            [*command, "--port-file", str(port_file)], stdout=subprocess.DEVNULL
        ) as process:
            try:
                port = _wait_for_port(process, port_file, started_at)
                yield Server(port, psutil.Process(process.pid), started_at)
            finally:
                _stop(process)


@contextmanager
def our_server(database: Path | str, *options: str, frozen: bool = True) -> Iterator[Server]:
    """The twin over a data file or the URL of a database, its clock frozen at the end of the data."""
    with serving(our_command(*options, database=database, frozen=frozen)) as server:
        yield server


def seconds_to_first_answer(command: Sequence[str], target: str) -> float:
    """From the start of the process to the end of its first 200."""
    with serving(command) as server, Connection(server.port) as connection:
        connection.get(target)
        return perf_counter() - server.started_at


class MemoryGrowth:
    """The peak of a server's memory over what it held before, in bytes, sampled in a thread."""

    def __init__(self, server: Server) -> None:
        """Take what the server holds now as the beginning."""
        self._server = server
        self._before = self._peak = server.rss_bytes()
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "MemoryGrowth":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def megabytes(self) -> float:
        """The growth so far, in millions of bytes."""
        return (self._peak - self._before) / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            self._peak = max(self._peak, self._server.rss_bytes())


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _wait_for_port(process: subprocess.Popen[bytes], port_file: Path, started_at: float) -> int:
    while not (port_file.exists() and (text := port_file.read_text(encoding="ascii"))):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        if perf_counter() - started_at > _PATIENCE_S:
            raise RuntimeError("the server does not start")
        sleep(_POLL_S)
    return int(text)
