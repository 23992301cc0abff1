"""Who may use the control plane.

On loopback everybody, elsewhere who has the token.  A page of a foreign origin never may:
it could drive the server of whoever looks at it, also by a name of its own that it lets
point to loopback.
"""

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS_OPEN = ("/health", "/ready")
_MOST_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether there is a control plane, and the token that it asks for; None asks for none."""

    is_open: bool = True
    token: str | None = None


class Guard:
    """An ASGI layer that lets through what may pass."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        """``watch`` says what is asked for."""
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or _path(scope) in _ALWAYS_OPEN:
            await self._app(scope, receive, send)
            return
        try:
            if self._watch.is_open:
                self._check(Headers(scope=scope))
        except HTTPException as refused:
            await _refusal(refused)(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), send)

    def _check(self, headers: Headers) -> None:
        host = headers.get("Host", "")
        origin = headers.get("Origin")
        if origin is not None and not _is_of(origin, host):
            raise HTTPException(HTTPStatus.FORBIDDEN, "Origin must be that of this server: another page asks")
        if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise HTTPException(HTTPStatus.FORBIDDEN, "Sec-Fetch-Site must be same-origin: another page asks")
        if self._watch.token is None:
            if not _is_address(host):
                raise HTTPException(
                    HTTPStatus.FORBIDDEN, "Host must be localhost or an address: got another name"
                )
        elif not _has_token(headers, self._watch.token):
            raise HTTPException(HTTPStatus.UNAUTHORIZED, _wanted(headers), {"WWW-Authenticate": "Bearer"})


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _is_of(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc == host != ""
    except ValueError:  # brackets without an address in them
        return False


def _is_address(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or bool(ip_address(name))
    except ValueError:
        return False


def _has_token(headers: Headers, token: str) -> bool:
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    is_same = hmac.compare_digest(given.strip().encode(), token.encode())
    return is_same and scheme.lower() == "bearer"


def _wanted(headers: Headers) -> str:
    if headers.get("Authorization", "").lower().startswith("bearer "):
        return "the token in the header Authorization is not that of the control plane"
    return "the control plane needs the header Authorization: Bearer <token>"


def _bounded(receive: Receive) -> Receive:
    """Receives no more than the largest body."""
    received = 0

    async def take() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > _MOST_BODY_BYTES:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"body: must not be over {_MOST_BODY_BYTES} bytes"
            )
        return message

    return take


def _refusal(refused: HTTPException) -> Response:
    body = {"error": HTTPStatus(refused.status_code).phrase, "message": refused.detail}
    return JSONResponse(body, refused.status_code, refused.headers)
