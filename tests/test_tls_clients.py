"""Clients that hard-code https://api.cursor.com, unmodified, against that name and port 443.

They and the server live in namespaces of Linux: a hosts file and a network of their own, so that
nothing of the machine is changed and port 443 is free.  On CI that must work, elsewhere it may not.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_serve import MODULE, environment

CLIENTS = Path(__file__).parent / "clients"
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
APART = ["unshare", "--mount", "--net", *([] if IS_ROOT else ["--user", "--map-root-user"])]
SERVE = "serve --tls --tls-port 443 --tls-dir tls --scenario tiny --now 2026-06-30 --api-key test"
# A network that is new has its loopback down.
LOOPBACK_UP = """
import fcntl, socket, struct
UP_AND_RUNNING, SIOCSIFFLAGS = 0x41, 0x8914
with socket.socket() as one:
    fcntl.ioctl(one, SIOCSIFFLAGS, struct.pack("16sh", b"lo", UP_AND_RUNNING))
"""
START = 'mount --bind "$1" /etc/hosts; "$2" -c "$3"; shift 3; exec "$@"'


@dataclass(frozen=True, slots=True)
class Island:
    """Where https://api.cursor.com is the mock."""

    pid: int
    folder: Path

    def run(self, *program: str, trusting: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program there."""
        users = [] if IS_ROOT else ["--user", "--preserve-credentials"]
        enter = ["nsenter", "--target", str(self.pid), "--mount", "--net", *users, f"--wd={self.folder}"]
        trust = f'eval "$({" ".join(MODULE)} tls-env --tls-dir tls)"; ' if trusting else ""
        return subprocess.run(
            [*enter, "sh", "-euc", f'{trust}exec "$@"', "sh", *program],
            env={**unproxied(self.folder), "CURSOR_API_KEY": "test"},
            capture_output=True,
            text=True,
            check=False,
        )


def unproxied(folder: Path) -> dict[str, str]:
    """No proxy, and no roots that somebody has chosen for this machine."""
    unwanted = (
        "_proxy",
        "_ca_bundle",
        "ssl_cert_file",
        "ssl_cert_dir",
        "extra_ca_certs",
        "java_tool_options",
    )
    return {name: text for name, text in environment(folder).items() if not name.lower().endswith(unwanted)}


def needed(tool: str) -> str:
    """A tool that CI has; elsewhere the test is skipped without it."""
    found = shutil.which(tool)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} is not installed")
    return found


@pytest.fixture(scope="module")
def island(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    folder = tmp_path_factory.mktemp("island")
    needed("unshare")
    needed("nsenter")
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost api.cursor.com\n", encoding="ascii")
    setting = ["sh", "-euc", START, "sh", str(hosts), sys.executable, LOOPBACK_UP]
    able = subprocess.run([*APART, *setting, "true"], capture_output=True, text=True, check=False)
    if able.returncode != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no namespaces: {able.stderr}")
    with subprocess.Popen(
        [*APART, *setting, *MODULE, *SERVE.split()],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline().startswith("aicode-mock ready http://127.0.0.1:8484 ")
            yield Island(server.pid, folder)
        finally:
            server.terminate()


def test_a_requests_script_that_knows_one_address(island: Island) -> None:
    done = island.run(sys.executable, str(CLIENTS / "sync.py"))

    assert (done.stdout, done.returncode) == ("6 of 6 commits\n", 0), done.stderr


def test_a_fetch_script_of_node_that_knows_one_address(island: Island) -> None:
    done = island.run(needed("node"), str(CLIENTS / "sync.mjs"))

    assert (done.stdout, done.returncode) == ("6 of 6 commits\n", 0), done.stderr


@pytest.mark.skipif(shutil.which("java") is None, reason="java is not installed")
def test_a_java_program_that_knows_one_address(island: Island) -> None:
    done = island.run("java", str(CLIENTS / "Sync.java"))

    assert (done.stdout, done.returncode) == ("6 of 6 commits\n", 0), done.stderr


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
def test_a_go_program_that_knows_one_address(island: Island) -> None:
    cache = ["env", f"GOCACHE={island.folder / 'cache'}", f"HOME={island.folder}"]

    done = island.run(*cache, "go", "run", str(CLIENTS / "sync.go"))

    assert (done.stdout, done.returncode) == ("6 of 6 commits\n", 0), done.stderr


CURL = ["curl", "-sS", "-u", "test:", "https://api.cursor.com/teams/members"]


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        (lambda: [sys.executable, str(CLIENTS / "sync.py")], "CERTIFICATE_VERIFY_FAILED"),
        (lambda: [needed("node"), str(CLIENTS / "sync.mjs")], "SELF_SIGNED_CERT_IN_CHAIN"),
        (lambda: CURL, "self-signed certificate in certificate chain"),
    ],
    ids=["requests", "node", "curl"],
)
def test_who_is_not_told_to_trust_it_does_not(
    island: Island, program: Callable[[], list[str]], trouble: str
) -> None:
    done = island.run(*program(), trusting=False)

    assert done.returncode != 0
    assert trouble in done.stderr.replace("self signed", "self-signed")


def test_curl_asks_the_real_name(island: Island) -> None:
    assert '"teamMembers"' in island.run(*CURL).stdout
