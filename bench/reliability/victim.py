"""A server of its own, on a file of its own, that may be killed and started again."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import psutil

KEY = "reliable"
ANCHOR = "2026-06-30"
API = "/analytics/ai-code"
_COMMAND = str(Path(sys.executable).with_name("aicode-mock"))
_PATIENCE_S = 120.0


class Victim:
    """A server process, and clients of it."""

    def __init__(self, folder: Path, *options: str, env: Mapping[str, str] | None = None) -> None:
        """It is started in ``folder``, which also holds its temporary files."""
        temporary = folder / "tmp"
        temporary.mkdir(exist_ok=True)
        self.folder, self.temporary = folder, temporary
        port_file = folder / "port"
        port_file.unlink(missing_ok=True)
        command = [_COMMAND, "serve", "--port", "0", "--port-file", str(port_file), "--api-key", KEY]
        command += ["--log-format", "off", *options]
        self.log = (folder / "log").open("a")
        self.process = subprocess.Popen(
            command,
            stdout=self.log,
            stderr=self.log,
            env={**os.environ, "TMPDIR": str(temporary), **(env or {})},
        )
        self.port_file = port_file
        self.seen = psutil.Process(self.process.pid)

    def wait(self) -> httpx.Client:
        """A client, when the server is ready."""
        end = monotonic() + _PATIENCE_S
        while not (self.port_file.exists() and self.port_file.read_text()):
            if self.process.poll() is not None or monotonic() > end:
                raise RuntimeError(f"the server does not start: {(self.folder / 'log').read_text()[-500:]}")
            sleep(0.02)
        self.port = int(self.port_file.read_text())
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", auth=(KEY, ""), timeout=60)

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self) -> int:
        """End it; its exit code."""
        self.process.terminate()
        code = self.process.wait(30)
        self.log.close()
        return code

    @property
    def rss_mib(self) -> float:
        """Memory that it holds."""
        return float(self.seen.memory_info().rss) / 2**20

    @property
    def files(self) -> int:
        """Files and sockets that it has open."""
        return self.seen.num_fds()

    def told(self) -> str:
        """What it has written."""
        return (self.folder / "log").read_text()


@contextmanager
def running(
    folder: Path, *options: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Victim, httpx.Client]]:
    """A server that is stopped at the end."""
    victim = Victim(folder, *options, env=env)
    try:
        with victim.wait() as client:
            yield victim, client
    finally:
        if victim.process.poll() is None:
            victim.stop()
