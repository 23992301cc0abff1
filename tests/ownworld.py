"""A world that one test has for itself, on a server that others ask too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.conftest import ANCHOR, API, Client, basic


@dataclass(frozen=True)
class OwnWorld:
    """A world, the key of its first team, and the control plane of it."""

    client: Client
    id: str
    key: str

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: Any) -> httpx.Response:
        """GET a path of the AI Code Tracking API with the key."""
        return self.client.get(path, headers={**basic(self.key), **(headers or {})}, **query)

    def post(self, path: str, body: object, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """POST a JSON body to a path under /teams with the key."""
        sent = {**basic(self.key), **(headers or {})}
        return self.client.http.post(f"/teams/{path}", json=body, headers=sent)

    def control(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        """Ask the control plane for something of this world."""
        return self.client.http.request(method, f"/_mock/worlds/{self.id}{path}", **options)

    def told(self, path: str, **query: str | int | bool) -> Any:
        """What the control plane tells about this world, as JSON."""
        answer = self.control("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def declare(self, kind: str, match: Mapping[str, Any] | None = None, **action: Any) -> int:
        """Declare a fault; its id."""
        fault = {"match": dict(match or {}), "action": {"kind": kind, **action}}
        answer = self.control("POST", "/faults", json=fault)
        assert answer.status_code == 201, answer.text
        number: int = answer.json()["faults"][0]["id"]
        return number

    def entries(self, **wanted: str | int | bool) -> list[dict[str, Any]]:
        """The journal."""
        requests: list[dict[str, Any]] = self.told("/requests", **wanted)["requests"]
        return requests

    @property
    def last(self) -> dict[str, Any]:
        """The last entry of the journal."""
        return self.entries()[-1]

    def target(self, path: str) -> str:
        """The URL of an endpoint, for a client of another kind."""
        return f"{self.client.url}{API}/{path}"


@contextmanager
def own_world(client: Client, **wanted: Any) -> Iterator[OwnWorld]:
    """Make a world whose clock stands at the anchor and that has no rate limit; drops it at the end."""
    asked = {"now": ANCHOR.isoformat(), "settings": {"rate_limit": "off"}, "apiKey": uuid4().hex, **wanted}
    made = client.http.post("/_mock/worlds", json=asked)
    assert made.status_code == 201, made.text
    world = OwnWorld(client, made.json()["id"], made.json()["keys"][0]["key"])
    try:
        yield world
    finally:
        world.control("DELETE")
