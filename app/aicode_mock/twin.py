"""The one mutable thing: a store with its worlds, and what is counted and kept for them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from aicode_mock.clock import Clock, to_ms
from aicode_mock.datasets import template_of
from aicode_mock.directory import Caller, find_caller
from aicode_mock.journal import Journal
from aicode_mock.keyring import KeyEntry, give_key, keys_of
from aicode_mock.meters import Meters
from aicode_mock.pagecache import PageCache
from aicode_mock.ratelimit import RateLimits
from aicode_mock.settings import JOURNAL_SIZE
from aicode_mock.store import Store
from aicode_mock.worldfacts import WorldFacts, world_facts
from aicode_mock.worldrecords import (
    Conditions,
    has_world,
    read_created,
    set_conditions,
)
from aicode_mock.worlds import add_world
from aicode_mock.worldtables import MAIN_WORLD

if TYPE_CHECKING:  # what makes rows is loaded when rows are made
    from aicode_mock.parts import Counts
    from aicode_mock.worldplan import WorldPlan


@dataclass(frozen=True, slots=True)
class Twin:
    """Worlds in a store.  Close it to give back its files."""

    store: Store
    limits: RateLimits
    meters: Meters
    journal: Journal
    pages: PageCache

    @classmethod
    def of(cls, store: Store, *, journal_size: int = JOURNAL_SIZE) -> "Twin":
        """``store`` is open and is closed with the twin."""
        meters = Meters(store)
        journal = Journal(store, meters.count, size=journal_size)
        return cls(store, RateLimits(store), meters, journal, PageCache())

    def close(self) -> None:
        """Tell the store what was counted, if it still answers, and close it."""
        with suppress(SQLAlchemyError):
            self.meters.tell()
        self.store.close()

    def find_caller(self, connection: Connection, key: str) -> Caller | None:
        """The team of a key, or None if there is no such key."""
        return find_caller(connection, key)

    def take_time(self) -> None:
        """Go on: requests that are answered with all of a twin may wait, and take long."""

    @property
    def has_main_world(self) -> bool:
        """Whether the store has a default world."""
        with self.store.reading() as connection:
            return has_world(connection, MAIN_WORLD)

    def ensure_main_world(
        self, plan: "WorldPlan", *, progress: Callable[[int], None] | None = None
    ) -> "Counts | None":
        """Make the default world; None if there is one already."""
        with self.store.rearranging() as connection:
            if has_world(connection, MAIN_WORLD):
                return None
            now = to_ms(Clock().now())
            dataset_id, counts = template_of(connection, plan, now=now, progress=progress)
            add_world(connection, MAIN_WORLD, dataset_id=dataset_id, conditions=Conditions(), now=now)
            return counts

    def configure(
        self,
        revision: str,
        behavior: str,
        settings: Mapping[str, str],
        *,
        frozen_at: datetime | None,
        key: str | None,
    ) -> None:
        """Give the default world a contract, a clock and a key, for good: a reset goes back to them.

        If it has been given the same before, its present contract and clock stay: another
        process of this server starts.

        Raises:
            NoEnterpriseTeamError: a key is given, and no team that could have it.
        """
        with self.store.rearranging() as connection:
            conditions = Conditions().with_contract(revision, behavior, settings)
            conditions = conditions.with_clock(Clock(frozen_at))
            if read_created(connection, MAIN_WORLD) != conditions:
                set_conditions(connection, MAIN_WORLD, conditions, as_created=True)
            give_key(connection, MAIN_WORLD, key)

    def keys(self, *, prefix: str) -> list[KeyEntry]:
        """The keys of the default world, one a team: the one with the prefix, or the only one."""
        with self.store.reading() as connection:
            return keys_of(connection, MAIN_WORLD, prefix=prefix)

    def facts(self) -> WorldFacts:
        """What the default world is.

        Raises:
            NoWorldError: the store has none yet.
        """
        with self.store.reading() as connection:
            return world_facts(connection, MAIN_WORLD)
