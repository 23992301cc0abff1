"""Clients that vanish, drip, say half, too much or nothing: others are answered, and nothing is kept."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, sleep

import httpx

from bench.reliability.findings import Findings
from bench.reliability.victim import ANCHOR, API, KEY, Victim, running

_OPTIONS = (
    "--scenario",
    "default",
    "--commits",
    "40000",
    "--anchor",
    ANCHOR,
    "--now",
    ANCHOR,
    "--rate-limit",
    "off",
)
_MIB = 1024 * 1024
_GIB = 1024 * _MIB
_CSV = (
    f"GET {API}/commits.csv?startDate=90d HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n\r\n"
).encode()
_HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
_POST = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"


def prove(findings: Findings) -> None:
    """Meet each kind of client, and look what the server holds then."""
    with TemporaryDirectory(prefix="bench-") as name, running(Path(name), *_OPTIONS) as (victim, client):
        client.get(f"{API}/commits.csv", params={"startDate": "90d"})
        start = (victim.rss_mib, victim.files)
        print(f"at the start: {start[0]:.0f} MiB, {start[1]} files")
        for name, misbehave in _KINDS.items():
            _meet(victim, client, findings, name, misbehave)
        first = victim.files
        _meet(victim, client, findings, "drip again", _drip)
        # SQLite parks files of closed connections while others lock the same one, and uses them again.
        is_back = _until(lambda: victim.files <= first + 10)
        print(f"at the end: {victim.rss_mib:.0f} MiB, {victim.files} files")
        findings.expect(is_back, f"files are used again: {victim.files} after {first}")
        findings.expect(victim.rss_mib < start[0] + 150, "memory is bounded")
        findings.expect("Traceback" not in victim.told(), "no trace in the log")


def _meet(
    victim: Victim,
    client: httpx.Client,
    findings: Findings,
    name: str,
    misbehave: Callable[[Victim, ExitStack], str],
) -> None:
    with ExitStack() as held:
        with _watching(victim) as seen:
            before = victim.files
            told = misbehave(victim, held)
            pages = [_page_s(client) for _ in range(20)]
        findings.expect(all(page is not None for page in pages), f"{name}: others are answered")
        slowest = max(page or 60 for page in pages)
        files = victim.files
    print(
        f"{name}: {told}; meanwhile a page in {1000 * slowest:.0f} ms at most, "
        f"peak {max(seen):.0f} MiB, {files} files after {before}"
    )


def _vanish(victim: Victim, _held: ExitStack) -> str:
    for _ in range(50):
        with _connected(victim, receive_bytes=16_384) as one:
            one.sendall(_CSV)
            one.recv(9)
    return "50 clients left in the middle of a CSV"


def _drip(victim: Victim, held: ExitStack) -> str:
    readers = [held.enter_context(_connected(victim, receive_bytes=4096)) for _ in range(100)]
    for one in readers:
        one.sendall(_CSV)
    for _ in range(5):
        sleep(1)
        for one in readers:
            one.recv(1)
    return "100 clients read a byte a second"


def _say_half(victim: Victim, held: ExitStack) -> str:
    for number in range(1000):
        one = held.enter_context(_connected(victim))
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "[: number % 32])
    return "1,000 connections with half a request, or nothing"


def _wait_for_the_end(victim: Victim, held: ExitStack) -> str:
    _say_half(victim, held)
    began = perf_counter()
    _until(lambda: victim.files > 1000)
    _until(lambda: victim.files < 300, seconds=60)
    return f"1,000 of them again, closed by the server after {perf_counter() - began:.0f} s"


def _many_headers(victim: Victim, _held: ExitStack) -> str:
    headers = b"".join(b"X-%d: some text that fills a line\r\n" % number for number in range(10_000))
    told = _status(victim, _HEAD + headers + b"\r\n")
    return f"10,000 headers: {told}"


def _long_target(victim: Victim, _held: ExitStack) -> str:
    told = _status(victim, b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    return f"a URL of 1 MB: {told}"


def _large_body(victim: Victim, _held: ExitStack) -> str:
    statuses = []
    for path in ("/_mock/worlds", "/_mock/worlds/default/commits", f"{API}/commits", "/docs"):
        with _connected(victim) as one:
            one.sendall(_POST.format(path, _GIB).encode())
            with suppress(OSError):
                for _ in range(1024):
                    one.sendall(b"x" * _MIB)
            statuses.append(_first_line(one))
    return f"bodies of 1 GB: {', '.join(statuses)}"


_KINDS: dict[str, Callable[[Victim, ExitStack], str]] = {
    "vanish": _vanish,
    "drip": _drip,
    "half": _say_half,
    "patience": _wait_for_the_end,
    "headers": _many_headers,
    "target": _long_target,
    "body": _large_body,
}


@contextmanager
def _connected(victim: Victim, *, receive_bytes: int | None = None) -> Iterator[socket.socket]:
    with socket.socket() as one:
        if receive_bytes:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        one.settimeout(60)
        one.connect(("127.0.0.1", victim.port))
        yield one


@contextmanager
def _watching(victim: Victim) -> Iterator[list[float]]:
    """Memory of the server, looked at again and again."""
    seen, ended = [victim.rss_mib], Event()

    def watch() -> None:
        while not ended.wait(0.05):
            seen.append(victim.rss_mib)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _status(victim: Victim, data: bytes) -> str:
    with _connected(victim) as one:
        with suppress(OSError):
            one.sendall(data)
        return _first_line(one)


def _first_line(one: socket.socket) -> str:
    try:
        return " ".join(one.recv(4096).split(b"\r\n")[0].decode().split()[1:])
    except OSError as error:
        return type(error).__name__


def _page_s(client: httpx.Client) -> float | None:
    began = perf_counter()
    is_answered = client.get(f"{API}/commits", params={"pageSize": 10}).status_code == 200
    return perf_counter() - began if is_answered else None


def _until(condition: Callable[[], bool], *, seconds: float = 30) -> bool:
    end = perf_counter() + seconds
    while not condition():
        if perf_counter() > end:
            return False
        sleep(0.1)
    return True
