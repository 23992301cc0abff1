"""An empty FastAPI application with SQLModel imported: what any service of this kind starts in."""

import sqlmodel
from fastapi import FastAPI

from bench.references.listening import command


def build(_argument: str) -> FastAPI:
    """An application with one route that does nothing."""
    app = FastAPI()

    @app.get("/")
    def answer() -> str:
        return sqlmodel.__name__

    return app


if __name__ == "__main__":
    command(build)()
