"""The parameters of a request: one table for reading them and for the contract files.

A parameter that is absent takes its default, and so does an empty date or user.  Whatever cannot be read is a
sentence for the caller: the parameter's name, what is allowed, what was there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aicode_mock.contract import Contract
from aicode_mock.daterange import ALLOWED, DateRules, shorten
from aicode_mock.entries import IgnoredParameter, Understood
from aicode_mock.nearmiss import near_parameter

DEFAULT_PAGE_SIZE = 100
LARGEST = 2**53 - 1  # beyond it JSON numbers lose digits
_NUMBER = re.compile(r"\d{1,16}", re.ASCII)
_WITHOUT_DEFAULT = ("user", "branch", "email", "userId", "searchTerm")
_MOST_IGNORED, _MOST_SHOWN = 20, 100


class NotFoundError(ValueError):
    """What is asked for is not there, and the contract minds."""


class BadRequestError(ValueError):
    """A parameter cannot be understood; the message is written for the API's caller."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the contract files describe it, in a query or in a body; ``schema`` is JSON Schema."""

    name: str
    schema: Mapping[str, Any]
    about: str
    is_required: bool = False


_DAY = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"
_DATE_SCHEMA = MappingProxyType(
    {
        "anyOf": [  # Swagger UI goes by the first alone: an enum is a list there, a pattern the rule
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
            {"type": "string", "pattern": "^(?:now|today|yesterday|[0-9]{1,4}d)?$"},
            {"type": "string", "pattern": f"^[1-9][0-9]{{3}}-{_DAY}[T ]{_TIME}$"},  # without a zone
        ],
    }
)
START_DATE = Parameter(
    "startDate",
    {**_DATE_SCHEMA, "default": "7d"},
    f"Begin of the range, included: {ALLOWED}. Empty is the default.",
)
END_DATE = Parameter(
    "endDate",
    {**_DATE_SCHEMA, "default": "now"},
    "End of the range, included; written like startDate. A bare date is 00:00 UTC.",
)
USER = Parameter("user", {"type": "string"}, "Only rows of this member: e-mail, `user_…` id, or numeric id.")
PAGE = Parameter(
    "page",
    {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": 1},
    "Number of the page, from 1.",
)
PAGE_SIZE = Parameter(
    "pageSize",
    {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": DEFAULT_PAGE_SIZE},
    "Items a page; more than 1000 are served as 1000.",
)
BRANCH = Parameter("branch", {"type": "string"}, "Only commits on this branch.")

CSV_PARAMETERS = (START_DATE, END_DATE, USER)
JSON_PARAMETERS = (START_DATE, END_DATE, PAGE, PAGE_SIZE, USER)


def read_parameters(
    pairs: Iterable[tuple[str, str]], known: tuple[Parameter, ...], contract: Contract
) -> dict[str, str]:
    """The parameters that are there, by name.

    Raises:
        BadRequestError: one is repeated or unknown, where the contract minds.
    """
    names = {parameter.name for parameter in known}
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in names:
            if contract.switches.unknown_parameter == "400":
                raise BadRequestError(
                    f"unknown parameter {shorten(name)} (allowed: {', '.join(sorted(names))})"
                )
        elif name not in found or contract.switches.repeated_parameter == "last":
            found[name] = value
        elif contract.switches.repeated_parameter == "400":
            raise BadRequestError(
                f"{name} must not be repeated: got {shorten(found[name])} and {shorten(value)}"
            )
    return found


@dataclass(frozen=True, slots=True)
class PageWanted:
    """The ``number``-th page, from 1, of ``size`` items, which may be less than was asked for."""

    number: int
    size: int
    asked_size: int

    @property
    def offset(self) -> int:
        """Items before the page."""
        return (self.number - 1) * self.size


def understand(
    pairs: Iterable[tuple[str, str]],
    known: tuple[Parameter, ...],
    *,
    misplaced: Iterable[tuple[str, str]] = (),
) -> Understood:
    """What the real service would not tell: the defaults that it took, the parameters that it ignored.

    ``misplaced`` are those in the query of an endpoint that reads its body.
    """
    names = [parameter.name for parameter in known]
    given = dict(pairs)
    ignored = [(name, near_parameter(name, names)) for name in given if name not in names]
    beside = [(name, near_parameter(name, names)) for name in dict(misplaced)]
    ignored += [(name, near and f"{near} in the body") for name, near in beside]
    return Understood(
        defaults=[
            one.name
            for one in known
            if not given.get(one.name) and not one.is_required and one.name not in _WITHOUT_DEFAULT
        ],
        ignored=[
            IgnoredParameter(name=name[:_MOST_SHOWN], didYouMean=near)
            for name, near in ignored[:_MOST_IGNORED]
        ],
    )


def read_page(
    parameters: Mapping[str, str], contract: Contract, *, default_size: int = DEFAULT_PAGE_SIZE
) -> PageWanted:
    """Page and page size as they will be served.

    Raises:
        BadRequestError: one is no integer from 1, or the size is too large where the contract minds.
    """
    switches = contract.switches
    lenient = switches.invalid_page == "default"
    page = _whole(parameters, PAGE, default=1, lenient=lenient)
    usual = min(default_size, switches.max_page_size)
    asked = _whole(parameters, PAGE_SIZE, default=usual, lenient=lenient)
    if asked > switches.max_page_size and switches.oversized_page == "reject":
        raise BadRequestError(f"pageSize must be an integer from 1 to {switches.max_page_size}: got {asked}")
    return PageWanted(page, size=min(asked, switches.max_page_size), asked_size=asked)


def date_rules(contract: Contract, *, csv: bool) -> DateRules:
    """How this contract reads dates."""
    switches = contract.switches
    capped = switches.max_range_days != "off" and (not csv or switches.csv_range_cap == "on")
    return DateRules(
        max_days=switches.max_range_days if capped and isinstance(switches.max_range_days, int) else None,
        epoch_ms=switches.dates == "lenient",
        end_of_day=switches.date_only_end == "end_of_day",
        allow_reversed=switches.reversed_range == "empty",
    )


def _whole(parameters: Mapping[str, str], parameter: Parameter, *, default: int, lenient: bool) -> int:
    text = parameters.get(parameter.name)
    if text is None:
        return default
    if _NUMBER.fullmatch(text) and 1 <= int(text) <= LARGEST:
        return int(text)
    if lenient:
        return default
    raise BadRequestError(f"{parameter.name} must be an integer from 1 to {LARGEST}: got {shorten(text)}")
