"""Conditional requests: strong entity tags that change with the bytes, and with nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, KEY, Client, basic, serving
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

PATHS = [endpoint.path.replace("{hashes}", "6" * 40) for endpoint in ENDPOINTS if endpoint.method == "GET"]


def tag_of(client: Client, path: str, **query: str) -> str:
    """The entity tag of an answer."""
    return client.http.get(_url(path), params=query, headers=basic(KEY)).headers["ETag"]


def _url(path: str) -> str:
    return path if path.startswith("/") else f"/analytics/ai-code/{path}"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_a_strong_quoted_tag_and_a_lifetime(client: Client, path: str) -> None:
    headers = client.get(path).headers

    assert headers["ETag"].strip('"').isalnum()
    assert (headers["ETag"][0], headers["ETag"][-1]) == ('"', '"')
    assert headers["Cache-Control"] == "public, max-age=900"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "form", ["{tag}", "W/{tag}", '"other", {tag}', '{tag},"other"', 'W/"other" , W/{tag}', "*", " * "]
)
def test_a_known_tag_is_answered_304_without_a_body(
    client: Client, path: str, method: str, form: str
) -> None:
    tag = tag_of(client, path)
    headers = {**basic(KEY), "If-None-Match": form.format(tag=tag).strip()}

    answer = client.http.request(method, path, headers=headers)

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    assert not {"Content-Type", "Content-Length", "Transfer-Encoding"} & {
        name.title() for name in answer.headers
    }


@pytest.mark.parametrize(
    "form",
    [
        "",
        '"other"',
        'W/"other"',
        "{bare}",
        "'{bare}'",
        '"{bare}',
        '{bare}"',
        '"x{bare}"',
        '"{upper}"',
        "**",
        '"*"',
        "*, {tag}x",
        ",",
        '"""',
        "W/",
    ],
)
@pytest.mark.parametrize("path", [PATHS[0], PATHS[1]])
def test_any_other_condition_is_answered_in_full(client: Client, path: str, form: str) -> None:
    bare = tag_of(client, path).strip('"')
    condition = form.format(tag=bare, bare=bare, upper=f"{bare}A")

    answer = client.http.get(path, headers=[*basic(KEY).items(), ("If-None-Match", condition)])

    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_other_conditions_are_not_looked_at(client: Client) -> None:
    headers = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "If-Match": '"x"', "Range": "bytes=0-1"}

    answer = client.get("commits", headers=headers)

    assert answer.status_code == 200
    assert "Last-Modified" not in answer.headers


def test_an_old_tag_of_another_answer_is_no_match(client: Client) -> None:
    tags = [tag_of(client, "commits", page=str(page), pageSize="2") for page in (1, 2)]

    answer = client.get("commits", headers={"If-None-Match": tags[0]}, page=2, pageSize=2)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [("commits", {"page": "x"}, 400), ("commits.csv", {"endDate": "x"}, 400), ("nowhere", {}, 404)],
)
def test_errors_carry_no_tag_and_no_lifetime(
    client: Client, path: str, query: dict[str, str], status: int
) -> None:
    answer = client.http.get(_url(path), params=query, headers={**basic(KEY), "If-None-Match": "*"})

    assert answer.status_code == status
    assert not {"etag", "cache-control"} & set(answer.headers)


def test_refusals_carry_no_tag_and_no_lifetime(client: Client) -> None:
    client.promise(rate_limit="1")

    stranger = client.get("commits", headers={**basic("stranger"), "If-None-Match": "*"})
    limited = [client.get("commits", headers={"If-None-Match": '"x"'}) for _ in range(2)][1]

    for answer, status in ((stranger, 401), (limited, 429)):
        assert answer.status_code == status
        assert not {"etag", "cache-control"} & set(answer.headers)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("switches", [{}, {"order": "shuffled"}, {"date_field": "commitTs"}], ids=str)
