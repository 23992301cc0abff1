"""Names of certificates: what is one, and in which form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.tls.names import certifiable


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("api.cursor.com", "api.cursor.com"),
        ("API.Cursor.com", "api.cursor.com"),
        ("mock", "mock"),
        ("a-1", "a-1"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("0:0::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_a_name_has_one_form(text: str, name: str) -> None:
    assert certifiable(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            " ",
            "a b",
            "a..b",
            ".a",
            "a.",
            "-a",
            "a-",
            "a_b",
            "*.a",
            "a@b.c",
            "10.0.0.0/8",
            "http://a",
            "a:1",
        ],
        *["\u00e9.fr", "\u0661", "a" * 64, ".".join(["a" * 60] * 5)],
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is neither a host name nor an address"):
        certifiable(text)


@given(st.text(max_size=80))
def test_a_text_is_refused_or_stays_as_it_is_from_then_on(text: str) -> None:
    try:
        name = certifiable(text)
    except ValueError as error:
        assert "neither a host name nor an address" in str(error)  # noqa: PT017  # most texts are refused
    else:
        assert certifiable(name) == name
