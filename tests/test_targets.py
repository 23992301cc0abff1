"""Request targets as they may be shown: as they came, without what may be a key."""

import json
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Scope

from aicode_mock.bodies import Body
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.targets import (
    keep_body,
    shown_body,
    shown_parameters,
    shown_path,
    shown_query,
    without_keys,
    without_sent_key,
)
from tests.conftest import basic

SECRET = "0123456789abcdef" * 4
KEYS = [f"crsr_{SECRET}", f"key_{SECRET}"]
KNOWN = {parameter.name for endpoint in ENDPOINTS for parameter in endpoint.parameters}


def scope(path: str = "/", query: str = "", *, key: str | None = None) -> Scope:
    headers = [] if key is None else [(b"authorization", basic(key)["Authorization"].encode())]
    return {
        "type": "http",
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": headers,
    }


def encoded(text: str) -> str:
    """Every byte in percent encoding."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


@pytest.mark.parametrize(
    "path", ["/", "/analytics/ai-code/commits", "/a%20b%2Fc%00", "//x", "/%E2%82%AC", "/key_short"]
)
def test_a_path_is_shown_as_it_came(path: str) -> None:
    assert shown_path(scope(path)) == path


def test_a_path_that_no_server_lets_through_is_shown_in_ascii() -> None:
    assert shown_path(scope("/\xe9")) == "/\\xe9"
    assert shown_query(scope(query="page=\xe9")) == "page=\\xe9"
    assert shown_path({"type": "http", "headers": []}) == ""


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_cut_to_its_prefix(key: str) -> None:
    prefix = key.partition("_")[0]

    assert without_keys(f"got '{key}', not {key}", scope()) == f"got '{prefix}_…', not {prefix}_…"
    assert shown_path(scope(f"/x/{key}/y")) == f"/x/{prefix}_…/y"
    assert shown_query(scope(query=f"page=1&user={key}")) == f"page=1&user={prefix}_…"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("hide", [encoded, lambda key: key.replace("_", "%5F"), lambda key: f"%6B{key}"])
def test_what_holds_a_key_in_percent_encoding_is_not_shown_at_all(key: str, hide: object) -> None:
    assert callable(hide)
    hidden = hide(key)

    for shown in (shown_path(scope(f"/x/{hidden}")), shown_query(scope(query=f"page=1&user={hidden}"))):
        assert SECRET[:9] not in shown
        assert hidden not in shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ""),
        ("page=2&pageSize=5", "page=2&pageSize=5"),
        ("page_size=5&PAGE=1&since=7d", "page_size=5&PAGE=1&since=7d"),
        ("user=ada%40duo.example", "user=ada%40duo.example"),
        ("page=", "page="),
        ("page=a=b", "page=a=b"),
        ("nonce=abc", "nonce=…"),
        ("nonce=", "nonce=…"),
        ("nonce", "…"),
        ("page", "…"),
        ("page=1&&x=2&", "page=1&x=…"),
        ("=secret", "=…"),
        ("page%53ize=5", "page%53ize=5"),
        ("page+size=5", "page+size=5"),
        ("api%5Fkey=secret", "api%5Fkey=…"),
    ],
)
def test_the_value_of_an_unknown_parameter_is_left_out(query: str, shown: str) -> None:
    assert shown_query(scope(query=query)) == shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", []),
        ("page=1&pageSize", ["page", "pageSize"]),
        ("page_size&since", ["page_size", "since"]),
        ("nonce=1&nonce", ["…", "…"]),
        ("nonce=1", ["nonce"]),
        ("my-own-key", ["…"]),
        ("my%2Down-key", ["…"]),
        (f"{KEYS[0]}=1", ["…"]),
        (f"{encoded(KEYS[0])}=1", ["…"]),
        (KEYS[1], ["…"]),
    ],
)
def test_a_name_is_shown_unless_it_may_be_a_value(query: str, names: list[str]) -> None:
    assert [name for name, _ in shown_parameters(scope(query=query))] == names


@given(st.lists(st.tuples(st.sampled_from([*KNOWN, "x", ""]), st.text(alphabet="ab=&%+_2D", max_size=6))))
def test_known_parameters_are_understood_as_the_server_reads_them(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    read = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] in KNOWN]

    assert [pair for pair in shown_parameters(scope(query=query)) if pair[0] in KNOWN] == read


@given(st.text(alphabet="ab0_&=%5F+", max_size=30), st.text(alphabet="ab0_&=%5F+", max_size=30))
def test_no_key_is_shown_whatever_stands_around_it(before: str, after: str) -> None:
    query = f"{before}{KEYS[0]}{after}"

    shown = [shown_path(scope(f"/{query}")), shown_query(scope(query=query))]
    shown += [name for name, _ in shown_parameters(scope(query=query))]

    assert not [text for text in shown if SECRET in text]


@pytest.mark.parametrize("form", [str, encoded, lambda key: key.replace("y", "%79"), lambda key: f"a{key}b"])
def test_the_key_that_a_request_carries_is_shown_nowhere(form: object) -> None:
    assert callable(form)
    chosen = "my-own-key"
    hidden = form(chosen)

    shown = [
        shown_path(scope(f"/x/{hidden}", key=chosen)),
        shown_query(scope(query=f"page=1&user={hidden}", key=chosen)),
        without_keys(f"got {hidden!r}", scope(key=chosen)),
        *(name for name, _ in shown_parameters(scope(query=f"{hidden}=1", key=chosen))),
    ]

    assert shown == ["…"] * 4


@pytest.mark.parametrize("key", ["my+secret/key%41bc", "with space", "back\\slash'quote\"", "schön-und-gut"])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_key_of_any_letters_is_shown_in_no_encoding(key: str, times: int) -> None:
    hidden = key
    for _ in range(times):
        hidden = quote(hidden, safe="")
    body = Body(json.dumps({"email": "x" * 190 + key, "page": 1}).encode(), "application/json")
    posted = scope(key=key)
    keep_body(posted, body)

    assert without_keys(f"got {hidden}", scope(key=key)) == "…"
    assert without_sent_key("email must be short: got 'xxx...", posted) == "…"
    assert shown_body(posted) == "…"
    if times:
        assert shown_query(scope(query=f"user={hidden}", key=key)) == "…"
        assert without_sent_key("got a part", scope(query=f"user={'x' * 60}{hidden}", key=key)) == "…"


@pytest.mark.parametrize("key", [None, "my-own", "sandbox_my-own-key", "another-key"])
def test_a_short_key_that_of_a_sandbox_and_that_of_another_are_shown(key: str | None) -> None:
    target = "/x/sandbox_my-own-key?user=my-own"

    assert shown_path(scope(target, key=key)) == target


def test_of_a_query_without_end_the_first_hundred_pairs_are_shown() -> None:
    query = "&".join(["page=1"] * 100_000)

    assert shown_query(scope(query=query)) == "&".join(["page=1"] * 100 + ["…"])
    assert shown_parameters(scope(query=query)) == (("page", "1"),) * 100
