"""What holds for every path of the control plane: its parameters are known, its sandbox is open."""

from collections.abc import Callable

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from aicode_mock.clock import Clock, to_ms
from aicode_mock.control.problems import UnfitError
from aicode_mock.inputs import unknown_name
from aicode_mock.outage import pass_over
from aicode_mock.sandboxes import is_noted_long_ago, may_open, note_use, open_sandbox
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import has_world


def known_parameters(request: Request) -> None:
    """Go on if the query holds nothing that the path does not take: a misspelt filter fits everything.

    Raises:
        UnfitError: it does.
    """
    route = request.scope["route"]
    allowed = sorted(_query_names(route.dependant)) if isinstance(route, APIRoute) else []
    for name in request.query_params:
        if name not in allowed:
            raise UnfitError(unknown_name("parameter", name, allowed))


def _query_names(dependant: Dependant) -> set[str]:
    names = {field.alias for field in dependant.query_params}
    return names.union(*map(_query_names, dependant.dependencies))


def sandbox_opener(twin: Twin) -> Callable[[Request], None]:
    """Opens the sandbox that a change names, so that a test can prepare it before its client comes.

    Who reads what is not there yet has misspelt it, or comes too early, and is told so.  One that
    is there counts as used; its use is written every few minutes, so that looking seldom writes,
    and not at all where nothing can be written.
    """

    def open_or_use(request: Request) -> None:
        world, now = request.path_params.get("world", ""), to_ms(Clock().now())
        with twin.store.reading() as connection:
            is_new = (
                request.method != "GET" and not has_world(connection, world) and may_open(connection, world)
            )
            is_due = is_noted_long_ago(connection, world, now=now)
        if is_new:
            with twin.store.rearranging() as connection:
                open_sandbox(connection, world, now=now)
        elif is_due:
            _note_use(twin, world, now)

    return open_or_use


def _note_use(twin: Twin, world: str, now: int) -> None:
    try:
        with twin.store.writing() as connection:
            note_use(connection, world, now=now)
    except DBAPIError as error:
        pass_over(error, doing="note that a sandbox is used, it may be dropped within the hour")
