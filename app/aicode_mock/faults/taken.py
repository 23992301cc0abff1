"""A fault that hits a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from aicode_mock.faults.actions import Action

ActionT = TypeVar("ActionT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Taken:
    """A fault that hits a request, for the ``hit``-th time."""

    number: int
    action: Action
    hit: int = 1


def actions_of(taken: Iterable[Taken], kind: type[ActionT]) -> list[ActionT]:
    """The actions of one kind."""
    return [one.action for one in taken if isinstance(one.action, kind)]
