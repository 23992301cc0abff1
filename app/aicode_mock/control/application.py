"""The control plane as one application: its groups, its errors, is it alive, is it ready.

It lies beside the mirrored API, out of reach of faults, limits and journal.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from starlette.middleware import Middleware

from aicode_mock import __version__
from aicode_mock.clock import instant_text, stopwatch_s, to_ms
from aicode_mock.control import clock, contract, faults, metrics, requests, rows, snapshots, verdicts, worlds
from aicode_mock.control.entrance import known_parameters, sandbox_opener
from aicode_mock.control.guard import Guard, Watch
from aicode_mock.control.problems import PROBLEMS, install_problems
from aicode_mock.instants import Instant
from aicode_mock.twin import Twin

_OPEN = Watch()
_GROUPS = (worlds, clock, contract, snapshots, rows, faults, requests, verdicts, metrics)
_HINT = "the control plane has no such path: see /openapi/control.yaml"
_NO_CONTROL = "this server has no control plane (--no-control), only /_mock/health and /_mock/ready"
_ABOUT = """\
What makes a twin better than the real thing in a test: it does what the test says, and it
tells what happened.

`default` is the world that the server began with; every path under `/worlds/{world}` takes
its id, or that of any other. Commands answer 204, errors name the field. On loopback no
token is needed; elsewhere every request but `/health` and `/ready` carries
`Authorization: Bearer <token>`.
"""


class Health(BaseModel):
    """The process answers."""

    status: str
    version: str
    uptimeSeconds: float


class Readiness(Health):
    """The default world is there."""

    scenario: str
    seed: int
    anchor: Instant
    revision: str
    behavior: str
    commits: int
    changes: int
    digest: Annotated[str, Field(description="SHA-256 of the data.")]


def build_control(twin: Twin, watch: Watch = _OPEN, *, began_s: float | None = None) -> FastAPI:
    """The application that is mounted at ``/_mock``; ``watch`` says who may use it.

    ``began_s`` is when the server began, on the stopwatch; None is now.
    """
    app = FastAPI(
        title="aicode-mock control plane",
        version="1",
        description=_ABOUT,
        servers=[{"url": "/_mock"}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Guard, watch=watch)],
        generate_unique_id_function=lambda route: route.name,
    )
    _add_health(app, twin, began_s=stopwatch_s() if began_s is None else began_s)
    routes = list(app.routes)
    for group in _GROUPS if watch.is_open else ():
        router = group.build_routes(twin)
        routes += router.routes
        checks = [Depends(known_parameters), Depends(sandbox_opener(twin))]
        app.include_router(router, responses=PROBLEMS, dependencies=checks)
    install_problems(app, routes, hint=_HINT if watch.is_open else _NO_CONTROL)
    return app


def _add_health(app: FastAPI, twin: Twin, *, began_s: float) -> None:
    def alive() -> Health:
        return Health(status="ok", version=__version__, uptimeSeconds=round(stopwatch_s() - began_s, 3))

    @app.head("/health", include_in_schema=False)
    @app.get("/health", tags=["Health"], summary="Is it alive?")
    async def health() -> Health:
        return alive()  # on the event loop: alive even if all threads wait for the store

    @app.head("/ready", include_in_schema=False)
    @app.get(
        "/ready",
        tags=["Health"],
        summary="Is the default world there?",
        responses={HTTPStatus.SERVICE_UNAVAILABLE: PROBLEMS[HTTPStatus.SERVICE_UNAVAILABLE]},
    )
    def ready() -> Readiness:
        facts = twin.facts()
        return Readiness(
            **alive().model_dump(),
            scenario=facts.scenario,
            seed=facts.seed,
            anchor=instant_text(to_ms(facts.anchor)),
            revision=facts.revision,
            behavior=facts.behavior,
            commits=facts.commits,
            changes=facts.changes,
            digest=facts.digest,
        )
