"""What an answer under faults hands to the server, message by message, without a server."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from aicode_mock.faults.distorted import Distorted
from aicode_mock.faults.model import Fault
from aicode_mock.faults.taken import Taken
from aicode_mock.faults.transport import BREAK, UnbreakableError, unsent_bytes

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
TABLE = b'name,note\nada,"x, y"\nbo,"z"\n'
PAGE = b'{"items":[{"a":1,"b":2},{"a":3,"b":4}],"totalCount":2}'


class Sent(NamedTuple):
    """What the server got: the start, the body, and how it ended (None: it never did)."""

    status: int
    headers: Headers
    body: bytes
    ending: str | None
    missed: list[tuple[int, ...]]


def hits(*actions: dict[str, Any]) -> list[Taken]:
    return [
        Taken(number, Fault.model_validate({"action": action}).action)
        for number, action in enumerate(actions, start=1)
    ]


def sent(
    response: Response,
    *actions: dict[str, Any],
    method: str = "GET",
    http_version: str = "1.1",
    extensions: Mapping[str, object] = MappingProxyType({BREAK: {}}),
) -> Sent:
    """Send an answer under faults; those that missed are noted when they are reported."""
    messages: list[Message] = []
    missed: list[tuple[int, ...]] = []
    scope = {
        "type": "http",
        "method": method,
        "http_version": http_version,
        "asgi": {"spec_version": "2.3"},
        "extensions": extensions,
    }

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        messages.append(message)

    def on_missed(numbers: tuple[int, ...]) -> None:
        assert not any(message.get("more_body") is False for message in messages), "told too late"
        missed.append(numbers)

    answer = Distorted(response, hits(*actions), now=lambda: NOON, on_missed=on_missed)

    async def answer_once() -> None:
        await answer(scope, receive, send)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1, "something still listens"

    asyncio.run(answer_once())
    assert missed == ([answer.missed] if answer.missed else [])
    return _read(messages, missed)


def _read(messages: list[Message], missed: list[tuple[int, ...]]) -> Sent:
    if messages[0]["type"] == BREAK:
        return Sent(0, Headers(), b"", messages[0]["how"], missed)
    start, *bodies = messages
    last = bodies[-1]
    ending = last["how"] if last["type"] == BREAK else None if last["more_body"] else "end"
    body = b"".join(message.get("body", b"") for message in bodies)
    return Sent(start["status"], Headers(raw=start["headers"]), body, ending, missed)


def table(body: bytes = TABLE) -> Response:
    return Response(body, media_type="text/csv")


def page(body: bytes = PAGE) -> Response:
    return Response(body, media_type="application/json", headers={"ETag": '"t"'})


def stream(pieces: Iterable[bytes] = (TABLE[:7], TABLE[7:]), media_type: str = "text/csv") -> Response:
    return StreamingResponse(iter(pieces), media_type=media_type)


def cut(at: str, count: int = 1, **fields: object) -> dict[str, Any]:
    return {"kind": "cut", "at": at, "count": count, **fields}


def test_without_faults_an_answer_is_sent_as_it_is() -> None:
    whole, streamed = sent(page()), sent(stream())

    assert (whole.status, whole.body, whole.ending) == (200, PAGE, "end")
    assert whole.headers.raw == page().raw_headers
    assert (streamed.body, streamed.ending, streamed.missed) == (TABLE, "end", [])


def test_a_distorted_answer_shows_the_status_and_headers_of_the_answer() -> None:
    answer = Distorted(
        Response("x", 418, {"X-A": "b"}), [], now=lambda: NOON, on_missed=lambda _numbers: None
    )

    assert (answer.status_code, answer.headers["X-A"], answer.background) == (418, "b", None)


def test_a_whole_body_that_is_edited_has_a_right_length() -> None:
    edited = sent(table(), {"kind": "csv", "lineEnd": "crlf", "bom": True})

    assert edited.body == b'\xef\xbb\xbfname,note\r\nada,"x, y"\r\nbo,"z"\r\n'
    assert edited.headers["Content-Length"] == str(len(edited.body))
    assert (edited.ending, edited.missed) == ("end", [])


def test_a_stream_is_edited_piece_by_piece() -> None:
    edited = sent(stream(), {"kind": "csv", "lineEnd": "crlf"})

    assert edited.body == TABLE.replace(b"\n", b"\r\n")
    assert "Content-Length" not in edited.headers


def test_a_length_that_a_stream_cannot_keep_is_not_promised() -> None:
    promising = StreamingResponse(iter([TABLE]), media_type="text/csv", headers={"Content-Length": "28"})

    edited = sent(promising, {"kind": "csv", "bom": True})

    assert "Content-Length" not in edited.headers
    assert edited.body.endswith(TABLE)


def test_a_stream_of_promised_length_is_whole_when_all_of_it_is_there() -> None:
    def promising() -> Response:
        pieces = iter((TABLE[:9], TABLE[9:]))
        return StreamingResponse(pieces, media_type="text/csv", headers={"Content-Length": str(len(TABLE))})

    cut_off, whole = (sent(promising(), cut("bytes", count)) for count in (len(TABLE) - 1, len(TABLE)))

    assert (cut_off.body, cut_off.ending, cut_off.missed) == (TABLE[:-1], "close", [])
    assert (whole.body, whole.ending, whole.missed) == (TABLE, "end", [(1,)])
    assert cut_off.headers["Content-Length"] == str(len(TABLE))


def test_malformed_json_keeps_its_length() -> None:
    edited = sent(page(), {"kind": "malformed-json"})

    assert edited.body == PAGE[:-1] + b"]"
    assert edited.headers["Content-Length"] == str(len(PAGE))


def test_the_first_of_several_content_types_is_sent() -> None:
    edited = sent(
        page(), {"kind": "content-type", "value": "text/x"}, {"kind": "content-type", "value": "text/y"}
    )

    assert edited.headers.getlist("Content-Type") == ["text/x"]
    assert (edited.body, edited.headers["ETag"]) == (PAGE, '"t"')


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    ("response", "action", "body"),
    [
        (table, cut("bytes", 0), b""),
        (table, cut("bytes", 5), b"name,"),
        (table, cut("rows", 0), b"name,note\n"),
        (table, cut("rows", 1), b'name,note\nada,"x, y"\n'),
        (table, cut("mid-row", 2), b'name,note\nada,"x, y"\nbo,'),
        (table, cut("in-quotes", 2), b'name,note\nada,"x, y"\nbo,"'),
        (stream, cut("bytes", 7), TABLE[:7]),
        (stream, cut("bytes", 28), TABLE),
        (stream, cut("rows", 2), TABLE),
        (stream, cut("before-last-chunk"), TABLE),
        (page, cut("mid-row", 2), b'{"items":[{"a":1,"b":2},{"a":3,'),
        (page, cut("rows", 0), b'{"items":['),
    ],
)
def test_a_cut_sends_exactly_what_lies_before_it(
    response: Any, action: dict[str, Any], body: bytes, how: str
) -> None:
    result = sent(response(), {**action, "how": how})

    assert (result.body, result.ending, result.missed) == (body, how, [])


def test_a_cut_body_has_promised_more() -> None:
    result = sent(table(), {"kind": "csv", "lineEnd": "crlf"}, cut("rows", 1))

    assert result.body == b'name,note\r\nada,"x, y"\r\n'
    assert result.headers["Content-Length"] == str(len(TABLE) + 3)


@pytest.mark.parametrize(
    ("response", "action"),
    [
        (table, cut("bytes", 28)),
        (table, cut("rows", 2)),
        (table, cut("rows", 3)),
        (table, cut("in-utf8", 1)),
        (table, cut("at-fetch", 1)),
        (table, cut("before-last-chunk")),
        (stream, cut("bytes", 29)),
        (table, {"kind": "malformed-json"}),
        (page, {"kind": "csv", "bom": True}),
        (lambda: table(b""), {"kind": "csv", "bom": True}),
        (lambda: table(b"a\r\n1\r\n"), {"kind": "csv", "lineEnd": "crlf"}),
        (lambda: Response(b"text"), cut("rows", 0)),
        (lambda: Response(b""), cut("bytes", 0)),
        (lambda: Response(status_code=304), cut("before-last-chunk")),
    ],
)
def test_a_fault_that_finds_nothing_to_do_is_told_before_the_end_and_leaves_the_answer_whole(
    response: Any, action: dict[str, Any]
) -> None:
    result = sent(response(), {"kind": "drip", "bytesPerSecond": 10_000}, action)

    plain = sent(response())
    assert result == plain._replace(missed=[(2,)])


def test_the_end_of_a_body_without_chunks_is_no_place_to_cut() -> None:
    result = sent(stream(), cut("before-last-chunk"), http_version="1.0")

    assert (result.body, result.ending, result.missed) == (TABLE, "end", [(1,)])
    assert sent(stream(), cut("rows", 1), http_version="1.0").ending == "close"


def test_the_first_of_several_cuts_is_made_and_the_others_are_missed() -> None:
    result = sent(stream(), cut("rows", 2), cut("rows", 1, how="reset"), {"kind": "malformed-json"})

    assert (result.body, result.ending) == (b'name,note\nada,"x, y"\n', "reset")
    assert result.missed == [(1, 3)]


@pytest.mark.parametrize("response", [table, stream])
def test_the_body_that_nobody_gets_is_neither_cut_nor_slow(response: Any) -> None:
    result = sent(response(), cut("rows", 0), {"kind": "drip", "bytesPerSecond": 1}, method="HEAD")

    assert (result.ending, result.missed) == ("end", [(1,)])


def test_a_reset_sends_nothing_at_all() -> None:
    result = sent(table(), {"kind": "reset"})

    assert result == Sent(0, Headers(), b"", "reset", [])


def test_what_an_answer_raises_is_raised() -> None:
    def fail() -> Iterable[bytes]:
        yield TABLE
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sent(stream(fail()), cut("rows", 99))


def test_a_cut_ends_the_making_of_the_rest() -> None:
    made: list[int] = []

    def endless() -> Iterable[bytes]:
        while True:
            made.append(1)
            yield b"1,2\n" * 64

    assert sent(stream(endless()), cut("rows", 1000)).ending == "close"
    assert len(made) < 30


@pytest.mark.parametrize("response", [table, stream])
@pytest.mark.parametrize("action", [{"kind": "reset"}, cut("rows", 1)], ids=str)
def test_a_server_that_cannot_break_connections_is_told_so(response: Any, action: dict[str, Any]) -> None:
    with pytest.raises(UnbreakableError, match="BreakableProtocol"):
        sent(response(), action, extensions={})


def test_what_is_no_connection_has_nothing_unsent() -> None:
    with open("/dev/null", "rb") as nothing:  # noqa: PTH123  # any file that is no socket
        assert unsent_bytes(nothing) == 0
