"""Older stores: those of every release are brought up to date with their rows, others are refused.

``tests/schemas`` holds stores of ``tiny`` as each version of the tables made them, with a commit that was
put in, an entry of the journal and an open window.
"""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import inspect, make_url, select, text

from aicode_mock.databases import StoreError
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.tables import Base
from aicode_mock.worldtables import RATE_WINDOWS, SCHEMA_VERSION, STORE_INFO
from tests.conftest import ANCHOR, API, KEY, basic, serving
from tests.stores import new_schema

SCHEMAS = Path(__file__).parent / "schemas"
BACKENDS = ("sqlite", "postgresql")
RELEASED = range(2, SCHEMA_VERSION)  # version 1 was never released


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    return str(tmp_path / "twin.db") if request.param == "sqlite" else new_schema()


@pytest.fixture
def old(empty: str, version: int) -> str:
    """A database as a version of the program made it."""
    if "://" not in empty:
        with closing(sqlite3.connect(empty)) as connection:
            connection.executescript((SCHEMAS / f"{version}.sqlite.sql").read_text(encoding="utf-8"))
            connection.execute("PRAGMA journal_mode = WAL")  # as every release left its files
        return empty
    url = make_url(empty).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url.replace("+", "%20")) as connection:  # libpq reads no plus as a blank
        connection.execute((SCHEMAS / f"{version}.postgresql.sql").read_bytes())
    return empty


def shape(database: str) -> Iterator[tuple[str, Any]]:
    """The tables of a database: columns, keys, indexes; in PostgreSQL references, too."""
    with closing(Store.open(database)) as store, store.reading() as connection:
        inspector = inspect(connection)
        for table in inspector.get_table_names():
            columns = {
                one["name"]: (str(one["type"]), one["nullable"]) for one in inspector.get_columns(table)
            }
            indexes = {one["name"]: one["column_names"] for one in inspector.get_indexes(table)}
            keys = inspector.get_pk_constraint(table)["constrained_columns"]
            references = sorted(str(one["constrained_columns"]) for one in inspector.get_foreign_keys(table))
            yield table, (columns, indexes, keys, references)
        if connection.dialect.name == "sqlite":
            forms = "SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'"
            yield "without row ids", connection.scalars(text(forms)).all()


@pytest.mark.parametrize("version", RELEASED)
def test_a_store_of_a_release_gets_the_tables_of_a_new_one(old: str, tmp_path: Path) -> None:
    new = str(tmp_path / "new.db") if "://" not in old else new_schema()
    open_twin(Settings(database=new, scenario="tiny", anchor=ANCHOR)).close()

    assert dict(shape(old)) == dict(shape(new))
    assert set(dict(shape(old))) >= set(Base.metadata.tables)


@pytest.mark.parametrize("version", RELEASED)
def test_it_is_served_with_everything_that_was_in_it(old: str) -> None:
    with serving(open_twin(Settings(database=old, api_key=KEY, now=ANCHOR))) as client:
        rows = client.get("commits", startDate="30d").json()
        members = client.http.get("/teams/members", headers=basic(KEY))
        entries = client.http.get("/_mock/worlds/default/requests/count").json()["count"]
        reset = client.http.post("/_mock/worlds/default/reset").status_code
        as_made = client.http.get(f"{API}/commits?startDate=30d", headers=basic(KEY)).json()

    assert rows["totalCount"] == 7
    assert 'kept, é "\n' in [item["message"] for item in rows["items"]]
    assert members.status_code == 200
    assert entries == 3
    assert (reset, as_made["totalCount"]) == (204, 6)


@pytest.mark.parametrize("version", RELEASED)
def test_it_is_brought_up_to_date_once(old: str) -> None:
    def look(_number: int) -> tuple[int | None, bool]:
        with closing(Store.open(old, create=False)) as store, store.writing() as connection:
            window = connection.scalar(select(RATE_WINDOWS.c.key))
            return connection.scalar(select(STORE_INFO.c.schema_version)), window is None

    with ThreadPoolExecutor(4) as crowd:
        looked = set(crowd.map(look, range(4)))

    assert {version for version, _ in looked} == {SCHEMA_VERSION}


@pytest.mark.parametrize("version", [1])
def test_the_first_tables_that_no_release_had_are_refused_and_left_alone(old: str) -> None:
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            Store.open(old)
        said = f"has schema version 1, this program {SCHEMA_VERSION}: make a new one with 'aicode-mock seed'"
        assert str(refused.value).endswith(said)
