"""The folder of a throw-away authority: made once, used again, refused when it is not ours or not right."""

import os
import re
import shlex
import ssl
import stat
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from aicode_mock.tls.authority import LIFETIME, SKEW, make_chain, read_chain
from aicode_mock.tls.folder import prepare_folder, trusting
from aicode_mock.tls.problems import TlsError

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
NAMES = ["api.cursor.com", "127.0.0.1", "::1"]
FILES = {"server.pem": 0o600, "ca.pem": 0o644, "bundle.pem": 0o644, "truststore.p12": 0o644}
MEND = "delete server.pem, ca.pem, bundle.pem and truststore.p12 there, or choose another --tls-dir"


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_folder_is_made_with_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there yet"

    server = prepare_folder(folder, NAMES, now=NOW)

    assert server == folder / "server.pem"
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == FILES
    assert [name for name, text in contents(folder).items() if b"PRIVATE KEY" in text] == ["server.pem"]


def test_a_certificate_lasts_some_weeks_and_bears_with_clocks_that_are_late() -> None:
    certificate, authority = x509.load_pem_x509_certificates(make_chain(NAMES, now=NOW))

    assert certificate.not_valid_before_utc == NOW - SKEW
    assert certificate.not_valid_after_utc == NOW + LIFETIME
    assert read_chain(make_chain(NAMES, now=NOW)).names == set(NAMES)
    assert certificate.issuer == authority.subject


def test_the_authority_signs_one_certificate_and_its_key_is_nowhere(tmp_path: Path) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)

    text = tmp_path.joinpath("server.pem").read_text(encoding="ascii")

    assert text.count("PRIVATE KEY-----") == 2, "begin and end of one"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
        tmp_path / "server.pem"
    )  # that of the certificate


def test_a_folder_is_used_again_as_it_is(tmp_path: Path) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)
    before = contents(tmp_path)

    prepare_folder(tmp_path, NAMES[:2], now=NOW + LIFETIME)

    assert contents(tmp_path) == before


def test_two_authorities_have_names_of_their_own() -> None:
    subjects = {x509.load_pem_x509_certificates(make_chain(NAMES, now=NOW))[1].subject for _ in range(2)}

    assert len(subjects) == 2


def test_what_a_killed_server_did_not_write_is_written(tmp_path: Path) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)
    before = contents(tmp_path)
    for name in ("ca.pem", "bundle.pem", "truststore.p12"):
        (tmp_path / name).unlink()

    prepare_folder(tmp_path, NAMES, now=NOW)

    after = contents(tmp_path)
    assert (after["ca.pem"], after["bundle.pem"]) == (before["ca.pem"], before["bundle.pem"])
    assert set(after) == set(FILES)


def test_servers_that_start_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    gate, made = threading.Barrier(4), []

    def start() -> None:
        gate.wait()
        made.append(prepare_folder(tmp_path, NAMES, now=NOW).read_bytes())

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(made) == 4
    assert len(set(made)) == 1
    assert read_chain(made[0]).authority_pem == (tmp_path / "ca.pem").read_bytes()
    assert set(contents(tmp_path)) == set(FILES)


def test_the_bundle_holds_public_roots_and_ours(tmp_path: Path) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)

    bundled = ssl.create_default_context(cafile=tmp_path / "bundle.pem").get_ca_certs()

    assert "aicode-mock" in str([root["subject"] for root in bundled])
    assert len(bundled) > 50


@pytest.mark.parametrize(
    ("now", "names", "complaint"),
    [
        (NOW + LIFETIME + timedelta(seconds=1), NAMES, "expired on 2026-09-28"),
        (
            NOW,
            [*NAMES, "mock", "192.0.2.1"],
            "is for 127.0.0.1, ::1, api.cursor.com, and not for 192.0.2.1, mock",
        ),
    ],
)
def test_a_certificate_that_would_not_do_is_refused(
    tmp_path: Path, now: datetime, names: list[str], complaint: str
) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)
    before = contents(tmp_path)

    with pytest.raises(TlsError) as refused:
        prepare_folder(tmp_path, names, now=now)

    assert str(refused.value) == f"the certificate in {tmp_path / 'server.pem'} {complaint}: {MEND}"
    assert contents(tmp_path) == before


def chain_of(authority: trustme.CA, *, signed_by: trustme.CA | None = None) -> bytes:
    server = (signed_by or authority).issue_cert(*NAMES)
    return server.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes()


def named(organization: str) -> trustme.CA:
    return trustme.CA(organization_name=organization, organization_unit_name="throw-away authority")


