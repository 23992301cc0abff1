"""Reading a key from an Authorization header.

Source: Basic with the key as user name and no password (documented); a Bearer header
(documented in the caching examples, observed to be recognised in 2025); a password that
is not empty is ignored (assumed).
"""

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache

from aicode_mock.switches import Switches


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a well-formed Authorization header carries."""

    key: str
    is_bearer: bool = False
    has_password: bool = False

    def are_accepted(self, switches: Switches) -> bool:
        """Whether a contract takes a key in this form."""
        if self.is_bearer:
            return switches.auth_schemes == "basic+bearer"
        return not self.has_password or switches.key_password == "ignored"  # noqa: S105  # a switch, no secret


@lru_cache(maxsize=256)
def read_credentials(authorization: str | None) -> Credentials | None:
    """The credentials of a request, or None if the header is missing or malformed."""
    scheme, _, rest = (authorization or "").partition(" ")
    match scheme.lower():
        case "basic":
            return _basic(rest.strip())
        case "bearer" if key := rest.strip():
            return Credentials(key, is_bearer=True)
        case _:
            return None


def _basic(encoded: str) -> Credentials | None:
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):  # no base64, or no UTF-8 in it
        return None
    return Credentials(user, has_password=bool(password)) if user and colon else None
