"""Instants as JSON has them."""

from typing import Annotated

from pydantic import Field

_FORM = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"

Instant = Annotated[
    str, Field(pattern=_FORM, description="UTC, three decimals.", examples=["2026-06-30T00:00:00.000Z"])
]
