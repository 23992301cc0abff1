"""Asking a server over HTTP: what its URL means, and what is sent."""

import pytest

from aicode_mock.asking import line_to, message_of, split_url, target_of


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:8484", "127.0.0.1", 8484),
        ("http://[::1]", "::1", 80),
        ("https://[::1]/", "::1", 443),
        ("https://mock.example", "mock.example", 443),
    ],
)
def test_a_url_means_a_host_and_a_port(url: str, host: str, port: int) -> None:
    line = line_to(split_url(url), timeout_s=1)

    assert (line.host, line.port) == (host, port)


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://", "http://x:0", "http://x:a", "http://x/path", "http://x?a"]
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        split_url(url)


def test_a_query_leaves_out_what_is_none_and_repeats_lists() -> None:
    query = {"user": None, "ignore": ["a", "b c"], "faulted": True, "after": 0}

    assert target_of("/x", query) == "/x?ignore=a&ignore=b+c&faulted=true&after=0"
    assert target_of("/x", {"user": None}) == "/x"


@pytest.mark.parametrize("text", ["", "<html>", "[]", "{}", "7"])
def test_what_is_no_error_of_ours_has_no_message(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        message_of(text)