FOREIGN = {
    "nothing": b"",
    "text": b"no certificate\n",
    "binary": bytes(range(256)),
    "half": make_chain(NAMES, now=NOW)[:900],
    "other maker": chain_of(named("another tool")),
    "other signer": chain_of(named("aicode-mock"), signed_by=named("aicode-mock")),
    "other issuer": chain_of(named("aicode-mock"), signed_by=trustme.CA()),
    "other key": re.sub(
        b"-----BEGIN EC PRIVATE.+END EC PRIVATE KEY-----\n",
        trustme.CA().private_key_pem.bytes(),
        make_chain(NAMES, now=NOW),
        flags=re.DOTALL,
    ),
    "no key": b"".join(re.findall(b"-----BEGIN CERT.+", make_chain(NAMES, now=NOW), flags=re.DOTALL)),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_not_ours_or_broken_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    server = tmp_path / "server.pem"
    server.write_bytes(content)

    with pytest.raises(TlsError) as refused:
        prepare_folder(tmp_path, NAMES, now=NOW)

    assert str(refused.value) == f"{server} is not what aicode-mock made, or it is broken: {MEND}"
    assert contents(tmp_path) == {"server.pem": content}


@pytest.mark.parametrize("name", ["ca.pem", "bundle.pem", "truststore.p12"])
def test_a_folder_of_somebody_else_is_refused_and_kept(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")

    with pytest.raises(TlsError) as refused:
        prepare_folder(tmp_path, NAMES, now=NOW)

    assert str(refused.value) == f"{tmp_path} holds {name} and no server.pem: {MEND}"
    assert contents(tmp_path) == {name: b"mine"}


@pytest.mark.parametrize(
    ("place", "reason"),
    [("file", "is a file: name a folder"), ("file/below", "cannot be made: Not a directory")],
)
def test_a_place_where_no_folder_can_be_is_refused(tmp_path: Path, place: str, reason: str) -> None:
    tmp_path.joinpath("file").touch()

    with pytest.raises(OSError, match=f"^--tls-dir {tmp_path / place} {reason}$"):
        prepare_folder(tmp_path / place, NAMES, now=NOW)


def test_an_authority_that_is_not_that_of_the_key_is_refused_and_kept(tmp_path: Path) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)
    (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())
    before = contents(tmp_path)

    with pytest.raises(TlsError, match=r"ca\.pem is not the authority of"):
        prepare_folder(tmp_path, NAMES, now=NOW)

    assert contents(tmp_path) == before


def test_a_name_that_looks_like_one_and_is_none_is_refused() -> None:
    with pytest.raises(TlsError, match=r"^no certificate can be made for xn--: "):
        make_chain(["xn--"], now=NOW)


def test_a_shell_learns_where_the_files_are(tmp_path: Path) -> None:
    folder = tmp_path / "it's $HOME"
    prepare_folder(folder, NAMES, now=NOW)
    names = [
        "CURL_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "NODE_EXTRA_CA_CERTS",
        "JAVA_TOOL_OPTIONS",
    ]

    script = f"{trusting(folder)}\nprintf '%s\\n' " + " ".join(f'"${name}"' for name in names)
    done = subprocess.run(
        ["sh", "-euc", script],
        env={"PATH": os.environ["PATH"], "JAVA_TOOL_OPTIONS": "-Dmine=1"},
        capture_output=True,
        text=True,
        check=True,
    )

    *files, java = done.stdout.splitlines()
    assert files == [str(folder / name) for name in ("bundle.pem", "bundle.pem", "bundle.pem", "ca.pem")]
    store = f'-Djavax.net.ssl.trustStore="{folder}/truststore.p12"'
    assert java == f"-Dmine=1 {store} -Djavax.net.ssl.trustStorePassword=changeit"
    assert shlex.split(trusting(folder))[::2] == ["export"] * len(names)


def test_a_folder_that_is_given_from_where_one_is_gets_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_folder(tmp_path / "tls", NAMES, now=NOW)
    monkeypatch.chdir(tmp_path)

    assert trusting(Path("tls")) == trusting(tmp_path / "tls")


def test_a_folder_without_certificates_has_nothing_to_trust(tmp_path: Path) -> None:
    prepare_folder(tmp_path, NAMES, now=NOW)
    (tmp_path / "bundle.pem").unlink()

    with pytest.raises(TlsError) as refused:
        trusting(tmp_path)

    start = f"start 'aicode-mock serve --tls --tls-dir {tmp_path}' first"
    assert str(refused.value) == f"{tmp_path} holds no bundle.pem: {start}"
