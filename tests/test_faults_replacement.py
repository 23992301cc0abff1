"""Answers in the place of the real one: the contract's errors under each switch, and a proxy's page."""

import json

import pytest

from aicode_mock.faults.actions import Action
from aicode_mock.faults.model import Fault
from aicode_mock.faults.replacement import replacement
from aicode_mock.faults.taken import Taken
from aicode_mock.switches import Switches

DOCUMENTED = Switches()
OBSERVED = Switches(
    unauthorized_body="observed", plan_status="401", bad_request_body="observed", retry_after=60
)


def action(kind: str, **fields: object) -> Action:
    return Fault.model_validate({"action": {"kind": kind, **fields}}).action


@pytest.mark.parametrize(
    ("status", "switches", "body"),
    [
        (400, DOCUMENTED, {"error": "Bad Request", "message": "Invalid request"}),
        (400, OBSERVED, {"code": "error", "message": "Invalid request"}),
        (401, DOCUMENTED, {"error": "Unauthorized", "message": "Invalid API key"}),
        (401, OBSERVED, {"code": "error", "message": "Invalid Team API Key"}),
        (403, DOCUMENTED, {"error": "Forbidden", "message": "Enterprise access required"}),
        (
            403,
            OBSERVED,
            {
                "code": "error",
                "message": "You must be a member of an enterprise team to access this resource",
            },
        ),
        (404, OBSERVED, {"error": "Not Found", "message": "Resource not found"}),
        (
            429,
            DOCUMENTED,
            {"error": "Too Many Requests", "message": "Rate limit exceeded. Please try again later."},
        ),
        (500, DOCUMENTED, {"error": "Internal Server Error", "message": "An unexpected error occurred"}),
        (503, OBSERVED, {"error": "Service Unavailable", "message": "Service Unavailable"}),
        (599, DOCUMENTED, {"error": "Unknown Status", "message": "Unknown Status"}),
    ],
)
def test_an_error_has_the_body_of_the_contract(status: int, switches: Switches, body: dict[str, str]) -> None:
    response = replacement([Taken(1, action("status", status=status))], switches)

    assert response is not None
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(bytes(response.body)) == body


@pytest.mark.parametrize(
    ("status", "retry_after", "switches", "header"),
    [
        (429, None, DOCUMENTED, None),
        (429, None, OBSERVED, "60"),
        (429, "off", OBSERVED, None),
        (429, 5, OBSERVED, "5"),
        (429, 0, DOCUMENTED, "0"),
        (503, 30, DOCUMENTED, "30"),
        (503, None, OBSERVED, None),
    ],
)
def test_retry_after_is_what_the_fault_says_or_else_the_contract(
    status: int, retry_after: int | str | None, switches: Switches, header: str | None
) -> None:
    response = replacement([Taken(1, action("status", status=status, retryAfter=retry_after))], switches)

    assert response is not None
    assert response.headers.get("Retry-After") == header


def test_a_proxy_answers_with_its_own_page() -> None:
    response = replacement([Taken(1, action("proxy-page"))], DOCUMENTED)

    assert response is not None
    assert (response.status_code, response.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert b"<title>502 Bad Gateway</title>" in bytes(response.body)


@pytest.mark.parametrize("kind", ["empty", "reset"])
def test_nothing_has_no_body(kind: str) -> None:
    response = replacement([Taken(1, action(kind))], DOCUMENTED)

    assert response is not None
    assert (response.status_code, bytes(response.body), response.headers["Content-Length"]) == (200, b"", "0")


def test_the_first_replacement_is_taken_and_others_are_none() -> None:
    delay, outage, page = action("delay", seconds=1), action("status", status=503), action("proxy-page")

    response = replacement([Taken(1, delay), Taken(2, outage), Taken(3, page)], DOCUMENTED)

    assert response is not None
    assert response.status_code == 503
    assert replacement([Taken(1, delay)], DOCUMENTED) is None
    assert replacement([], DOCUMENTED) is None
