"""What each member has spent in a subscription cycle: sums over the usage events of its days."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.engine import Connection

from aicode_mock import usage
from aicode_mock.clock import start_of_day
from aicode_mock.directory import MemberEntry
from aicode_mock.prepared import Prepared
from aicode_mock.tables import CHANGES
from aicode_mock.usage import IS_COMPOSER, UNITS

_LIMIT_DOLLARS = 100


@dataclass(frozen=True, slots=True)
class Spend:
    """A member's usage in a cycle; ``newest`` is the instant of the last event, 0 without any."""

    member: MemberEntry
    cents: int = 0
    included: int = 0
    newest: int = 0

    @property
    def limit_dollars(self) -> int:
        """The limit of one's own that every fourth member has, 0 for none."""
        return _LIMIT_DOLLARS if self.member.numeric_id % 4 == 0 else 0


def cycle_start(now: datetime, *, day: int) -> datetime:
    """00:00 UTC of the last ``day`` of a month up to now; in shorter months of their last day."""
    start = _on_day(now, day)
    return start if start <= now else _on_day(now.replace(day=1) - timedelta(days=1), day)


def spends_of(
    connection: Connection, team_id: int, members: Iterable[MemberEntry], *, start: int, end: int
) -> list[Spend]:
    """What members have spent, who are there or have spent something, in their order.

    ``start`` and ``end`` are milliseconds, both included.
    """
    bounds = {"team": team_id, "start": start, "end": end}
    sums = {row[0]: row[1:] for row in _SUMS.all(connection, bounds)}
    return [_spend(one, sums) for one in members if one.member_id in sums or not one.is_removed]


def arrange(spends: Iterable[Spend], *, search: str | None, by: str, descending: bool) -> list[Spend]:
    """Those whose name or address holds a text, whatever its case, by ``amount``, ``date`` or ``user``.

    Members who are equal stay in their order, whatever the direction.
    """
    wanted = (search or "").casefold()
    found = [
        one for one in spends if wanted in one.member.name.casefold() or wanted in one.member.email.casefold()
    ]
    return sorted(found, key=lambda one: _key(one, by), reverse=descending)


def _key(one: Spend, by: str) -> tuple[int | str, ...]:
    match by:
        case "amount":
            return (one.cents,)
        case "date":
            return (one.newest,)
        case _:
            return (one.member.name.casefold(), one.member.email.casefold())


def _spend(member: MemberEntry, sums: Mapping[int, Sequence[int]]) -> Spend:
    units, included, newest = sums.get(member.member_id, (0, 0, 0))
    return Spend(member, cents=(units + UNITS // 2) // UNITS, included=included, newest=newest)


def _on_day(month: datetime, day: int) -> datetime:
    return start_of_day(month).replace(day=min(day, monthrange(month.year, month.month)[1]))


_SUMS = Prepared(
    select(
        CHANGES.c.member_id,
        cast(func.sum(usage.SPENT), BigInteger),
        func.sum(1 - usage.one_if(usage.IS_USAGE_BASED)),
        func.max(CHANGES.c.created_at),
    )
    .where(
        CHANGES.c.team_id == bindparam("team"),
        IS_COMPOSER,
        CHANGES.c.created_at.between(
            bindparam("start", type_=BigInteger), bindparam("end", type_=BigInteger)
        ),
    )
    .group_by(CHANGES.c.member_id)
)
