"""``kill -9`` while rows are made, a world is reset or restored, rows come in, a file streams.

After each: the database opens, is whole, and is what it was before or after what was killed.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, sleep

import httpx

from bench.reliability.findings import Findings
from bench.reliability.victim import ANCHOR, API, Victim

_ROUNDS = 8
_OPTIONS = ("--scenario", "default", "--anchor", ANCHOR, "--now", ANCHOR, "--rate-limit", "off")
_WORLD = "/_mock/worlds/default"
_COMMAND = str(Path(sys.executable).with_name("aicode-mock"))


def prove(findings: Findings) -> None:
    """Kill during each operation, some times each, at moments that chance chooses."""
    random = Random(1)  # noqa: S311  # no secret
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        _kill_seeding(folder, findings, random)
        _kill_starting(folder, findings, random)
        for operation in (_ingest, _reset, _restore, _stream):
            _kill_serving(folder, findings, random, operation)


def _kill_seeding(folder: Path, findings: Findings, random: Random) -> None:
    """``seed``: the name is free or the file is whole, and the next one leaves nothing of the killed."""
    file, found = folder / "seeded.db", 0
    command = [_COMMAND, "seed", "--database", str(file), "--anchor", ANCHOR, "--commits", "20000"]
    began = monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole_s = monotonic() - began
    file.unlink()
    most_left = 0
    for number in range(_ROUNDS):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            sleep(random.uniform(0.2, 1) * whole_s)
            process.kill()
        found += file.exists()
        most_left = max(most_left, len([one for one in folder.iterdir() if one.name.startswith(".seeded")]))
        findings.expect(
            not file.exists() or _is_whole(file), f"seed {number}: the file is whole or not there"
        )
        file.unlink(missing_ok=True)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = [one.name for one in folder.iterdir() if one.name.startswith(".seeded.db.")]
    findings.expect(
        _is_whole(file) and not after, "seed: the next one makes the file and removes what was left"
    )
    print(
        f"seed: killed {_ROUNDS} times, {found} files whole, "
        f"{most_left} folders left at most, {len(after)} after the next one"
    )


def _kill_starting(folder: Path, findings: Findings, random: Random) -> None:
    """``serve`` without a database: its private folder is removed by the next one."""
    left, began = [], monotonic()
    first = Victim(folder, *_OPTIONS)
    first.wait().close()
    ready_s = monotonic() - began
    first.stop()
    for _ in range(_ROUNDS):
        victim = Victim(folder, *_OPTIONS)
        sleep(random.uniform(0.4, 1.5) * ready_s)
        victim.kill()
        left.append(len(list(victim.temporary.iterdir())))
    victim = Victim(folder, *_OPTIONS)
    with victim.wait() as client:
        there = len(list(victim.temporary.iterdir()))
        findings.expect(client.get(f"{API}/commits").status_code == 200, "serve: it answers after all that")
    victim.stop()
    gone = len(list(victim.temporary.iterdir()))
    findings.expect(
        max(left) <= 1 and there == 1 and gone == 0, "serve: no folder is left but that of the last"
    )
    print(f"serve: killed {_ROUNDS} times, at most {max(left)} folders at once, {gone} after a stop")


def _kill_serving(
    folder: Path, findings: Findings, random: Random, operation: Callable[[httpx.Client, list[int]], None]
) -> None:
    """A server on a file, killed while it is told to do one thing again and again."""
    name = operation.__name__.strip("_")
    file, done, slowest = folder / f"{name}.db", 0, 0.0
    for number in range(_ROUNDS):
        victim = Victim(folder, *_OPTIONS, "--database", str(file))
        with victim.wait() as client:
            if number == 0:
                client.post(f"{_WORLD}/snapshots", json={"name": "kept"}).raise_for_status()
            if not _commits(client):  # killed between two steps of a round
                client.post(f"{_WORLD}/snapshots/kept/restore").raise_for_status()
            confirmed: list[int] = []
            before = _commits(client)
            thread = Thread(target=_again, args=(operation, client, confirmed))
            thread.start()
            sleep(random.uniform(0.2, 3))
            victim.kill()
            thread.join()
        done += len(confirmed)
        findings.expect(_is_whole(file), f"{name} {number}: the file is whole")
        began = monotonic()
        again = Victim(folder, *_OPTIONS, "--database", str(file))
        with again.wait() as client:
            slowest = max(slowest, monotonic() - began)
            after = _commits(client)
            legal = _legal(name, before, confirmed)
            findings.expect(after in legal, f"{name} {number}: {after} commits, not one of {sorted(legal)}")
            entries = client.get(f"{_WORLD}/requests/count").json()["count"]
            findings.expect(entries >= 0, f"{name} {number}: the journal is read")
        findings.expect(again.stop() == 0, f"{name} {number}: it stops")
        findings.expect("Traceback" not in again.told(), f"{name} {number}: no trace")
    print(f"{name}: killed {_ROUNDS} times after {done} confirmed; ready again in {slowest:.1f} s at most")


def _again(
    operation: Callable[[httpx.Client, list[int]], None], client: httpx.Client, confirmed: list[int]
) -> None:
    with suppress(httpx.HTTPError):
        while True:
            operation(client, confirmed)


def _ingest(client: httpx.Client, confirmed: list[int]) -> None:
    rows = [{"userEmail": _member(client), "message": f"row {number}"} for number in range(200)]
    client.post(f"{_WORLD}/commits", json=rows).raise_for_status()
    confirmed.append(200)


def _reset(client: httpx.Client, confirmed: list[int]) -> None:
    client.delete(f"{_WORLD}/commits").raise_for_status()
    client.post(f"{_WORLD}/reset").raise_for_status()
    confirmed.append(0)


def _restore(client: httpx.Client, confirmed: list[int]) -> None:
    client.delete(f"{_WORLD}/commits").raise_for_status()
    client.post(f"{_WORLD}/snapshots/kept/restore").raise_for_status()
    confirmed.append(0)


def _stream(client: httpx.Client, confirmed: list[int]) -> None:
    confirmed.append(
        len(client.get(f"{API}/commits.csv", params={"startDate": "90d"}).raise_for_status().content)
    )


def _legal(name: str, before: int, confirmed: list[int]) -> set[int]:
    """How many commits there may be: what was confirmed is there, what was not may be."""
    if name == "ingest":
        return {before + sum(confirmed), before + sum(confirmed) + 200}
    return {before, 0} if name in ("reset", "restore") else {before}


def _member(client: httpx.Client) -> str:
    email: str = client.get("/teams/members").json()["teamMembers"][0]["email"]
    return email


def _commits(client: httpx.Client) -> int:
    return int(client.get(_WORLD).json()["commits"])


def _is_whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return bool(
            connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            and connection.execute("PRAGMA foreign_key_check").fetchone() is None
        )
