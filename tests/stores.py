"""The store that a run of the tests is about: SQLite, or PostgreSQL with AICODE_MOCK_TEST_STORE=postgresql.

Modules marked ``both_stores`` open their twins here, and so hold over both by the same tests.
On CI PostgreSQL must be there; elsewhere it may be missing, and the tests say so.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from aicode_mock import launch
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.twin import Twin

POSTGRESQL = os.environ.get("AICODE_MOCK_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test")
STORE = os.environ.get("AICODE_MOCK_TEST_STORE", "sqlite")
OVER_POSTGRESQL = STORE == "postgresql"
_made: list[str] = []


def open_twin(settings: Settings) -> Twin:
    """A twin in a database of its own, unless the settings name one."""
    return launch.open_twin(replace(settings, database=settings.database or _new_database()))


def open_store() -> Store:
    """An empty store."""
    return Store.open(_new_database())


@contextmanager
def postgresql() -> Iterator[psycopg.Connection]:
    """A connection to PostgreSQL; skips the test if there is none, except on CI."""
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    with connection:
        yield connection


@contextmanager
def new_database(options: str) -> Iterator[str]:
    """The URL of a new database, made with options of ``CREATE DATABASE``; drops it."""
    name = f"aicode_mock_test_{uuid4().hex}"
    with postgresql() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}".encode())
        try:
            yield _url().set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def few_connections(limit: int) -> Iterator[str]:
    """The URL of a new database that lets its owner, who is no superuser, have so many connections."""
    role = f"aicode_mock_test_{uuid4().hex}"
    with postgresql() as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'".encode())
        try:
            with new_database(f"OWNER {role} CONNECTION LIMIT {limit}") as url:
                yield make_url(url).set(username=role, password=role).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP ROLE {role}".encode())


def new_schema() -> str:
    """The URL of an empty schema, which ``drop_schemas`` drops."""
    schema = f"aicode_mock_test_{uuid4().hex}"
    with postgresql() as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    _made.append(schema)
    # No test takes the machine's power away: to wait for its disk at each request is most of their time.
    url = _url().update_query_dict({"options": f"-csynchronous_commit=off -csearch_path={schema}"})
    return url.render_as_string(hide_password=False)


def drop_schemas() -> None:
    """Drop what this process has made."""
    while _made:
        with postgresql() as connection:
            connection.execute(f"DROP SCHEMA {_made.pop()} CASCADE".encode())


def _url() -> URL:
    return make_url(POSTGRESQL).set(drivername="postgresql+psycopg")


def _new_database() -> str | None:
    return new_schema() if OVER_POSTGRESQL else None
