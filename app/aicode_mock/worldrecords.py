"""The record of a world: whether it is there, its data set, its contract and clock.

Every function works within the caller's transaction.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from aicode_mock.clock import Clock, to_ms
from aicode_mock.contract import LATEST, Behavior
from aicode_mock.worldtables import SANDBOX_PREFIX, WORLDS

WORLD_ID_RULE = "1 to 200 of the characters A-Z a-z 0-9 and -._~!$&'()*+,;=@[], no dots alone"
_WORLD_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-._~!$&'()*+,;=@\[\]]{1,200}", re.ASCII)
_MILLISECOND = timedelta(milliseconds=1)


def is_world_id(text: str) -> bool:
    """Whether a text can be the id of a world: it stands for itself in a path and in a Basic header."""
    return _WORLD_ID.fullmatch(text) is not None


class NoWorldError(LookupError):
    """There is no such world."""

    def __init__(self, world_id: str) -> None:
        """``world_id`` may be the key of a sandbox that nobody has opened."""
        super().__init__(f"there is no world {world_id!r}{_how_to_open(world_id)}")


def _how_to_open(world_id: str) -> str:
    if not world_id.startswith(SANDBOX_PREFIX):
        return ""
    if not is_world_id(world_id):
        return f": no sandbox can have this name, which must be {WORLD_ID_RULE}"
    return (
        ": a sandbox opens with the first request of its key, or the first change, unless that is the "
        "key of another world"
    )


@dataclass(frozen=True, slots=True)
class Conditions:
    """The contract and clock of a world, as the store keeps them; ``settings`` is JSON."""

    revision: str = LATEST
    behavior: str = Behavior.DOCUMENTED
    settings: str = "{}"
    frozen_at: int | None = None
    offset_ms: int = 0

    @classmethod
    def read(cls, text: str) -> "Conditions":
        """The conditions that ``text`` holds as JSON."""
        return cls(**json.loads(text))

    @classmethod
    def of(
        cls,
        revision: str,
        behavior: str,
        settings: Mapping[str, str],
        *,
        frozen_at: int | None,
        offset_ms: int,
    ) -> "Conditions":
        """The conditions of a contract that ``contract.resolve`` accepts, and of a clock."""
        return cls(revision, behavior, json.dumps(dict(settings)), frozen_at, offset_ms)

    @property
    def text(self) -> str:
        """The conditions as JSON."""
        return json.dumps(asdict(self))

    @property
    def settings_by_name(self) -> dict[str, str]:
        """The switches that are set, as text."""
        return dict(json.loads(self.settings))

    @property
    def clock(self) -> Clock:
        """The clock."""
        return Clock.of(frozen_at=self.frozen_at, offset_ms=self.offset_ms)

    def with_contract(self, revision: str, behavior: str, settings: Mapping[str, str]) -> "Conditions":
        """These conditions under another contract."""
        return replace(self, revision=revision, behavior=behavior, settings=json.dumps(dict(settings)))

    def with_clock(self, clock: Clock) -> "Conditions":
        """These conditions under another clock."""
        frozen_at = None if clock.frozen_at is None else to_ms(clock.frozen_at)
        return replace(self, frozen_at=frozen_at, offset_ms=clock.offset // _MILLISECOND)


def has_world(connection: Connection, world_id: str) -> bool:
    """Whether there is such a world."""
    return connection.scalar(select(WORLDS.c.id).where(WORLDS.c.id == world_id)) is not None


def expect_world(connection: Connection, world_id: str) -> None:
    """Go on if there is such a world.

    Raises:
        NoWorldError: there is none.
    """
    if not has_world(connection, world_id):
        raise NoWorldError(world_id)


def hold_world(connection: Connection, world_id: str) -> None:
    """Wait for whoever changes a world, and let nobody else before the transaction ends.

    Raises:
        NoWorldError: there is none.
    """
    held = select(WORLDS.c.id).where(WORLDS.c.id == world_id).with_for_update()  # PostgreSQL: writers meet
    if connection.scalar(held) is None:
        raise NoWorldError(world_id)


def dataset_of(connection: Connection, world_id: str) -> int:
    """The data set of a world.

    Raises:
        NoWorldError: there is none.
    """
    dataset_id = connection.scalar(select(WORLDS.c.dataset_id).where(WORLDS.c.id == world_id))
    if dataset_id is None:
        raise NoWorldError(world_id)
    return int(dataset_id)


def conditions_of(connection: Connection, world_id: str) -> Conditions:
    """The present contract and clock of a world.

    Raises:
        NoWorldError: there is none.
    """
    names = tuple(Conditions.__dataclass_fields__)
    row = connection.execute(select(*WORLDS.c[names]).where(WORLDS.c.id == world_id)).one_or_none()
    if row is None:
        raise NoWorldError(world_id)
    return Conditions(*row)


def read_created(connection: Connection, world_id: str) -> Conditions:
    """The contract and clock that a world which exists was created with."""
    created_as = select(WORLDS.c.created_as).where(WORLDS.c.id == world_id)
    return Conditions.read(connection.execute(created_as).scalar_one())


def set_conditions(
    connection: Connection, world_id: str, conditions: Conditions, *, as_created: bool = False
) -> None:
    """Give a world another contract and clock; ``as_created`` lets ``reset_world`` go back to them."""
    created = {"created_as": conditions.text} if as_created else {}
    values = {**asdict(conditions), **created}
    connection.execute(update(WORLDS).where(WORLDS.c.id == world_id).values(values))
