"""What the endpoints under ``/teams`` answer: members, daily usage, usage events, spend.

All of it follows from the rows that the other endpoints tell of, so that a client that
reads both finds the same members, days, models and lines.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from aicode_mock import bodyfields
from aicode_mock.admintext import Period, daily_text, events_text, members_text, spend_text, usage_text
from aicode_mock.bodyreading import page_texts, read_choice, read_fields, read_instant, read_text, read_whole
from aicode_mock.calls import Answer, Call, bend_page, members_asked_for, total_and_offset
from aicode_mock.clock import from_ms, instant_text, to_ms
from aicode_mock.dailyusage import first_day_of, tallies_of
from aicode_mock.directory import members_of
from aicode_mock.query import BadRequestError, PageWanted, read_page, read_parameters
from aicode_mock.spending import arrange, cycle_start, spends_of
from aicode_mock.usage import DAY_MS
from aicode_mock.usageevents import Events, count_events, events_json

_USUAL_RANGE = timedelta(days=30)  # assumed: as wide as the period of the sample
_EPOCH = from_ms(0)


def team_members(call: Call) -> Answer:
    """Everybody of the caller's team."""
    read_parameters(call.query, (), call.contract)
    is_whole = call.contract.switches.member_fields == "all"
    members = [
        one for one in members_of(call.connection, call.caller.team_id) if is_whole or not one.is_removed
    ]
    return Answer(
        "members",
        lambda: iter([members_text(members, with_all_fields=is_whole).encode()]),
        rows=len(members),
    )


def daily_usage(call: Call) -> Answer:
    """What each member did on each day of a range."""
    fields = read_fields(call.body, bodyfields.DAILY_USAGE_FIELDS, call.contract)
    start, end = read_instant(fields, bodyfields.FROM_DAY), read_instant(fields, bodyfields.TO_DAY)
    period = _period(call, start or _EPOCH, end or _EPOCH, max_days=call.contract.usage_days)
    first, last = _days(call, *period)
    listed = _listed_days(call, first, last)
    return Answer(
        f"daily {period} {listed}",
        lambda: iter([_daily(call, first, last, listed, period).encode()]),
        rows=0,
        row_mark=b'{"date":',
        understood=replace(call.noticed, startDate=instant_text(period[0]), endDate=instant_text(period[1])),
    )


def usage_events(call: Call) -> Answer:
    """A page of usage events, newest first."""
    fields = read_fields(call.body, bodyfields.EVENT_FIELDS, call.contract)
    end = read_instant(fields, bodyfields.TO) or call.caller.world.clock.now()
    start = read_instant(fields, bodyfields.FROM) or max(end - _USUAL_RANGE, _EPOCH)
    period = _period(call, start, end, max_days=None)
    user_id, email = read_whole(fields, bodyfields.USER_ID), read_text(fields, bodyfields.EMAIL)
    page, bend = bend_page(call.bend, read_page(page_texts(fields), call.contract, default_size=10))
    members = _members_named(call, user_id, email)
    events = Events(call.caller.team_id, members, *period)
    found = count_events(call.connection, events)
    total, offset = total_and_offset(call, page, bend, found=found)
    return Answer(
        f"{events.identity} {page.number} {page.size} {offset} {total}",
        lambda: iter([_events(call, events, page, offset=offset, total=total).encode()]),
        rows=max(0, min(page.size, found - offset)),
        total=total,
        bend=bend,
        understood=replace(
            call.noticed,
            startDate=instant_text(period[0]),
            endDate=instant_text(period[1]),
            user=email or (str(user_id) if user_id else None),
            members=None if members is None else len(members),
            page=page.number,
            pageSize=page.size,
            askedPageSize=page.asked_size,
        ),
    )


def team_spend(call: Call) -> Answer:
    """A page of members, with what they have spent in the subscription cycle."""
    fields = read_fields(call.body, bodyfields.SPEND_FIELDS, call.contract)
    search, by = read_text(fields, bodyfields.SEARCH), read_choice(fields, bodyfields.SORT_BY)
    descending = read_choice(fields, bodyfields.SORT_DIRECTION) == "desc"
    page, bend = bend_page(call.bend, read_page(page_texts(fields), call.contract))
    now = call.caller.world.clock.now()
    start, end = to_ms(cycle_start(now, day=call.contract.switches.cycle_day)), to_ms(now)
    members = members_of(call.connection, call.caller.team_id)
    spends = arrange(
        spends_of(call.connection, call.caller.team_id, members, start=start, end=end),
        search=search,
        by=by,
        descending=descending,
    )
    total, offset = total_and_offset(call, page, bend, found=len(spends))
    shown = spends[offset : offset + page.size] if page.offset < total else []
    text = spend_text(shown, start=start, total=total, pages=_page_count(total, page))
    return Answer(
        f"spend {text}",
        lambda: iter([text.encode()]),
        rows=len(shown),
        total=total,
        bend=bend,
        understood=replace(call.noticed, page=page.number, pageSize=page.size, askedPageSize=page.asked_size),
    )


def _period(call: Call, start: datetime, end: datetime, *, max_days: int | None) -> Period:
    """Both ends in milliseconds.

    Raises:
        BadRequestError: they are reversed or too far apart, where the contract minds.
    """
    first, last = to_ms(start), to_ms(end)
    if first > last and call.contract.switches.reversed_range == "400":
        raise BadRequestError(f"startDate must not be after endDate: got {first} and {last}")
    if max_days is not None and last - first > max_days * DAY_MS:
        raise BadRequestError(
            f"Date range cannot exceed {max_days} days: got startDate {first} and endDate {last}"
        )
    return first, last


def _days(call: Call, start: int, end: int) -> tuple[int, int]:
    """The first and the last day (counted from 1970) of a range; a reversed one has none."""
    if call.contract.switches.usage_end_day == "excluded" and end > start:
        end -= 1
    return start // DAY_MS, end // DAY_MS


def _listed_days(call: Call, first: int, last: int) -> range:
    """The days that are told of everybody: from the first that the team has rows of, to the present one."""
    begin = first_day_of(call.connection, call.caller.team_id)
    if begin is None or call.contract.switches.inactive_days == "left_out":
        return range(0)
    today = to_ms(call.caller.world.clock.now()) // DAY_MS
    return range(max(first, begin), min(last, today) + 1)


def _members_named(call: Call, user_id: int | None, email: str | None) -> tuple[int, ...] | None:
    """The ids of the members whom both parameters name; None if there is neither."""
    named = [
        members_asked_for(call, text) for text in (email, None if user_id is None else str(user_id)) if text
    ]
    if not named:
        return None
    return tuple(one for one in named[0] or () if all(one in (others or ()) for others in named))


def _page_count(total: int, page: PageWanted) -> int:
    return max(1, -(-total // page.size))


def _daily(call: Call, first: int, last: int, listed: range, period: Period) -> str:
    members = members_of(call.connection, call.caller.team_id)
    tallies = tallies_of(call.connection, call.caller.team_id, first_day=first, last_day=last)
    rows = (
        usage_text(day, one, tallies.get((day, one.member_id)))
        for day in sorted({*listed, *(day for day, _ in tallies)})
        for one in members
        if (day, one.member_id) in tallies or (day in listed and not one.is_removed)
    )
    return daily_text(rows, period)


def _events(call: Call, events: Events, page: PageWanted, *, offset: int, total: int) -> str:
    is_there = page.offset < total
    return events_text(
        events_json(call.connection, events, offset=offset, limit=page.size) if is_there else (),
        total=total,
        pages=_page_count(total, page),
        page=page.number,
        size=page.size,
        period=(events.start, events.end),
    )
