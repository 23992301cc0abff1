"""Rows to ingest as a test writes them: instants may be datetimes, or dates, all else is as JSON has it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import isfinite

from aicode_mock.testing.plane import MockError

__tracebackhide__ = True  # a test's failure shows the test


def as_json(rows: Sequence[Mapping[str, object]]) -> list[object]:
    """The rows as they are sent.

    Raises:
        MockError: a value is none of JSON's, or a datetime has no zone; the message names its place.
    """
    return [_plain(row, str(number)) for number, row in enumerate(rows)]


def _plain(value: object, place: str) -> object:
    match value:
        case None | str() | int():
            return value
        case float() if isfinite(value):
            return value
        case datetime() if value.tzinfo is None:
            raise MockError(f"{place} must be a datetime with a zone, such as UTC: got {value!r}")
        case date():  # a datetime is one
            return value.isoformat()
        case Mapping():
            return {str(name): _plain(one, f"{place}.{name}") for name, one in value.items()}
        case list() | tuple():
            return [_plain(one, f"{place}.{number}") for number, one in enumerate(value)]
    raise MockError(f"{place} must be a value of JSON or a datetime: got {value!r}")
