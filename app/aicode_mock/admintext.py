"""What is sent of the endpoints under ``/teams``, as text.

``adminwire`` describes it, and tests hold the two together.
"""

import json
from collections.abc import Iterable

from aicode_mock.adminwire import TeamMember, TeamMembers
from aicode_mock.dailyusage import Tally, most
from aicode_mock.directory import MemberEntry
from aicode_mock.spending import Spend
from aicode_mock.usage import DAY_MS

Period = tuple[int, int]
"""Begin and end of a range as it was asked for, in milliseconds."""


def members_text(members: Iterable[MemberEntry], *, with_all_fields: bool) -> str:
    """The members; without all fields, those that are documented."""
    listed = TeamMembers(
        teamMembers=[
            TeamMember(
                id=one.user_id, name=one.name, email=one.email, role=one.role, isRemoved=one.is_removed
            )
            for one in members
        ]
    )
    hidden = None if with_all_fields else {"teamMembers": {"__all__": {"id", "isRemoved"}}}
    return listed.model_dump_json(exclude=hidden)


def usage_text(day: int, member: MemberEntry, tally: Tally | None) -> str:
    """What a member did on a day (counted from 1970); None is nothing."""
    did = tally or Tally()
    sums = did.sums
    return _text(
        {
            "date": day * DAY_MS,
            "isActive": tally is not None,
            "totalLinesAdded": sums["accepted_added"] + sums["other_added"],
            "totalLinesDeleted": sums["accepted_deleted"] + sums["other_deleted"],
            "acceptedLinesAdded": sums["accepted_added"],
            "acceptedLinesDeleted": sums["accepted_deleted"],
            "totalApplies": sums["composer"] + sums["rejects"],
            "totalAccepts": sums["composer"],
            "totalRejects": sums["rejects"],
            "totalTabsShown": sums["tabs_shown"],
            "totalTabsAccepted": sums["tabs"],
            "composerRequests": sums["composer"] - sums["agent"],
            "chatRequests": 0,
            "agentRequests": sums["agent"],
            "cmdkUsages": 0,
            "subscriptionIncludedReqs": sums["composer"] - sums["usage_based"],
            "apiKeyReqs": 0,
            "usageBasedReqs": sums["usage_based"],
            "bugbotUsages": 0,
            "mostUsedModel": most(did.models),
            "applyMostUsedExtension": _dotted(most(did.apply_extensions)),
            "tabMostUsedExtension": _dotted(most(did.tab_extensions)),
            "clientVersion": _client_version(day, member),
            "email": member.email,
        }
    )


def daily_text(rows: Iterable[str], period: Period) -> str:
    """The envelope of daily usage."""
    return f'{{"data":[{",".join(rows)}],"period":{_period_text(period)}}}'


def events_text(items: Iterable[str], *, total: int, pages: int, page: int, size: int, period: Period) -> str:
    """The envelope of a page of usage events."""
    pagination = {
        "numPages": pages,
        "currentPage": page,
        "pageSize": size,
        "hasNextPage": page < pages,
        "hasPreviousPage": page > 1,
    }
    return (
        f'{{"totalUsageEventsCount":{total},"pagination":{_text(pagination)},'
        f'"usageEvents":[{",".join(items)}],"period":{_period_text(period)}}}'
    )


def spend_text(spends: Iterable[Spend], *, start: int, total: int, pages: int) -> str:
    """A page of members; ``start`` is that of the cycle."""
    members = [
        {
            "spendCents": one.cents,
            "fastPremiumRequests": one.included,
            "name": one.member.name,
            "email": one.member.email,
            "role": one.member.role,
            "hardLimitOverrideDollars": one.limit_dollars,
        }
        for one in spends
    ]
    return _text(
        {
            "teamMemberSpend": members,
            "subscriptionCycleStart": start,
            "totalMembers": total,
            "totalPages": pages,
        }
    )


def _period_text(period: Period) -> str:
    return _text({"startDate": period[0], "endDate": period[1]})


def _dotted(extension: str) -> str:
    return f".{extension}" if extension else ""


def _client_version(day: int, member: MemberEntry) -> str:
    """A version that everybody gets within two days, and that changes every fortnight."""
    return f"1.{(day - member.numeric_id % 3) // 14 % 1000}.0"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
