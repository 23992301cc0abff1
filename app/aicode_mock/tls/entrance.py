"""One more server in the event loop of another: same application, other socket, own settings.

uvicorn has one TLS setting a server, and its supervisor of workers makes the servers
itself.  So the one with TLS lives in the lifespan of the application: alone and in each
worker alike, also in one that replaces a dead one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import uvicorn


@asynccontextmanager
async def entrance(config: uvicorn.Config, listener: socket) -> AsyncIterator[None]:
    """Serve as ``config`` says while it lasts; signals and the lifespan are the other server's."""
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        server.should_exit = True
        await ticking
        await server.shutdown([listener])
