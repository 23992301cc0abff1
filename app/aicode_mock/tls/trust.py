"""What clients are given to trust: files in their formats, and the variables that name them.

curl, requests and OpenSSL (httpx, Go) take a file *in place of* their roots, and so does
Java.  The bundle and the trust store therefore hold the roots of certifi and ours, so that
a client still reaches other hosts.  Node adds a file to its roots.
"""

import re
import shlex
import warnings
from pathlib import Path

AUTHORITY = "ca.pem"
BUNDLE = "bundle.pem"
TRUST_STORE = "truststore.p12"
_PASSWORD = "changeit"  # noqa: S105  # Java's own default: its stores need one, and this one holds no secret
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)


def bundle(authority_pem: bytes) -> bytes:
    """The public roots and ``authority_pem``, as PEM."""
    import certifi

    return certifi.contents().encode() + b"\n# aicode-mock\n" + authority_pem


def trust_store(authority_pem: bytes) -> bytes:
    """The same for Java, as PKCS #12."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import (
        PKCS12Certificate,
        serialize_java_truststore,
    )
    from cryptography.x509 import load_pem_x509_certificate

    entries = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # some roots have serial numbers that will be refused one day
        for number, pem in enumerate(_CERTIFICATE.findall(bundle(authority_pem).decode())):
            try:
                certificate = load_pem_x509_certificate(pem.encode())
            except (Warning, ValueError):
                continue
            entries.append(PKCS12Certificate(certificate, f"root-{number}".encode()))
    return serialize_java_truststore(entries, BestAvailableEncryption(_PASSWORD.encode()))


def exports(folder: Path) -> str:
    """Lines for a POSIX shell that make the clients it starts trust the authority in ``folder``."""
    at = folder.absolute()
    files = {
        "CURL_CA_BUNDLE": at / BUNDLE,
        "REQUESTS_CA_BUNDLE": at / BUNDLE,
        "SSL_CERT_FILE": at / BUNDLE,
        "NODE_EXTRA_CA_CERTS": at / AUTHORITY,
    }
    lines = [f"export {name}={shlex.quote(str(file))}" for name, file in files.items()]
    store = at / TRUST_STORE  # in quotes: Java splits the variable at blanks
    java = f'-Djavax.net.ssl.trustStore="{store}" -Djavax.net.ssl.trustStorePassword={_PASSWORD}'
    lines.append(f'export JAVA_TOOL_OPTIONS="${{JAVA_TOOL_OPTIONS:+$JAVA_TOOL_OPTIONS }}"{shlex.quote(java)}')
    return "\n".join(lines)
