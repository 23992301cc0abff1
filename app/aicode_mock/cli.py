"""The command ``aicode-mock``.

Exit codes: 0 done, or ended by SIGINT or SIGTERM; 1 failure at run time; 2 wrong call
or configuration; 3 port taken; 4 the report found something.  The reason stands on one
line of standard error.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, NoReturn

import click
from click.core import ParameterSource

from aicode_mock import __version__, options, remote, running
from aicode_mock.clock import Clock, stopwatch_s
from aicode_mock.exits import WrongCall, explained
from aicode_mock.importcommand import import_command
from aicode_mock.portfiles import port_told
from aicode_mock.tether import when_ended

if TYPE_CHECKING:
    from aicode_mock.accesslog import LogFormat
    from aicode_mock.control.guard import Watch
    from aicode_mock.launch import Settings
    from aicode_mock.tls.front import Front
    from aicode_mock.twin import Twin

_STARTED_S = stopwatch_s()
_STDIN = 0  # sys.stdin is None where nothing was open
_ORIGIN = ("scenario", "seed", "anchor", "commits", "changes")
_EXAMPLES = """
\b
Examples:
  aicode-mock serve
  aicode-mock serve --port 0 --port-file port.txt --scenario tiny --now 2026-06-30
  aicode-mock serve --behavior observed --set date_field=commitTs --rate-limit off
  AICODE_MOCK_API_KEY=test aicode-mock serve
  aicode-mock serve --tls --tls-dir tls
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
@options.tls
@options.tls_port
@options.tls_port_file
@options.tls_dir
@options.tls_name
@options.tls_cert
@options.tls_key
@options.until_eof
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
    tls_port_file: str | None,
    until_eof: bool,
    verbose: bool,
    **_others: object,
) -> None:
    """Serve the API until SIGINT or SIGTERM."""
    _end_with_stdin(is_wanted=until_eof)
    gc.disable()  # nothing that is loaded now becomes garbage, and looking for some is a tenth of the start
    from aicode_mock import launch, server
    from aicode_mock.accesslog import LogFormat

    with explained(), ExitStack() as held:
        tell_port = held.enter_context(port_told(port_file))
        tell_tls_port = held.enter_context(port_told(tls_port_file))
        listener = held.enter_context(closing(server.bind(host, port)))
        port, url = listener.getsockname()[1], launch.url_of(listener, host)
        front = _front(ctx, host, held)
        twin = held.enter_context(closing(launch.open_twin(_settings(ctx))))
        watch = launch.watch(host, token=control_token, no_control=no_control)

        def ready() -> None:
            gc.freeze()
            gc.enable()
            for line in launch.notes(twin):
                click.echo(f"aicode-mock: note: {line}", err=True)
            if watch.token is not None and watch.token != control_token:
                click.echo(f"control token {watch.token}")
            if verbose or sys.stdout.isatty():
                click.echo(launch.welcome(url, twin, front=front))
            tell_port(port)
            if front is not None:
                tell_tls_port(front.listener.getsockname()[1])
            took_s = stopwatch_s() - _STARTED_S
            click.echo(launch.ready_line(url, twin.facts(), took_s=took_s, front=front))

        _run(listener, twin, watch, LogFormat(log_format), workers=workers, front=front, on_ready=ready)


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


@commands.command("tls-env")
@options.config
@options.tls_dir
def tls_env(tls_dir: str | None) -> None:
    """Print what makes clients trust the certificates in --tls-dir, for a shell to `eval`."""
    from aicode_mock.tls.folder import trusting

    if tls_dir is None:
        raise WrongCall("--tls-dir FOLDER is missing: where 'aicode-mock serve --tls --tls-dir' put them")
    with explained():
        click.echo(trusting(Path(tls_dir)))


for _command in (import_command, remote.health, remote.answers, remote.report, running.run):
    commands.add_command(_command)


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


def _front(ctx: click.Context, host: str, held: ExitStack) -> "Front | None":
    """The TLS front that the options ask for, until ``held`` lets go of it."""
    given = {name: value for name, value in ctx.params.items() if name.startswith("tls_")}
    if not ctx.params["tls"]:
        for name in given:
            if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
                raise WrongCall(f"--{name.replace('_', '-')} is given without --tls")
        return None
    from aicode_mock import launch, server
    from aicode_mock.tls.front import Wanted, open_front

    listener = held.enter_context(closing(server.bind(host, given["tls_port"], option="--tls-port")))
    wanted = Wanted(given["tls_dir"], given["tls_name"], given["tls_cert"], given["tls_key"])
    url = launch.url_of(listener, host, scheme="https")
    return held.enter_context(open_front(wanted, listener, host=host, url=url, now=Clock().now()))


def _run(
    listener: socket,
    twin: "Twin",
    watch: "Watch",
    log_format: "LogFormat",
    *,
    workers: int,
    front: "Front | None",
    on_ready: Callable[[], None],
) -> None:
    """Serve in this process, or by several others."""
    from aicode_mock.protocol import allow_many_files

    allow_many_files()
    if workers == 1:
        from aicode_mock.server import Server, create_app

        app = create_app(twin, watch=watch, log_format=log_format, log_to=sys.stderr, front=front)
        Server(app, on_ready=on_ready).run(sockets=[listener])
    else:
        from aicode_mock.workers import Worker, serve_by_workers

        worker = Worker(twin.store.location, twin.journal.size, watch, log_format, front)
        serve_by_workers(listener, worker, workers, on_ready=on_ready)


def _end_with_stdin(*, is_wanted: bool) -> None:
    if is_wanted:
        when_ended(_STDIN, lambda: os.kill(os.getpid(), signal.SIGTERM))


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
