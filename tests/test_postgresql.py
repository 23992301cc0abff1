"""The same bytes over PostgreSQL: nothing in the design rules it out."""

from collections.abc import Iterator

import pytest

from aicode_mock.launch import Settings, open_twin
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving

_TARGETS = (
    "commits?startDate=30d&pageSize=1000&page=2",
    "commits.csv?startDate=30d",
    "changes?startDate=30d&pageSize=77",
    "changes.csv?startDate=30d",
    "commits.csv?startDate=30d&user=o'brien%2Btag@gauntlet.example",
    "commits/a000000000000000000000000000000000000005,unknown",
)


@pytest.fixture(scope="module")
def over_postgresql(database: str) -> Iterator[Client]:
    """A client of ``hostile`` in PostgreSQL."""
    settings = Settings(scenario="hostile", anchor=ANCHOR, now=ANCHOR, api_key=KEY, database=database)
    with serving(open_twin(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def over_sqlite() -> Iterator[Client]:
    """A client of the same world in SQLite."""
    with serving(open_twin(Settings(scenario="hostile", anchor=ANCHOR, now=ANCHOR, api_key=KEY))) as client:
        yield client


@pytest.mark.parametrize("target", _TARGETS)
def test_every_endpoint_sends_the_same_bytes_and_tag(
    over_postgresql: Client, over_sqlite: Client, target: str
) -> None:
    for client in (over_postgresql, over_sqlite):
        client.promise()

    answers = [
        client.http.get(f"{API}/{target}", headers=basic(KEY)) for client in (over_postgresql, over_sqlite)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_limits_count_in_the_database(over_postgresql: Client) -> None:
    over_postgresql.promise(rate_limit="3")

    statuses = [over_postgresql.get("commits", pageSize=1).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_the_switches_that_scan_work_too(over_postgresql: Client, over_sqlite: Client) -> None:
    for client in (over_postgresql, over_sqlite):
        client.promise(date_field="commitTs", order="shuffled", timestamps="space")

    answers = [client.get("commits.csv", startDate="30d") for client in (over_postgresql, over_sqlite)]

    assert answers[0].status_code == 200
    assert answers[0].content == answers[1].content
