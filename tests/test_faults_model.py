"""Faults as JSON: what is taken, what is refused and how that is said, and what pages come to."""

from typing import Any

import pytest
from pydantic import ValidationError

from aicode_mock.faults.model import Fault

ACTIONS = [
    {"kind": "status", "status": 429, "retryAfter": 7},
    {"kind": "status", "status": 429, "retryAfter": "off"},
    {"kind": "own"},
    {"kind": "own", "status": 307, "headers": {"Location": "/x", "X-Empty": ""}, "body": "ö"},
    {"kind": "proxy-page"},
    {"kind": "empty"},
    {"kind": "reset"},
    {"kind": "total-count", "by": -1},
    {"kind": "repeat-row"},
    {"kind": "page-size", "pageSize": 50},
    {"kind": "insert-row"},
    {"kind": "delay", "seconds": 0.5, "clock": "world"},
    {"kind": "drip", "bytesPerSecond": 1},
    {"kind": "cut", "at": "bytes", "count": 0, "how": "reset"},
    {"kind": "cut", "at": "rows", "count": 0},
    {"kind": "cut", "at": "before-last-chunk"},
    {"kind": "csv", "lineEnd": "crlf", "bom": True},
    {"kind": "malformed-json"},
    {"kind": "content-type", "value": "text/plain; charset=latin-1"},
]


@pytest.mark.parametrize("action", ACTIONS, ids=str)
def test_a_fault_comes_back_from_json_as_it_was(action: dict[str, Any]) -> None:
    match = {"endpoint": ["commits"], "query": {"page": "2"}, "first": 2, "last": 2, "probability": 0.5}

    fault = Fault.model_validate({"name": "n", "match": match, "action": action})

    assert Fault.model_validate_json(fault.model_dump_json()) == fault
    assert fault.model_dump(include={"action"}, exclude_unset=True) == {"action": action}


def test_a_fault_that_names_no_requests_is_for_all() -> None:
    fault = Fault.model_validate({"action": {"kind": "empty"}})

    assert fault.match.model_dump() == {
        "endpoint": None,
        "team": None,
        "method": None,
        "path": None,
        "query": {},
        "first": 1,
        "last": None,
        "probability": 1.0,
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("action", "complaint"),
    [
        ({"kind": "explode"}, "expected tags: 'status', 'own', 'proxy-page', 'empty', 'reset'"),
        ({"kind": "status", "status": 200}, "greater than or equal to 400"),
        ({"kind": "status", "status": 429, "retryAfter": "soon"}, "'off'"),
        ({"kind": "proxy-page", "status": 304}, "status must be one that has a body: got 304"),
        ({"kind": "own", "status": 204, "body": "x"}, "status must be one that has a body: got 204"),
        ({"kind": "own", "status": 199}, "greater than or equal to 200"),
        (
            {"kind": "own", "headers": {"content-Length": "1"}},
            "must not frame the body, that is the server's",
        ),
        ({"kind": "own", "headers": {"X": "a\r\nY: b"}}, "match pattern"),
        ({"kind": "own", "headers": {"X\r\nY": "a"}}, "match pattern"),
        ({"kind": "delay", "seconds": 3601}, "less than or equal to 3600"),
        ({"kind": "delay", "seconds": 0}, "greater than 0"),
        ({"kind": "drip", "bytesPerSecond": 0}, "greater than or equal to 1"),
        ({"kind": "cut", "at": "rows", "count": -1}, "greater than or equal to 0"),
        ({"kind": "cut", "at": "mid-row", "count": 0}, "count must be at least 1 with at mid-row: got 0"),
        ({"kind": "csv"}, "csv must have lineEnd crlf, or bom true, or both"),
        ({"kind": "content-type", "value": "text/csv\r\nX: y"}, "match pattern"),
        ({"kind": "content-type", "value": ""}, "match pattern"),
        ({"kind": "page-size", "pageSize": 1001}, "less than or equal to 1000"),
        ({"kind": "reset", "how": "rudely"}, "unknown field"),
    ],
    ids=str,
)
def test_a_wrong_action_is_refused_with_its_reason(action: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Fault.model_validate({"action": action})

    assert complaint in str(refusal.value)


@pytest.mark.parametrize(
    ("match", "complaint"),
    [
        ({"first": 3, "last": 2}, "last must not be before first: got first 3, last 2"),
        ({"first": 0}, "greater than or equal to 1"),
        ({"probability": 1.01}, "less than or equal to 1"),
        ({"probability": float("nan")}, "finite number"),
        ({"endpoint": []}, "at least 1 item"),
        ({"method": "get"}, "'GET', 'HEAD'"),
        ({"user": "x"}, "unknown field"),
    ],
    ids=str,
)
def test_a_wrong_match_is_refused_with_its_reason(match: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Fault.model_validate({"match": match, "action": {"kind": "empty"}})

    assert complaint in str(refusal.value)
