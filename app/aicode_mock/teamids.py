"""Ids of what a team has: ``first_id(team) + position``, so two copies of a team differ by one number."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whoever makes rows need not load what reads them
    from sqlalchemy import Column, ColumnElement

POSITIONS = 2**32  # room for the rows of one team


def first_id(team_id: int) -> int:
    """The id of the team's row at position 0."""
    return team_id * POSITIONS


def owned_by(team_id: int, ids: "Column[int]") -> "ColumnElement[bool]":
    """Whether an id is of something that the team has."""
    return ids.between(first_id(team_id), first_id(team_id + 1) - 1)
