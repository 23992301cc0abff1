"""Single rows into a world: derived, placed in the order, all of them or none; and all rows out of it."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock import wire
from aicode_mock.clock import instant_text, to_ms
from aicode_mock.directory import find_members, members_of
from aicode_mock.ingest import Inlet, NoTeamError, data_digest, remove_all, repeat_newest
from aicode_mock.newrows import NewChange, NewCommit
from aicode_mock.roster import NoMemberError, Roster
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, RowKind
from aicode_mock.settings import Settings
from aicode_mock.tables import MEMBERS, REPOSITORIES
from aicode_mock.teamids import POSITIONS
from aicode_mock.worldfacts import world_facts
from aicode_mock.worldrecords import Conditions, dataset_of
from aicode_mock.worlds import add_world, reset_world
from tests.conftest import ANCHOR, KEY, Client, serving
from tests.stores import open_twin
from tests.worldplayer import Api, Item, order_key

pytestmark = pytest.mark.both_stores

ADA, BO = "ada@duo.example", "bo@duo.example"
ADA_ID = "user_00000000000000000000000ada"
KINDS = ("commits", "changes")
NAMES = {"commits": ("commit_hash", "commitHash"), "changes": ("change_id", "changeId")}
LARGEST = 2**31 - 1


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    world = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "off"})
    with serving(open_twin(world)) as client:
        yield client


@pytest.fixture(scope="module")
def open_api(server: Client) -> Iterator[Api]:
    with closing(Api(server.url)) as api:
        yield api


@pytest.fixture
def api(open_api: Api) -> Api:
    """Asks a server whose default world is as it was made."""
    open_api.control("POST", "/worlds/default/reset", expected=204)
    return open_api


@pytest.fixture
def connection(server: Client) -> Iterator[Connection]:
    """A transaction with a new world ``a``, rolled back."""
    with server.twin.store.rearranging() as connection:
        reset_world(connection, "default")
        dataset_id = dataset_of(connection, "default")
        add_world(connection, "a", dataset_id=dataset_id, conditions=Conditions(), now=0)
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def hostile() -> Iterator[Api]:
    """Asks a server of ``hostile``, which has members in privacy mode and several teams."""
    world = Settings(scenario="hostile", anchor=ANCHOR, now=ANCHOR, api_key=KEY)
    with serving(open_twin(world)) as client, closing(Api(client.url)) as api:
        yield api


def add(api: Api, kind: str, *rows: Item, expected: int = 201, query: str = "") -> Any:
    return api.control("POST", f"/worlds/default/{kind}{query}", list(rows), expected=expected)


def items(api: Api, kind: str, query: str = "", *, key: str = KEY) -> list[Item]:
    """The rows of a query, newest first."""
    page = api.get(key, f"{kind}?startDate=1970-01-01&endDate=9999-01-01&pageSize=1000{query}").json
    assert page["totalCount"] == len(page["items"])
    found: list[Item] = page["items"]
    return found


def records(api: Api, kind: str, query: str = "") -> list[dict[str, str]]:
    """The same as CSV."""
    text = api.get(KEY, f"{kind}.csv?startDate=1970-01-01&endDate=9999-01-01{query}").text
    return list(csv.DictReader(io.StringIO(text, newline="")))


# Few instants, hashes and people, so that some are equal.
INSTANTS = st.integers(0, 12).map(lambda hours: instant_text(to_ms(ANCHOR - timedelta(hours=12 * hours))))
SHARED = {"userEmail": st.sampled_from([ADA, BO, "new@duo.example"]), "createdAt": INSTANTS}
COMMIT = st.fixed_dictionaries(
    {
        **SHARED,
        "commitHash": st.sampled_from(["2" * 40, "5" * 40, "a", '\u00e9,\n"']),
        "branchName": st.sampled_from([None, "main", "fix/rounding"]),
        "repoName": st.sampled_from([None, "duo/shop", "duo/new"]),
    }
)
CHANGE = st.fixed_dictionaries(
    {**SHARED, "changeId": st.sampled_from(["0", "9", "10", "1003", "4294967295"])}
)
BATCHES = st.lists(
    st.tuples(st.just("commits"), st.lists(COMMIT, min_size=1, max_size=5))
    | st.tuples(st.just("changes"), st.lists(CHANGE, min_size=1, max_size=5)),
    max_size=6,
)


@given(BATCHES)
def test_whatever_comes_in_lies_in_the_order_in_which_it_is_asked_for(
    server: Client, open_api: Api, batches: list[tuple[str, list[Item]]]
) -> None:
    open_api.control("POST", "/worlds/default/reset", expected=204)
    model = {kind: items(open_api, kind)[::-1] for kind in KINDS}

    for kind, rows in batches:
        model[kind] = sorted([*model[kind], *add(open_api, kind, *rows)], key=order_key)

    for kind in KINDS:
        assert items(open_api, kind) == model[kind][::-1]
        column, name = NAMES[kind]
        for user in (ADA, BO, "new@duo.example"):
            mine = [item for item in model[kind][::-1] if item["userEmail"] == user]
            assert items(open_api, kind, f"&user={user}") == mine
            told = [one[column] for one in records(open_api, kind, f"&user={user}")]
            assert told == [item[name] for item in mine]
    with server.twin.store.reading() as connection:
        assert_dense(connection, dataset_of(connection, "default"))


def assert_dense(connection: Connection, dataset_id: int) -> None:
    """Positions count up from 0, in the team and for each member; the texts lie beside the rows."""
    teams = f"SELECT id FROM team WHERE dataset_id = {dataset_id}"
    for kind in (COMMIT_ROWS, CHANGE_ROWS):
        ids = connection.exec_driver_sql(
            f"SELECT id FROM {kind.rows.name} WHERE team_id IN ({teams}) ORDER BY created_at, id"
        ).scalars()
        positions = [row_id % POSITIONS for row_id in ids]
        assert positions == list(range(len(positions)))
        for texts in (kind.json.name, kind.csv.name):
            lost = f"SELECT COUNT(*) FROM {kind.rows.name} WHERE id NOT IN (SELECT id FROM {texts})"
            assert connection.exec_driver_sql(lost).scalar_one() == 0
        mine = connection.exec_driver_sql(
            f"SELECT member_id, member_position FROM {kind.rows.name} WHERE team_id IN ({teams}) ORDER BY id"
        )
        by_member: dict[int, list[int]] = {}
        for member_id, position in mine:
            by_member.setdefault(member_id, []).append(position)
        assert all(found == list(range(len(found))) for found in by_member.values())


def test_of_equal_rows_the_one_that_came_later_counts_as_newer(api: Api) -> None:
    row = {"userEmail": ADA, "commitHash": "a", "createdAt": "2026-06-29T00:00:00Z"}
    for message in ("first", "second"):
        add(api, "commits", {**row, "message": message})

    messages = [item["message"] for item in items(api, "commits") if item["commitHash"] == "a"]
    assert messages == ["second", "first"]


def test_what_is_left_out_is_filled_in(api: Api) -> None:
    (commit,), (change,) = add(api, "commits", {"userId": ADA_ID}), add(api, "changes", {"userEmail": ADA})

    assert (len(commit["commitHash"]), change["changeId"].isdecimal()) == (40, True)
    del commit["commitHash"], change["changeId"]
    author = {"userId": ADA_ID, "userEmail": ADA, "createdAt": "2026-06-30T00:00:00.000Z"}
    assert commit == {
        **author,
        "repoName": None,
        "branchName": None,
        "isPrimaryBranch": None,
        "commitSource": "ide",
        "totalLinesAdded": 0,
        "totalLinesDeleted": 0,
        "tabLinesAdded": 0,
        "tabLinesDeleted": 0,
        "composerLinesAdded": 0,
        "composerLinesDeleted": 0,
        "nonAiLinesAdded": 0,
        "nonAiLinesDeleted": 0,
        "message": None,
        "commitTs": "2026-06-29T23:55:00.000Z",
    }
    assert change == {
        **author,
        "source": "COMPOSER",
        "model": None,
        "totalLinesAdded": 0,
        "totalLinesDeleted": 0,
        "metadata": [{"fileExtension": "", "linesAdded": 0, "linesDeleted": 0}],
    }


def test_everything_may_be_given_as_the_api_tells_it(api: Api) -> None:
    commits, changes = items(api, "commits"), items(api, "changes")
    for kind in KINDS:
        api.control("DELETE", f"/worlds/default/{kind}")

    told = add(api, "commits", *commits), add(api, "changes", *changes)

    assert told == (commits, changes)
    assert (items(api, "commits"), items(api, "changes")) == (commits, changes)


def test_the_answer_is_what_the_endpoint_tells(api: Api) -> None:
    row = {"userEmail": ADA, "metadata": [{"linesAdded": 1}, {"fileName": "a.py"}], "createdAt": "2026-06-30"}

    told = add(api, "changes", row)

    assert told == items(api, "changes")[:1]
    assert "fileName" not in told[0]["metadata"][0]
    assert wire.Change.model_validate(told[0]).metadata[0].fileName is None


def test_the_answer_has_one_shape_whatever_the_api_makes_of_it(api: Api) -> None:
    contract = {"revision": "2025-08", "settings": {"omit_nulls": "on", "timestamps": "space"}}
    api.control("PATCH", "/worlds/default/contract", contract)

    told = add(api, "commits", {"userEmail": ADA, "commitSource": "cli"})[0]

    item = wire.Commit.model_validate(told)
    assert (item.commitSource, item.repoName, item.createdAt) == ("cli", None, "2026-06-30T00:00:00.000Z")
    shown = items(api, "commits")[0]
    assert shown["commitHash"] == told["commitHash"]
    assert set(told) - set(shown) == {
        "commitSource",
        *(name for name, value in told.items() if value is None),
    }
    assert shown["createdAt"] == "2026-06-30 00:00:00.000"


def test_one_row_needs_no_list(api: Api) -> None:
    for kind in KINDS:
        told = api.control("POST", f"/worlds/default/{kind}", {"userEmail": ADA})
        assert [len(told), len(items(api, kind))] == [1, 7]


@pytest.mark.parametrize(
    ("total", "tab", "composer", "non_ai"),
    [(10, 3, 4, 3), (10, 5, 5, 0), (10, 9, 9, 0), (0, 0, 0, 0), (LARGEST, 0, 0, LARGEST)],
)
def test_lines_that_no_ai_wrote_are_derived(
    api: Api, total: int, tab: int, composer: int, non_ai: int
) -> None:
    row = {"userEmail": ADA}
    for side in ("Added", "Deleted"):
        row |= {f"totalLines{side}": total, f"tabLines{side}": tab, f"composerLines{side}": composer}  # type: ignore[dict-item]

    (told,) = add(api, "commits", row)
    (again,) = add(api, "commits", {**row, "nonAiLinesAdded": non_ai, "nonAiLinesDeleted": None})

    assert (told["nonAiLinesAdded"], told["nonAiLinesDeleted"]) == (non_ai, non_ai)
    assert (again["nonAiLinesAdded"], again["nonAiLinesDeleted"]) == (non_ai, None)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "2026-06-30T11:55:00.000Z"),
        ({"commitTs": None}, None),
        ({"commitTs": "2026-06-01T10:00:00+02:00"}, "2026-06-01T08:00:00.000Z"),
    ],
)
def test_a_commit_time_is_five_minutes_before_or_as_given_or_null(
    api: Api, given: Item, told: str | None
) -> None:
    (commit,) = add(api, "commits", {"userEmail": ADA, "createdAt": "2026-06-30T12:00:00.999Z", **given})

    assert commit["commitTs"] == told
    assert records(api, "commits")[0]["commit_ts"] == (told or "")


def test_the_totals_of_a_change_are_the_sums_over_its_files(api: Api) -> None:
    files = [{"linesAdded": 3, "linesDeleted": 1}, {"linesAdded": 4}]

    (summed,) = add(api, "changes", {"userEmail": ADA, "metadata": files})
    (single,) = add(api, "changes", {"userEmail": ADA, "totalLinesAdded": 7, "totalLinesDeleted": 1})
    (empty,) = add(api, "changes", {"userEmail": ADA, "metadata": []})

    for told in (summed, single):
        assert (told["totalLinesAdded"], told["totalLinesDeleted"]) == (7, 1)
    assert single["metadata"] == [{"fileExtension": "", "linesAdded": 7, "linesDeleted": 1}]
    assert (empty["totalLinesAdded"], empty["metadata"]) == (0, [])


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("src/a.ts", "ts"),
        ("a.tar.gz", "gz"),
        ("Makefile", ""),
        (".gitignore", ""),
        ("a/.env", ""),
        ("a.b/c", ""),
        ("a.", ""),
    ],
)
def test_the_extension_of_a_file_follows_from_its_name_unless_given(
    api: Api, name: str, extension: str
) -> None:
    files = [{"fileName": name}, {"fileName": name, "fileExtension": "x"}]

    (told,) = add(api, "changes", {"userEmail": ADA, "metadata": files})

    assert [one["fileExtension"] for one in told["metadata"]] == [extension, "x"]
    assert [one["fileName"] for one in told["metadata"]] == [name, name]


def test_a_member_in_privacy_mode_has_no_file_names(hostile: Api) -> None:
    files = [{"fileName": "src/a.py", "linesAdded": 1}]

    private, public = (
        add(hostile, "changes", {"userEmail": f"{who}@gauntlet.example", "metadata": files})[0]["metadata"]
        for who in ("private", "owner")
    )

    assert private == [{"fileExtension": "py", "linesAdded": 1, "linesDeleted": 0}]
    assert public == [{"fileName": "src/a.py", "fileExtension": "py", "linesAdded": 1, "linesDeleted": 0}]


@pytest.mark.parametrize(
    "name", [{"userId": ADA_ID}, {"userEmail": "ADA@Duo.Example"}, {"userId": ADA_ID, "userEmail": ADA}]
)
def test_an_author_is_named_by_id_or_by_address_in_any_case_or_both(api: Api, name: Item) -> None:
    (told,) = add(api, "commits", name)

    assert (told["userId"], told["userEmail"]) == (ADA_ID, ADA)


def test_an_address_that_nobody_has_joins_the_team(connection: Connection) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)
    rows = [NewCommit(userEmail=email) for email in ("New@duo.example", "new@DUO.example", "Straße@x")]

    told = [json.loads(item) for item in inlet.add_commits(rows)]
    inlet.add_changes([NewChange(userId=told[0]["userId"])])

    members = members_of(connection, inlet.team_id)
    assert [one.email for one in members] == [ADA, BO, "New@duo.example", "Straße@x"]
    assert (members[2].name, members[2].role, members[2].is_removed) == ("New", "member", False)
    assert [item["userId"] for item in told] == [members[i].user_id for i in (2, 2, 3)]
    assert len(find_members(connection, inlet.team_id, "STRASSE@X")) == 1


def test_an_id_and_an_address_that_nobody_has_join_together(connection: Connection) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)

    inlet.add_commits([NewCommit(userId="user_1", userEmail="new@duo.example")])

    assert [one.user_id for one in members_of(connection, inlet.team_id)][2:] == ["user_1"]


def test_members_of_two_teams_may_have_one_address(hostile: Api) -> None:
    row = {"userEmail": "shared@x"}

    told = [add(hostile, "commits", row, query=query)[0] for query in ("", "?team=no-data")]

    assert told[0]["userId"] == told[1]["userId"]
    assert len(items(hostile, "commits", "&user=shared@x")) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ({"userId": "user_nobody"}, "userId 'user_nobody' is no member of the team: give userEmail too"),
        (
            {"userId": "user_nobody", "userEmail": ADA},
            f"nobody has userId 'user_nobody', and userEmail '{ADA}' has '{ADA_ID}': give one of them",
        ),
        ({"userId": ADA_ID, "userEmail": BO}, f"userId '{ADA_ID}' and userEmail '{BO}' are of different"),
        (
            {"userId": ADA_ID, "userEmail": "new@x"},
            f"nobody has userEmail 'new@x', and userId '{ADA_ID}' has '{ADA}': give one of them",
        ),
    ],
)
def test_an_author_who_is_not_one_member_is_refused(
    connection: Connection, name: dict[str, str], message: str
) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)

    with pytest.raises(NoMemberError, match=message):
        inlet.add_commits([NewCommit.model_validate(name)])


def moved_house(inlet: Inlet) -> list[str]:
    """One user with two addresses, as an import makes them: the first, and the one of the newest rows."""
    roster = Roster(inlet.connection, inlet.team_id)
    emails = ["old@duo.example", "New@duo.example"]
    for email in emails:
        roster.author("user_moved", email)
    roster.finish()
    return emails


def test_a_user_with_two_addresses_is_found_by_either_of_them(connection: Connection) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)
    old, new = moved_house(inlet)
    names = [
        (old, "user_moved"),
        (new, "user_moved"),
        (new.lower(), "user_moved"),
        (new, None),
        (None, "user_moved"),
    ]

    told = inlet.add_commits([NewCommit(userId=user_id, userEmail=email) for email, user_id in names])

    assert [json.loads(item)["userEmail"] for item in told] == [old, new, new, new, old]
    assert [one.email for one in members_of(connection, inlet.team_id)] == [ADA, BO, old, new]


@pytest.mark.parametrize("kind", [COMMIT_ROWS, CHANGE_ROWS], ids=KINDS)
def test_the_newest_row_of_a_user_with_two_addresses_is_repeated(
    connection: Connection, kind: RowKind
) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)
    _, new = moved_house(inlet)
    if kind is COMMIT_ROWS:
        inlet.add_commits([NewCommit(userEmail=new)])
    else:
        inlet.add_changes([NewChange(userEmail=new)])

    repeat_newest(connection, "a", "duo", kind, now=ANCHOR + timedelta(hours=1))

    authors = select(MEMBERS.c.email).join(kind.rows, MEMBERS.c.id == kind.rows.c.member_id)
    newest = authors.where(kind.rows.c.team_id == inlet.team_id).order_by(kind.rows.c.id.desc()).limit(2)
    assert connection.scalars(newest).all() == [new, new]


def test_a_repository_that_the_team_does_not_have_is_added_once(connection: Connection) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)
    names = ("duo/shop", "duo/new", "duo/new", None, "duo/newer")

    inlet.add_commits([NewCommit(userEmail=ADA, repoName=name) for name in names])
    inlet.add_commits([NewCommit(userEmail=ADA, repoName="duo/new")])

    mine = select(REPOSITORIES.c.name).where(REPOSITORIES.c.team_id == inlet.team_id)
    assert connection.scalars(mine.order_by(REPOSITORIES.c.id)).all() == ["duo/shop", "duo/new", "duo/newer"]


def test_rows_go_to_the_first_enterprise_team_or_to_the_one_that_is_named(hostile: Api) -> None:
    (before,) = [world for world in hostile.control("GET", "/worlds")["worlds"] if world["id"] == "default"]

    (told,) = add(hostile, "commits", {"userEmail": "x@y", "message": "named"}, query="?team=no-enterprise")
    (first,) = add(hostile, "commits", {"userEmail": "x@y", "message": "first"})

    after = hostile.control("GET", "/worlds/default")
    assert after["commits"] == before["commits"] + 2
    messages = {item["message"] for item in items(hostile, "commits", "&user=x@y")}
    assert messages == {"first"}
    assert told["commitHash"] != first["commitHash"]


@pytest.mark.parametrize("team", ["nobody", ""])
def test_a_team_that_the_world_does_not_have_is_refused(api: Api, team: str) -> None:
    told = add(api, "commits", {"userEmail": ADA}, expected=400, query=f"?team={team}")

    assert told["message"] == f"unknown team '{team}' (allowed: duo)"


def test_a_world_without_an_enterprise_team_needs_a_name(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE team SET plan = 'business'")

    with pytest.raises(NoTeamError, match="team is needed: no team has an Enterprise plan"):
        Inlet.open(connection, "a", None, now=ANCHOR)
    assert Inlet.open(connection, "a", "duo", now=ANCHOR).now == to_ms(ANCHOR)


@pytest.mark.parametrize(
    ("kind", "row", "message"),
    [
        ("commits", {}, "9: userId or userEmail is needed: whose row it is"),
        ("commits", {"userEmail": ""}, "9.userEmail: "),
        ("commits", {"userEmail": "x" * 201}, "9.userEmail: "),
        ("commits", {"userEmail": "a\0b"}, "9.userEmail: must not hold NUL"),
        ("commits", {"userEmail": ADA, "message": "\0"}, "9.message: must not hold NUL"),
        ("commits", {"userEmail": ADA, "message": "\ud800"}, "9.message: "),
        ("commits", {"userEmail": ADA, "message": "x" * 100_001}, "9.message: "),
        ("commits", {"userEmail": ADA, "nonAiLinesAdded": 1}, "9: nonAiLinesAdded must be 0, max(0, "),
        ("commits", {"userEmail": ADA, "nonAiLinesDeleted": 1}, "9: nonAiLinesDeleted must be 0, max(0, "),
        ("commits", {"userEmail": ADA, "totalLinesAdded": -1}, "9.totalLinesAdded: "),
        ("commits", {"userEmail": ADA, "totalLinesAdded": LARGEST + 1}, "9.totalLinesAdded: "),
        ("commits", {"userEmail": ADA, "totalLinesAdded": None}, "9.totalLinesAdded: "),
        ("commits", {"userEmail": ADA, "createdAt": "yesterday"}, "9.createdAt: not YYYY-MM-DD"),
        ("commits", {"userEmail": ADA, "createdAt": "1969-12-31T23:59:59Z"}, "9.createdAt: must be between"),
        ("commits", {"userEmail": ADA, "createdAt": "9999-01-01"}, "9.createdAt: must be between"),
        ("commits", {"userEmail": ADA, "commitSource": "web"}, "9.commitSource: "),
        ("commits", {"userEmail": ADA, "changeId": "1"}, "9: unknown field 'changeId'"),
        ("commits", {"userId": "nobody"}, "userId 'nobody' is no member"),
        ("changes", {"userEmail": ADA, "totalLinesAdded": 1, "metadata": []}, "9: totalLinesAdded must be 0"),
        (
            "changes",
            {"userEmail": ADA, "totalLinesDeleted": 2, "metadata": [{"linesDeleted": 1}]},
            "9: totalLinesDeleted must be 1, the sum over metadata: got 2",
        ),
        (
            "changes",
            {"userEmail": ADA, "metadata": [{"linesAdded": LARGEST}, {"linesAdded": 1}]},
            f"9: totalLinesAdded, the sum over metadata, must not be over {LARGEST}: got {LARGEST + 1}",
        ),
        ("changes", {"userEmail": ADA, "changeId": "4294967296"}, "9: changeId must be below 4294967296"),
        ("changes", {"userEmail": ADA, "changeId": "007"}, "9.changeId: "),
        ("changes", {"userEmail": ADA, "changeId": "\u0663"}, "9.changeId: "),
        ("changes", {"userEmail": ADA, "metadata": [{}] * 1001}, "9.metadata: "),
        ("changes", {"userEmail": ADA, "metadata": [{"lines": 1}]}, "9.metadata.0: unknown field 'lines'"),
        ("changes", {"userId": "nobody"}, "userId 'nobody' is no member"),
    ],
)  # fmt: skip
def test_one_wrong_row_of_ten_is_named_and_nothing_goes_in(
    api: Api, kind: str, row: Item, message: str
) -> None:
    before = api.control("GET", "/worlds/default"), api.get(KEY, f"{kind}.csv?startDate=30d")
    right: Item = {"userEmail": "new@duo.example", "createdAt": "2026-06-01"}

    told = add(api, kind, *[right] * 9, row, expected=400)

    after = api.control("GET", "/worlds/default"), api.get(KEY, f"{kind}.csv?startDate=30d")
    assert told["message"].startswith(message)
    assert before[0] == {**after[0], "requests": 0}
    assert (before[1].text, before[1].headers["etag"]) == (after[1].text, after[1].headers["etag"])
    assert items(api, kind, "&user=new@duo.example") == []


@pytest.mark.parametrize("body", [None, 5, "x", [5]])
@pytest.mark.parametrize("kind", KINDS)
def test_a_body_that_holds_no_rows_is_refused(api: Api, kind: str, body: object) -> None:
    told = api.control("POST", f"/worlds/default/{kind}", body, expected=400)

    assert told["error"] == "Bad Request"


@pytest.mark.parametrize("kind", KINDS)
def test_a_world_that_is_not_there_takes_no_rows(api: Api, kind: str) -> None:
    for method, body in (("POST", {"userEmail": ADA}), ("DELETE", None)):
        told = api.control(method, f"/worlds/nowhere/{kind}", body, expected=404)
        assert told["message"] == "there is no world 'nowhere'"


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_of_rows_is_another_entity_tag(api: Api, kind: str) -> None:
    def tag() -> str:
        return api.get(KEY, f"{kind}?startDate=9d").headers["etag"]

    tags = [tag()]
    for _ in range(2):
        add(api, kind, {"userEmail": ADA})
        tags.append(tag())
    api.control("DELETE", f"/worlds/default/{kind}")
    tags.append(tag())
    api.control("POST", "/worlds/default/reset", expected=204)

    assert len(set(tags)) == 4
    assert tag() == tags[0]


def test_the_same_rows_into_the_same_world_are_the_same_bytes(api: Api) -> None:
    rows: list[Item] = [
        {"userEmail": "new@duo.example"},
        {"userEmail": ADA, "repoName": "duo/new"},
        {"userEmail": ADA},
    ]
    digests, texts = [], []

    for world in ("left", "right"):
        api.control("POST", "/worlds", {"id": world, "apiKey": world})
        for kind, row in (("commits", rows), ("changes", [{"userEmail": BO}]), ("commits", rows[:1])):
            api.control("POST", f"/worlds/{world}/{kind}", row)
        texts.append([api.get(world, f"{kind}?startDate=9d").text for kind in KINDS])
        digests.append(api.control("GET", f"/worlds/{world}")["digest"])

    assert texts[0] == texts[1]
    assert digests[0] == digests[1]
    hashes = [item["commitHash"] for item in json.loads(texts[0][0])["items"]]
    assert len(set(hashes)) == 10


def test_rows_of_another_team_or_kind_or_order_name_other_data(connection: Connection) -> None:
    digests = []
    for number, (world, emails) in enumerate((("b", (ADA, BO)), ("c", (BO, ADA)), ("d", (ADA,)))):
        dataset_id = dataset_of(connection, "default")
        add_world(connection, world, dataset_id=dataset_id, conditions=Conditions(), now=number)
        inlet = Inlet.open(connection, world, None, now=ANCHOR)
        inlet.add_commits([NewCommit(userEmail=email) for email in emails])
        digests.append(data_digest(connection, inlet.dataset_id))
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)
    inlet.add_changes([NewChange(userEmail=ADA)])

    assert len({*digests, data_digest(connection, inlet.dataset_id)}) == 4


def test_ten_thousand_rows_come_in_at_once_among_those_that_are_there(server: Client, api: Api) -> None:
    rows: list[Item] = [
        {
            "userEmail": f"{number % 7}@duo.example",
            "createdAt": instant_text(to_ms(ANCHOR) - number * 7919 % 10_000 * 60_000),
            "totalLinesAdded": number,
        }
        for number in range(10_000)
    ]

    before = items(api, "commits")

    told = add(api, "commits", *rows)

    everything = sorted([*before, *told], key=order_key)[::-1]
    page = api.get(KEY, "commits?startDate=30d&pageSize=1000&page=4").json
    assert (page["totalCount"], page["items"]) == (10_006, everything[3000:4000])
    hashes = [one["commit_hash"] for one in records(api, "commits")]
    assert hashes == [item["commitHash"] for item in everything]
    with server.twin.store.reading() as connection:
        assert_dense(connection, dataset_of(connection, "default"))


def test_more_rows_than_that_are_refused(api: Api) -> None:
    told = add(api, "changes", *[{"userEmail": ADA}] * 10_001, expected=400)

    assert told["message"].startswith("body: List should have at most 10000 items")


@pytest.mark.parametrize(("kind", "other"), [("commits", "changes"), ("changes", "commits")])
def test_all_rows_of_a_kind_are_taken_out_and_new_ones_come_in(api: Api, kind: str, other: str) -> None:
    before = items(api, other)

    api.control("DELETE", f"/worlds/default/{kind}")
    none, records_left = items(api, kind), records(api, kind)
    (told,) = add(api, kind, {"userEmail": ADA})

    assert (none, records_left) == ([], [])
    assert items(api, kind) == [told]
    assert items(api, other) == before


def test_rows_are_taken_out_of_every_team(hostile: Api) -> None:
    hostile.control("DELETE", "/worlds/default/commits")

    facts = hostile.control("GET", "/worlds/default")

    assert facts["commits"] == 0
    assert facts["changes"] > 0


def test_a_row_keeps_the_instant_down_to_the_millisecond(api: Api) -> None:
    (told,) = add(api, "commits", {"userEmail": ADA, "createdAt": "2026-06-01T12:00:00.9999+02:00"})

    assert told["createdAt"] == "2026-06-01T10:00:00.999Z"


@pytest.mark.parametrize("created_at", ["1970-01-01", "9998-12-31T23:59:59.999Z"])
def test_a_row_may_be_of_any_time_that_can_be_printed(api: Api, created_at: str) -> None:
    for kind in KINDS:
        (told,) = add(api, kind, {"userEmail": ADA, "createdAt": created_at})
        assert told in items(api, kind)


@pytest.mark.parametrize("kind", [COMMIT_ROWS, CHANGE_ROWS], ids=KINDS)
def test_the_newest_row_is_repeated_by_whoever_wrote_it_now(connection: Connection, kind: RowKind) -> None:
    later = ANCHOR + timedelta(hours=1)

    repeat_newest(connection, "a", "duo", kind, now=later)

    team_id = Inlet.open(connection, "a", None, now=ANCHOR).team_id
    newest = connection.execute(
        select(kind.rows.c.created_at, MEMBERS.c.email)
        .join(MEMBERS, MEMBERS.c.id == kind.rows.c.member_id)
        .where(kind.rows.c.team_id == team_id)
        .order_by(kind.rows.c.id.desc())
        .limit(1)
    ).one()
    assert newest == (to_ms(later), BO)
    facts = world_facts(connection, "a")
    assert {COMMIT_ROWS: facts.commits, CHANGE_ROWS: facts.changes}[kind] == 7


@pytest.mark.parametrize("kind", [COMMIT_ROWS, CHANGE_ROWS], ids=KINDS)
def test_a_team_without_rows_has_none_to_repeat(connection: Connection, kind: RowKind) -> None:
    remove_all(connection, "a", kind)
    before = world_facts(connection, "a")

    repeat_newest(connection, "a", "duo", kind, now=ANCHOR)

    assert world_facts(connection, "a") == before


def test_nothing_is_placed_where_nothing_comes(connection: Connection) -> None:
    inlet = Inlet.open(connection, "a", None, now=ANCHOR)

    assert inlet.add_commits([]) == inlet.add_changes([]) == []

    facts = world_facts(connection, "a")
    assert (facts.commits, facts.changes) == (6, 6)
