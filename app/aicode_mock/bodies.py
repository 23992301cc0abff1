"""Bodies of requests, as they were sent: what their JSON says, and what a journal shows of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NoReturn

MOST_BYTES = 1024 * 1024

MOST_FIELDS = 100  # that are looked at beyond what the endpoint reads
_MOST_SHOWN = 200  # letters of a value in a journal


@dataclass(frozen=True)
class Body:
    """A body as it was sent; ``is_whole`` unless it was too long to be read."""

    data: bytes
    content_type: str | None
    is_whole: bool = True

    @cached_property
    def value(self) -> Any:
        """What the JSON says; None if it is none."""
        try:
            return parse(self.data)
        except (ValueError, RecursionError):
            return None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values as texts; none if the body is no JSON object."""
        fields = self.value if isinstance(self.value, dict) else {}
        return tuple(
            (printable(name), printable(text_of(value)))
            for name, value in fields.items()
            if value is not None
        )


NOTHING = Body(b"", None)


def text_of(value: object) -> str:
    """A value as a query would have it: texts as they are, whole numbers by their digits, no insides."""
    match value:
        case str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return "[…]"
        case dict():
            return "{…}"
        case _:
            return json.dumps(value)


def printable(text: str) -> str:
    """A text that every encoding has: half a surrogate pair is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def shown_fields(body: Body, is_known: Callable[[str], bool]) -> str:
    """The fields as JSON for a journal: long values cut, and those of unknown fields left out."""
    if not isinstance(body.value, dict):
        return "…" if body.data else ""
    some = islice(body.value.items(), MOST_FIELDS)
    shown = {name: _cut(value) if is_known(name) else "…" for name, value in some}
    if len(body.value) > MOST_FIELDS:
        shown["…"] = f"{len(body.value) - MOST_FIELDS} more fields"
    return printable(json.dumps(shown, ensure_ascii=False, separators=(",", ":")))


def _cut(value: object) -> object:
    text = text_of(value)
    if isinstance(value, list | dict) or len(text) > _MOST_SHOWN:
        return f"{text[:_MOST_SHOWN]}…" if len(text) > _MOST_SHOWN else text
    return value


def parse(data: bytes) -> Any:
    """What the JSON says.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested too deep.
    """
    return json.loads(data.decode(), parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
