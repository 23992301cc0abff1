"""What callers of the control plane write: names that are no fields are refused with the right ones."""

import json
from difflib import get_close_matches
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from aicode_mock.daterange import shorten

_MOST_SHOWN = 80  # characters


class Input(BaseModel):
    """A value that a caller writes; nothing in it may be misspelt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, given: object) -> object:
        unknown = [name for name in given if name not in cls.model_fields] if isinstance(given, dict) else []
        if unknown:
            raise ValueError(unknown_name("field", str(unknown[0]), list(cls.model_fields)))
        return given


def shorten_json(value: object) -> str:
    """A value of JSON for a message, as it was sent; cut when it is long."""
    return shorten(value) if isinstance(value, str) else _cut(json.dumps(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… ({len(text)} characters)"


def unknown_name(what: str, name: str, allowed: list[str]) -> str:
    """The complaint about a name that is none of those allowed."""
    near = get_close_matches(name.replace("_", "").lower(), {one.lower(): one for one in allowed}, n=1)
    hint = next((f", did you mean {one}?" for one in allowed if near and one.lower() == near[0]), "")
    return f"unknown {what} {shorten(name)}{hint} (allowed: {', '.join(allowed) or 'none'})"


def _switch_text(value: object) -> object:
    match value:
        case bool():
            return "on" if value else "off"
        case int():
            return str(value)
        case str() | None:
            return value
        case _:
            raise ValueError(f"must be a text, a whole number, true or false: got {shorten_json(value)}")


SwitchText = Annotated[
    str, BeforeValidator(_switch_text, json_schema_input_type=StrictStr | StrictInt | StrictBool)
]
"""The value of a switch of the contract, as text; true and false are ``on`` and ``off``."""
