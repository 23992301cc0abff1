"""A world for a block of plain Python, with and without an event loop."""

import asyncio
import doctest
import subprocess
import sys

import httpx
import pytest

import aicode_mock
from aicode_mock.testing import serving
from tests.conftest import API, Client


def test_the_examples_of_the_docstring_hold() -> None:
    result = doctest.testmod(serving, optionflags=doctest.ELLIPSIS)

    assert result.attempted > 5
    assert result.failed == 0


def test_a_world_on_a_running_server_for_an_event_loop(client: Client) -> None:
    async def status() -> int:
        async with aicode_mock.connect(client.url, scenario="empty") as mock, httpx.AsyncClient() as api:
            answer = await api.get(f"{mock.base_url}{API}/commits", auth=mock.auth)
            return answer.status_code

    assert asyncio.run(status()) == 200


def test_a_block_that_could_not_be_entered_leaves_nothing_to_leave() -> None:
    block = aicode_mock.serve(scenario="none")

    with pytest.raises(aicode_mock.MockError, match=r"the server did not start: .*'none'"):
        block.__enter__()
    block.__exit__(None, None, None)


def test_a_world_whose_server_is_gone_can_be_left(client: Client) -> None:
    with aicode_mock.connect(client.url) as mock:
        mock.drop()

    assert mock.world


def test_the_package_offers_what_it_loads_late() -> None:
    assert {name for name in aicode_mock.__all__ if getattr(aicode_mock, name) is not None} == set(
        aicode_mock.__all__
    )
    with pytest.raises(AttributeError, match="module 'aicode_mock' has no attribute 'server_'"):
        _ = aicode_mock.server_  # type: ignore[attr-defined]  # type checkers know it, too


@pytest.mark.parametrize(
    ("program", "forbidden"),
    [
        ("import aicode_mock", ("aicode_mock.testing", "pydantic")),
        ("import aicode_mock.pytest_plugin", ("aicode_mock.testing", "pydantic")),
        ("import aicode_mock; aicode_mock.serve; aicode_mock.Mock", ("pydantic", "anyio")),
    ],
)
def test_importing_costs_next_to_nothing(program: str, forbidden: tuple[str, ...]) -> None:
    server = ("fastapi", "starlette", "sqlalchemy", "sqlmodel", "uvicorn", "httpx", "click")
    tell = f"import sys; print([one for one in {(*server, *forbidden)!r} if one in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", f"{program}; {tell}"], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("scenario", "end"),
    [
        ("none", "got 'none'"),
        ("data/company.toml", "or aicode_mock.serve(scenario='data/company.toml')"),
    ],
)
def test_a_scenario_that_a_world_cannot_have_is_told_with_where_files_belong(
    client: Client, scenario: str, end: str
) -> None:
    with pytest.raises(aicode_mock.MockError) as refused, aicode_mock.connect(client.url, scenario=scenario):
        pass

    assert str(refused.value).startswith("scenario must be one of default, empty, hostile, tiny: got ")
    assert str(refused.value).endswith(end)
