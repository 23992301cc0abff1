"""Reading bodies: a JSON object, whose fields are the endpoint's parameters.

A field of the endpoint that is null is absent.  Whatever cannot be read is a sentence for
the caller: the field's name, what is allowed, what was there.

Source: fields and types documented; what is refused, and how, is assumed.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from aicode_mock.bodies import MOST_BYTES, Body, parse, printable, text_of
from aicode_mock.bodyfields import LATEST_MS
from aicode_mock.clock import from_ms
from aicode_mock.contract import Contract
from aicode_mock.daterange import shorten
from aicode_mock.nearmiss import near_parameter
from aicode_mock.query import LARGEST, PAGE, PAGE_SIZE, BadRequestError, Parameter

_JSON = "application/json"
_MILLISECONDS = f"milliseconds since 1970, a number from 0 to {LATEST_MS}"


def read_fields(body: Body, known: tuple[Parameter, ...], contract: Contract) -> dict[str, Any]:
    """The fields that are there and not null, by name.

    Raises:
        BadRequestError: there is no JSON object, or one with an unknown field, or without one
            that is required, where the contract minds.
    """
    given = _object(body, contract)
    names = [parameter.name for parameter in known]
    unknown = [name for name in given if name not in names]
    if unknown and contract.switches.unknown_field == "400":
        near = near_parameter(unknown[0], names)
        hint = f", did you mean {near}?" if near else ""
        raise BadRequestError(f"unknown field {shorten(unknown[0])}{hint} (allowed: {', '.join(names)})")
    found = {name: value for name, value in given.items() if value is not None}
    for parameter in known:
        if parameter.is_required and parameter.name not in found:
            raise BadRequestError(f"{parameter.name} is required: {_MILLISECONDS}")
    return found


def read_instant(fields: Mapping[str, Any], parameter: Parameter) -> datetime | None:
    """A number of milliseconds since 1970, parts of them left out; None if it is absent.

    Raises:
        BadRequestError: it is no number, or out of range.
    """
    value = fields.get(parameter.name)
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value <= LATEST_MS:
        raise BadRequestError(f"{parameter.name} must be {_MILLISECONDS}: got {_shown(value)}")
    return from_ms(math.floor(value))


def read_whole(fields: Mapping[str, Any], parameter: Parameter) -> int | None:
    """A whole number from 1; None if it is absent.

    Raises:
        BadRequestError: it is none.
    """
    value = fields.get(parameter.name)
    if value is None:
        return None
    if not _is_number(value) or not 1 <= value <= LARGEST or value != math.floor(value):
        raise BadRequestError(
            f"{parameter.name} must be a whole number from 1 to {LARGEST}: got {_shown(value)}"
        )
    return int(value)


def read_text(fields: Mapping[str, Any], parameter: Parameter) -> str | None:
    """A text; None if it is absent, or empty.

    Raises:
        BadRequestError: it is none.
    """
    value = fields.get(parameter.name)
    if value is not None and not (isinstance(value, str) and printable(value) == value):
        raise BadRequestError(f"{parameter.name} must be a text: got {_shown(value)}")
    return value or None


def read_choice(fields: Mapping[str, Any], parameter: Parameter) -> str:
    """One of the values that the parameter lists; its default if it is absent.

    Raises:
        BadRequestError: it is none of them.
    """
    value = fields.get(parameter.name, parameter.schema["default"])
    allowed = [one for one in parameter.schema["enum"] if one is not None]
    if value not in allowed:
        raise BadRequestError(f"{parameter.name} must be {', '.join(allowed)}: got {_shown(value)}")
    return str(value)


def page_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """Page and page size for the reader of queries, who takes numbers as digits; texts stay in quotes."""
    return {
        name: json.dumps(value) if isinstance(value, str) else text_of(value)
        for name, value in fields.items()
        if name in (PAGE.name, PAGE_SIZE.name)
    }


def _object(body: Body, contract: Contract) -> Mapping[str, Any]:
    switches = contract.switches
    if not body.is_whole:
        raise BadRequestError(f"the body must have at most {MOST_BYTES} bytes")
    if not body.data.strip():
        if switches.empty_body == "defaults":
            return {}
        raise BadRequestError("the body must be a JSON object: got nothing, send {} for all defaults")
    media_type = (body.content_type or "").partition(";")[0].strip()
    if media_type.lower() != _JSON and switches.body_type == "json":
        raise BadRequestError(
            f"Content-Type must be {_JSON}: got {shorten(media_type) if media_type else 'none'}"
        )
    try:
        value = parse(body.data)
    except (ValueError, RecursionError) as error:
        reason = f" ({error})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadRequestError(f"the body must be a JSON object: it is no JSON{reason}") from None
    if not isinstance(value, dict):
        raise BadRequestError(f"the body must be a JSON object: got {_shown(value)}")
    return value


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number, and not so large that it is none any more (``1e999``)."""
    return not isinstance(value, bool) and (isinstance(value, int) or _is_finite(value))


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _shown(value: object) -> str:
    text = shorten(text_of(value))
    return text if isinstance(value, str) else text.replace("'", "", 2)
