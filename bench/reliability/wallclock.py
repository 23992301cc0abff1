"""The wall clock of a running server is set back and forth: by a small library loaded before all others."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.reliability.findings import Findings
from bench.reliability.victim import API, running

_SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *when) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, when);
    if (id == CLOCK_REALTIME) {
        long shift = 0;
        FILE *file = fopen(getenv("SHIFT_FILE"), "r");
        if (file) { if (fscanf(file, "%ld", &shift) != 1) shift = 0; fclose(file); }
        when->tv_sec += shift;
    }
    return result;
}
"""
_SHIFTS = (0, 3600, -3600, 86_400, -86_400 * 365, 86_400 * 365, 61, 0)


def prove(findings: Findings) -> None:
    """Shift the clock, and look at limits, journal and ids each time."""
    if shutil.which("gcc") is None:
        print("skipped: gcc is missing")
        return
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "shim.c").write_text(_SHIM)
        command = ["gcc", "-shared", "-fPIC", "-o", str(folder / "shim.so"), str(folder / "shim.c"), "-ldl"]
        subprocess.run(command, check=True)
        shift = folder / "shift"
        shift.write_text("0")
        env = {"LD_PRELOAD": str(folder / "shim.so"), "SHIFT_FILE": str(shift)}
        with running(folder, "--scenario", "tiny", "--rate-limit", "5", env=env) as (victim, client):
            for seconds in _SHIFTS:
                shift.write_text(str(seconds))
                _look(client, findings, seconds)
            findings.expect("Traceback" not in victim.told(), "no trace in the log")


def _look(client: httpx.Client, findings: Findings, seconds: int) -> None:
    key = f"sandbox_shift{seconds}"
    statuses = [client.get(f"{API}/commits").status_code for _ in range(7)]
    fresh = [client.get(f"{API}/changes", auth=(key, "")).status_code for _ in range(7)]
    requests = client.get("/_mock/worlds/default/requests").json()["requests"]
    numbers = [entry["id"] for entry in requests]
    instants = [entry["realInstant"] for entry in requests]
    now = client.get("/_mock/worlds/default/clock").json()["now"]
    print(
        f"{seconds:>+10} s: now {now}, default {statuses}, a sandbox {fresh}, {len(numbers)} in the journal"
    )
    findings.expect(fresh == [200] * 5 + [429] * 2, f"{seconds}: a new window takes five")
    findings.expect(
        200 in statuses and statuses.count(200) <= 5, f"{seconds}: nobody is locked out, none is over"
    )
    findings.expect(numbers == list(range(1, len(numbers) + 1)), f"{seconds}: the journal counts on")
    findings.expect(len(instants) == len(numbers), f"{seconds}: each entry has its instant")
    ready = client.get("/_mock/ready").json()
    findings.expect(0 <= ready["uptimeSeconds"] < 3600, f"{seconds}: uptime is not moved")
    world = client.get(f"/_mock/worlds/{key}").status_code
    findings.expect(world == 200, f"{seconds}: the sandbox is there")
