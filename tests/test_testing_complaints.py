"""What a test that passed is told of faults that never hit, and of the report."""

from typing import Any

import pytest

from aicode_mock.entries import Entry
from aicode_mock.faults.model import Declared
from aicode_mock.testing.complaints import about_fault


def entry(number: int, query: str = "", **told: Any) -> Entry:
    path = {"endpoint": "commits", "path": "/analytics/ai-code/commits"}
    instant = "2026-06-30T00:00:00.000Z"
    when = {"instant": instant, "realInstant": instant}
    return Entry.model_validate(
        {"id": number, "team": "duo", "method": "GET", "query": query, "status": 200, **when, **path, **told}
    )


def declared(match: dict[str, Any] | None = None, **told: Any) -> Declared:
    fault = {"id": 1, "match": match or {}, "action": {"kind": "reset"}, **told}
    return Declared.model_validate(fault)


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (declared(), "reset for every request"),
        (
            declared({"last": 1}, action={"kind": "status", "status": 503}),
            "status (status=503) for last=1",
        ),
        (
            declared({"endpoint": "commits", "query": {"page": "2"}}, name="the second page"),
            "'the second page', reset for endpoint='commits', query={'page': '2'}",
        ),
    ],
)
def test_a_fault_is_told_by_what_was_declared(fault: Declared, shown: str) -> None:
    assert about_fault(fault, []).splitlines() == [
        f"a fault was declared and never hit: {shown}",
        "no request came: does the client use base_url and api_key of this world?",
    ]


@pytest.mark.parametrize(
    ("match", "request_", "difference"),
    [
        ({"endpoint": "changes"}, entry(1), "endpoint is commits, not changes"),
        ({"endpoint": ["changes", "members"]}, entry(1), "endpoint is commits, not changes or members"),
        ({"team": "blue"}, entry(1), "team is duo, not blue"),
        ({"method": "HEAD"}, entry(1), "method is not HEAD"),
        ({"path": "/teams/*"}, entry(1), "path is not /teams/*"),
        ({"query": {"page": "2"}}, entry(1), "page was not sent"),
        ({"query": {"page": "2"}}, entry(1, "page=1&page=3"), "page is 1 and 3, not 2"),
        ({"query": {"user": "*"}}, entry(1, "page=1"), "user was not sent"),
        (
            {"endpoint": "changes", "path": "/analytics/*", "query": {"user": "*", "page": "2"}},
            entry(1, "page=2&user="),
            "endpoint is commits, not changes",
        ),
    ],
)
def test_a_request_that_nearly_fitted_tells_in_what_it_did_not(
    match: dict[str, Any], request_: Entry, difference: str
) -> None:
    lines = about_fault(declared(match), [request_]).splitlines()

    target = f"{request_.path}?{request_.query}" if request_.query else request_.path
    assert lines[1:] == [
        "none of the 1 requests in the journal fitted; the nearest:",
        f"  1: GET {target} -> 200: {difference}",
    ]


def test_the_nearest_requests_are_told_first_and_not_all_of_them() -> None:
    far = [entry(number, "page=1", team=None) for number in range(1, 9)]
    fault = declared({"team": "duo", "query": {"page": "2"}})

    lines = about_fault(fault, [*far, entry(9, "page=1")]).splitlines()[2:]

    assert [line.partition(":")[0].strip() for line in lines] == ["9", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (declared({"first": 3}, seen=1), "1 request fitted, and it begins with number 3 (first)"),
        (declared({"first": 3}, seen=2), "2 requests fitted, and it begins with number 3 (first)"),
        (
            declared({"probability": 0.1}, seen=2),
            "2 requests fitted, and it fell on none of them (last, probability)",
        ),
        (
            declared({}),
            "1 request fitted, and it found nothing to do in their answers: a place that is not there, "
            "a page that is short, an answer that another fault replaced",
        ),
    ],
)
def test_requests_that_fitted_and_were_not_hit_have_another_reason(fault: Declared, reason: str) -> None:
    assert about_fault(fault, [entry(1)]).splitlines()[1:] == [reason]
