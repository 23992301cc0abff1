"""The command ``aicode-mock``.

Exit codes: 0 done, or ended by SIGINT or SIGTERM; 1 failure at run time; 2 wrong call
or configuration; 3 port taken; 4 the report found something.  The reason stands on one
line of standard error.
"""

import gc
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, NoReturn

import click
from click.core import ParameterSource

from aicode_mock import __version__, options, remote
from aicode_mock.clock import stopwatch_s
from aicode_mock.exits import WrongCall, explained

if TYPE_CHECKING:
    from aicode_mock.accesslog import LogFormat
    from aicode_mock.control.guard import Watch
    from aicode_mock.launch import Settings
    from aicode_mock.twin import Twin

_STARTED_S = stopwatch_s()
_ORIGIN = ("scenario", "seed", "anchor", "commits", "changes")
_EXAMPLES = """
\b
Examples:
  aicode-mock serve
  aicode-mock serve --port 0 --port-file port.txt --scenario tiny --now 2026-06-30
  aicode-mock serve --behavior observed --set date_field=commitTs --rate-limit off
  AICODE_MOCK_API_KEY=test aicode-mock serve
"""


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code."""
    # uvicorn raises the signal again after its shutdown; a container wants 0 then.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        commands.main(argv, prog_name="aicode-mock", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.ClickException as error:
        click.echo(f"aicode-mock: error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(error.exit_code)
    sys.exit(0)


@click.group(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
def commands() -> None:
    """A self-hosted twin of Cursor's AI Code Tracking API, for tests and sandboxes."""


@commands.command(epilog=_EXAMPLES)
@options.config
@options.host
@options.port
@options.port_file
@options.database
@options.scenario
@options.seed
@options.anchor
@options.commits
@options.changes
@options.now
@options.api_key
@options.revision
@options.behavior
@options.switches
@options.rate_limit
@options.log_format
@options.journal_size
@options.workers
@options.control_token
@options.no_control
@options.verbose
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    host: str,
    port: int,
    port_file: str | None,
    log_format: str,
    workers: int,
    control_token: str | None,
    no_control: bool,
    verbose: bool,
    **_origin_and_contract: object,
) -> None:
    """Serve the API until SIGINT or SIGTERM."""
    gc.disable()  # nothing that is loaded now becomes garbage, and looking for some is a tenth of the start
    from aicode_mock import launch, server
    from aicode_mock.accesslog import LogFormat

    with explained():
        if port_file is not None:
            Path(port_file).unlink(missing_ok=True)  # of a run that was killed
        listener = server.bind(host, port)
        port = listener.getsockname()[1]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        with closing(listener), closing(launch.open_twin(_settings(ctx))) as twin:
            watch = launch.watch(host, token=control_token, no_control=no_control)

            def ready() -> None:
                gc.freeze()
                gc.enable()
                for line in launch.notes(twin):
                    click.echo(f"aicode-mock: note: {line}", err=True)
                if watch.token is not None and watch.token != control_token:
                    click.echo(f"control token {watch.token}")
                if verbose or sys.stdout.isatty():
                    click.echo(launch.welcome(url, twin))
                if port_file is not None:
                    _replace(port_file, f"{port}\n")
                click.echo(launch.ready_line(url, twin.facts(), took_s=stopwatch_s() - _STARTED_S))

            try:
                _run(listener, twin, watch, LogFormat(log_format), workers=workers, on_ready=ready)
            finally:
                if port_file is not None:
                    Path(port_file).unlink(missing_ok=True)


@commands.command()
@options.config
@options.database
@options.scenario
@options.seed
@options.anchor
@options.commits
@options.changes
@click.pass_context
def seed(ctx: click.Context, /, database: str | None, **_origin: object) -> None:
    """Write a database file for `serve --database`."""
    gc.disable()  # rows are no cycles: nothing is found
    from aicode_mock import launch

    if database is None:
        raise WrongCall("--database FILE is missing: where to write to")
    with explained():
        plan = _settings(ctx).plan()
        rows = launch.planned_rows(plan)
        with click.progressbar(
            length=rows, label="rows", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            facts, counts = launch.write_database(database, plan, progress=bar.update)
        click.echo(f"{database} scenario={facts.scenario} seed={facts.seed} digest={facts.digest[:16]}")
        for what, count in counts.items():
            click.echo(f"{count:>10} {what}")


@commands.command()
@options.config
@options.database
@options.scenario
@options.seed
@options.api_key
@options.revision
@click.pass_context
def keys(ctx: click.Context, /, database: str | None, revision: str, **_origin: object) -> None:
    """List the API key of every team: those of a database, or of a scenario and seed."""
    from aicode_mock import launch

    with explained():
        settings = _settings(ctx)
        entries = (
            launch.derived_keys(settings) if database is None else launch.stored_keys(database, revision)
        )
        width = max(len(entry.team) for entry in entries)
        for entry in entries:
            click.echo(f"{entry.team:<{width}}  {entry.plan:<10}  {entry.key}")


@commands.command()
@options.config
@options.revision
@options.output
def openapi(revision: str, output: str | None) -> None:
    """Print the contract file (OpenAPI 3.1) of a revision."""
    from aicode_mock.contract import REVISIONS
    from aicode_mock.contractfiles import contract_yaml, control_yaml

    if output is None:
        click.echo(contract_yaml(REVISIONS[revision]), nl=False)
        return
    with explained():
        for one in REVISIONS.values():
            Path(output, f"{one.name}.yaml").write_text(contract_yaml(one), encoding="utf-8")
        Path(output, "control.yaml").write_text(control_yaml(), encoding="utf-8")


for _asking in (remote.health, remote.answers, remote.report):
    commands.add_command(_asking)


def _settings(ctx: click.Context) -> "Settings":
    """The options that every command about worlds shares; a command need not have all of them."""
    from aicode_mock.launch import Settings

    given = ctx.params
    chosen = {name: given[name] for name in Settings.__dataclass_fields__ if name in given}
    switches = dict(given.get("set", ()))
    if given.get("rate_limit") is not None:
        switches["rate_limit"] = given["rate_limit"]
    origin = [name for name in _ORIGIN if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT]
    return Settings(**chosen, switches=switches, given=origin)


def _run(
    listener: socket,
    twin: "Twin",
    watch: "Watch",
    log_format: "LogFormat",
    *,
    workers: int,
    on_ready: Callable[[], None],
) -> None:
    """Serve in this process, or by several others."""
    if workers == 1:
        from aicode_mock.server import Server, create_app

        app = create_app(twin, watch=watch, log_format=log_format, log_to=sys.stderr)
        Server(app, on_ready=on_ready).run(sockets=[listener])
    else:
        from aicode_mock.workers import Worker, serve_by_workers

        worker = Worker(twin.store.location, twin.journal.size, watch, log_format)
        serve_by_workers(listener, worker, workers, on_ready=on_ready)


def _replace(file: str, text: str) -> None:
    """Write a file at once: who waits for it never reads half of it."""
    new = Path(f"{file}.new")
    new.write_text(text, encoding="ascii")
    new.replace(file)


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
