"""Keeping the journal while a request is answered: a draft of its entry, and an answer that ends it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aicode_mock.clock import Clock, instant_text, stopwatch_s, to_ms
from aicode_mock.directory import Caller, Surroundings
from aicode_mock.entries import Entry, LimitState, Understood
from aicode_mock.faults.effects import AS_ASKED, Bend
from aicode_mock.faults.transport import BREAK
from aicode_mock.journal import Journal
from aicode_mock.ratelimit import LimitState as Window
from aicode_mock.targets import shown_body, shown_path, shown_query, without_keys


@dataclass(slots=True)
class Draft:
    """What is known of a request so far; ``open`` makes it an entry."""

    request: Request
    endpoint: str | None
    understood: Understood | None = None
    world: Surroundings | None = None
    caller: Caller | None = None
    faults: list[int] = field(default_factory=list)
    spoiling: tuple[int, ...] = ()
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    message: str | None = None
    hint: str | None = None
    rows: int | None = None
    total: int | None = None
    limit: Window | None = None
    retry_after: int | None = None
    bend: Bend = AS_ASKED
    has_new_row: bool = False
    came_at: datetime = field(default_factory=Clock().now)
    began_s: float = field(default_factory=stopwatch_s)

    @property
    def is_spoilt(self) -> bool:
        """Whether one of its faults left nothing to use."""
        return any(number in self.spoiling for number in self.faults)

    @property
    def elapsed_ms(self) -> float:
        """Real time since the request came."""
        return round(1000 * (stopwatch_s() - self.began_s), 1)

    def open(self, journal: Journal, *, body_bytes: int, is_complete: bool) -> "OpenEntry":
        """Write the entry."""
        if self.world is None:
            raise RuntimeError("a request is journaled in the world that it came to")
        numbered = partial(self._entry, self.world, body_bytes=body_bytes, is_complete=is_complete)
        entry = journal.open(self.world.world_id, numbered, now=to_ms(self.came_at))
        return OpenEntry(journal, self.world.world_id, entry, self)

    def _entry(self, world: Surroundings, number: int, *, body_bytes: int, is_complete: bool) -> Entry:
        conditional = "none"
        if self.request.headers.get("If-None-Match") is not None:
            conditional = "matched" if self.status == HTTPStatus.NOT_MODIFIED else "changed"
        return Entry(
            id=number,
            instant=instant_text(to_ms(world.clock.at(self.came_at))),
            realInstant=instant_text(to_ms(self.came_at)),
            team=self.caller.name if self.caller else None,
            method=self.request.method,
            path=shown_path(self.request.scope),
            query=shown_query(self.request.scope),
            body=shown_body(self.request.scope),
            endpoint=self.endpoint,
            hint=self.hint,
            understood=self.understood and _without_keys(self.understood, self.request.scope),
            status=self.status,
            message=None if self.message is None else without_keys(self.message, self.request.scope),
            rows=self.rows,
            totalCount=self.total,
            bytes=0 if self.request.method == "HEAD" else body_bytes,
            ms=self.elapsed_ms,
            faults=self.faults,
            spoilt=self.is_spoilt,
            rateLimit=None if self.limit is None else _limit(self.limit),
            conditional=conditional,
            retryAfter=self.retry_after,
            complete=is_complete,
        )


@dataclass(slots=True)
class OpenEntry:
    """An entry whose answer is under way."""

    journal: Journal
    world_id: str
    entry: Entry
    draft: Draft

    def close(self, *, body_bytes: int, status: int, is_complete: bool) -> None:
        """Write how the answer ended."""
        ended = {
            "bytes": 0 if self.draft.request.method == "HEAD" else body_bytes,
            "status": status,
            "complete": is_complete,
            "faults": self.draft.faults,
            "spoilt": self.draft.is_spoilt,
            "ms": self.draft.elapsed_ms,
        }
        self.journal.close(self.world_id, self.entry, self.entry.model_copy(update=ended))


class Recorded(Response):
    """An answer whose entry ends with it, before its last byte leaves."""

    def __init__(self, answer: ASGIApp, entry: OpenEntry) -> None:
        """``answer`` is sent as it is."""
        super().__init__()
        self._answer = answer
        self._entry = entry
        self._bytes = 0
        self._status = 0
        self._is_closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""

        async def note(message: Message) -> None:
            await self._note(message, is_gone=await _is_gone(receive))
            await send(message)

        try:
            await self._answer(scope, receive, note)
        finally:
            if not self._is_closed:  # cut, or nobody was there to take it
                with anyio.CancelScope(shield=True):
                    await self._close(is_complete=False)

    async def _note(self, message: Message, *, is_gone: bool) -> None:
        if is_gone:  # and gets nothing of it
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == BREAK:
            await self._close(is_complete=False)
        else:
            self._bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                await self._close(is_complete=True)

    async def _close(self, *, is_complete: bool) -> None:
        self._is_closed = True
        await run_in_threadpool(
            self._entry.close, body_bytes=self._bytes, status=self._status, is_complete=is_complete
        )


def _without_keys(understood: Understood, scope: Scope) -> Understood:
    user = understood.user
    return understood if user is None else replace(understood, user=without_keys(user, scope))


async def _is_gone(receive: Receive) -> bool:
    """Whether the client has closed the connection, as far as the server knows; never waits."""
    message: Message = {"type": "nothing yet"}
    with anyio.CancelScope() as scope:
        scope.cancel()
        message = await receive()
    return bool(message["type"] == "http.disconnect")


def _limit(window: Window) -> LimitState:
    ends_at = None if window.ends_at is None else instant_text(to_ms(window.ends_at))
    return LimitState(perMinute=window.per_minute, used=window.used, endsAt=ends_at)
