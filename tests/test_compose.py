"""The compose file: no Docker is asked, but what it says fits together and is what the other tests run."""

import os
import re
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import yaml

from aicode_mock import options
from tests.replicas import CONFIG, COUNT
from tests.test_serve import INSTALLED

COMPOSE: dict[str, Any] = yaml.safe_load((CONFIG.parent / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SHARED = {name: service for name, service in SERVICES.items() if service.get("profiles") == ["shared"]}


def test_one_service_needs_no_profile() -> None:
    assert set(SERVICES) - set(SHARED) == {"aicode-mock"}


def test_the_load_balancer_is_configured_by_the_file_that_is_tested() -> None:
    source, target, mode = SHARED["proxy"]["volumes"][0].split(":")

    assert (CONFIG.parent / source).samefile(CONFIG)
    assert (target, mode) == ("/usr/local/etc/haproxy/haproxy.cfg", "ro")


def test_it_sends_to_every_replica_and_to_nothing_else() -> None:
    servers = re.findall(
        r"^ +server (\S+) .*-(replica-\d):8484}", CONFIG.read_text(encoding="utf-8"), re.MULTILINE
    )

    replicas = sorted(name for name in SHARED if name.startswith("replica-"))
    assert [name for name, host in servers if name == host] == replicas
    assert len(replicas) == COUNT
    assert SHARED["proxy"]["depends_on"] == replicas


def test_all_replicas_are_told_the_same() -> None:
    told = [service["environment"] for name, service in SHARED.items() if name.startswith("replica-")]

    assert told[0] == told[1] == told[2]
    known = {f"AICODE_MOCK_{name.upper()}" for name in vars(options)}
    assert set(told[0]) <= {*known, "PGPASSWORD"}
    assert told[0]["AICODE_MOCK_API_KEY"] == SERVICES["aicode-mock"]["environment"]["AICODE_MOCK_API_KEY"]


def test_the_database_is_the_one_that_they_are_told() -> None:
    user, name = (SHARED["postgres"]["environment"][f"POSTGRES_{one}"] for one in ("USER", "DB"))
    password = SHARED["postgres"]["environment"]["POSTGRES_PASSWORD"]

    url = SHARED["replica-1"]["environment"]["AICODE_MOCK_DATABASE"]
    assert url == f"postgresql+psycopg://{user}@postgres/{name}"
    assert SHARED["replica-1"]["environment"]["PGPASSWORD"] == password
    assert SHARED["replica-1"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def password_asked_for(listener: socket.socket) -> str:
    """What a client sends to a PostgreSQL that asks for a password in clear text, and then ends."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as sent:
        (length,) = struct.unpack(">i", sent.read(4))
        sent.read(length - 4)  # who wants to connect, and to what
        connection.sendall(struct.pack(">cii", b"R", 8, 3))
        kind, length = struct.unpack(">ci", sent.read(5))
        assert kind == b"p"
        return sent.read(length - 4).rstrip(b"\0").decode()


def test_a_password_of_any_letters_reaches_the_database() -> None:
    told = dict(SHARED["replica-1"]["environment"])
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        url = told["AICODE_MOCK_DATABASE"].replace("@postgres/", f"@{address}/")
        asked = pool.submit(password_asked_for, listener)
        plain = {"PGSSLMODE": "disable", "PGGSSENCMODE": "disable", "PGPASSWORD": "p@ss/w:rd%20"}
        ended = subprocess.run(
            [*INSTALLED, "keys", "--database", url],
            env={**os.environ, **plain},
            capture_output=True,
            check=False,
        )

    assert asked.result() == "p@ss/w:rd%20"
    assert ended.returncode == 1


def test_every_volume_is_declared() -> None:
    named = {
        volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])
    }

    assert {name for name in named if os.sep not in name} == set(COMPOSE["volumes"])


def test_no_port_is_open_to_others_than_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
