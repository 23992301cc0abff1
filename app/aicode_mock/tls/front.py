"""From options to a TLS front: a listening socket, a certificate, and what its user is told."""

import shlex
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import NoReturn

from aicode_mock.privatefolder import PRIVATE_PREFIX, PrivateFolder
from aicode_mock.tls.folder import prepare_folder
from aicode_mock.tls.names import certifiable
from aicode_mock.tls.problems import TlsError
from aicode_mock.tls.trust import AUTHORITY

REAL_NAME = "api.cursor.com"
_NAMES = (REAL_NAME, "localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared, not bound


@dataclass(frozen=True, slots=True)
class Wanted:
    """Certificates as options say: a folder (None: a private one) with more names, or files of one's own."""

    folder: str | None = None
    names: tuple[str, ...] = ()
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """A listener, its URL, and the files of its certificate; ``folder`` is None if they are the user's own.

    ``key`` None: it is in the file of the certificate.
    """

    listener: socket
    url: str
    cert: Path
    key: Path | None
    folder: Path | None

    def welcome(self, key: str | None) -> list[str]:
        """How to ask it with curl and an API key, and how to make other clients trust it."""
        if self.folder is None:
            return []
        user = "" if key is None else f"-u {key}: "
        authority = shlex.quote(str(self.folder / AUTHORITY))
        address = self.url.removeprefix("https://")
        return [
            f"tls   curl {user}--cacert {authority} --connect-to ::{address} "
            f'"https://{REAL_NAME}/analytics/ai-code/commits?pageSize=1"',
            f'trust eval "$(aicode-mock tls-env --tls-dir {shlex.quote(str(self.folder))})"',
        ]


@contextmanager
def open_front(wanted: Wanted, listener: socket, *, host: str, url: str, now: datetime) -> Iterator[Front]:
    """The front while it is needed; a private folder goes with it.

    Raises:
        TlsError: options do not fit together, or files cannot be used.
        ValueError: no certificate can be for ``host``.
        OSError: a folder cannot be read or written.
    """
    if wanted.cert is not None or wanted.key is not None:
        yield Front(listener, url, *_own(wanted), folder=None)
        return
    bound = () if host in _EVERYWHERE else (certifiable(host),)
    names = list(dict.fromkeys([*_NAMES, *wanted.names, *bound]))
    if wanted.folder is not None:
        folder = Path(wanted.folder).absolute()
        yield Front(listener, url, prepare_folder(folder, names, now=now), None, folder)
        return
    with PrivateFolder(PRIVATE_PREFIX) as private:
        folder = Path(private)
        yield Front(listener, url, prepare_folder(folder, names, now=now), None, folder)


def _own(wanted: Wanted) -> tuple[Path, Path]:
    if wanted.cert is None or wanted.key is None:
        raise TlsError("--tls-cert and --tls-key go together: only one of them is given")
    if wanted.folder is not None or wanted.names:
        option = "--tls-name" if wanted.folder is None else "--tls-dir"
        raise TlsError(f"{option} is for certificates that are made: drop it, or --tls-cert and --tls-key")
    cert, key = Path(wanted.cert), Path(wanted.key)
    for option, file in (("--tls-cert", cert), ("--tls-key", key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise TlsError(f"{option} {file} cannot be read: {error.strerror}") from error
    _expect_pair(cert, key)
    return cert, key


def _expect_pair(cert: Path, key: Path) -> None:
    def ask_nobody() -> NoReturn:
        raise TlsError(f"--tls-key {key} has a password: give a key without one")

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, ask_nobody)
    except ssl.SSLError as error:
        is_other = error.reason == "KEY_VALUES_MISMATCH"
        what = "is not the key of" if is_other else "and the certificate are no PEM files of a pair:"
        raise TlsError(f"--tls-key {key} {what} --tls-cert {cert}") from error
