"""P1 to P5 and P8: what S1 to S5 and S8 measure, over PostgreSQL and against a copy by ``psql``."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg import sql

from bench.bars.latency import Asked, ask_by_turns
from bench.bars.pages import depth
from bench.client import Connection, stream
from bench.data import fill
from bench.judging import Bar, Result, measured, ratios, skipped
from bench.references import psql, shell
from bench.rig import Group, Rig
from bench.servers import MemoryGrowth, Server, our_server
from bench.targets import CHANGES_CSV, COMMITS_CSV, SMALL
from bench.wire import WrongAnswerError

P1 = Bar("P1", "PostgreSQL: commits.csv, all rows ÷ `psql \\copy … csv` of the same rows")
P2 = Bar("P2", "PostgreSQL: changes.csv, all rows ÷ `psql \\copy … csv` of the same rows")
P3 = Bar("P3", "PostgreSQL: growth of the server's memory during P1 and P2", 25, "MB")
P4 = Bar("P4", "PostgreSQL: first byte of P1", unit="ms")
P5 = Bar("P5", "PostgreSQL: median of a small JSON request while P1 runs ÷ idle")
P8 = Bar("P8", "PostgreSQL: last page ÷ first page", 1.2)
_SHARE = 4  # of the rows of the other bars: making them here takes longer
_URL = os.environ.get("AICODE_MOCK_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test")


def measure(rig: Rig) -> Iterator[Result]:
    """Make the rows in a schema of their own, stream and dump them by turns, and drop them."""
    if reason := _missing():
        yield skipped(P1, reason)
        return
    rows = rig.sizes.rows // _SHARE
    with _schema() as schema:
        database = f"{_URL.replace('postgresql:', 'postgresql+psycopg:')}?options=-csearch_path%3D{schema}"
        fill(database, commits=rows, changes=rows)
        _settle(schema)
        with our_server(database) as server:
            with Connection(server.port) as connection:
                connection.get(SMALL)
            yield from _files(server, schema, rig.sizes.repeats)
            yield measured(P5, _during_by_idle(server, rig))
            yield measured(P8, depth(server, rig.sizes))


def _settle(schema: str) -> None:
    """Let PostgreSQL do now what it would do in the background while we measure."""
    with psycopg.connect(_URL, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(schema, name) for (name,) in tables)
        connection.execute(sql.SQL("VACUUM ANALYZE {}").format(names))
        connection.execute("CHECKPOINT")


def _files(server: Server, schema: str, repeats: int) -> Iterator[Result]:
    growth = MemoryGrowth(server)
    kinds = ((P1, COMMITS_CSV, shell.COMMITS), (P2, CHANGES_CSV, shell.CHANGES))
    with growth:
        for bar, target, statement in kinds:
            references, ours = [], []
            for _ in range(repeats):
                seconds, dumped_bytes = psql.dump(_URL, schema, statement)
                streamed = stream(server.port, target)
                if streamed.received_bytes < dumped_bytes * 0.95:
                    raise WrongAnswerError(f"{target} has fewer bytes than the dump of its rows")
                references.append(seconds)
                ours.append(streamed)
            yield measured(bar, ratios([one.seconds for one in ours], references))
            if bar is P1:
                yield measured(P4, [one.first_byte_s * 1000 for one in ours])
    yield measured(P3, [growth.megabytes])


def _during_by_idle(server: Server, rig: Rig) -> list[float]:
    medians = ask_by_turns(server, rig.sizes, Asked(), Asked())
    return ratios([during for _, during in medians], [before for before, _ in medians])


def _missing() -> str:
    """Why nothing can be measured here; empty if it can."""
    if shutil.which("psql") is None:
        return "no psql"
    try:
        psycopg.connect(_URL, connect_timeout=3).close()
    except psycopg.OperationalError:
        return "no PostgreSQL answers"
    return ""


@contextmanager
def _schema() -> Iterator[str]:
    """An empty schema, while it is needed."""
    name = f"aicode_mock_bench_{uuid4().hex}"
    with psycopg.connect(_URL, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        try:
            yield name
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


GROUP = Group(("P1", "P2", "P3", "P4", "P5", "P8"), measure)
