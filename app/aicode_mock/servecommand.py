"""The command ``serve``."""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from socket import socket
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from aicode_mock import flags, options
from aicode_mock.clock import Clock, stopwatch_s
from aicode_mock.exits import WrongCall, explained
from aicode_mock.portfiles import port_told
from aicode_mock.settings import Settings
from aicode_mock.tether import when_ended
from aicode_mock.worldoptions import settings_of

if TYPE_CHECKING:
    from aicode_mock.accesslog import LogFormat
    from aicode_mock.control.guard import Watch
    from aicode_mock.tls.front import Front
    from aicode_mock.twin import Twin

_STARTED_S = stopwatch_s()
_STDIN = 0  # sys.stdin is None where nothing was open
EXAMPLES = """
\b
Examples:
  aicode-mock serve
  aicode-mock serve --port 0 --port-file port.txt --scenario tiny --now 2026-06-30
  aicode-mock serve --behavior observed --set date_field=commitTs --rate-limit off
  AICODE_MOCK_API_KEY=test aicode-mock serve
  aicode-mock serve --tls --tls-dir tls
"""


@click.command(epilog=EXAMPLES)
@flags.config
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
    with explained(), ExitStack() as held:
        # First of all: whoever waits for the files would take old ports for ours.
        tell_port = held.enter_context(port_told(port_file))
        tell_tls_port = held.enter_context(port_told(tls_port_file, option="--tls-port-file"))
        settings = settings_of(ctx)
        _expect_tls_if_spoken_of(ctx)
        with _rows_made_ahead(settings):
            from aicode_mock import launch, server
            from aicode_mock.accesslog import LogFormat

            listener = held.enter_context(closing(server.bind(host, port)))
            url, bound = launch.url_of(listener, host), listener.getsockname()[1]  # workers close it
            front = _front(ctx, host, held)
            twin = held.enter_context(closing(launch.open_twin(settings)))
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
            tell_port(bound)
            if front is not None:
                tell_tls_port(front.listener.getsockname()[1])
            took_s = stopwatch_s() - _STARTED_S
            click.echo(launch.ready_line(url, twin.facts(), took_s=took_s, front=front))

        _run(listener, twin, watch, LogFormat(log_format), workers=workers, front=front, on_ready=ready)


def _rows_made_ahead(settings: Settings) -> AbstractContextManager[None]:
    """Lets the rows of a private store be made while this process loads what writes and serves them."""
    if settings.database is not None:
        return nullcontext()
    from aicode_mock.ahead import making_ahead

    return making_ahead(settings.plan())


def _expect_tls_if_spoken_of(ctx: click.Context) -> None:
    for name in ctx.params:
        is_given = ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
        if name.startswith("tls_") and is_given and not ctx.params["tls"]:
            raise WrongCall(f"--{name.replace('_', '-')} is given without --tls")


def _front(ctx: click.Context, host: str, held: ExitStack) -> "Front | None":
    """The TLS front that the options ask for, until ``held`` lets go of it."""
    if not ctx.params["tls"]:
        return None
    from aicode_mock import launch, server
    from aicode_mock.tls.front import Wanted, open_front

    given = ctx.params
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
