"""A request arrives: whose key it carries, into which world it leads, which faults wait there."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection
from starlette.requests import Request

from aicode_mock.atonce import Resources
from aicode_mock.clock import Clock, to_ms
from aicode_mock.credentials import Credentials
from aicode_mock.directory import Caller, Surroundings, clock_of, surroundings_of
from aicode_mock.endpoints import Endpoint
from aicode_mock.faults.effects import NO_HITS, Hits, Visit
from aicode_mock.sandboxes import may_open, open_sandbox
from aicode_mock.selection import RowKind
from aicode_mock.targets import sent_credentials, sent_parameters
from aicode_mock.worldrecords import has_world
from aicode_mock.worldtables import MAIN_WORLD

_MOST_OPENINGS = 5  # of one sandbox for one request: somebody may drop all worlds in between


@dataclass(slots=True)
class Visitor:
    """Who asks, where: a world always, the default one for unknown keys.

    ``connection`` is the snapshot that the whole answer is made from; ``held`` lets go of it.
    ``fault_numbers`` are those of ``hits``, for the journal.
    """

    resources: Resources
    world: Surroundings
    caller: Caller | None
    credentials: Credentials | None
    connection: Connection
    held: ExitStack
    hits: Hits = NO_HITS
    fault_numbers: list[int] = field(default_factory=list)

    @property
    def has_accepted_credentials(self) -> bool:
        """Whether the contract takes a key in the form in which it came."""
        return self.credentials is not None and self.credentials.are_accepted(self.world.contract.switches)

    def now(self) -> datetime:
        """The present instant on the world's clock, which may be set meanwhile."""
        with self.resources.store.reading() as connection:
            return clock_of(connection, self.world.world_id).now()

    def give_back(self, missed: tuple[int, ...]) -> None:
        """Take hits back from faults that found nothing to do in the answer."""
        if not missed:
            return
        from aicode_mock.faults.book import give_back

        self.fault_numbers[:] = [number for number in self.fault_numbers if number not in missed]
        with self.resources.store.writing() as connection:
            give_back(connection, self.world.world_id, missed)

    def enter_again(self, hits: Hits) -> None:
        """Come into a snapshot of now; faults stay behind if their world is gone."""
        now = _enter(self.resources, self.credentials, self.held)
        self.hits = hits if now.world.world_id == self.world.world_id else NO_HITS
        self.fault_numbers[:] = self.hits.numbers
        self.world, self.caller, self.connection = now.world, now.caller, now.connection


def arrive(resources: Resources, request: Request, endpoint: Endpoint | None, held: ExitStack) -> Visitor:
    """Find the world of a request, and open it for a new sandbox key; its faults are counted."""
    credentials = sent_credentials(request.scope)
    visitor = _enter(resources, credentials, held)
    tries = _MOST_OPENINGS
    while tries and credentials and not visitor.caller and may_open(visitor.connection, credentials.key):
        held.close()  # what is written now is not in the snapshot
        with resources.store.rearranging() as connection:
            is_open = open_sandbox(connection, credentials.key, now=to_ms(Clock().now()))
        visitor = _enter(resources, credentials, held)
        tries = tries - 1 if is_open else 0
    if visitor.world.has_faults:
        _meet_faults(visitor, _visit(visitor, request, endpoint))
    return visitor


def _meet_faults(visitor: Visitor, visit: Visit) -> None:
    """Let the faults hit that wait for such a visit; only if one may, is something written."""
    from aicode_mock.faults.book import is_expected, take  # most worlds have none

    world_id = visitor.world.world_id
    if not is_expected(visitor.connection, world_id, visit):
        return
    visitor.resources.take_time()
    from aicode_mock.faults.hits import FaultHits

    visitor.held.close()
    with visitor.resources.store.writing() as connection:
        taken = take(connection, world_id, visit)
    visitor.enter_again(FaultHits(taken) if taken else NO_HITS)


def let_rows_arrive(visitor: Visitor, caller: Caller, kind: RowKind) -> bool:
    """Put in what faults let arrive now; False if the world is gone, or the team has no rows to repeat."""
    from aicode_mock.ingest import repeat_newest  # few requests have such a fault

    visitor.held.close()
    world, arrived = visitor.world, False
    with visitor.resources.store.rearranging() as connection:
        if has_world(connection, world.world_id):
            for _ in range(visitor.hits.new_rows):
                arrived = repeat_newest(connection, world.world_id, caller.name, kind, now=world.clock.now())
    visitor.enter_again(visitor.hits)
    return arrived


def _enter(resources: Resources, credentials: Credentials | None, held: ExitStack) -> Visitor:
    connection = held.enter_context(resources.store.reading())
    caller = resources.find_caller(connection, credentials.key) if credentials else None
    world = caller.world if caller else surroundings_of(connection, MAIN_WORLD)
    return Visitor(resources, world, caller, credentials, connection, held)


def _visit(visitor: Visitor, request: Request, endpoint: Endpoint | None) -> Visit:
    return Visit(
        endpoint=endpoint.name if endpoint else None,
        team=visitor.caller.name if visitor.caller else None,
        method=request.method,
        path=request.scope["path"],
        query=sent_parameters(request.scope),
    )
