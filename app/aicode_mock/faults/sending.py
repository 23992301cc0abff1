"""One answer on its way to its client: its messages as the server gets them.

The start of an answer waits for the first piece of the body, which may be all of it and
tell another length.
"""

from collections.abc import Awaitable, Callable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from aicode_mock.faults.actions import BreakKind, ContentType, CsvEdit, Cut, MalformedJson, Reset
from aicode_mock.faults.cuts import Cuts, FoundCut
from aicode_mock.faults.edits import Edit, edits_of
from aicode_mock.faults.pacing import Departure, Pace
from aicode_mock.faults.taken import Taken, actions_of
from aicode_mock.faults.transport import expect_breakable

_BODILESS = (204, 304)


class BrokenOffError(Exception):
    """Ends whoever makes the rest of an answer that is not wanted any more."""


class Sending:
    """Takes the messages of an answer and sends what its faults make of them.

    ``broken`` says how the connection is to be ended once ``pass_on`` has raised; None if not.
    """

    def __init__(
        self,
        scope: Scope,
        send: Send,
        taken: Sequence[Taken],
        *,
        pace: Pace,
        departure: Departure,
        on_missed: Callable[[tuple[int, ...]], Awaitable[None]],
    ) -> None:
        """``on_missed`` is called once, before the last bytes leave, if a fault found nothing to do."""
        self.broken: BreakKind | None = None
        self._scope, self._send, self._taken = scope, send, taken
        self._pace, self._departure, self._on_missed = pace, departure, on_missed
        self._start: Message | None = None
        self._edits: list[tuple[int, Edit]] = []
        self._cuts: Cuts | None = None
        self._media_type, self._has_body = "", True

    async def pass_on(self, message: Message) -> None:
        """Take the next message.

        Raises:
            BrokenOffError: no other is wanted.
            UnbreakableError: the connection is to be broken, and the server has no means for it.
        """
        if message["type"] == "http.response.start":
            self._open(message)
            return
        ends = not message.get("more_body", False)
        body = self._edit(bytes(message.get("body", b"")), ends=ends)
        if self._start:
            self._prepare(self._start, whole=body if ends else None)
        cut = self._cuts.find(body, ends=ends) if self._cuts else None
        if cut or ends:
            await self._report(cut)
        await self._begin()
        if cut:
            await self._send_body(body[: cut.position], more=True)
            self._break(cut.how)
        await self._send_body(body, more=not ends)

    def _open(self, start: Message) -> None:
        if any(isinstance(one.action, Cut | Reset) for one in self._taken):
            expect_breakable(self._scope)
        headers = MutableHeaders(raw=list(start["headers"]))
        self._media_type = headers.get("content-type", "").partition(";")[0]
        self._start = {**start, "headers": headers.raw}
        self._has_body = self._scope["method"] != "HEAD" and start["status"] not in _BODILESS
        self._edits = edits_of(self._taken, self._media_type) if self._has_body else []

    def _edit(self, body: bytes, *, ends: bool) -> bytes:
        for _, edit in self._edits:
            body = edit.feed(body) + (edit.finish() if ends else b"")
        return body

    def _prepare(self, start: Message, *, whole: bytes | None) -> None:
        headers = MutableHeaders(raw=start["headers"])
        for content_type in actions_of(self._taken, ContentType)[:1]:
            headers["content-type"] = content_type.value
        if self._edits:
            _describe_anew(headers, whole)
        if self._has_body:
            length_bytes = int(headers["content-length"]) if "content-length" in headers else None
            has_chunks = self._scope["http_version"] != "1.0"
            self._cuts = Cuts(self._taken, self._media_type, length_bytes=length_bytes, has_chunks=has_chunks)

    async def _report(self, cut: FoundCut | None) -> None:
        may_miss = {
            one.number for one in self._taken if isinstance(one.action, Cut | CsvEdit | MalformedJson)
        }
        made = {number for number, edit in self._edits if edit.is_made} | ({cut.number} if cut else set())
        if missed := tuple(sorted(may_miss - made)):
            await self._on_missed(missed)

    async def _begin(self) -> None:
        if self._start:
            start, self._start = self._start, None
            await self._pace.hold(self._departure)
            if actions_of(self._taken, Reset):
                self._break("reset")
            await self._send(start)

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        if self._has_body:
            await self._pace.send_body(self._send, body, self._departure, more=more)
        else:
            await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _break(self, how: BreakKind) -> None:
        self.broken = how
        raise BrokenOffError


def _describe_anew(headers: MutableHeaders, whole: bytes | None) -> None:
    """Other bytes have another length, and are not those that the entity tag names."""
    for name in ("etag", "cache-control"):
        del headers[name]
    if "content-length" in headers:
        del headers["content-length"]
        if whole is not None:
            headers["content-length"] = str(len(whole))
