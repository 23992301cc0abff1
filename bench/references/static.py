"""Bare FastAPI routes that answer with the bytes of a file, or with 304: the limits of the framework."""

from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Response

from bench.references.listening import command


def build(argument: str) -> FastAPI:
    """An application that answers with a file, from a thread (``/def``) and from the loop (``/async``).

    ``/unchanged`` answers 304, from the loop.
    """
    body = Path(argument).read_bytes()
    app = FastAPI()

    @app.get("/def")
    def from_a_thread() -> Response:
        return Response(body, media_type="application/json")

    @app.get("/async")
    async def from_the_loop() -> Response:
        return Response(body, media_type="application/json")

    @app.get("/unchanged")
    async def unchanged() -> Response:
        return Response(status_code=HTTPStatus.NOT_MODIFIED)

    return app


if __name__ == "__main__":
    command(build)()
