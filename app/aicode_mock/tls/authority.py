"""A throw-away certificate authority: it signs one certificate, then its key is gone.

Whoever trusts it trusts one key of this server, for the names in that certificate, as long
as it lasts; nothing else can ever be signed.  So it does no harm that trustme dates
authorities from 2000 to 3000: the dates of the certificate are what counts.

The packages of the extra ``tls`` are imported where they are used: a server without TLS
needs none of them, and does not wait for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from secrets import token_hex

from aicode_mock.tls.problems import TlsError

LIFETIME = timedelta(days=90)
SKEW = timedelta(days=1)  # clocks of containers and virtual machines go wrong

_MADE_BY = "aicode-mock"
_PACKAGES = ("certifi", "cryptography", "trustme")


@dataclass(frozen=True, slots=True)
class Chain:
    """What a file of ours says: a key, its certificate, and the authority that signed it."""

    names: frozenset[str]
    expires: datetime
    authority_pem: bytes


def expect_packages() -> None:
    """Go on if certificates can be made here.

    Raises:
        TlsError: a package of the extra is missing.
    """
    try:
        for package in _PACKAGES:
            import_module(package)
    except ImportError as error:
        raise TlsError(
            "--tls makes its certificates with packages that are not installed: "
            "pip install 'PATH/TO/aicode-mock[tls]' (a checkout or a wheel), or bring your own by --tls-cert "
            "and --tls-key"
        ) from error


def make_chain(names: Sequence[str], *, now: datetime) -> bytes:
    """PEM of a new private key, its certificate for ``names``, and the new authority.

    Raises:
        TlsError: a name is none.
    """
    import trustme

    authority = trustme.CA(
        path_length=0,
        organization_name=_MADE_BY,
        organization_unit_name=f"throw-away authority {token_hex(4)}",  # two may be trusted side by side
    )
    try:
        server = authority.issue_cert(
            *names,
            common_name=names[0],
            organization_name=_MADE_BY,
            organization_unit_name="not the real service",
            not_before=now - SKEW,
            not_after=now + LIFETIME,
        )
    except ValueError as error:  # "xn--" and nothing that could follow it
        raise TlsError(f"no certificate can be made for {', '.join(names)}: {error}") from error
    return server.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes()


def read_chain(pem: bytes) -> Chain:
    """Read what ``make_chain`` made.

    Raises:
        ValueError: it is something else.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate, authority = x509.load_pem_x509_certificates(pem)
    (maker,) = authority.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    if maker.value != _MADE_BY:
        raise ValueError(f"the authority is of {maker.value!r}")
    try:
        certificate.verify_directly_issued_by(authority)
    except InvalidSignature as error:
        raise ValueError("the authority has not signed the certificate") from error
    san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return Chain(
        names=frozenset(str(name.value) for name in san),
        expires=certificate.not_valid_after_utc,
        authority_pem=authority.public_bytes(Encoding.PEM),
    )
