"""The way past the proxies that an environment names: a twin on loopback is out of their reach."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_NAMES = ("NO_PROXY", "no_proxy")  # some clients read the one, some the other
_LOOPBACK = ("127.0.0.1", "localhost")
_ALL = "*"


def past_proxies(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """``NO_PROXY`` and ``no_proxy`` for clients of the server at ``url``: what ``env`` says, and its host.

    ``::1`` is there only if the server is: httpx below 0.24.1 makes no client where it is.
    """
    hosts = [*_LOOPBACK, str(urlsplit(url).hostname)]
    return {name: _with(hosts, env.get(name) or _other(name, env)) for name in _NAMES}


def _other(name: str, env: Mapping[str, str]) -> str:
    return next((env[other] for other in _NAMES if other != name and other in env), "")


def _with(hosts: list[str], said: str) -> str:
    there = [one.strip() for one in said.split(",") if one.strip()]
    return _ALL if there == [_ALL] else ",".join(dict.fromkeys([*there, *hosts]))
