"""From options to a front: which certificate it has, how long, and what is told about it."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from aicode_mock.tls.authority import read_chain
from aicode_mock.tls.front import Front, Wanted, open_front
from aicode_mock.tls.problems import TlsError

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
URL = "https://127.0.0.1:8443"
ALWAYS = {"api.cursor.com", "localhost", "127.0.0.1", "::1"}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as one:
        yield one


@pytest.fixture
def mine(tmp_path: Path) -> Wanted:
    """A certificate of one's own."""
    server = trustme.CA().issue_cert("mock.example")
    server.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    server.private_key_pem.write_to_path(tmp_path / "key.pem")
    return Wanted(cert=str(tmp_path / "cert.pem"), key=str(tmp_path / "key.pem"))


def front_of(wanted: Wanted, listener: socket.socket, host: str = "127.0.0.1") -> Front:
    with open_front(wanted, listener, host=host, url=URL, now=NOW) as front:
        return front


@pytest.mark.parametrize(
    ("host", "names", "more"),
    [
        ("127.0.0.1", (), set()),
        ("0.0.0.0", (), set()),  # noqa: S104  # not bound
        ("::", (), set()),
        ("192.0.2.1", (), {"192.0.2.1"}),
        ("Mock.example", (), {"mock.example"}),
        ("127.0.0.1", ("mock", "localhost", "mock"), {"mock"}),
    ],
)
def test_a_certificate_is_for_the_real_name_this_machine_and_what_is_asked_for(
    tmp_path: Path, listener: socket.socket, host: str, names: tuple[str, ...], more: set[str]
) -> None:
    front = front_of(Wanted(folder=str(tmp_path), names=names), listener, host)

    assert read_chain(front.cert.read_bytes()).names == ALWAYS | more


def test_a_private_folder_is_there_as_long_as_the_front(listener: socket.socket) -> None:
    with open_front(Wanted(), listener, host="127.0.0.1", url=URL, now=NOW) as front:
        assert front.folder is not None
        assert front.folder.stat().st_mode & 0o077 == 0
        assert (front.folder / "ca.pem").exists()

    assert not front.folder.exists()


def test_a_front_tells_how_to_ask_it_and_how_to_trust_it(tmp_path: Path, listener: socket.socket) -> None:
    folder = tmp_path / "a b"

    lines = front_of(Wanted(folder=str(folder)), listener).welcome("k")

    assert lines == [
        f"tls   curl -u k: --cacert '{folder}/ca.pem' --connect-to ::127.0.0.1:8443 "
        '"https://api.cursor.com/analytics/ai-code/commits?pageSize=1"',
        f"trust eval \"$(aicode-mock tls-env --tls-dir '{folder}')\"",
    ]
    assert front_of(Wanted(folder=str(folder)), listener).welcome(None)[0].startswith("tls   curl --cacert")


def test_a_certificate_of_ones_own_is_served_as_it_is(mine: Wanted, listener: socket.socket) -> None:
    front = front_of(mine, listener)

    assert (str(front.cert), str(front.key), front.folder) == (mine.cert, mine.key, None)
    assert front.welcome("k") == []


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        (Wanted(cert="cert.pem"), "--tls-cert and --tls-key go together: only one of them is given"),
        (Wanted(key="key.pem"), "--tls-cert and --tls-key go together: only one of them is given"),
        (
            Wanted(cert="cert.pem", key="key.pem", names=("a",)),
            "--tls-name is for certificates that are made",
        ),
        (Wanted(cert="cert.pem", key="key.pem", folder="a"), "--tls-dir is for certificates that are made"),
        (Wanted(cert="none.pem", key="key.pem"), "--tls-cert none.pem cannot be read: No such file or dir"),
        (Wanted(cert="cert.pem", key="none.pem"), "--tls-key none.pem cannot be read: No such file or dir"),
        (Wanted(cert=".", key="key.pem"), "--tls-cert . cannot be read: Is a directory"),
        (
            Wanted(cert="cert.pem", key="other.pem"),
            "--tls-key other.pem is not the key of --tls-cert cert.pem",
        ),
        (
            Wanted(cert="cert.pem", key="locked.pem"),
            "--tls-key locked.pem has a password: give a key without",
        ),
        (
            Wanted(cert="text.pem", key="key.pem"),
            "--tls-key key.pem and the certificate are no PEM files of a",
        ),
        (Wanted(cert="cert.pem", key="text.pem"), "--tls-key text.pem and the certificate are no PEM files"),
    ],
)
@pytest.mark.usefixtures("mine")
def test_files_that_do_not_do_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listener: socket.socket,
    wanted: Wanted,
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    key = load_pem_private_key(Path("key.pem").read_bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    Path("locked.pem").write_bytes(locked)
    trustme.CA().private_key_pem.write_to_path("other.pem")
    Path("text.pem").write_text("no PEM\n", encoding="ascii")

    with pytest.raises(TlsError) as refused:
        front_of(wanted, listener)

    assert str(refused.value).startswith(complaint)
