"""Asking a server over HTTP: one request a connection, whatever proxy is set."""

import json
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTP_PORT, HTTPS_PORT, HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLContext
from urllib.parse import SplitResult, urlencode, urlsplit

SCHEMES = ("http", "https")
NO_ANSWER = (OSError, HTTPException, UnicodeError)
"""What an exchange raises if there is none."""


def split_url(url: str) -> SplitResult:
    """The parts of the URL of a server: a scheme, a host, perhaps a port, and nothing else.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    is_server = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    if not is_server or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("not the URL of a server")
    return parts


def line_to(server: SplitResult, *, timeout_s: float, trust: SSLContext | None = None) -> HTTPConnection:
    """A connection to a server, not open yet; ``trust`` says whom to trust at an https URL.

    Raises:
        HTTPException: the host is no name.
    """
    host = server.hostname or ""
    # The port is always said: without one, a part of an IPv6 address is taken for it.
    if server.scheme == "https":
        return HTTPSConnection(host, server.port or HTTPS_PORT, timeout=timeout_s, context=trust)
    return HTTPConnection(host, server.port or HTTP_PORT, timeout=timeout_s)


def target_of(path: str, query: Mapping[str, object]) -> str:
    """A path with its query; what is None is not sent, and lists are sent value by value."""
    given = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
        if value is not None
    }
    return f"{path}?{urlencode(given, doseq=True, errors='surrogateescape')}" if given else path


def exchange(
    line: HTTPConnection, method: str, target: str, *, token: str | None = None, body: object = None
) -> tuple[int, str]:
    """The status and text that a server answers with; the line is closed then.

    ``token`` is that of the control plane, ``body`` is sent as JSON unless it is None.

    Raises:
        OSError, HTTPException, UnicodeError: there is no answer (``NO_ANSWER``).
    """
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    with closing(line):
        line.request(method, target, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode(errors="replace")


def message_of(text: str) -> str:
    """The message of an error in the documented shape.

    Raises:
        ValueError: it is none.
    """
    try:
        return str(json.loads(text)["message"])
    except (KeyError, TypeError) as error:
        raise ValueError("no error of ours") from error
