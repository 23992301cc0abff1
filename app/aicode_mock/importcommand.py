"""The command ``import``: what the real API gave, into a database for ``serve --database``."""

import gc
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from aicode_mock import flags, options
from aicode_mock.contract import LATEST, REVISIONS
from aicode_mock.daterange import shorten
from aicode_mock.exits import Failure, WrongCall, explained

if TYPE_CHECKING:
    from aicode_mock.importing.job import Job, Summary
    from aicode_mock.importing.reading import Tally

_FRESH = timedelta(days=7)  # the window that clients ask for by default
_EXAMPLES = """
\b
Examples:
  aicode-mock import commits.csv changes.csv --database real.db
  aicode-mock import pages/*.json.gz --database real.db --anonymize "$SECRET" --shift-to-now
"""


@click.command(name="import", epilog=_EXAMPLES)
@flags.config
@click.argument("files", nargs=-1, metavar="FILE...")
@options.database_to_write
@options.team
@options.api_key
@options.anonymize
@options.shift_to_now
@options.shift_days
@options.now_of_shift
@options.skip_bad
@options.ignore_unknown_fields
def import_command(
    files: tuple[str, ...],
    database: str | None,
    team: str | None,
    api_key: str | None,
    anonymize: str | None,
    shift_to_now: bool,
    shift_days: int | None,
    now: datetime | None,
    skip_bad: bool,
    ignore_unknown_fields: bool,
) -> None:
    """Bring what the real API gave into a database file for `serve --database`.

    FILE is JSON (pages, lists, or lines of pages or items) or CSV, of any revision, or gzip of it;
    - is standard input.
    """
    if not files:
        raise WrongCall("FILE is missing: what to import, - for standard input")
    if database is None:
        raise WrongCall("--database FILE is missing: where to write to")
    _expect_one_shift(click.get_current_context())
    gc.disable()  # rows are no cycles: nothing is found
    from aicode_mock.clock import Clock
    from aicode_mock.importing.complaints import ImportFailedError
    from aicode_mock.importing.files import MissingFileError
    from aicode_mock.importing.job import Job, import_files
    from aicode_mock.importing.reading import BadRowsError

    job = Job(
        files=files,
        database=database,
        team=team,
        api_key=api_key,
        anonymize=anonymize,
        shift=timedelta(days=shift_days or 0),
        shift_to=(now or Clock().now()) if shift_to_now else None,
        skip_bad=skip_bad,
        ignore_unknown=ignore_unknown_fields,
    )
    with explained():
        try:
            summary = import_files(job, bar=_bar, prefix=REVISIONS[LATEST].key_prefix)
        except MissingFileError as error:
            raise WrongCall(str(error)) from error
        except BadRowsError as error:
            _complain(error.tally)
            raise Failure(str(error)) from error
        except ImportFailedError as error:
            raise Failure(str(error)) from error
    _complain(summary.tally)
    for note in summary.tally.pages.notes():
        click.echo(f"note  {note}", err=True)
    _tell(job, summary, now=Clock().now())


def _expect_one_shift(ctx: click.Context) -> None:
    if ctx.params["shift_to_now"] and ctx.params["shift_days"] is not None:
        raise WrongCall("--shift-to-now and --shift-days do not go together: give one")
    is_from_shell = ctx.get_parameter_source("now") is ParameterSource.COMMANDLINE
    if is_from_shell and not ctx.params["shift_to_now"]:  # the variable may be for serve
        raise WrongCall("--now goes with --shift-to-now: nothing is moved without")


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    is_hidden = not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=is_hidden) as bar:
        yield bar.update


def _complain(tally: "Tally") -> None:
    for complaint in tally.complaints:
        click.echo(f"bad  {complaint}", err=True)
    if rest := tally.bad - len(tally.complaints):
        click.echo(f"bad  and {rest} more", err=True)


def _tell(job: "Job", summary: "Summary", *, now: datetime) -> None:
    """What was done, and the key and the command that a person wants next."""
    from aicode_mock.databases import shown

    click.echo(f"{shown(job.database)} team={summary.team} digest={summary.digest[:16]}")
    for kind, new in summary.new.items():
        read = summary.tally.good[kind]
        click.echo(f"{read:>10} {kind} read, {new} new, {read - new} already there")
    for name, count in summary.tally.left_out.most_common():
        click.echo(f"{count:>10} rows without their unknown field {shorten(name)}")
    if summary.tally.bad:
        click.echo(f"{summary.tally.bad:>10} bad rows left out")
    if summary.shift:
        click.echo(f"shift {summary.shift.days} days")
    if summary.newest is not None:
        click.echo(f"newest {_instant(summary.newest)}")
    click.echo(f"key   {summary.key}")
    click.echo(f"next  {shlex.join(_next_command(job, summary, now=now))}")


def _instant(instant: datetime) -> str:
    from aicode_mock.clock import instant_text, to_ms

    return instant_text(to_ms(instant))


def _next_command(job: "Job", summary: "Summary", *, now: datetime) -> list[str]:
    from aicode_mock.databases import shown

    command = ["aicode-mock", "serve", "--database", shown(job.database)]
    if job.api_key is not None:
        command += ["--api-key", job.api_key]
    newest = summary.newest
    if newest is not None and not newest <= now < newest + _FRESH:
        command += ["--now", _instant(newest)]
    return command