def test_the_tag_stays_while_now_moves_on_and_the_rows_do_not(
    client: Client, path: str, switches: dict[str, str]
) -> None:
    client.promise(**switches)
    tags = set()
    for elapsed in (timedelta(), timedelta(milliseconds=1), timedelta(hours=9), timedelta(days=3, hours=23)):
        client.freeze(ANCHOR + elapsed)
        tags.add((tag_of(client, path), client.get(path).content))

    assert len(tags) == 1


@pytest.mark.parametrize("kind", ["commits", "changes", "commits.csv", "changes.csv"])
@pytest.mark.parametrize("switches", [{}, {"order": "shuffled"}, {"date_field": "commitTs"}], ids=str)
def test_the_tag_changes_when_a_row_leaves_the_range(
    client: Client, kind: str, switches: dict[str, str]
) -> None:
    client.promise(**switches)
    first = tag_of(client, kind)

    client.freeze(ANCHOR + timedelta(days=4, hours=12))
    later = tag_of(client, kind)

    assert later != first


def test_answers_that_differ_have_different_tags(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    queries = [
        {},
        {"page": "2"},
        {"pageSize": "50"},
        {"startDate": "3d"},
        {"endDate": "1d"},
        {"user": "owner@gauntlet.example"},
        {"user": "gone@gauntlet.example"},
    ]

    tags, bodies = [], []
    for path in ("commits", "changes", "commits.csv", "changes.csv"):
        for query in queries if "." not in path else [{}, *queries[3:]]:
            answer = client.http.get(_url(path), params=query, headers=basic(KEY))
            tags.append(answer.headers["ETag"])
            bodies.append(answer.content)

    assert len(set(tags)) == len(set(bodies)) == len(tags)


def test_answers_that_are_the_same_have_one_tag(client: Client) -> None:
    spellings: list[dict[str, str]] = [
        {},
        {"startDate": "7d", "endDate": "now"},
        {"startDate": "4d"},
        {"startDate": "2026-06-23T00:00:00Z", "pageSize": "100", "page": "1"},
    ]

    assert len({tag_of(client, "commits", **query) for query in spellings}) == 1
    assert tag_of(client, "commits", user="ada@duo.example") == tag_of(client, "commits", user="101")


@pytest.mark.parametrize(
    "contract",
    [
        {"revision": "2025-08"},
        {"omit_nulls": "on"},
        {"timestamps": "space"},
        {"csv_line_end": "crlf"},
        {"order": "shuffled"},
        {"commit_source_column": "table"},
    ],
    ids=str,
)
def test_another_contract_has_other_tags(client: Client, contract: dict[str, str]) -> None:
    before = tag_of(client, "commits"), tag_of(client, "commits.csv")

    client.promise(**contract)
    after = tag_of(client, "commits"), tag_of(client, "commits.csv")

    assert not set(before) & set(after)


def test_teams_do_not_share_tags(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    other = next(entry.key for entry in client.twin.keys(prefix="crsr_") if entry.team == "no-data")

    tags = {client.get(path, headers=basic(key)).headers["ETag"] for path in PATHS for key in (KEY, other)}

    assert len(tags) == 2 * len(PATHS)


@pytest.mark.parametrize(("seed", "days_before"), [(42, 0), (43, 0), (42, 1)])
def test_servers_share_a_tag_where_they_share_the_bytes(
    client_of: Callable[[str], Client], seed: int, days_before: int
) -> None:
    one = client_of("tiny")
    anchor = ANCHOR - timedelta(days=days_before)
    settings = Settings(
        scenario="tiny", seed=seed, anchor=anchor, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"}
    )

    with serving(open_twin(settings)) as other:
        tags = [tag_of(one, path) == tag_of(other, path) for path in PATHS]
        contents = [one.get(path).content == other.get(path).content for path in PATHS]

    same_origin = (seed, days_before) == (42, 0)
    assert all(contents) == same_origin
    assert all(tags) == same_origin
    assert all(content for tag, content in zip(tags, contents, strict=True) if tag)
