"""Rendered answers: rendered once, and only some of them kept."""

from aicode_mock.pagecache import PageCache
from tests.conftest import Client, basic


def test_a_page_is_rendered_once() -> None:
    rendered, cache = [], PageCache()

    def render() -> bytes:
        rendered.append(1)
        return b"page"

    assert [cache.page("a", render), cache.page("a", render)] == [b"page", b"page"]
    assert rendered == [1]


def test_the_pages_that_were_asked_for_last_are_kept() -> None:
    cache = PageCache(most_bytes=10)
    for name in ("a", "b", "a", "c"):
        cache.page(name, lambda: b"12345")

    assert cache.page("a", lambda: b"again") == b"12345"
    assert cache.page("b", lambda: b"again") == b"again"


def test_a_page_that_is_larger_than_all_is_not_kept() -> None:
    cache = PageCache(most_bytes=3)
    cache.page("a", lambda: b"1234")

    assert cache.page("a", lambda: b"5678") == b"5678"


def test_a_page_that_is_asked_for_again_has_the_row_that_came_meanwhile(client: Client) -> None:
    key, rows = basic("sandbox_meanwhile"), "/_mock/worlds/sandbox_meanwhile/commits"
    dates = {"startDate": "2026-06-01", "endDate": "2026-06-30"}
    before = client.get("commits", headers=key, **dates)
    new = {"userEmail": "ada@duo.example", "createdAt": "2026-06-29T12:00:00Z"}
    assert client.http.post(rows, json=new).is_success
    after = client.get("commits", headers=key, **dates)
    assert client.http.post("/_mock/worlds/sandbox_meanwhile/reset").is_success
    again = client.get("commits", headers=key, **dates)
    client.http.delete("/_mock/worlds/sandbox_meanwhile")

    assert after.json()["totalCount"] == before.json()["totalCount"] + 1
    assert again.content == before.content != after.content
