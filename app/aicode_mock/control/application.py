"""The control plane under ``/_mock``: is it alive, is it ready, what does it serve.

No key is needed here, nothing is limited or counted.
"""

from http import HTTPStatus

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aicode_mock import __version__
from aicode_mock.clock import instant_text, stopwatch_s, to_ms
from aicode_mock.twin import Twin


class Health(BaseModel):
    """The process answers."""

    status: str
    version: str
    uptimeSeconds: float


class Readiness(Health):
    """The default world is there; ``digest`` is the SHA-256 of its data."""

    scenario: str
    seed: int
    anchor: str
    revision: str
    behavior: str
    commits: int
    changes: int
    digest: str


def build_control(twin: Twin) -> FastAPI:
    """The application that is mounted at ``/_mock``."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    began = stopwatch_s()

    @app.api_route("/health", methods=["GET", "HEAD"])
    def alive() -> Health:
        return Health(status="ok", version=__version__, uptimeSeconds=round(stopwatch_s() - began, 3))

    @app.api_route("/ready", methods=["GET", "HEAD"])
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

    @app.exception_handler(HTTPException)
    def no_route(_request: Request, error: HTTPException) -> Response:
        name = HTTPStatus(error.status_code).phrase
        return _problem(error.status_code, name, "the control plane has GET /_mock/health and /_mock/ready")

    @app.exception_handler(SQLAlchemyError)
    def no_store(_request: Request, _error: Exception) -> Response:
        return _problem(503, "Service Unavailable", "the store does not answer")

    return app


def _problem(status: int, error: str, message: str) -> Response:
    return JSONResponse({"error": error, "message": message}, status)
