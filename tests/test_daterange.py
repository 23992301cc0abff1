"""The date grammar: every form, every refusal, and what the rules leave open."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.clock import to_ms
from aicode_mock.daterange import (
    ALLOWED,
    DateRange,
    DateRules,
    InvalidDateRangeError,
    parse_date_range,
    read_instant,
    shorten,
)

NOW = datetime(2026, 6, 30, 15, 4, 5, 678_901, tzinfo=UTC)
MIDNIGHT = datetime(2026, 6, 30, tzinfo=UTC)
FAR = "9999-12-31"  # an end that no start lies behind
FORMS = [
    ("2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)),
    ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
    ("2026-06-01T10:20", datetime(2026, 6, 1, 10, 20, tzinfo=UTC)),
    ("2026-06-01T10:20:30", datetime(2026, 6, 1, 10, 20, 30, tzinfo=UTC)),
    ("2026-06-01 10:20:30", datetime(2026, 6, 1, 10, 20, 30, tzinfo=UTC)),
    ("2026-06-01T10:20:30Z", datetime(2026, 6, 1, 10, 20, 30, tzinfo=UTC)),
    ("2026-06-01T10:20:30.5Z", datetime(2026, 6, 1, 10, 20, 30, 500_000, tzinfo=UTC)),
    ("2026-06-01T10:20:30.123Z", datetime(2026, 6, 1, 10, 20, 30, 123_000, tzinfo=UTC)),
    ("2026-06-01T10:20:30,123Z", datetime(2026, 6, 1, 10, 20, 30, 123_000, tzinfo=UTC)),
    ("2026-06-01T10:20:30.123456Z", datetime(2026, 6, 1, 10, 20, 30, 123_456, tzinfo=UTC)),
    ("2026-06-01T10:20:30.123456789Z", datetime(2026, 6, 1, 10, 20, 30, 123_456, tzinfo=UTC)),
    ("2026-06-01T10:20:30+02:00", datetime(2026, 6, 1, 8, 20, 30, tzinfo=UTC)),
    ("2026-06-01T10:20:30-0530", datetime(2026, 6, 1, 15, 50, 30, tzinfo=UTC)),
    ("2026-06-01T10:20:30+14", datetime(2026, 5, 31, 20, 20, 30, tzinfo=UTC)),
    ("2026-06-01T23:59:59-00:01", datetime(2026, 6, 2, 0, 0, 59, tzinfo=UTC)),
]
REFUSED = [
    " ",
    "7",
    "7D",
    "-7d",
    "+7d",
    "7.5d",
    "7 d",
    "7d ",
    "7d\n",
    "12345d",
    "\u0667d",
    "\uff17d",
    "7h",
    "d",
    "NOW",
    "now ",
    "tomorrow",
    "null",
    "undefined",
    "2026",
    "2026-06",
    "2026-6-1",
    "20260601",
    "2026-W23-1",
    "2026-152",
    "2026/06/01",
    "06/01/2026",
    "\u0662\u0660\u0662\u0666-\u0660\u0666-\u0660\u0661",
    "2026-06-01\n",
    "2026-13-01",
    "2026-00-01",
    "2026-06-31",
    "2025-02-29",
    "0000-01-01",
    "10000-01-01",
    "+2026-06-01",
    "2026-06-01T",
    "2026-06-01T10",
    "2026-06-01T24:00:00",
    "2026-06-01T10:60",
    "2026-06-01T10:20:60",
    "2026-06-01T10:20:30.",
    "2026-06-01T10:20:30.1234567890Z",
    "2026-06-01T102030Z",
    "2026-06-01_10:20:30",
    "2026-06-01T10:20:30 Z",
    "2026-06-01T10:20:30ZZ",
    "2026-06-01T10:20:30+24:00",
    "2026-06-01T10:20:30+05:99",
    "2026-06-01T10:20:30-0560",
    "2026-06-01T10:20:30+02:00:00",
    "2026-06-01T10:20:30 02:00",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "1782777600000",
    "now\0",
    "\0",
    "7d\0",
    "ﬆ",
    "\ud800",
]


def start_of(text: str, rules: DateRules = DateRules()) -> datetime:
    return parse_date_range(text, FAR, now=NOW, rules=rules).start


def end_of(text: str, rules: DateRules = DateRules()) -> datetime:
    return parse_date_range("0001-01-01", text, now=NOW, rules=rules).end


@pytest.mark.parametrize(("text", "instant"), FORMS)
def test_every_form_means_one_instant_at_both_ends(text: str, instant: datetime) -> None:
    assert start_of(text) == instant
    assert end_of(text) == instant


@pytest.mark.parametrize("text", [text for text, _ in FORMS])
def test_t_and_z_may_be_written_small(text: str) -> None:
    assert start_of(text.lower()) == start_of(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("now", NOW, NOW),
        ("today", MIDNIGHT, NOW),
        ("yesterday", MIDNIGHT - timedelta(days=1), MIDNIGHT - timedelta(days=1)),
        ("0d", NOW, NOW),
        ("7d", NOW - timedelta(days=7), NOW - timedelta(days=7)),
        ("007d", NOW - timedelta(days=7), NOW - timedelta(days=7)),
        ("9999d", NOW - timedelta(days=9999), NOW - timedelta(days=9999)),
    ],
)
def test_words_and_days_ago_are_relative_to_now(text: str, start: datetime, end: datetime) -> None:
    assert start_of(text) == start
    assert end_of(text) == end


@pytest.mark.parametrize("absent", [None, ""])
def test_an_absent_or_empty_range_is_the_last_seven_days(absent: str | None) -> None:
    span = parse_date_range(absent, absent, now=NOW)

    assert span == DateRange(NOW - timedelta(days=7), NOW)


def test_instants_are_in_utc_whatever_their_offset() -> None:
    span = parse_date_range("2026-06-01T00:00:00+14:00", "2026-06-02T00:00:00-12:00", now=NOW)

    assert span.start.tzinfo is UTC
    assert span.end.tzinfo is UTC


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_start_is_refused_by_name_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidDateRangeError) as refusal:
        start_of(text)

    assert str(refusal.value).startswith(f"startDate must be {ALLOWED}: got {text!r}")


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_end_is_refused_by_name_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidDateRangeError) as refusal:
        end_of(text)

    assert str(refusal.value).startswith(f"endDate must be {ALLOWED}: got {text!r}")


def test_days_before_year_one_are_refused() -> None:
    early = datetime(3, 1, 1, tzinfo=UTC)

    with pytest.raises(InvalidDateRangeError, match=r"^startDate must be"):
        parse_date_range("9999d", None, now=early)


@pytest.mark.parametrize("unit", ["9", "T", "T ", "2026-06-01T00:00:00 ", "\0", "7d", "\N{FOX FACE}"])
def test_a_text_of_64_kib_is_refused_in_a_short_message(unit: str) -> None:
    text = (unit * 65_536)[:65_536]

    with pytest.raises(InvalidDateRangeError) as refusal:
        start_of(text)

    assert len(str(refusal.value)) < 700
    assert "(65536 characters)" in str(refusal.value)


def test_a_lost_plus_is_explained() -> None:
    with pytest.raises(InvalidDateRangeError, match=r"a '\+' in a URL is sent as %2B"):
        start_of("2026-06-01T10:20:30 02:00")
    with pytest.raises(InvalidDateRangeError, match=r"a '\+' in a URL is sent as %2B"):
        start_of("2026-06-01t10:20:30.123 0200")


def test_other_texts_get_no_explanation_of_a_plus() -> None:
    with pytest.raises(InvalidDateRangeError) as refusal:
        start_of("2026-06-01T10:20:30 later")

    assert "%2B" not in str(refusal.value)


def test_a_start_after_the_end_is_refused() -> None:
    with pytest.raises(InvalidDateRangeError, match=r"^startDate must not be after endDate: got 1d and 2d$"):
        parse_date_range("1d", "2d", now=NOW)


@pytest.mark.parametrize(("end", "name"), [(None, "now"), ("today", "today")])
def test_a_start_after_now_is_refused_with_the_instant_of_now(end: str | None, name: str) -> None:
    with pytest.raises(InvalidDateRangeError) as refusal:
        parse_date_range("2099-01-01", end, now=datetime(2026, 6, 30, tzinfo=UTC))

    assert str(refusal.value) == (
        f"startDate must not be after endDate: got 2099-01-01 and {name}, which is 2026-06-30T00:00:00.000Z"
    )


def test_start_and_end_may_be_the_same_instant() -> None:
    assert parse_date_range("now", "now", now=NOW) == DateRange(NOW, NOW)
    assert parse_date_range("2026-06-01", "2026-06-01", now=NOW).start == datetime(2026, 6, 1, tzinfo=UTC)


def test_a_reversed_range_may_stand_where_the_rules_let_it() -> None:
    span = parse_date_range("1d", "2d", now=NOW, rules=DateRules(allow_reversed=True))

    assert span == DateRange(NOW - timedelta(days=1), NOW - timedelta(days=2))


def test_there_is_no_widest_range_by_default() -> None:
    span = parse_date_range("0001-01-01", FAR, now=NOW)

    assert span.end - span.start > timedelta(days=3_650_000)


def test_a_range_of_exactly_the_most_days_is_allowed() -> None:
    rules = DateRules(max_days=30)

    assert parse_date_range("30d", "now", now=NOW, rules=rules).end == NOW
    assert parse_date_range("2026-05-31", "2026-06-30", now=NOW, rules=rules).end == MIDNIGHT


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("31d", "now"),
        ("2026-05-31", "2026-06-30T00:00:00.001"),
        ("2026-05-30T23:59:59.999", "2026-06-30"),
    ],
)
def test_a_range_a_little_longer_than_the_most_days_is_refused(start: str, end: str) -> None:
    with pytest.raises(
        InvalidDateRangeError, match=r"^Date range cannot exceed 30 days: got startDate .* and endDate "
    ):
        parse_date_range(start, end, now=NOW, rules=DateRules(max_days=30))


def test_the_largest_cap_that_a_switch_takes_is_no_overflow() -> None:
    assert parse_date_range("0001-01-01", FAR, now=NOW, rules=DateRules(max_days=999_999_999)).start.year == 1


def test_milliseconds_since_1970_are_dates_only_where_the_rules_say_so() -> None:
    rules = DateRules(epoch_ms=True)

    assert start_of(str(to_ms(MIDNIGHT)), rules) == MIDNIGHT
    assert end_of("1782777600123", rules) == MIDNIGHT + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    "text",
    [
        "1782777600",
        "-1782777600000",
        "100000000000000",
        "\u0661\u0667\u0668\u0662\u0667\u0667\u0667\u0666\u0660\u0660\u0660\u0660\u0660",
    ],
)
def test_numbers_that_are_no_sensible_milliseconds_are_refused(text: str) -> None:
    with pytest.raises(InvalidDateRangeError, match=r"^startDate must be"):
        start_of(text, DateRules(epoch_ms=True))


def test_a_bare_end_date_covers_its_day_only_where_the_rules_say_so() -> None:
    rules = DateRules(end_of_day=True)

    assert end_of("2026-06-01", rules) == datetime(2026, 6, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    assert start_of("2026-06-01", rules) == datetime(2026, 6, 1, tzinfo=UTC)
    assert end_of("2026-06-01T00:00", rules) == datetime(2026, 6, 1, tzinfo=UTC)
    assert end_of("today", rules) == NOW
    assert end_of("yesterday", rules) == MIDNIGHT - timedelta(days=1)


@given(st.text(), st.text(), st.builds(DateRules, epoch_ms=st.booleans(), end_of_day=st.booleans()))
def test_no_text_escapes_as_another_error(start: str, end: str, rules: DateRules) -> None:
    try:
        span = parse_date_range(start, end, now=NOW, rules=rules)
    except InvalidDateRangeError:
        return
    assert span.start <= span.end


@given(
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})?", fullmatch=True
    )
)
def test_nothing_that_looks_like_a_date_escapes_as_another_error(text: str) -> None:
    try:
        instant = start_of(text)
    except InvalidDateRangeError:
        return
    assert instant.utcoffset() == timedelta()


@given(st.integers(0, 9999), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_relative_days_follow_the_clock(days: int, later: timedelta) -> None:
    first = parse_date_range(f"{days}d", "now", now=NOW)
    second = parse_date_range(f"{days}d", "now", now=NOW + later)

    assert first.start == NOW - timedelta(days=days)
    assert second == DateRange(first.start + later, first.end + later)


def test_the_text_of_an_instant_alone_says_why_it_cannot_be_read() -> None:
    with pytest.raises(ValueError, match=r"^not YYYY-MM-DD, or an ISO 8601 date and time: 'soon'$"):
        read_instant("soon")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "''"),
        ("it's", '"it\'s"'),
        ("a" * 80, "'" + "a" * 80 + "'"),
        ("a" * 81, "'" + "a" * 77 + "'... (81 characters)"),
        ("\0\n", "'\\x00\\n'"),
    ],
)
def test_texts_in_messages_are_quoted_and_cut(text: str, shown: str) -> None:
    assert shorten(text) == shown
