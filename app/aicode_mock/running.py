"""The command ``run``: another command beside a twin that lives as long as it does.

    aicode-mock run --scenario tiny --now 2026-06-30 -- npm test

It finds the twin by its environment: ``CURSOR_API_URL`` and ``CURSOR_API_KEY``, and for the
pytest plugin ``AICODE_MOCK_URL``; ``NO_PROXY`` leads there past any proxy.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from aicode_mock import flags, options
from aicode_mock.elsewhere import others_with_requests
from aicode_mock.exits import FOUND, Failure, WrongCall

if TYPE_CHECKING:
    from aicode_mock.testing.plane import Server

KEY = "test-key"
_NOT_EXECUTABLE, _NOT_FOUND, _SIGNALLED = 126, 127, 128  # as a shell says it
_OWN = ("fail_on", "ignore", "world")  # no options of serve
_DASHES = "--"


class _CommandAfterDashes(click.Command):
    """Takes options up to ``--``, and all that follows as the command to run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index(_DASHES) if _DASHES in args else len(args)
        ctx.meta[_DASHES] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- COMMAND [ARGUMENTS]..."]


@click.command(cls=_CommandAfterDashes)
@flags.config
@options.database
@options.scenario
@options.seed
@options.anchor
@options.now
@options.api_key
@options.revision
@options.behavior
@options.switches
@options.rate_limit
@options.journal_size
@options.ignore
@options.review
@options.world
@click.pass_context
def run(
    ctx: click.Context,
    /,
    ignore: tuple[str, ...],
    fail_on: str,
    world: str,
    **_options_of_serve: object,
) -> None:
    """Run a command beside a twin on a free port, and leave with its exit code.

    The command finds the twin by CURSOR_API_URL and CURSOR_API_KEY, which is "test-key" unless told;
    NO_PROXY leads past any proxy.
    With --fail-on its requests are reviewed when it is done, as by `aicode-mock report`: those of
    one world, so those of a client with a sandbox key by --world.
    """
    command: list[str] = ctx.meta[_DASHES]
    if not command:
        raise WrongCall("what to run is missing: aicode-mock run [OPTIONS] -- COMMAND")
    from aicode_mock.testing.process import NotStartedError, ServerProcess
    from aicode_mock.testing.proxies import past_proxies

    key = ctx.params["api_key"] or KEY
    try:
        twin = ServerProcess.start([*_for_serve(ctx), f"--api-key={key}"])
    except NotStartedError as error:
        kind = WrongCall if error.exit_code == WrongCall.exit_code else Failure
        raise kind(str(error)) from error
    url = twin.server.url
    try:
        reach = past_proxies(url, os.environ)
        code = _run(command, CURSOR_API_URL=url, CURSOR_API_KEY=key, AICODE_MOCK_URL=url, **reach)
        if fail_on != "never":
            code = _judged(code, lambda: _review(twin.server, fail_on, ignore, world))
    finally:
        twin.stop()
    sys.exit(code)


def _for_serve(ctx: click.Context) -> Iterator[str]:
    """The options that somebody set, by flag, environment or file, as flags of ``serve``."""
    for option in ctx.command.params:
        value = ctx.params.get(option.name or "")
        is_set = ctx.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if is_set and value is not None and option.name not in _OWN:
            for one in value if option.multiple else [value]:
                yield f"{option.opts[0]}={_text(one)}"


def _text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case (name, setting):
            return f"{name}={setting}"
        case _:
            return str(value)


def _run(command: list[str], **variables: str) -> int:
    """Run a command to its end; its exit code, as a shell tells it."""
    try:
        process = subprocess.Popen(command, env={**os.environ, **variables})  # noqa: S603  # what the user says
    except FileNotFoundError:
        click.echo(f"aicode-mock: error: {command[0]}: command not found", err=True)
        return _NOT_FOUND
    except OSError as error:
        click.echo(f"aicode-mock: error: {command[0]}: {error.strerror}", err=True)
        return _NOT_EXECUTABLE
    with process, _signals_for(process):
        code = process.wait()
    return code if code >= 0 else _SIGNALLED - code


@contextmanager
def _signals_for(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ctrl-C reaches the command by itself, and SIGTERM is handed on: it decides what becomes of it."""
    before = [
        signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.signal(signal.SIGTERM, lambda *_: process.terminate()),
    ]
    try:
        yield
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)


def _judged(code: int, review: Callable[[], int]) -> int:
    """The exit code after the review, which is most wanted of a command that failed, and hides no code."""
    try:
        found = review()
    except Failure as error:
        if code == 0:
            raise
        click.echo(f"aicode-mock: error: {error.format_message()}", err=True)
        return code
    return code or found


def _review(server: "Server", fail_on: str, ignore: tuple[str, ...], world: str) -> int:
    from aicode_mock.report.findings import Report
    from aicode_mock.report.review import exceeds
    from aicode_mock.report.rule import Severity
    from aicode_mock.report.text import as_text
    from aicode_mock.testing.plane import MockError, Plane

    try:
        told = Plane(server, world).ask("GET", "/report", query={"ignore": list(ignore)})
        worlds = server.ask("GET", "/worlds")["worlds"]
    except MockError as error:
        raise Failure(str(error)) from error
    found = Report.model_validate(told)
    click.echo(as_text(found), nl=False, err=True)
    if found.verdict == "empty" and (note := others_with_requests(worlds, world)):
        click.echo(f"aicode-mock: note: {note}", err=True)
    return FOUND if exceeds(found, Severity(fail_on)) else 0
