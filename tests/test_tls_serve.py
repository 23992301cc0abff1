"""`serve --tls` as a process: two ports that are one server, and the commands that ask it."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import yaml

from aicode_mock.servecommand import serve
from aicode_mock.tls.trust import exports
from tests.conftest import API, basic
from tests.test_docs import blocks
from tests.test_serve import MODULE, STOP_S, environment
from tests.test_streaming import until

PAGE = Path(__file__).parent.parent / "docs" / "tls.md"
OPTIONS = [
    *["--scenario", "tiny", "--now", "2026-06-30", "--api-key", "test"],
    *["--port", "0", "--tls", "--tls-port", "0"],
]


@dataclass
class Serving:
    """A server of both ports, with its certificates in ``folder``."""

    process: subprocess.Popen[str]
    output: list[str]
    folder: Path

    @property
    def urls(self) -> tuple[str, str]:
        """That of http and that of https, as the ready line has them."""
        words = self.output[-1].split()
        (tls,) = [word.removeprefix("tls=") for word in words if word.startswith("tls=")]
        return words[2], tls

    @property
    def authority(self) -> Path:
        """Whom its clients trust."""
        return self.folder / "tls" / "ca.pem"

    def client(self) -> httpx.Client:
        """A client of the port with TLS that trusts it, and nobody else."""
        trusted = ssl.create_default_context(cafile=self.authority)
        return httpx.Client(
            base_url=self.urls[1], verify=trusted, trust_env=False, timeout=30, headers=basic("test")
        )


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Serving]:
    command = [*MODULE, "serve", *OPTIONS, *options]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            output = []
            for line in process.stdout:
                output.append(line.rstrip("\n"))
                if line.startswith("aicode-mock ready"):
                    break
            yield Serving(process, output, folder)
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("serve"), "--tls-dir", "tls") as one:
        yield one


def test_both_ports_serve_one_world(server: Serving) -> None:
    plain, tls = server.urls
    with server.client() as client:
        assert httpx.post(f"{plain}/_mock/worlds/default/reset").status_code == 204
        pages = [
            client.get(f"{API}/commits").json(),
            httpx.get(f"{plain}{API}/commits", headers=basic("test")).json(),
        ]
        journal = httpx.get(f"{plain}/_mock/worlds/default/requests").json()["requests"]

    assert pages[0] == pages[1]
    assert pages[0]["totalCount"] == 6
    assert [entry["id"] for entry in journal] == [1, 2]
    assert (plain[:17], tls[:18]) == ("http://127.0.0.1:", "https://127.0.0.1:")


def test_every_name_of_the_certificate_is_trusted_and_no_other(server: Serving) -> None:
    trusted = ssl.create_default_context(cafile=server.authority)
    port = int(server.urls[1].rpartition(":")[2])

    def greet(name: str) -> str | None:
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            trusted.wrap_socket(plain, server_hostname=name) as secure,
        ):
            return secure.version()

    for name in ("api.cursor.com", "localhost", "127.0.0.1", "::1"):
        assert greet(name) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match=r"api2\.cursor\.com"):
        greet("api2.cursor.com")


def test_a_client_that_does_not_trust_it_or_speaks_http_leaves_the_server_as_it_was(server: Serving) -> None:
    port = server.urls[1].rpartition(":")[2]

    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{port}", trust_env=False)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://localhost:{port}", trust_env=False)

    with server.client() as client:
        assert client.get("/_mock/health").json()["status"] == "ok"


def test_the_control_plane_keeps_its_rules(server: Serving) -> None:
    with server.client() as client:
        foreign = client.get("/_mock/worlds", headers={"Host": "api.cursor.com"})
        assert client.get("/_mock/worlds").status_code == 200

    assert (foreign.status_code, foreign.json()["message"]) == (
        403,
        "Host must be localhost or an address: got another name",
    )


@pytest.mark.parametrize("how", ["reset", "close"])
def test_faults_break_connections_with_tls_too(server: Serving, how: str) -> None:
    cut = {
        "match": {"endpoint": "commits.csv", "last": 1},
        "action": {"kind": "cut", "at": "mid-row", "how": how},
    }
    with server.client() as client:
        world = "/_mock/worlds/default"
        client.post(f"{world}/reset")
        declared = client.post(f"{world}/faults", json=cut)
        assert declared.is_success, declared.text

        with pytest.raises(httpx.TransportError):
            client.get(f"{API}/commits.csv")

        assert client.get(f"{API}/commits.csv").text.startswith("commit_hash,")


def ask(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MODULE, *argv], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("argv", [["answers"], ["report", "--fail-on", "never"]])
def test_commands_ask_a_url_with_tls_whom_they_are_told_to_trust(server: Serving, argv: list[str]) -> None:
    url = server.urls[1]

    right = ask(server.folder, *argv, "--url", url, "--ca", str(server.authority))
    nobody = ask(server.folder, *argv, "--url", url)
    missing = ask(server.folder, *argv, "--url", url, "--ca", "none.pem")
    server.folder.joinpath("text.pem").write_text("no PEM\n", encoding="ascii")
    wrong = ask(server.folder, *argv, "--url", url, "--ca", "text.pem")

    where = f"127.0.0.1 port {url.rpartition(':')[2]}"
    assert (right.returncode, right.stderr) == (0, "")
    assert nobody.returncode == 1
    assert f"{where} is not trusted (--ca names whom to trust): self-signed certificate in" in nobody.stderr
    assert (missing.returncode, missing.stderr) == (
        2,
        "aicode-mock: error: --ca none.pem cannot be read: No such file or directory\n",
    )
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "aicode-mock: error: --ca text.pem holds no certificate (PEM)\n",
    )


def test_health_asks_the_port_without_tls(server: Serving) -> None:
    port = server.urls[0].rpartition(":")[2]

    assert until(
        lambda: ask(server.folder, "health", "--port", port).returncode == 0
    )  # it waits for 2 s only


def test_health_asks_the_port_with_tls_whom_it_is_told_to_trust(server: Serving) -> None:
    url = server.urls[1]

    trusted = ["health", "--url", url, "--ca", str(server.authority)]
    assert until(lambda: ask(server.folder, *trusted).returncode == 0)  # it waits for 2 s only
    nobody = ask(server.folder, "health", "--url", url)

    assert nobody.returncode == 1
    assert "CERTIFICATE_VERIFY_FAILED" in nobody.stderr


def test_the_environment_that_is_printed_makes_clients_trust_it(server: Serving) -> None:
    lines = ask(server.folder, "tls-env", "--tls-dir", "tls").stdout
    url = f"{server.urls[1]}/_mock/health"
    programs = [
        ["curl", "-sS", url],
        [sys.executable, "-c", f"import httpx; print(httpx.get('{url}').text)"],
        [sys.executable, "-c", f"import requests; print(requests.get('{url}').text)"],
    ]
    for program in programs:
        done = subprocess.run(
            ["sh", "-euc", f'{lines}\nexec "$@"', "sh", *program],
            cwd=server.folder,
            env=environment(server.folder),
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, json.loads(done.stdout or "{}").get("status")) == (0, "ok"), done.stderr


@pytest.mark.parametrize("script", blocks(PAGE, "bash"))
def test_the_scripts_of_the_page_run(server: Serving, script: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    steps = server.folder / "github"

    done = subprocess.run(
        ["bash", "-euc", script.replace("8443", server.urls[1].rpartition(":")[2])],
        cwd=server.folder,
        env={**environment(server.folder), "PATH": path, "GITHUB_ENV": str(steps)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    if "GITHUB_ENV" in script:
        assert len(steps.read_text(encoding="utf-8").splitlines()) == 5
    elif "curl" in script:
        assert '"teamMembers"' in done.stdout
    else:
        assert '"commits"' in done.stdout


def test_the_compose_example_of_the_page_sets_what_there_is() -> None:
    services = yaml.safe_load(blocks(PAGE, "yaml")[0])["services"]
    mock, client = services["aicode-mock"], services["client"]
    known = {variable for option in serve.params for variable in option.envvar or ()}
    lines = exports(Path(mock["environment"]["AICODE_MOCK_TLS_DIR"]))

    assert set(mock["environment"]) <= known
    assert [f"{name}={value}" for name, value in client["environment"].items()] == [
        re.sub(r'["\']|\$\{.*\}', "", line.removeprefix("export ")) for line in lines.splitlines()
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both_and_leaves_no_key_behind(tmp_path: Path, number: signal.Signals) -> None:
    told = ["--port-file", "port", "--tls-port-file", "tls-port", "--verbose"]
    with serving(tmp_path, *told) as server:
        ports = [tmp_path.joinpath(name).read_text(encoding="ascii").strip() for name in ("port", "tls-port")]
        assert [url.rpartition(":")[2] for url in server.urls] == ports
        tls = next(line for line in server.output if line.startswith("tls "))
        authority = Path(tls.split()[tls.split().index("--cacert") + 1])
        key = authority.with_name("server.pem").read_text(encoding="ascii")
        trusted = ssl.create_default_context(cafile=authority)
        with httpx.Client(verify=trusted, trust_env=False, timeout=30) as client:
            client.get(f"{server.urls[1]}/_mock/health")  # and stays connected
            server.process.send_signal(number)
            rest, errors = server.process.communicate(timeout=30 * STOP_S)

    assert (server.process.returncode, errors) == (0, "")
    assert not any(line and line in rest + "".join(server.output) for line in key.splitlines()[1:3])
    assert not authority.exists()
    assert list(tmp_path.joinpath("tmp").iterdir()) == []
    assert not tmp_path.joinpath("tls-port").exists()


def test_trust_survives_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls-dir", "tls") as first:
        authority = first.authority.read_bytes()
    with serving(tmp_path, "--tls-dir", "tls") as second, second.client() as client:
        assert client.get("/_mock/health").is_success

    assert second.authority.read_bytes() == authority


def test_workers_and_those_that_replace_them_serve_both_ports(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls-dir", "tls", "--workers", "2", "--rate-limit", "5") as server:
        with server.client() as client:
            statuses = [client.get(f"{API}/commits").status_code for _ in range(4)]
        plain = [
            httpx.get(f"{server.urls[0]}{API}/commits", headers=basic("test")).status_code for _ in range(4)
        ]
        workers = psutil.Process(server.process.pid).children()
        for worker in workers:
            if "resource_tracker" not in " ".join(worker.cmdline()):
                worker.kill()

        def answers() -> bool:
            try:
                with server.client() as client:
                    return client.get("/_mock/health").is_success
            except httpx.TransportError:
                return False

        assert until(answers)

    assert statuses + plain == [200] * 5 + [429] * 3


def test_a_taken_port_names_its_option(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = ask(tmp_path, "serve", "--port", "0", "--tls", "--tls-port", str(port))

    assert (done.returncode, done.stderr) == (
        3,
        f"aicode-mock: error: port {port} on 127.0.0.1 is taken: choose another with --tls-port, or 0\n",
    )


@pytest.mark.parametrize("package", ["trustme", "cryptography", "certifi"])
def test_without_the_extra_it_says_what_to_install_and_serves_without_tls(
    tmp_path: Path, package: str
) -> None:
    trusted = ask(tmp_path, "tls-env", "--tls-dir", "tls")
    script = f"import sys; sys.modules['{package}'] = None; from aicode_mock.cli import main; main()"

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *argv],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    refused = run("serve", *OPTIONS, "--tls-dir", "tls")
    keys = run("keys", "--scenario", "tiny")

    assert trusted.returncode == 2
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "aicode-mock: error: --tls makes its certificates with packages that are not installed: "
        "pip install 'PATH/TO/aicode-mock[tls]' (a checkout or a wheel), or bring your own by --tls-cert "
        "and --tls-key\n"
    )
    assert keys.returncode == 0


def test_a_start_without_tls_loads_nothing_of_it(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from aicode_mock import cli, launch, server, workers\n"
        "print([name for name in ('trustme', 'cryptography', 'certifi', 'idna') if name in sys.modules])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
