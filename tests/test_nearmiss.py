"""Parameters that were meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.nearmiss import near_endpoint, near_parameter
from aicode_mock.query import BRANCH, CSV_PARAMETERS, JSON_PARAMETERS

PAGES = [parameter.name for parameter in JSON_PARAMETERS]
CSV = [parameter.name for parameter in CSV_PARAMETERS]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pagesize", "pageSize"),
        ("page_size", "pageSize"),
        ("page-size", "pageSize"),
        ("page size", "pageSize"),
        ("PageSize", "pageSize"),
        ("pageSzie", "pageSize"),
        ("per_page", "pageSize"),
        ("perPage", "pageSize"),
        ("limit", "pageSize"),
        ("size", "pageSize"),
        ("Page", "page"),
        ("pag", "page"),
        ("pages", "page"),
        ("offset", "page"),
        ("cursor", "page"),
        ("pageNumber", "page"),
        ("start_date", "startDate"),
        ("startdate", "startDate"),
        ("from", "startDate"),
        ("since", "startDate"),
        ("enddate", "endDate"),
        ("end", "endDate"),
        ("until", "endDate"),
        ("to", "endDate"),
        ("User", "user"),
        ("users", "user"),
        ("email", "user"),
        ("userEmail", "user"),
        ("user_id", "user"),
    ],
)
def test_another_spelling_and_another_word_lead_to_the_parameter(name: str, meant: str) -> None:
    assert near_parameter(name, PAGES) == meant


@pytest.mark.parametrize(
    "name",
    ["", "_", "x", "nonce", "token", "api_key", "apiKey", "key", "team", "date", "order", "sort", "ps"],
)
def test_what_is_far_from_all_parameters_leads_to_none(name: str) -> None:
    assert near_parameter(name, PAGES) is None


@pytest.mark.parametrize("name", ["page", "pageSize", "limit", "offset", "branch"])
def test_only_parameters_of_the_endpoint_are_meant(name: str) -> None:
    assert near_parameter(name, CSV) is None
    assert near_parameter(name, []) is None


def test_a_branch_is_meant_where_there_are_some() -> None:
    assert [near_parameter(name, [BRANCH.name]) for name in ("ref", "Branch", "branch_name", "page")] == [
        *["branch"] * 3,
        None,
    ]


@given(st.text())
def test_any_text_leads_to_a_parameter_or_to_none(name: str) -> None:
    assert near_parameter(name, PAGES) in [*PAGES, None]


@pytest.mark.parametrize("known", PAGES)
def test_a_parameter_leads_to_itself(known: str) -> None:
    assert near_parameter(known, PAGES) == known


KNOWN = {
    "/teams/members": "GET",
    "/teams/spend": "POST",
    "/teams/daily-usage-data": "POST",
    "/a/commits": "GET",
}


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("GET", "/teams/spend", "GET is no method of it: send POST /teams/spend"),
        ("GET", "/teams/spend/", "did you mean POST /teams/spend, without a slash at the end?"),
        ("GET", "/team/members", "did you mean GET /teams/members?"),
        ("GET", "/teams/daily-usage", "did you mean POST /teams/daily-usage-data?"),
        ("GET", "/a/commit", "did you mean GET /a/commits?"),
        ("GET", "/b/commit", None),
        ("GET", "/teams/groups", None),
        ("GET", "/", None),
        ("GET", "", None),
    ],
)
def test_a_request_to_no_endpoint_leads_to_the_one_that_is_near(
    method: str, path: str, hint: str | None
) -> None:
    assert near_endpoint(method, path, KNOWN) == hint


@given(st.text())
def test_any_path_leads_to_an_endpoint_or_to_none(path: str) -> None:
    hint = near_endpoint("GET", path, KNOWN)

    assert hint is None or any(known in hint for known in KNOWN)
