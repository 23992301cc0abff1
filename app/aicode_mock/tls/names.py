"""Names that a certificate can be for."""

import re
from ipaddress import ip_address

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_MOST_CHARACTERS = 253


def certifiable(text: str) -> str:
    """A host name or an address, in the form in which a certificate has it.

    Raises:
        ValueError: it is neither.
    """
    try:
        return str(ip_address(text.partition("%")[0]))  # a zone is of one machine only
    except ValueError:
        name = text.lower()
        if len(name) > _MOST_CHARACTERS or not _NAME.fullmatch(name):
            raise ValueError(f"{text!r} is neither a host name nor an address") from None
        return name
