"""The key of a team: scenario and seed in, the same key out; and what a chosen one may be."""

import re

from aicode_mock.chance import token

_HEX = "0123456789abcdef"
_KEY_DIGITS = 64
# Other letters get through a Basic header, but not a Bearer one.
_SENDABLE = re.compile("[!-9;-~]+")
KEY_RULE = "must be printable ASCII, without spaces and colons"


def is_sendable(key: str) -> bool:
    """Whether clients can send a key in each kind of header: ``KEY_RULE``."""
    return _SENDABLE.fullmatch(key) is not None


def api_key(prefix: str, scenario: str, seed: int, team: str, *world: str) -> str:
    """The key of a team (of another ``world`` than the default): a prefix and 64 hexadecimal digits.

    Source: documented (``key_``, from 2026-06 on ``crsr_``).
    """
    return prefix + token(_HEX, _KEY_DIGITS, "key", scenario, seed, team, *world)
