"""Parts that are loaded when they are asked for: once, and not before."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from aicode_mock.later import Later
from aicode_mock.launch import write_database
from aicode_mock.settings import Settings


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


FIRST_REQUEST = """
import asyncio, sys
import httpx
from aicode_mock import cli
from aicode_mock.launch import open_twin
from aicode_mock.server import create_app
from aicode_mock.settings import Settings

async def ask(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        return await client.get("/analytics/ai-code/commits", auth=("test-key", ""))

settings = Settings(database=sys.argv[1], api_key="test-key", switches={"rate_limit": "off"})
answer = asyncio.run(ask(create_app(open_twin(settings))))
print(answer.status_code, [name for name in sys.argv[2:] if name in sys.modules])
"""


def test_a_server_starts_and_answers_without_what_no_request_has_asked_for(tmp_path: Path) -> None:
    heavy = [
        "fastapi",
        "faker",
        "psycopg",
        "aicode_mock.report",
        "aicode_mock.answers",
        "aicode_mock.seeding",
        "aicode_mock.faults.actions",
    ]
    file = str(tmp_path / "world.db")
    write_database(file, Settings(scenario="tiny").plan(), progress=lambda _rows: None)

    loaded = subprocess.run(
        [sys.executable, "-c", FIRST_REQUEST, file, *heavy], capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "200 []\n"
