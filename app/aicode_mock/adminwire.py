"""The typed contract of the endpoints under ``/teams``, which clients call in the same run.

Field order is the documented order.  Instants are whole milliseconds since 1970.

Source: the vendor's Admin API page (documented); ``id`` and ``isRemoved`` of a member are
what clients read (observed).
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict
from pydantic.json_schema import SkipJsonSchema

from aicode_mock.wire import Shape, UserId


def _drop_default(schema: JsonDict) -> None:
    """What may be left out is never null, so null is no default."""
    schema.pop("default", None)


_MAY_BE_LEFT_OUT = Field(json_schema_extra=_drop_default)

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[int | float, Field(ge=0)]
Milliseconds = Annotated[int, Field(ge=0, description="Milliseconds since 1970.")]
Role = Literal["owner", "member"]


class TeamMember(Shape):
    """A member of the team; a removed one is still listed."""

    id: Annotated[UserId | SkipJsonSchema[None], _MAY_BE_LEFT_OUT] = None
    name: str
    email: str
    role: Role
    isRemoved: Annotated[bool | SkipJsonSchema[None], _MAY_BE_LEFT_OUT] = None


class TeamMembers(Shape):
    """All members of the team."""

    teamMembers: list[TeamMember]


class Period(Shape):
    """The range that was asked for."""

    startDate: Milliseconds
    endDate: Milliseconds


class DailyUsage(Shape):
    """What a member did on a day, UTC."""

    date: Annotated[int, Field(ge=0, description="00:00 UTC of the day, in milliseconds since 1970.")]
    isActive: Annotated[bool, Field(description="Whether there are changes or commits of the day.")]
    totalLinesAdded: Annotated[Count, Field(description="Accepted lines, and those of commits no AI wrote.")]
    totalLinesDeleted: Count
    acceptedLinesAdded: Annotated[Count, Field(description="Lines of the day's changes.")]
    acceptedLinesDeleted: Count
    totalApplies: Annotated[Count, Field(description="totalAccepts and totalRejects.")]
    totalAccepts: Annotated[Count, Field(description="COMPOSER changes of the day.")]
    totalRejects: Count
    totalTabsShown: Count
    totalTabsAccepted: Annotated[Count, Field(description="TAB changes of the day.")]
    composerRequests: Annotated[Count, Field(description="With agentRequests: COMPOSER changes.")]
    chatRequests: Count
    agentRequests: Count
    cmdkUsages: Count
    subscriptionIncludedReqs: Annotated[Count, Field(description="Usage events that are included.")]
    apiKeyReqs: Count
    usageBasedReqs: Annotated[Count, Field(description="Usage events that are usage-based.")]
    bugbotUsages: Count
    mostUsedModel: Annotated[str, Field(description="Of the day's COMPOSER changes; empty without any.")]
    applyMostUsedExtension: Annotated[str, Field(description="Likewise, with its dot.")]
    tabMostUsedExtension: Annotated[str, Field(description="Of the day's TAB changes.")]
    clientVersion: str
    email: str


class DailyUsageData(Shape):
    """Daily usage, oldest day first."""

    data: list[DailyUsage]
    period: Period


class Pagination(Shape):
    """The page that was served."""

    numPages: Annotated[int, Field(ge=1)]
    currentPage: Annotated[int, Field(ge=1)]
    pageSize: Annotated[int, Field(ge=1)]
    hasNextPage: bool
    hasPreviousPage: bool


class TokenUsage(Shape):
    """Tokens of a call, and what they cost."""

    inputTokens: Count
    outputTokens: Count
    cacheWriteTokens: Count
    cacheReadTokens: Count
    totalCents: Amount


class UsageEvent(Shape):
    """A call of a model: there is one for each COMPOSER change."""

    timestamp: Annotated[str, Field(pattern=r"^\d+$", description="Milliseconds since 1970, as a text.")]
    model: Annotated[str, Field(description="`default` where the change has none.")]
    kind: Literal["Usage-based", "Included in Business"]
    maxMode: bool
    requestsCosts: Annotated[Amount, Field(description="Cost in requests.")]
    isTokenBasedCall: bool
    tokenUsage: Annotated[TokenUsage | SkipJsonSchema[None], _MAY_BE_LEFT_OUT] = None
    cursorTokenFee: Annotated[Amount, Field(description="Cents, beside tokenUsage.totalCents.")]
    isFreeBugbot: bool
    userEmail: str


class UsageEvents(Shape):
    """A page of usage events, newest first."""

    totalUsageEventsCount: Annotated[int, Field(ge=0, description="Of the whole query.")]
    pagination: Pagination
    usageEvents: list[UsageEvent]
    period: Period


class MemberSpend(Shape):
    """What a member has spent in the subscription cycle."""

    spendCents: Annotated[Count, Field(description="The usage events of the cycle: cents and token fees.")]
    fastPremiumRequests: Annotated[Count, Field(description="Usage events of the cycle that are included.")]
    name: str
    email: str
    role: Role
    hardLimitOverrideDollars: Count


class TeamSpend(Shape):
    """A page of members, with what they have spent."""

    teamMemberSpend: list[MemberSpend]
    subscriptionCycleStart: Milliseconds
    totalMembers: Annotated[int, Field(ge=0, description="Members of the whole query.")]
    totalPages: Annotated[int, Field(ge=1)]
