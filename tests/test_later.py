"""Parts that are loaded when they are asked for: once, and not before."""

import asyncio
import subprocess
import sys

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from aicode_mock.later import Later


def test_an_application_is_built_once_for_the_first_requests() -> None:
    built: list[int] = []

    def build() -> ASGIApp:
        built.append(1)
        return PlainTextResponse("here")

    async def ask() -> list[str]:
        app = Starlette()
        app.mount("/", Later(build))
        assert built == []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            answers = await asyncio.gather(*(client.get("/") for _ in range(5)))
            return [answer.text for answer in (*answers, await client.get("/"))]

    assert asyncio.run(ask()) == ["here"] * 6
    assert built == [1]


def test_a_server_starts_without_what_no_request_has_asked_for() -> None:
    heavy = [
        "fastapi",
        "faker",
        "psycopg",
        "aicode_mock.report",
        "aicode_mock.answers",
        "aicode_mock.seeding",
        "aicode_mock.faults.actions",
    ]
    script = f"""if True:
        import sys
        from aicode_mock import cli, launch, server
        print([name for name in {heavy} if name in sys.modules])
    """

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert loaded.stdout == "[]\n"
