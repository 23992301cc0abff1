"""The fields of bodies that are posted: one table for reading them and for the contract files.

Source: names, types and defaults documented; the default size of a page of spend assumed.
"""

from types import MappingProxyType
from typing import Any

from aicode_mock.query import LARGEST, Parameter

LATEST_MS = 253_402_300_799_999  # the end of the year 9999


def _milliseconds(name: str, about: str, *, is_required: bool = False) -> Parameter:
    schema = {"type": "number" if is_required else ["number", "null"], "minimum": 0, "maximum": LATEST_MS}
    return Parameter(name, schema, about, is_required)


def _whole(name: str, about: str, *, default: int | None = None, largest: int = LARGEST) -> Parameter:
    schema: dict[str, Any] = {"type": ["integer", "null"], "minimum": 1, "maximum": largest}
    return Parameter(name, schema if default is None else {**schema, "default": default}, about)


_TEXT = MappingProxyType({"type": ["string", "null"]})

FROM_DAY = _milliseconds(
    "startDate", "Begin of the range, in milliseconds since 1970; its whole day is told.", is_required=True
)
TO_DAY = _milliseconds("endDate", "End of the range; a day that begins then is not told.", is_required=True)
FROM = _milliseconds("startDate", "Begin of the range, included; 30 days before its end unless given.")
TO = _milliseconds("endDate", "End of the range, included; now unless given.")
USER_ID = _whole("userId", "Only events of the member with this numeric id.")
EMAIL = Parameter("email", _TEXT, "Only events of the member with this address, whatever its case.")
PAGE = _whole("page", "Number of the page, from 1.", default=1)
PAGE_OF_10 = _whole("pageSize", "Items a page; more than 1000 are served as 1000.", default=10)
PAGE_OF_100 = _whole("pageSize", "Members a page; more than 1000 are served as 1000.", default=100)
SEARCH = Parameter("searchTerm", _TEXT, "Only members whose name or address holds this, whatever its case.")
SORT_BY = Parameter(
    "sortBy",
    MappingProxyType({"enum": ["amount", "date", "user", None], "default": "date"}),
    "By what members have spent, the instant of their last usage event, or their name.",
)
SORT_DIRECTION = Parameter(
    "sortDirection", MappingProxyType({"enum": ["asc", "desc", None], "default": "desc"}), "The order."
)

DAILY_USAGE_FIELDS = (FROM_DAY, TO_DAY)
EVENT_FIELDS = (FROM, TO, USER_ID, PAGE, PAGE_OF_10, EMAIL)
SPEND_FIELDS = (SEARCH, SORT_BY, SORT_DIRECTION, PAGE, PAGE_OF_100)
