"""Parameters that were meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.nearmiss import near_parameter
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
