"""The same bytes over PostgreSQL, whatever the order of its texts: nothing in the design rules it out."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import make_url, text

from aicode_mock.databases import StoreError
from aicode_mock.daterange import DateRange
from aicode_mock.launch import open_twin
from aicode_mock.pages import BLOCK_ROWS, csv_blocks
from aicode_mock.selection import COMMIT_ROWS, Query, select_rows
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.wiretext import CsvForm
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.stores import new_database, new_schema

SCENARIOS = ("default", "tiny", "hostile")
STORES = ("postgresql", "sqlite")
# English by ICU: punctuation counts little there, and "a" comes before "B".
ENGLISH = "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
EVER = "startDate=1970-01-01&endDate=9999-01-01"
_ITEM_HASH = re.compile(r'"commitHash":"([^"]+)"')
_HASHES = 1000  # in one request


@pytest.fixture(scope="module", params=SCENARIOS)
def clients(request: pytest.FixtureRequest) -> Iterator[dict[str, Client]]:
    """Clients of one world in both databases; that of PostgreSQL orders texts as people do."""
    settings = {"scenario": request.param, "anchor": ANCHOR, "now": ANCHOR, "api_key": KEY}
    with (
        new_database(ENGLISH) as url,
        serving(open_twin(Settings(**settings, database=url))) as over_postgresql,
        serving(open_twin(Settings(**settings))) as over_sqlite,
    ):
        yield dict(zip(STORES, (over_postgresql, over_sqlite), strict=True))


def answers(client: Client) -> Iterator[tuple[str, bytes]]:
    """Every answer of every endpoint: all pages, both files, all details, all members, one user's rows."""
    hashes: list[str] = []
    for kind in ("commits", "changes"):
        for size, user in ((1000, ""), (77, f"&user={_last_user(client)}")):
            total, page = 1, 0
            while page * size < total:
                page += 1
                target = f"{kind}?{EVER}&pageSize={size}&page={page}{user}"
                yield target, (body := _body(client, f"{API}/{target}"))
                total = int(body.rpartition(b'"totalCount":')[2].partition(b",")[0])
                hashes += _ITEM_HASH.findall(body.decode())
        for user in ("", f"&user={_last_user(client)}"):
            yield f"{kind}.csv{user}", _body(client, f"{API}/{kind}.csv?{EVER}{user}")
    for start in range(0, len(hashes), _HASHES):
        yield f"details {start}", _body(client, f"{API}/commits/{','.join(hashes[start : start + _HASHES])}")
    yield "members", _body(client, "/teams/members")


def _body(client: Client, target: str) -> bytes:
    answer = client.http.get(target, headers=basic(KEY))
    assert answer.status_code == 200, target
    return b"%b %b" % (answer.headers.get("ETag", "").encode(), answer.content)


def _last_user(client: Client) -> str:
    members = client.http.get("/teams/members", headers=basic(KEY)).json()["teamMembers"]
    return str(members[-1]["email"]).replace("+", "%2B")


@pytest.mark.parametrize(
    "switches",
    [{}, {"date_field": "commitTs", "order": "shuffled", "timestamps": "space", "omit_nulls": "on"}],
    ids=["documented", "scanned"],
)
def test_every_endpoint_sends_the_same_bytes_and_tags(
    clients: dict[str, Client], switches: dict[str, str]
) -> None:
    digests = {}
    for store, client in clients.items():
        client.promise(**switches)
        digests[store] = {target: sha256(body).hexdigest() for target, body in answers(client)}

    assert len(digests["sqlite"]) >= 10
    assert digests["postgresql"] == digests["sqlite"]


def test_an_index_of_some_rows_is_one_there_too(clients: dict[str, Client]) -> None:
    wanted = "indexname = 'composer_changes_by_instant' AND schemaname = current_schema()"
    with clients["postgresql"].twin.store.reading() as connection:
        made = connection.scalars(text(f"SELECT indexdef FROM pg_indexes WHERE {wanted}")).all()

    assert [one.partition(" WHERE ")[2] for one in made] == ["((source)::text = 'COMPOSER'::text)"]


@pytest.mark.parametrize(("scenario", "is_known"), [("default", True), ("tiny", False)])
def test_the_planner_knows_what_many_rows_are(scenario: str, *, is_known: bool) -> None:
    url = new_schema()
    with closing(open_twin(Settings(database=url, scenario=scenario, anchor=ANCHOR))) as twin:
        with twin.store.reading() as connection:
            counted = connection.scalar(
                text("SELECT reltuples FROM pg_class WHERE oid = 'change_csv'::regclass")
            )
        facts = twin.facts()

    assert counted == (facts.changes if is_known else -1)


def test_ids_and_names_are_listed_in_the_order_of_their_bytes(clients: dict[str, Client]) -> None:
    names = ["_a", "B", "a", "a-b", "a_b", "ab", "~c"]
    for client in clients.values():
        for name in names:
            client.http.post("/_mock/worlds", json={"id": name}).raise_for_status()
            if name != "~c":
                client.http.post("/_mock/worlds/default/snapshots", json={"name": name}).raise_for_status()

    told = [
        (
            [one["id"] for one in client.http.get("/_mock/worlds").json()["worlds"]],
            [one["name"] for one in client.http.get("/_mock/worlds/default/snapshots").json()["snapshots"]],
        )
        for client in clients.values()
    ]

    assert told[0] == told[1] == (sorted([*names, "default"]), sorted(names[:-1]))


def test_keys_are_chosen_alike(clients: dict[str, Client]) -> None:
    keys = [[client.twin.keys(prefix=prefix) for prefix in ("crsr_", "key_")] for client in clients.values()]

    assert keys[0] == keys[1]


def test_limits_count_in_the_database(clients: dict[str, Client]) -> None:
    clients["postgresql"].promise(rate_limit="3")

    statuses = [clients["postgresql"].get("commits", pageSize=1).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_rows_of_other_forms_come_by_a_cursor_of_the_server(clients: dict[str, Client]) -> None:
    ever = DateRange(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    with clients["postgresql"].twin.store.reading() as connection:
        selection = select_rows(connection, Query(COMMIT_ROWS, 1, None, ever, shuffled=True))
        blocks = csv_blocks(connection, selection, CsvForm(), header_if_empty=True)
        next(blocks)
        before = connection.exec_driver_sql("SELECT count(*) FROM pg_cursors").scalar()
        first = next(blocks)
        during = connection.exec_driver_sql("SELECT count(*) FROM pg_cursors").scalar()
        rest = b"".join(blocks)

    assert (before, during) == (0, 1)
    assert selection.total <= BLOCK_ROWS or len(first) < len(rest)


def test_a_database_that_does_not_hold_every_text_is_refused() -> None:
    with (
        new_database("ENCODING 'LATIN1' LOCALE 'C'") as url,
        pytest.raises(StoreError, match=r"has the encoding LATIN1.*make it with ENCODING 'UTF8'"),
    ):
        Store.open(url)


def test_a_password_is_not_told(database: str) -> None:
    url = make_url(database).set(password="hunter2", database="no-such-database")  # noqa: S106  # of nothing

    with pytest.raises(StoreError) as refused:
        Store.open(url.render_as_string(hide_password=False))

    assert "no-such-database" in str(refused.value)
    assert "hunter2" not in str(refused.value)
