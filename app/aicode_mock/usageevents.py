"""Usage events: the COMPOSER changes of a team within some dates, newest first.

Which of them there are is told by an index of their own, so that a page in the middle of a
million is found without looking at a row before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.engine import Connection

from aicode_mock import usage
from aicode_mock.rows import quote_json
from aicode_mock.tables import CHANGES, MEMBERS
from aicode_mock.teamids import POSITIONS
from aicode_mock.usage import FEE_UNITS, IS_COMPOSER, TENTHS, UNITS, UNKNOWN_MODEL, number_text


@dataclass(frozen=True, slots=True)
class Events:
    """The events of a team (of some members, if not None) within a closed range of milliseconds."""

    team_id: int
    member_ids: tuple[int, ...] | None
    start: int
    end: int

    @property
    def identity(self) -> str:
        """Names exactly these events of the team, as long as the data stay as they are."""
        members = None if self.member_ids is None else [one % POSITIONS for one in self.member_ids]
        return f"events {members} {self.start} {self.end}"

    @property
    def condition(self) -> ColumnElement[bool]:
        """Which changes they are."""
        condition = (CHANGES.c.team_id == self.team_id) & IS_COMPOSER
        condition &= CHANGES.c.created_at.between(self.start, self.end)
        if self.member_ids is not None:
            condition &= CHANGES.c.member_id.in_(self.member_ids) if self.member_ids else false()
        return condition


def count_events(connection: Connection, events: Events) -> int:
    """How many there are."""
    return connection.scalar(select(func.count()).select_from(CHANGES).where(events.condition)) or 0


def events_json(connection: Connection, events: Events, *, offset: int, limit: int) -> Iterable[str]:
    """The items of ``limit`` events after the newest ``offset`` ones."""
    newest_first = (CHANGES.c.created_at.desc(), CHANGES.c.id.desc())
    page = select(CHANGES.c.id).where(events.condition).order_by(*newest_first).offset(offset).limit(limit)
    ids = page.subquery()  # found in the index alone
    rows = connection.execute(_EVENTS.join(ids, ids.c.id == CHANGES.c.id).order_by(*newest_first))
    return (_item(*row) for row in rows)


_EVENTS = (
    select(
        CHANGES.c.created_at,
        CHANGES.c.model,
        usage.one_if(usage.IS_USAGE_BASED),
        usage.one_if(usage.IS_MAX_MODE),
        usage.REQUEST_TENTHS,
        usage.INPUT_TOKENS,
        usage.OUTPUT_TOKENS,
        usage.CACHE_WRITE_TOKENS,
        usage.CACHE_READ_TOKENS,
        usage.COST,
        usage.FEE,
        MEMBERS.c.email,
    )
    .select_from(CHANGES)
    .join(MEMBERS, MEMBERS.c.id == CHANGES.c.member_id)
)


def _item(
    created_at: int,
    model: str | None,
    is_usage_based: int,
    is_max_mode: int,
    request_tenths: int,
    input_tokens: int,
    output_tokens: int,
    cache_write_tokens: int,
    cache_read_tokens: int,
    cost: int,
    fee: int,
    email: str,
) -> str:
    tokens = (
        f'"tokenUsage":{{"inputTokens":{input_tokens},"outputTokens":{output_tokens},'
        f'"cacheWriteTokens":{cache_write_tokens},"cacheReadTokens":{cache_read_tokens},'
        f'"totalCents":{number_text(cost, UNITS)}}},'
    )
    return (
        f'{{"timestamp":"{created_at}","model":{quote_json(model or UNKNOWN_MODEL)},'
        f'"kind":"{"Usage-based" if is_usage_based else "Included in Business"}",'
        f'"maxMode":{_BOOL[is_max_mode]},"requestsCosts":{number_text(request_tenths, TENTHS)},'
        f'"isTokenBasedCall":{_BOOL[is_usage_based]},{tokens if is_usage_based else ""}'
        f'"cursorTokenFee":{number_text(fee if is_usage_based else 0, FEE_UNITS)},'
        f'"isFreeBugbot":false,"userEmail":{quote_json(email)}}}'
    )


_BOOL = ("false", "true")
