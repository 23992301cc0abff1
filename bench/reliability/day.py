"""A day of traffic by the virtual clock: memory, files and the database stay as they are."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx

from bench.reliability.findings import Findings
from bench.reliability.victim import ANCHOR, API, KEY, Victim, running

_STEPS, _STEP = 288, "5m"  # a day
_OPTIONS = ("--scenario", "tiny", "--anchor", ANCHOR, "--now", ANCHOR, "--journal-size", "500")
_JSON = (
    f"{API}/commits",
    f"{API}/changes",
    f"{API}/commits/{'6' * 40}",
    "/teams/members",
    f"{API}/commits?page=x",
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the server holds at a moment."""

    rss_mib: float
    files: int
    database_kib: int
    temporary: int
    worlds: int

    def __str__(self) -> str:
        return (
            f"{self.rss_mib:6.1f} MiB, {self.files} files, database {self.database_kib} KiB, "
            f"{self.temporary} temporary folder, {self.worlds} worlds"
        )


def prove(findings: Findings) -> None:
    """A day in steps of five minutes, after a quarter of a day that warms up."""
    with TemporaryDirectory(prefix="bench-") as name, running(Path(name), *_OPTIONS) as (victim, client):
        for number in range(_STEPS // 4):
            _step(client, f"warm{number}")
        begin = _held(victim, client)
        print(f"begin      {begin}", flush=True)
        began, requests = monotonic(), 0
        for number in range(_STEPS):
            requests += _step(client, f"day{number}")
            if (number + 1) % (_STEPS // 4) == 0:
                print(f"quarter {4 * (number + 1) // _STEPS}  {_held(victim, client)}", flush=True)
        end = _held(victim, client)
        print(f"{requests} requests in {monotonic() - began:.0f} s")
        findings.expect(end.rss_mib < begin.rss_mib * 1.1 + 5, "memory is flat")
        findings.expect(end.files <= begin.files + 6, "no file stays open")
        findings.expect(end.database_kib < begin.database_kib * 1.2 + 512, "the database does not grow")
        findings.expect((end.temporary, end.worlds) == (1, begin.worlds), "no world and no folder is left")
        findings.expect("Traceback" not in victim.told(), "no trace in the log")
        code = victim.stop()
        findings.expect(code == 0 and not any(victim.temporary.iterdir()), "nothing is left after the end")


def _step(client: httpx.Client, name: str) -> int:
    """Five minutes: sandboxes come, ask, meet faults, get rows, are reset, and go; how many requests."""
    key, count = f"sandbox_{name}", 0
    for path in _JSON:
        for auth in ((KEY, ""), (key, "")):
            answer = client.get(path, auth=auth)
            count += 1
            if tag := answer.headers.get("ETag"):
                client.get(path, headers={"If-None-Match": tag})
                count += 1
    world = f"/_mock/worlds/{key}"
    for kind in ({"kind": "status", "status": 500}, {"kind": "latency", "milliseconds": 5}):
        client.post(f"{world}/faults", json={"match": {"last": 1}, "action": kind})
        client.get(f"{API}/changes.csv", auth=(key, ""))
        count += 2
    for method, path, body in (
        ("POST", f"{world}/snapshots", {"name": "x"}),
        ("POST", f"{world}/commits", [{"userEmail": "ada@duo.example"}] * 20),
        ("PUT", f"{world}/clock", {"advance": "5m"}),
        ("POST", f"{world}/snapshots/x/restore", None),
        ("GET", f"{world}/report", None),
        ("POST", f"{world}/reset", None),
        ("DELETE", world, None),
        ("PUT", "/_mock/worlds/default/clock", {"advance": _STEP}),
    ):
        client.request(method, path, json=body).raise_for_status()
        count += 1
    with client.stream("GET", f"{API}/commits.csv", params={"startDate": "30d"}) as stream:
        next(stream.iter_raw(), b"")  # and away
    return count + 1


def _held(victim: Victim, client: httpx.Client) -> Holding:
    sleep(0.5)  # streams that were left are let go
    folders = [one for one in victim.temporary.iterdir() if one.is_dir()]
    size = sum(one.stat().st_size for folder in folders for one in folder.iterdir())
    worlds = len(client.get("/_mock/worlds").json()["worlds"])
    return Holding(victim.rss_mib, victim.files, size // 1024, len(folders), worlds)
