"""The psql client: rows as CSV on a pipe, as PostgreSQL itself prints them."""

import os
import subprocess
from time import perf_counter

_BUFFER_BYTES = 256 * 1024


def dump(url: str, schema: str, statement: str) -> tuple[float, int]:
    """Seconds until psql has written all rows to a pipe that we drain, and how many bytes came."""
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    copy = f"\\copy ({' '.join(statement.split())}) TO STDOUT (FORMAT csv, HEADER)"
    environment = {**os.environ, "PGOPTIONS": f"-csearch_path={schema}"}
    start, received = perf_counter(), 0
    command = ["psql", "-X", "-q", "-d", url, "-c", copy]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as client:
        assert client.stdout is not None  # noqa: S101  # a pipe was asked for
        while count := os.readv(client.stdout.fileno(), [buffer]):
            received += count
        if client.wait():
            raise RuntimeError("psql failed")
    return perf_counter() - start, received
