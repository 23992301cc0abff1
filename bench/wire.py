"""What goes over the wire: requests as bytes, and what the head of an answer says."""

import re
import socket
from base64 import b64encode

KEY = "bench"
HEAD_END = b"\r\n\r\n"
_AUTHORIZATION = f"Basic {b64encode(f'{KEY}:'.encode()).decode()}"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)
_TIMEOUT_S = 120.0


class WrongAnswerError(RuntimeError):
    """A server answered with something else than what is to be measured."""


def connect(port: int) -> socket.socket:
    """A connection to a server of this machine."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request(target: str, *, tag: str | None = None, close: bool = False) -> bytes:
    """The request for a target, if it is no longer what ``tag`` names; ``close`` ends the connection."""
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {_AUTHORIZATION}"]
    if tag:
        lines.append(f"If-None-Match: {tag}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def check_status(head: bytes, status: int, target: str) -> None:
    """Refuse an answer of another status.

    Raises:
        WrongAnswerError: it has one.
    """
    if head[9:12] != str(status).encode("ascii"):
        raise WrongAnswerError(f"{head[:30]!r} in place of {status}: {target}")


def tag_in(head: bytes) -> str:
    """The ETag.

    Raises:
        WrongAnswerError: there is none.
    """
    return _first(_TAG, head)


def length_in(head: bytes) -> int:
    """The Content-Length.

    Raises:
        WrongAnswerError: there is none.
    """
    return int(_first(_LENGTH, head))


def _first(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head)
    if found is None:
        raise WrongAnswerError(f"no {pattern.pattern!r} in {head[:200]!r}")
    return found[1].decode("ascii")
