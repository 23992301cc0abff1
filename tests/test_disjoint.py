"""Nobody reads what belongs to another: teams, worlds, and keys that are almost right."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.directory import key_digest
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving

OTHERS_KEY = "key-of-the-other-world"
PATHS = ("commits", "commits.csv", "changes", "changes.csv", "commits/{}", "/teams/members")
NAMES = ("user", "startDate", "endDate", "page", "pageSize", "branch", "team", "teamId", "world", "apiKey")
MARKS = ("userEmail", "userId", "commitHash", "changeId", "repoName")


@dataclass(frozen=True)
class Marks:
    """By key, what is found in its own rows only."""

    of: dict[str, set[str]] = field(repr=False)  # thousands of words


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    """A server of two worlds that have nobody and nothing in common."""
    settings = Settings(
        scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"}
    )
    with serving(open_twin(settings)) as client:
        other = {"id": "other", "scenario": "hostile", "apiKey": OTHERS_KEY}
        assert client.http.post("/_mock/worlds", json=other).status_code == 201
        yield client


def rows(client: Client, key: str) -> list[dict[str, Any]]:
    """All rows of a key."""
    found: list[dict[str, Any]] = []
    for kind in ("commits", "changes"):
        answer = client.get(kind, headers=basic(key), startDate="3650d", pageSize=1000)
        found += answer.json()["items"]
    return found


@pytest.fixture(scope="module")
def marks(server: Client) -> Marks:
    """What tells the worlds apart."""
    own = {
        key: {
            str(row[name]) for row in rows(server, key) for name in MARKS if len(str(row.get(name) or "")) > 3
        }
        for key in (KEY, OTHERS_KEY)
    }
    assert min(map(len, own.values())) > 10
    assert not own[KEY] & own[OTHERS_KEY]
    return Marks(own)


PICKS = st.one_of(
    st.integers(0, 9999),  # a mark of the other world
    st.text(max_size=10),
    st.sampled_from(["other", "default", "%", "*", "' OR 1=1 --", "1d", "3650d"]),
)
KEYS = st.sampled_from([(KEY, OTHERS_KEY), (OTHERS_KEY, KEY)])


def picked(pick: int | str, marks: set[str]) -> str:
    return pick if isinstance(pick, str) else sorted(marks)[pick % len(marks)]


@given(
    keys=KEYS,
    path=st.sampled_from(PATHS),
    query=st.lists(st.tuples(st.sampled_from(NAMES), PICKS), max_size=4),
    hashes=st.lists(PICKS, min_size=1, max_size=3),
)
def test_no_request_brings_out_a_row_of_another_world(
    server: Client,
    marks: Marks,
    keys: tuple[str, str],
    path: str,
    query: list[tuple[str, int | str]],
    hashes: list[int | str],
) -> None:
    key, theirs = keys[0], marks.of[keys[1]]
    path = path.format(quote(",".join(picked(one, theirs) for one in hashes), safe=""))
    params = [(name, picked(pick, theirs)) for name, pick in query]

    url = path if path.startswith("/") else f"{API}/{path}"
    answer = server.http.get(url, params=[*params, ("startDate", "3650d")], headers=basic(key))

    assert answer.status_code < 500
    if answer.is_success:
        assert not set(re.split(r'[",\n]', answer.text)) & theirs


@given(keys=KEYS, pick=st.integers(0, 9999))
def test_the_control_plane_tells_of_a_world_what_is_its_own(
    server: Client, marks: Marks, keys: tuple[str, str], pick: int
) -> None:
    world, user = "default" if keys[0] == KEY else "other", picked(pick, marks.of[keys[1]])

    asked = {"user": user, "startDate": "3650d"}
    answers = server.http.get(f"/_mock/worlds/{world}/answers", params=asked).json()

    assert answers["commits"]["count"] == answers["changes"]["count"] == 0


@given(world=st.text(max_size=20))
def test_a_world_that_there_is_not_is_none_of_the_others(server: Client, world: str) -> None:
    answer = server.http.get(f"/_mock/worlds/{quote(world, safe='')}/contract")

    assert answer.status_code in (400, 404) or world in ("default", "other") or not world


ALMOST = st.one_of(
    st.text(),
    st.sampled_from([KEY, OTHERS_KEY]).flatmap(
        lambda key: st.sampled_from(
            [
                key[:-1],
                key + "x",
                key.upper(),
                f" {key}",
                f"{key} ",
                f"{key}\0",
                key_digest(key),
                f"{key}' OR '1'='1",
                key.replace("e", "\u0435"),
                "%",
                "",
            ]
        )
    ),
)


@given(key=ALMOST)
def test_a_key_that_is_not_quite_right_is_none(server: Client, key: str) -> None:
    if key.partition(":")[0] in (KEY, OTHERS_KEY) or key.startswith("sandbox_"):
        return
    try:
        headers = basic(key)
    except UnicodeEncodeError:
        return

    answer = server.http.get(f"{API}/commits", headers=headers)

    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")


def test_teams_of_one_world_see_their_own_rows_alone() -> None:
    with serving(open_twin(Settings(scenario="default", anchor=ANCHOR, now=ANCHOR))) as client:
        keys = {entry.team: entry.key for entry in client.twin.keys(prefix="crsr_")}
        members = {
            team: {
                one["email"] for one in client.get("/teams/members", headers=basic(key)).json()["teamMembers"]
            }
            for team, key in keys.items()
        }
        seen = {
            team: {
                row["userEmail"] for row in client.get("commits", headers=basic(key)).json().get("items", ())
            }
            for team, key in keys.items()
        }

    assert len(keys) > 2
    assert all(seen[team] <= members[team] for team in keys)
    assert any(seen.values())
