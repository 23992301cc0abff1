"""What the page of the control plane fills in: bodies and path parameters that are sensible as they are.

They hold for any scenario with a team that has Enterprise, ``tiny`` for one.
"""

from collections.abc import Mapping
from typing import Any

_JSON = "application/json"
_PARTS: Mapping[str, object] = {"world": "default", "name": "before", "id": 1, "rule": "window-gap"}
_PARTS_OF: Mapping[str, Mapping[str, object]] = {"delete_world": {"world": "mine"}}
_BODIES: Mapping[str, Mapping[str, object]] = {
    "create_world": {
        "a world with two people and an hour that stands still": {
            "id": "mine",
            "scenario": "tiny",
            "now": "2026-06-30T00:00:00.000Z",
        },
        "as the default world was made": {},
    },
    "write_clock": {
        "let a minute pass": {"advance": "61s"},
        "stand still at an instant": {"now": "2026-06-30T00:00:00.000Z", "isFrozen": True},
        "real time": {"now": "wall", "isFrozen": False},
    },
    "write_contract": {
        "no rate limit": {"settings": {"rate_limit": "off"}},
        "what clients report on the wire": {"behavior": "observed"},
        "an old revision": {"revision": "2025-08"},
    },
    "create_snapshot": {"a snapshot": {"name": "before"}},
    "add_commits": {
        "a commit": {
            "userEmail": "ada@duo.example",
            "repoName": "duo/shop",
            "branchName": "main",
            "isPrimaryBranch": True,
            "totalLinesAdded": 30,
            "tabLinesAdded": 4,
            "composerLinesAdded": 16,
            "message": "Show prices",
        },
        "two commits of now": [{"userEmail": "ada@duo.example"}, {"userEmail": "bo@duo.example"}],
    },
    "add_changes": {
        "a change": {
            "userEmail": "ada@duo.example",
            "source": "TAB",
            "metadata": [{"fileName": "shop.py", "fileExtension": "py", "linesAdded": 6, "linesDeleted": 2}],
        }
    },
    "create_faults": {
        "the next request for commits is refused, with Retry-After": {
            "match": {"endpoint": "commits", "last": 1},
            "action": {"kind": "status", "status": 429, "retryAfter": 30},
        },
        "page 2 fails twice": {
            "match": {"endpoint": "commits", "query": {"page": "2"}, "last": 2},
            "action": {"kind": "status", "status": 503},
        },
        "a CSV is cut inside a quoted field": {
            "match": {"endpoint": "changes.csv", "last": 1},
            "action": {"kind": "cut", "at": "in-quotes"},
        },
        "a connection is reset": {"match": {"last": 1}, "action": {"kind": "reset"}},
        "totalCount drifts": {
            "match": {"endpoint": "commits", "last": 3},
            "action": {"kind": "total-count", "by": 1},
        },
        "one in ten is the page of a proxy": {
            "match": {"probability": 0.1, "seed": 1},
            "action": {"kind": "proxy-page", "status": 502},
        },
        "a bundle": {"bundle": "flaky"},
    },
}


def add_samples(document: dict[str, Any]) -> None:
    """Put them into the contract file of the control plane."""
    for path in document["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["example"] = {**_PARTS, **_PARTS_OF.get(name, {})}[parameter["name"]]
            if "requestBody" in operation:
                examples = {summary: {"value": value} for summary, value in _BODIES[name].items()}
                operation["requestBody"]["content"][_JSON]["examples"] = examples
