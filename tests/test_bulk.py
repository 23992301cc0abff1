"""Many rows at once: every value comes back as it was, and a row that cannot be stops all of them."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError

from aicode_mock.bulk import bulk_insert
from aicode_mock.store import Store
from aicode_mock.tables import COMMIT_JSON, DATASETS
from tests.stores import new_schema

HOSTILE = [
    "",
    "\\",
    "\\N",
    "\\.",
    "\\.\n\\.",
    "\\t\\n\\x41\\101",
    "tab\tand\ttab",
    "line\nline\r\nline\r",
    "\b\f\v\x01\x1b\x7f",
    "NULL",
    "null",
    "'; DROP TABLE commits; -- \"",
    "%s %(id)s ? :id $1 {0}",
    "zweiß ﷽ 😀\u2028\ufeff\U0010ffff",
    "x" * 1_000_000,
]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with closing(Store.open(new_schema() if request.param == "postgresql" else None)) as store:
        yield store


def test_every_text_comes_back_as_it_was(store: Store) -> None:
    with store.writing() as connection:
        bulk_insert(connection, COMMIT_JSON, list(enumerate(HOSTILE)))

    with store.reading() as connection:
        found = connection.scalars(select(COMMIT_JSON.c.text).order_by(COMMIT_JSON.c.id)).all()
    assert found == HOSTILE


def test_truth_numbers_and_nothing_come_back_as_they_were(store: Store) -> None:
    rows = [
        (1, "s", "d", -(2**63), 2**63 - 1, None, 0, "", True, 0),
        (2, "s", "d", 0, -1, 7, None, "None", False, 1),
    ]
    with store.writing() as connection:
        bulk_insert(connection, DATASETS, rows)

    with store.reading() as connection:
        found = connection.execute(select(DATASETS).order_by(DATASETS.c.id)).all()
    assert [tuple(row) for row in found] == rows
    assert [row.is_template for row in found] == [True, False]


def test_no_rows_are_no_statement(store: Store) -> None:
    with store.reading() as connection:
        bulk_insert(connection, COMMIT_JSON, [])

        assert connection.scalar(select(func.count()).select_from(COMMIT_JSON)) == 0


def test_a_row_that_is_there_already_stops_all(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as connection:
        bulk_insert(connection, COMMIT_JSON, [(1, "one"), (2, "two"), (1, "another")])

    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(COMMIT_JSON)) == 0
    assert store.connections_in_use == 0


def test_a_text_that_postgresql_cannot_hold_stops_all(database: str) -> None:
    with closing(Store.open(database)) as store:
        with pytest.raises(DataError, match="NUL"), store.writing() as connection:
            bulk_insert(connection, COMMIT_JSON, [(1, "one"), (2, "t\0o")])

        with store.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(COMMIT_JSON)) == 0
