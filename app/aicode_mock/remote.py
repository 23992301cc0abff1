"""Commands that ask a running server: ``health``, ``answers``, ``report``."""

import json
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

import click

from aicode_mock import flags, options
from aicode_mock.asking import NO_ANSWER, exchange, line_to, message_of, split_url, target_of
from aicode_mock.elsewhere import others_with_requests
from aicode_mock.exits import FOUND, Failure, WrongCall

_NO_TOKEN = 401
_TIMEOUT_S = 300  # answers over a million rows take their time
_HEALTH_TIMEOUT_S = 2
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


@click.command()
@flags.config
@options.url
@options.host
@options.port
@options.ca
def health(url: str | None, host: str, port: int, ca: str | None) -> None:
    """Ask a running server whether it is ready; exit code 0 if it is, 1 if not."""
    connection = _connect(url, host, port, ca, timeout_s=_HEALTH_TIMEOUT_S)
    where = f"{connection.host} port {connection.port}"
    try:
        status, text = exchange(connection, "GET", "/_mock/ready")
    except NO_ANSWER as error:
        raise Failure(f"not ready on {where}: {error}") from error
    if status != 200:
        raise Failure(f"not ready on {where}: {status} {text}")
    click.echo(text)


@click.command()
@flags.config
@options.url
@options.host
@options.port
@options.ca
@options.control_token
@options.world
@options.start_date
@options.end_date
@options.user
@options.team
def answers(
    url: str | None,
    host: str,
    port: int,
    ca: str | None,
    control_token: str | None,
    world: str,
    start_date: str | None,
    end_date: str | None,
    user: str | None,
    team: str | None,
) -> None:
    """Print the truth about a date range, which a client's numbers can be held against, as JSON."""
    query = {"startDate": start_date, "endDate": end_date, "user": user, "team": team}
    text = _ask(_connect(url, host, port, ca), f"{_path(world)}/answers", query, control_token)
    with _of_a_twin():
        found = json.loads(text)
    click.echo(json.dumps(found, indent=2, ensure_ascii=False).encode())


@click.command()
@flags.config
@options.url
@options.host
@options.port
@options.ca
@options.control_token
@options.world
@options.output_format
@options.ignore
@options.fail_on
def report(
    url: str | None,
    host: str,
    port: int,
    ca: str | None,
    control_token: str | None,
    world: str,
    format: str,  # noqa: A002  # the name of the option
    ignore: tuple[str, ...],
    fail_on: str,
) -> None:
    """Print what a strict reviewer says of the client; exit code 4 if it is as bad as --fail-on says."""
    from aicode_mock.report.findings import Report
    from aicode_mock.report.junit import as_junit
    from aicode_mock.report.review import exceeds
    from aicode_mock.report.rule import Severity
    from aicode_mock.report.text import as_text

    text = _ask(_connect(url, host, port, ca), f"{_path(world)}/report", {"ignore": ignore}, control_token)
    with _of_a_twin():
        found = Report.model_validate_json(text)
    if found.verdict == "empty":
        _note_others(_ask(_connect(url, host, port, ca), "/_mock/worlds", {}, control_token), world)
    threshold = None if fail_on == "never" else Severity(fail_on)
    match format:
        case "json":
            click.echo(found.model_dump_json(indent=2).encode())
        case "junit":
            click.echo(as_junit(found, threshold=threshold or Severity.ERROR).encode(), nl=False)
        case _:
            click.echo(as_text(found), nl=False)
    if threshold is not None and exceeds(found, threshold):
        sys.exit(FOUND)


def _note_others(worlds: str, world: str) -> None:
    if note := others_with_requests(json.loads(worlds)["worlds"], world):
        click.echo(f"aicode-mock: note: {note}", err=True)


def _path(world: str) -> str:
    return f"/_mock/worlds/{quote(world, safe='', errors='surrogateescape')}"


def _connect(
    url: str | None, host: str, port: int, ca: str | None, *, timeout_s: float = _TIMEOUT_S
) -> HTTPConnection:
    if url is not None:
        return _connect_to(url, ca, timeout_s=timeout_s)
    try:
        return HTTPConnection(_LOOPBACK.get(host, host), port, timeout=timeout_s)
    except HTTPException as error:
        raise WrongCall(f"--host {host!r} is no host name") from error


def _connect_to(url: str, ca: str | None, *, timeout_s: float) -> HTTPConnection:
    try:
        parts = split_url(url)
        trust = _trusting(ca) if parts.scheme == "https" else None
        return line_to(parts, timeout_s=timeout_s, trust=trust)
    except (ValueError, HTTPException) as error:
        raise WrongCall(f"--url must be http://HOST:PORT: got {url!r}") from error


def _trusting(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        raise WrongCall(f"--ca {ca} holds no certificate (PEM)") from error
    except OSError as error:
        raise WrongCall(f"--ca {ca} cannot be read: {error.strerror}") from error


def _ask(
    connection: HTTPConnection,
    path: str,
    query: Mapping[str, str | tuple[str, ...] | None],
    token: str | None,
) -> str:
    given = {name: value or None for name, value in query.items()}
    try:
        status, text = exchange(connection, "GET", target_of(path, given), token=token)
    except ssl.SSLCertVerificationError as error:
        who = f"{connection.host} port {connection.port}"
        raise Failure(f"{who} is not trusted (--ca names whom to trust): {error.verify_message}") from error
    except NO_ANSWER as error:
        raise Failure(f"{connection.host} port {connection.port} does not answer: {error}") from error
    if status != 200:
        hint = " (--control-token)" if status == _NO_TOKEN else ""
        raise Failure(f"{connection.host} port {connection.port} refused: {_message(text)}{hint}")
    return text


@contextmanager
def _of_a_twin() -> Iterator[None]:
    """What is read in it must be what a twin answers."""
    try:
        yield
    except ValueError as error:
        raise Failure("what answers there is no aicode-mock of this version") from error


def _message(text: str) -> str:
    try:
        return message_of(text)
    except ValueError:
        return text
