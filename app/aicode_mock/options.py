"""The options of the command line: one table for flags, environment, help and the docs page."""

from contextlib import suppress
from pathlib import Path

import click

from aicode_mock.contract import LATEST, REVISIONS, Behavior
from aicode_mock.flags import option
from aicode_mock.optiontypes import (
    HostName,
    Instant,
    Key,
    RateLimit,
    RuleName,
    Secret,
    Setting,
    Token,
    Whole,
)
from aicode_mock.settings import DEFAULT_SEED, JOURNAL_SIZE

DEFAULT_PORT = 8484
DEFAULT_TLS_PORT = 8443
_MOST_SEED = 2**63 - 1
_SEVERITY = click.Choice(["error", "warning", "info", "never"])
_PORT = Whole(0, 65535)


def _without_old_port(_ctx: click.Context, _param: click.Parameter, file: str | None) -> str | None:
    """A port file, of which an old one is gone: whoever waits for it would take that port for ours."""
    if file is not None:
        with suppress(OSError):  # why it cannot be removed is told when it is to be written
            Path(file).unlink(missing_ok=True)
    return file


host = option("--host", default="127.0.0.1", help="Address of the server; only loopback unless told.")
port = option(
    "--port",
    type=_PORT,
    default=DEFAULT_PORT,
    also_env=["PORT"],
    help="Port of the server; for `serve`, 0 takes a free one and prints it. PORT in the environment "
    "moves `health`, `answers` and `report`, too.",
)
port_file = option(
    "--port-file",
    is_eager=True,  # else an old one would outlast a call that is wrong further on
    callback=_without_old_port,
    metavar="FILE",
    help="Write the port here when ready; removed at the end.",
)
database = option(
    "--database",
    metavar="FILE|URL",
    help="SQLite file or SQLAlchemy URL; default: a private file, removed at the end.",
)
database_to_write = option(
    "--database", metavar="FILE|URL", help="SQLite file or SQLAlchemy URL to write to; there is no default."
)
database_to_read = option(
    "--database",
    metavar="FILE|URL",
    help="SQLite file or SQLAlchemy URL that holds the keys; default: those that the scenario would get.",
)
scenario = option(
    "--scenario", default="default", metavar="NAME|FILE", help="Shipped scenario, or a .toml file."
)
seed = option("--seed", type=Whole(0, _MOST_SEED), default=DEFAULT_SEED, help="Random seed of the rows.")
anchor = option(
    "--anchor",
    type=Instant(),
    help="Instant up to which rows are made; default: the start of the day, UTC.",
)
now = option("--now", type=Instant(), help="Freeze the clock at this instant.")
now_of_shift = option(
    "--now", type=Instant(), help="The instant that --shift-to-now moves rows to; default: now."
)
api_key = option("--api-key", type=Key(), help="Key of the first Enterprise team, instead of its own.")
revision = option(
    "--revision", type=click.Choice(list(REVISIONS)), default=LATEST, help="Revision of the contract."
)
behavior = option(
    "--behavior",
    type=click.Choice([str(one) for one in Behavior]),
    default=str(Behavior.DOCUMENTED),
    help="What the documents print, or what clients report.",
)
switches = option(
    "--set",
    type=Setting(),
    multiple=True,
    help="A switch of the contract; may be repeated (in the variable: blanks between). See docs/contract.md.",
)
rate_limit = option(
    "--rate-limit",
    type=RateLimit(),
    metavar="N|revision|off",
    help="Requests a minute for each team and endpoint.",
)
log_format = option(
    "--log-format",
    type=click.Choice(["text", "json", "off"]),
    default="text",
    help="Access log on standard error.",
)
output = option(
    "--output",
    metavar="FOLDER",
    help="Write the files of all revisions, and that of the control plane, there.",
)
commits = option("--commits", type=Whole(0), help="Scale to so many commits.")
changes = option("--changes", type=Whole(0), help="Scale to so many changes.")
control_token = option(
    "--control-token",
    type=Token(),
    metavar="TOKEN",
    help="Bearer token of the control plane; beyond loopback one is made and printed if none is given.",
)
no_control = option("--no-control", is_flag=True, help="Serve no control plane, health checks alone.")
journal_size = option(
    "--journal-size",
    type=Whole(0, 1_000_000),
    default=JOURNAL_SIZE,
    help="Requests that each world's journal keeps; 0 keeps none.",
)
workers = option(
    "--workers",
    type=Whole(1, 64),
    default=1,
    help="Processes that serve one store; what the world knows, all of them know.",
)
until_eof = option(
    "--until-eof",
    is_flag=True,
    help="End when standard input ends: a server that never outlives the program that started it.",
)
url = option("--url", metavar="URL", help="A running server, in place of --host and --port.")
world = option("--world", default="default", help="Id of the world; that of a sandbox is its key.")
start_date = option("--start-date", help="Begin of the range, as the API takes it; default: 7d.")
end_date = option("--end-date", help="End of the range, as the API takes it; default: now.")
user = option("--user", help="Only rows of this member: e-mail, `user_…` id, or numeric id.")
team = option("--team", help="A team of the world; default: the first Enterprise team.")
output_format = option(
    "--format",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    help="How the report is told.",
)
ignore = option("--ignore", type=RuleName(), multiple=True, help="A rule to leave out; may be repeated.")
fail_on = option(
    "--fail-on",
    type=_SEVERITY,
    default="error",
    help="Leave with 4 if a finding is at least this severe, or nothing was read.",
)
tls = option("--tls", is_flag=True, help="Serve https on a second port, for clients that know no other URL.")
tls_port = option(
    "--tls-port",
    type=_PORT,
    default=DEFAULT_TLS_PORT,
    help="Port of --tls; 0 takes a free one and prints it.",
)
tls_port_file = option(
    "--tls-port-file",
    is_eager=True,
    callback=_without_old_port,
    metavar="FILE",
    help="As --port-file, for the port of --tls.",
)
tls_dir = option(
    "--tls-dir",
    metavar="FOLDER",
    help="Certificates of --tls, made where there are none; default: a private folder, removed at the end.",
)
tls_name = option(
    "--tls-name",
    type=HostName(),
    multiple=True,
    help="Another name of the server in its certificate; may be repeated (in the variable: blanks between).",
)
tls_cert = option(
    "--tls-cert", metavar="FILE", help="A certificate of yours for --tls, with its chain (PEM)."
)
tls_key = option("--tls-key", metavar="FILE", help="The private key of --tls-cert, without a password (PEM).")
ca = option("--ca", metavar="FILE", help="Whom to trust at an https URL (PEM); default: the system's roots.")
review = option(
    "--fail-on",
    type=_SEVERITY,
    default="never",
    help="Review the requests afterwards; leave with 4 if a finding is at least this severe.",
)
anonymize = option(
    "--anonymize",
    type=Secret(),
    metavar="KEY",
    help="Replace people, repositories, branches, messages, files and ids by synthetic ones that follow from "
    "this secret.",
)
shift_to_now = option(
    "--shift-to-now",
    is_flag=True,
    help="Move all rows by whole weeks, so that the newest lies in the week before `--now`, or now.",
)
shift_days = option("--shift-days", type=Whole(-36_500, 36_500), metavar="N", help="Move all rows by N days.")
skip_bad = option("--skip-bad", is_flag=True, help="Leave bad rows out instead of refusing all.")
ignore_unknown_fields = option(
    "--ignore-unknown-fields",
    is_flag=True,
    help="Leave fields and columns out of rows that the contract does not know, instead of refusing all.",
)
verbose = option("--verbose", is_flag=True, help="Print keys and examples even if nobody watches.")
