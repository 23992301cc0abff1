"""The folder of a throw-away authority, made once and then used again.

    server.pem      the private key, its certificate, the authority; only the owner can read it
    ca.pem          the authority, for clients that add it to their roots
    bundle.pem      the public roots and the authority, for clients that replace theirs
    truststore.p12  the same for Java

``server.pem`` is the truth: it gets its name when it is whole, of two servers that start at
once the first one's stays, and the others are made from it where they are missing.  What is
there is never written over, and a folder with anything else under these names is refused.
"""

import os
import ssl
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from aicode_mock.tls.authority import Chain, expect_packages, make_chain, read_chain
from aicode_mock.tls.problems import TlsError
from aicode_mock.tls.trust import AUTHORITY, BUNDLE, TRUST_STORE, bundle, exports, trust_store

SERVER = "server.pem"

_ANOTHER = f"delete {SERVER}, {AUTHORITY}, {BUNDLE} and {TRUST_STORE} there, or choose another --tls-dir"
_DERIVED: dict[str, Callable[[bytes], bytes]] = {
    AUTHORITY: bytes,
    BUNDLE: bundle,
    TRUST_STORE: trust_store,
}


def prepare_folder(folder: Path, names: Sequence[str], *, now: datetime) -> Path:
    """Make the folder's files where there are none; the file with key and certificate for ``names``.

    Raises:
        TlsError: packages are missing; or what is there is not ours, is broken, has expired, or is for
            other names.
        OSError: the folder cannot be made, read or written.
    """
    expect_packages()
    _make(folder)
    server = folder / SERVER
    if not server.exists():
        _expect_free(folder, server)
        _create(server, make_chain(names, now=now), mode=0o600)
    chain = _read(server)
    _expect_valid(chain, server, names, now)
    _complete(folder, chain)
    return server


def trusting(folder: Path) -> str:
    """The lines that make clients trust what a server has put there.

    Raises:
        TlsError: nothing is there.
    """
    missing = [name for name in _DERIVED if not (folder / name).is_file()]
    if missing:
        raise TlsError(
            f"{folder} holds no {missing[0]}: start 'aicode-mock serve --tls --tls-dir {folder}' first"
        )
    return exports(folder)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OSError(f"--tls-dir {folder} is a file: name a folder") from error
    except OSError as error:
        raise OSError(f"--tls-dir {folder} cannot be made: {error.strerror}") from error


def _expect_free(folder: Path, server: Path) -> None:
    there = [name for name in _DERIVED if (folder / name).exists()]
    if there and not server.exists():  # looked for last: another server that starts now writes it first
        raise TlsError(f"{folder} holds {there[0]} and no {SERVER}: {_ANOTHER}")


def _read(server: Path) -> Chain:
    try:
        chain = read_chain(server.read_bytes())
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server, password="")  # is the key that of it?
    except (ValueError, ssl.SSLError) as error:
        raise TlsError(f"{server} is not what aicode-mock made, or it is broken: {_ANOTHER}") from error
    return chain


def _expect_valid(chain: Chain, server: Path, names: Iterable[str], now: datetime) -> None:
    if chain.expires < now:
        raise TlsError(f"the certificate in {server} expired on {chain.expires:%Y-%m-%d}: {_ANOTHER}")
    if missing := sorted(set(names) - chain.names):
        raise TlsError(
            f"the certificate in {server} is for {', '.join(sorted(chain.names))}, "
            f"and not for {', '.join(missing)}: {_ANOTHER}"
        )


def _complete(folder: Path, chain: Chain) -> None:
    for name, made_of in _DERIVED.items():
        file = folder / name
        if not file.exists():
            _create(file, made_of(chain.authority_pem), mode=0o644)
        elif name == AUTHORITY and file.read_bytes() != chain.authority_pem:
            raise TlsError(f"{file} is not the authority of {folder / SERVER}: {_ANOTHER}")


def _create(file: Path, content: bytes, *, mode: int) -> None:
    """Write a new file; it is whole when it gets its name, and takes it from no other."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.") as new:  # which only we can read
        new.write(content)
        new.flush()
        Path(new.name).chmod(mode)
        try:
            os.link(new.name, file)
        except FileExistsError:
            return  # another server was faster
