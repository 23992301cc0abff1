"""NO_PROXY for the clients of a twin: what was there stays, and the twin is reached."""

from collections.abc import Mapping

import httpx
import pytest

from aicode_mock.testing.proxies import past_proxies
from tests.conftest import API, Client

OWN = "127.0.0.1,localhost"


@pytest.mark.parametrize(
    ("env", "upper", "lower"),
    [
        ({}, OWN, OWN),
        ({"NO_PROXY": "corp.example"}, f"corp.example,{OWN}", f"corp.example,{OWN}"),
        ({"no_proxy": " corp.example , "}, f"corp.example,{OWN}", f"corp.example,{OWN}"),
        ({"NO_PROXY": "a", "no_proxy": "localhost,b"}, f"a,{OWN}", "localhost,b,127.0.0.1"),
        ({"NO_PROXY": "*"}, "*", "*"),
    ],
    ids=["none", "upper", "lower", "both", "all"],
)
def test_what_is_said_already_stays(env: Mapping[str, str], upper: str, lower: str) -> None:
    assert past_proxies("http://127.0.0.1:8484", env) == {"NO_PROXY": upper, "no_proxy": lower}


@pytest.mark.parametrize(
    ("url", "host"), [("http://mock:8484", "mock"), ("http://[::1]:8484", "::1"), ("https://mock", "mock")]
)
def test_a_server_elsewhere_is_reached_too(url: str, host: str) -> None:
    assert past_proxies(url, {})["NO_PROXY"] == f"{OWN},{host}"


def test_a_client_in_python_goes_past_a_proxy_that_is_none(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name, hosts in past_proxies(client.url, {}).items():
        monkeypatch.setenv(name, hosts)

    assert httpx.get(f"{client.url}{API}/commits").status_code == 401
