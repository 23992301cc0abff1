"""Request targets as they may be shown: percent-encoded as they came, and never with a key in them.

The value of a parameter that the API does not have is left out, unless its name is near to
one that it has: somebody may have put a key there.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import chain
from urllib.parse import parse_qsl, unquote, unquote_plus

from starlette.datastructures import Headers
from starlette.types import Scope

from aicode_mock.bodies import MOST_FIELDS, Body, shown_fields
from aicode_mock.credentials import Credentials, read_credentials
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.nearmiss import near_parameter
from aicode_mock.worldtables import SANDBOX_PREFIX

_KNOWN = sorted({parameter.name for endpoint in ENDPOINTS for parameter in endpoint.parameters})
_SHORTEST_SECRET = 8
_MOST_PAIRS = 100  # of a query that are looked at
_REMEMBERED = 64  # targets: clients ask for the same ones again
_LONGEST_NAME = 40  # what is longer is no name that somebody misspelt
_BODY, _CREDENTIALS = "aicode_mock.body", "aicode_mock.credentials"  # in the scope of a request
_KEY = re.compile(r"(key|crsr)_[0-9A-Za-z]{8,}")


def shown_path(scope: Scope) -> str:
    """The path."""
    return without_keys(scope.get("raw_path", b"").decode("ascii", "backslashreplace"), scope)


def shown_query(scope: Scope) -> str:
    """The query, without its question mark."""
    return _shown_query(scope["query_string"].decode("ascii", "backslashreplace"), _own_key(scope))


def shown_parameters(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Names and values as they are understood, the names as they may be shown."""
    return _shown_parameters(scope["query_string"], _own_key(scope))


def sent_parameters(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Names and values as they were sent, in the query or in the body."""
    body = sent_body(scope)
    return _sent_parameters(scope["query_string"]) if body is None else body.pairs


def sent_credentials(scope: Scope) -> Credentials | None:
    """The credentials of a request, read once."""
    if _CREDENTIALS not in scope:
        scope[_CREDENTIALS] = read_credentials(Headers(raw=scope.get("headers", [])).get("Authorization"))
    credentials: Credentials | None = scope[_CREDENTIALS]
    return credentials


def sent_body(scope: Scope) -> Body | None:
    """The body that was kept; None for an endpoint that reads none."""
    body: Body | None = scope.get(_BODY)
    return body


def keep_body(scope: Scope, body: Body) -> None:
    """Keep a body beside the rest of the request."""
    scope[_BODY] = body


def shown_body(scope: Scope) -> str | None:
    """The fields of the body that was kept, as JSON."""
    body = sent_body(scope)
    if body is None:
        return None
    return "…" if _sends_own_key(scope) else without_keys(shown_fields(body, _is_known), scope)


def shown_fields_of(body: Body, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Names and values of a body as they are understood, the names as they may be shown."""
    own = _own_key(scope)
    return tuple((_shown_name(name, (), own), value) for name, value in body.pairs[:MOST_FIELDS])


def without_keys(text: str, scope: Scope) -> str:
    """A text with what looks like a key cut short, and without the key that the request carries."""
    return _without_keys(text, _own_key(scope))


def without_sent_key(message: str, scope: Scope) -> str:
    """A message about parameters without the key of the request, of which it may quote a part."""
    return "…" if _sends_own_key(scope) else without_keys(message, scope)


def _sends_own_key(scope: Scope) -> bool:
    """Whether a parameter holds the key that the request carries."""
    own = _own_key(scope)
    return own is not None and _holds("\n".join(chain.from_iterable(sent_parameters(scope))), own)


def _own_key(scope: Scope) -> str | None:
    """The key of a request, unless it is too short to be a secret, or opens a sandbox."""
    credentials = sent_credentials(scope)
    key = credentials.key if credentials else ""
    return key if len(key) >= _SHORTEST_SECRET and not key.startswith(SANDBOX_PREFIX) else None


@lru_cache(maxsize=_REMEMBERED)
def _shown_query(text: str, own: str | None) -> str:
    parts = text.split("&", _MOST_PAIRS)
    pairs = [part.partition("=") for part in parts[:_MOST_PAIRS]]
    shown = [_shown(*pair) for pair in pairs if any(pair)] + ["…"] * (len(parts) > _MOST_PAIRS)
    return _without_keys("&".join(shown), own)


@lru_cache(maxsize=_REMEMBERED)
def _sent_parameters(query: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query.decode("latin-1"), keep_blank_values=True))


@lru_cache(maxsize=_REMEMBERED)
def _shown_parameters(query: bytes, own: str | None) -> tuple[tuple[str, str], ...]:
    parts = query.split(b"&", _MOST_PAIRS)[:_MOST_PAIRS]
    pairs = _sent_parameters(b"&".join(parts))  # mostly all of it, which is read once
    bare = {name for part in parts if b"=" not in part for name, _ in _sent_parameters(part)}
    return tuple((_shown_name(name, bare, own), value) for name, value in pairs)


@lru_cache(maxsize=_REMEMBERED)
def _without_keys(text: str, own: str | None) -> str:
    masked = _KEY.sub(r"\1_…", text)
    if _KEY.search(unquote(masked)) or (own and _holds(masked, own)):
        return "…"
    return masked


def _holds(text: str, key: str) -> bool:
    """Whether a key is in a text as it is, or in percent encoding, or in that of that."""
    if "%" not in text and "+" not in text:
        return key in text
    once = {unquote(text), unquote_plus(text)}
    twice = {decode(one) for one in once for decode in (unquote, unquote_plus)}
    return any(key in one for one in (text, *once, *twice))


def _shown(name: str, equals: str, value: str) -> str:
    if not equals:
        return "…"  # nothing but a value
    return f"{name}={value if _is_known(unquote_plus(name)) else '…'}"


def _shown_name(name: str, bare: Collection[str], own: str | None) -> str:
    if _is_known(name):
        return name
    return "…" if name in bare or len(name) > _LONGEST_NAME else _without_keys(name, own)


def _is_known(name: str) -> bool:
    return name in _KNOWN or (len(name) <= _LONGEST_NAME and near_parameter(name, _KNOWN) is not None)
