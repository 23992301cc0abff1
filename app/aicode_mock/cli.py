"""The command ``aicode-mock``.

Exit codes: 0 done, or ended by SIGINT or SIGTERM; 1 failure at run time; 2 wrong call
or configuration; 3 port taken; 4 the report found something.  The reason stands on one
line of standard error.
"""

import gc
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import click

from aicode_mock import __version__, flags, options
from aicode_mock.exits import Failure, WrongCall, explained
from aicode_mock.servecommand import EXAMPLES, serve
from aicode_mock.worldoptions import settings_of

_LATER = {
    "answers": ("remote", "answers"),
    "health": ("remote", "health"),
    "import": ("importcommand", "import_command"),
    "report": ("remote", "report"),
    "run": ("running", "run"),
}


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code."""
    # uvicorn raises the signal again after its shutdown; a container wants 0 then.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    if isinstance(sys.stdout, TextIOWrapper):  # pragma: no branch  # nobody puts another one there
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error has it
    try:
        commands.main(argv, prog_name="aicode-mock", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.ClickException as error:
        click.echo(f"aicode-mock: error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"aicode-mock: error: cannot write the output: {error.strerror}", err=True)
        sys.exit(Failure.exit_code)
    sys.exit(0)


class _Commands(click.Group):
    """Commands, some of them loaded when they are asked for: ``serve`` starts without."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted([*super().list_commands(ctx), *_LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        return _load(cmd_name) if cmd_name in _LATER else super().get_command(ctx, cmd_name)

    def all_by_name(self) -> dict[str, click.Command]:
        """All commands, loaded."""
        return {**self.commands} | {name: _load(name) for name in _LATER}


def _load(name: str) -> click.Command:
    room, function = _LATER[name]
    command: click.Command = getattr(import_module(f"aicode_mock.{room}"), function)
    return command


@click.group(cls=_Commands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
def commands() -> None:
    """A self-hosted twin of Cursor's AI Code Tracking API, for tests and sandboxes."""


@commands.command()
@flags.config
@options.database_to_write
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
    from aicode_mock.databases import shown

    if database is None:
        raise WrongCall("--database FILE is missing: where to write to")
    with explained():
        plan = settings_of(ctx).plan()
        rows = launch.planned_rows(plan)
        with click.progressbar(
            length=rows, label="rows", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            facts, counts = launch.write_database(database, plan, progress=bar.update)
        click.echo(
            f"{shown(database)} scenario={facts.scenario} seed={facts.seed} digest={facts.digest[:16]}"
        )
        for what, count in counts.items():
            click.echo(f"{count:>10} {what}")


@commands.command()
@flags.config
@options.database_to_read
@options.scenario
@options.seed
@options.api_key
@options.revision
@click.pass_context
def keys(ctx: click.Context, /, database: str | None, **_origin: object) -> None:
    """List the API key of every team: those of a database, or of a scenario and seed."""
    from aicode_mock import launch

    with explained():
        settings = settings_of(ctx)
        entries = (
            launch.derived_keys(settings) if database is None else launch.stored_keys(database, settings)
        )
        width = max(len(entry.team) for entry in entries)
        for entry in entries:
            click.echo(f"{entry.team:<{width}}  {entry.plan:<10}  {entry.key}")


@commands.command()
@flags.config
@options.revision
@options.output
def openapi(revision: str, output: str | None) -> None:
    """Print the contract file (OpenAPI 3.1) of a revision."""
    from aicode_mock.contract import REVISIONS
    from aicode_mock.contractfiles import contract_yaml, control_yaml

    if output is None:
        click.echo(contract_yaml(REVISIONS[revision]).encode(), nl=False)
        return
    with explained():
        Path(output).mkdir(parents=True, exist_ok=True)
        for one in REVISIONS.values():
            Path(output, f"{one.name}.yaml").write_text(contract_yaml(one), encoding="utf-8")
        Path(output, "control.yaml").write_text(control_yaml(), encoding="utf-8")


@commands.command("tls-env")
@flags.config
@options.tls_dir
def tls_env(tls_dir: str | None) -> None:
    """Print what makes clients trust the certificates in --tls-dir, for a shell to `eval`."""
    from aicode_mock.tls.folder import trusting

    if tls_dir is None:
        raise WrongCall("--tls-dir FOLDER is missing: where 'aicode-mock serve --tls --tls-dir' put them")
    with explained():
        click.echo(trusting(Path(tls_dir)))


commands.add_command(serve)


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
