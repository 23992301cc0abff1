"""The date grammar of the ``startDate`` and ``endDate`` query parameters.

    now | today | yesterday | <N>d | YYYY-MM-DD | ISO 8601 date and time

``<N>d`` is N times 24 hours before now.  ``today`` begins at 00:00 UTC of the day
and ends now.  A bare date is 00:00 UTC, at both ends of the range.  A time without
an offset is UTC.

Source: documented ("ISO date string, the literal "now", or relative days like
"7d""), every revision.  ``today`` and zone-less times are observed in clients;
``yesterday`` and the meaning of a bare end date are assumed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aicode_mock.clock import from_ms, instant_text, start_of_day, to_ms

DEFAULT_START = "7d"
DEFAULT_END = "now"
ISO = "YYYY-MM-DD, or an ISO 8601 date and time"
ALLOWED = f"now, today, yesterday, a number of days such as 7d, {ISO}"

_DAY = timedelta(days=1)
_DAYS_AGO = re.compile(r"(\d{1,4})d", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# The same texts on every Python: newer versions of fromisoformat accept more than older ones.
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?[0-5]\d)?)?", re.ASCII
)
_EPOCH_MS = re.compile(r"\d{12,14}", re.ASCII)
_LOST_PLUS = re.compile(r"\d{4}-\d\d-\d\d[Tt ][\d:.,]* \d\d:?\d\d", re.ASCII)


class InvalidDateRangeError(ValueError):
    """No range can be read; the message is written for the API's caller."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A closed interval of instants, both in UTC: ``start <= instant <= end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DateRules:
    """What the documents leave open; the defaults are the mildest reading.

    ``max_days`` counts days of 24 hours, None sets no cap.  ``epoch_ms`` takes
    milliseconds since 1970 too.  ``end_of_day`` lets a bare end date cover its day.
    ``allow_reversed`` lets a start after its end stand: such a range holds nothing.
    """

    max_days: int | None = None
    epoch_ms: bool = False
    end_of_day: bool = False
    allow_reversed: bool = False


def parse_date_range(
    start: str | None, end: str | None, *, now: datetime, rules: DateRules = DateRules()
) -> DateRange:
    """Resolve both parameters against ``now``; an absent or empty one takes its default.

    Raises:
        InvalidDateRangeError: a text is outside the grammar, the range is reversed,
            or it is longer than the rules allow.
    """
    start, end = start or DEFAULT_START, end or DEFAULT_END
    span = DateRange(start=_parse_start(start, now, rules), end=_parse_end(end, now, rules))
    if span.start > span.end and not rules.allow_reversed:
        ends = f"{end}, which is {instant_text(to_ms(now))}" if end in ("now", "today") else end
        raise InvalidDateRangeError(f"startDate must not be after endDate: got {start} and {ends}")
    if rules.max_days is not None and span.end - span.start > timedelta(days=rules.max_days):
        raise InvalidDateRangeError(
            f"Date range cannot exceed {rules.max_days} days: got startDate {start} and endDate {end}"
        )
    return span


def _parse_start(text: str, now: datetime, rules: DateRules) -> datetime:
    if text == "today":
        return start_of_day(now)
    return _parse_instant(text, now, rules, name="startDate")


def _parse_end(text: str, now: datetime, rules: DateRules) -> datetime:
    if text == "today":
        return now
    instant = _parse_instant(text, now, rules, name="endDate")
    if rules.end_of_day and _DATE.fullmatch(text):
        return instant.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return instant


def _parse_instant(text: str, now: datetime, rules: DateRules, *, name: str) -> datetime:
    try:
        match text:
            case "now":
                return now
            case "yesterday":
                return start_of_day(now) - _DAY
            case _ if days := _DAYS_AGO.fullmatch(text):
                return now - int(days[1]) * _DAY
            case _ if rules.epoch_ms and _EPOCH_MS.fullmatch(text):
                return from_ms(int(text))
            case _:
                return read_instant(text)
    except (ValueError, OverflowError):  # no such day, or before year 1
        raise InvalidDateRangeError(f"{name} must be {ALLOWED}: got {shorten(text)}{_hint(text)}") from None


def read_instant(text: str) -> datetime:
    """A date, or an ISO 8601 date and time; no offset means UTC.

    Raises:
        ValueError: the text is neither, or there is no such day.
        OverflowError: the instant in UTC lies before year 1 or after year 9999.
    """
    upper = text.upper()
    if not (_DATE.fullmatch(upper) or _DATE_TIME.fullmatch(upper)):
        raise ValueError(f"not {ISO}: {shorten(text)}")
    instant = datetime.fromisoformat(upper)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def shorten(text: str) -> str:
    """The text as a quoted literal for a message, cut when it is long."""
    return repr(text) if len(text) <= 80 else f"{text[:77]!r}... ({len(text)} characters)"


def _hint(text: str) -> str:
    return " (a '+' in a URL is sent as %2B)" if _LOST_PLUS.fullmatch(text) else ""
