"""The key of a team: scenario and seed in, the same key out."""

from aicode_mock.chance import token

_HEX = "0123456789abcdef"
_KEY_DIGITS = 64


def api_key(prefix: str, scenario: str, seed: int, team: str, *world: str) -> str:
    """The key of a team (of another ``world`` than the default): a prefix and 64 hexadecimal digits.

    Source: documented (``key_``, from 2026-06 on ``crsr_``).
    """
    return prefix + token(_HEX, _KEY_DIGITS, "key", scenario, seed, team, *world)
