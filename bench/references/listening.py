"""Serving a reference: uvicorn on a free port that is written to a file, as the twin does."""

import socket
from collections.abc import Callable
from pathlib import Path

import click
import uvicorn
from fastapi import FastAPI


class _Announcing(uvicorn.Server):
    def __init__(self, app: FastAPI, port_file: str) -> None:
        super().__init__(uvicorn.Config(app, access_log=False, log_level="error", server_header=False))
        self._port_file = Path(port_file)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:
            new = self._port_file.with_suffix(".new")
            new.write_text(str(sockets[0].getsockname()[1]), encoding="ascii")
            new.replace(self._port_file)


def command(build: Callable[[str], FastAPI]) -> click.Command:
    """A command that serves what ``build`` makes of its one argument."""

    @click.command()
    @click.argument("argument", default="")
    @click.option("--port-file", required=True)
    def serve(argument: str, port_file: str) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _Announcing(build(argument), port_file).run(sockets=[listener])

    return serve
