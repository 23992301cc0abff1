"""The command line, called in this process: options, their sources, messages and exit codes."""

import importlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
import yaml

from aicode_mock import __version__, cli
from aicode_mock.contract import REVISIONS
from aicode_mock.flags import ENV_PREFIX
from aicode_mock.launch import open_twin, welcome
from aicode_mock.servecommand import serve
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.worldoptions import settings_of
from tests.conftest import ANCHOR, Client, serving

COMMANDS = cli.commands.all_by_name()


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that says what was wrong."""
        assert self.out == ""
        assert self.err.startswith("aicode-mock: error: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("aicode-mock: error: ").rstrip("\n")


Command = Callable[..., Result]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Command]:
    """Runs the command with arguments and environment variables, in an empty folder."""
    for name in [name for name in os.environ if name.startswith(ENV_PREFIX)] + ["PORT"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}

    def run(*argv: str, **env: str) -> Result:
        with monkeypatch.context() as environment:
            for name, value in env.items():
                environment.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                cli.main(list(argv))
        return Result(int(str(ended.value.code)), *capsys.readouterr())

    yield run
    for one, handler in handlers.items():
        signal.signal(one, handler)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def parsed(name: str, *argv: str) -> dict[str, object]:
    """What a command makes of its arguments, without running it."""
    group = cli.commands.make_context("aicode-mock", [name, *argv])
    return COMMANDS[name].make_context(name, list(argv), parent=group).params


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_tells_what_there_is_and_ends_with_0(command: Command, name: str, flag: str) -> None:
    result = command(*name.split(), flag)

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: aicode-mock {name}".rstrip())


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("serve", "default: a private file, removed at the end."),
        ("run", "default: a private file, removed at the end."),
        ("seed", "to write to; there is no default."),
        ("import", "to write to; there is no default."),
        ("keys", "default: those that the scenario would get."),
    ],
)
def test_help_says_what_each_command_does_without_a_database(
    command: Command, name: str, default: str
) -> None:
    told = " ".join(command(name, "--help").out.split())

    meaning = told.partition("--database FILE|URL ")[2].partition(" [env var: AICODE_MOCK_DATABASE]")[0]
    assert meaning.startswith("SQLite file or SQLAlchemy URL")
    assert meaning.endswith(default)


@pytest.mark.parametrize("argv", [["--help"], ["serve", "--help"], []])
def test_help_has_examples_and_needs_no_flag(command: Command, argv: list[str]) -> None:
    result = command(*argv)

    assert (result.code, result.err) == (0, "")
    assert "Examples:\n" in result.out
    assert "aicode-mock serve --port 0 --port-file port.txt" in result.out


def test_the_version_stands_alone(command: Command) -> None:
    assert command("--version") == Result(0, f"{__version__}\n", "")


SOURCES: list[tuple[str, str, str, str, object, object, object]] = [
    # option, by flag, by variable, by config file, what each of them means
    ("host", "127.0.0.2", "127.0.0.3", '"127.0.0.4"', "127.0.0.2", "127.0.0.3", "127.0.0.4"),
    ("port", "1", "2", "3", 1, 2, 3),
    ("port-file", "a", "b", '"c"', "a", "b", "c"),
    ("workers", "2", "3", "4", 2, 3, 4),
    ("database", "a", "b", '"c"', "a", "b", "c"),
    ("scenario", "tiny", "empty", '"hostile"', "tiny", "empty", "hostile"),
    ("seed", "1", "2", "3", 1, 2, 3),
    ("anchor", "2026-06-01", "2026-06-02", "2026-06-03", "2026-06-01", "2026-06-02", "2026-06-03"),
    ("now", "2026-06-01", "2026-06-02", "2026-06-03T00:00:00", "2026-06-01", "2026-06-02", "2026-06-03"),
    ("api-key", "a", "b", '"c"', "a", "b", "c"),
    ("revision", "2025-08", "2025-12", '"2026-03"', "2025-08", "2025-12", "2026-03"),
    ("behavior", "observed", "observed", '"observed"', "observed", "observed", "observed"),
    (
        "set",
        "order=shuffled",
        "order=newest_first csv_empty=nothing",
        "{ omit_nulls = true, caching = false, max_range_days = 30 }",
        (("order", "shuffled"),),
        (("order", "newest_first"), ("csv_empty", "nothing")),
        (("omit_nulls", "on"), ("caching", "off"), ("max_range_days", "30")),
    ),
    ("rate-limit", "1", "off", '"revision"', "1", "off", "revision"),
    ("log-format", "json", "off", '"json"', "json", "off", "json"),
    ("journal-size", "1", "2", "3", 1, 2, 3),
    ("control-token", "a", "b", '"c"', "a", "b", "c"),
    ("no-control", "", "1", "true", True, True, True),
    ("until-eof", "", "1", "true", True, True, True),
    ("tls", "", "1", "true", True, True, True),
    ("tls-port", "1", "2", "3", 1, 2, 3),
    ("tls-port-file", "a", "b", '"c"', "a", "b", "c"),
    ("tls-dir", "a", "b", '"c"', "a", "b", "c"),
    ("tls-name", "a", "b C.d", '["e", "::1"]', ("a",), ("b", "c.d"), ("e", "::1")),
    ("tls-cert", "a", "b", '"c"', "a", "b", "c"),
    ("tls-key", "a", "b", '"c"', "a", "b", "c"),
    ("verbose", "", "1", "true", True, True, True),
    ("commits", "1", "2", "3", 1, 2, 3),
    ("changes", "1", "2", "3", 1, 2, 3),
]


def shown(value: object) -> object:
    """An instant by its day."""
    return value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else value


@pytest.mark.parametrize(
    ("option", "flag", "variable", "configured", "by_flag", "by_variable", "by_config"),
    SOURCES,
    ids=[source[0] for source in SOURCES],
)
def test_a_flag_goes_before_a_variable_that_before_the_file_that_before_the_default(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    option: str,
    flag: str,
    variable: str,
    configured: str,
    by_flag: object,
    by_variable: object,
    by_config: object,
) -> None:
    name, field = ("seed" if option in ("commits", "changes") else "serve"), option.replace("-", "_")
    file = tmp_path / "config.toml"
    file.write_text(f"{option} = {configured}\n", encoding="utf-8")
    monkeypatch.delenv("PORT", raising=False)
    given = [f"--{option}", flag] if flag else [f"--{option}"]

    default = parsed(name)[field]
    from_file = parsed(name, "--config", str(file))[field]
    monkeypatch.setenv(f"{ENV_PREFIX}_{field.upper()}", variable)
    from_variable = parsed(name, "--config", str(file))[field]
    from_flag = parsed(name, "--config", str(file), *given)[field]

    assert [shown(from_flag), shown(from_variable), shown(from_file)] == [by_flag, by_variable, by_config]
    assert shown(default) not in (by_flag, by_variable, by_config)


def test_a_flag_in_the_file_may_be_a_number_as_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("verbose = 1\ntls = 0\nno-control = false\n", encoding="utf-8")

    options = parsed("serve", "--config", str(file))

    assert [options[name] for name in ("verbose", "tls", "no_control")] == [True, False, False]


@pytest.mark.parametrize("option", ["port-file", "tls-port-file"])
@pytest.mark.parametrize("wrong", [["--workers", "0"], ["--set", "nope=1"]])
@pytest.mark.parametrize("is_last", [False, True])
def test_an_old_port_file_does_not_outlast_a_wrong_call(
    command: Command, tmp_path: Path, option: str, wrong: list[str], is_last: bool
) -> None:
    file = tmp_path / "old"
    file.write_text("1", encoding="ascii")
    given = [f"--{option}", str(file)]

    result = command("serve", *(wrong + given if is_last else given + wrong))

    assert result.code == 2
    assert not file.exists()


def test_every_option_of_worlds_and_serving_is_in_the_table() -> None:
    names = {
        parameter.opts[0].removeprefix("--")
        for name in ("serve", "seed", "keys")
        for parameter in COMMANDS[name].params
    }

    assert names == {source[0] for source in SOURCES} | {"config"}


def test_every_option_has_its_environment_variable() -> None:
    for command in COMMANDS.values():
        options = [one for one in command.params if isinstance(one, click.Option)]
        for parameter in options:
            variables = parameter.envvar
            assert isinstance(variables, list)
            flag = parameter.opts[0].removeprefix("--")
            assert variables[0] == f"AICODE_MOCK_{flag.replace('-', '_').upper()}"


def test_port_is_honoured_after_the_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1111")
    alone = parsed("serve")["port"]
    monkeypatch.setenv("AICODE_MOCK_PORT", "2222")

    assert (alone, parsed("serve")["port"], parsed("health")["port"]) == (1111, 2222, 2222)


def test_the_config_file_may_be_named_by_the_environment(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('scenario = "empty"\napi_key = "chosen"\n', encoding="utf-8")

    assert command("keys", AICODE_MOCK_CONFIG=str(file)).out == "void  enterprise  chosen\n"


@pytest.mark.parametrize("text", ["2026-06-30", "2026-06-30T00:00:00Z", "2026-06-30t02:00+02:00"])
@pytest.mark.parametrize("form", ["{}", '"{}"'])
def test_an_instant_in_a_config_file_may_be_text_or_toml(tmp_path: Path, text: str, form: str) -> None:
    line = f"anchor = {form.format(text)}"
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        line = f'anchor = "{text}"'
    file = tmp_path / "config.toml"
    file.write_text(line, encoding="utf-8")

    assert parsed("serve", "--config", str(file))["anchor"] == ANCHOR


WRONG_CALLS = [
    (["nonsense"], "No such command 'nonsense'"),
    (["serve", "--nonsense"], "No such option"),
    (["serve", "extra"], "unexpected extra argument"),
    (["serve", "--port"], "requires an argument"),
    (["serve", "--port", "x"], "'x' is not a valid integer"),
    (["serve", "--port", "65536"], "0<=x<=65535"),
    (["serve", "--port", "-1"], "0<=x<=65535"),
    (["serve", "--seed", "tiny"], "--seed"),
    (["serve", "--seed", str(2**63)], "--seed"),
    (["serve", "--scenario", "42"], "unknown scenario '42' (shipped: default, empty, hostile, tiny;"),
    (["serve", "--scenario", "defualt"], "unknown scenario 'defualt' (shipped: default, empty"),
    (["serve", "--scenario", "missing.toml"], "scenario missing.toml cannot be read"),
    (["serve", "--scenario", "."], "unknown scenario '.'"),
    (["serve", "--scenario", "./"], "cannot be read"),
    (["serve", "--scenario", "typo.toml"], "typo.toml, line 3: teams.0.domian: unknown key, did you mean d"),
    (["serve", "--scenario", "broken.toml"], "scenario broken.toml: "),
    (["serve", "--anchor", "yesterday"], "'yesterday' is not an instant (YYYY-MM-DD, or an ISO 8601"),
    (["serve", "--now", "2026-02-30"], "'2026-02-30' is not an instant"),
    (["serve", "--now", "0001-01-01"], "'0001-01-01' is not between 1970 and 9998"),
    (["serve", "--now", "9999-12-31"], "'9999-12-31' is not between 1970 and 9998"),
    (["serve", "--api-key", ""], "a key must be printable ASCII, without spaces and colons"),
    (["serve", "--api-key", "a:b"], "a key must be printable"),
    (["serve", "--api-key", "a b"], "a key must be printable"),
    (["serve", "--api-key", "a\nb"], "a key must be printable"),
    (["serve", "--api-key", "s\u00e9cret"], "a key must be printable ASCII"),
    (["serve", "--revision", "2024-01"], "'2024-01' is not one of '2025-08', '2025-12', '2026-03',"),
    (["serve", "--behavior", "real"], "'real' is not one of 'documented', 'observed'"),
    (["serve", "--log-format", "xml"], "'xml' is not one of 'text', 'json', 'off'"),
    (["serve", "--set", "order"], "'order' is not NAME=VALUE"),
    (["serve", "--set", "=x"], "unknown switch ''"),
    (["serve", "--set", "ordre=shuffled"], "unknown switch 'ordre', did you mean order? (allowed: auth"),
    (["serve", "--set", "order=random"], "order must be newest_first, shuffled: got 'random'"),
    (["serve", "--set", "max_page_size=0"], "max_page_size must be a number from 1 to 999999999: got '0'"),
    (["serve", "--rate-limit", "0"], "a number from 1 to 999999999: got '0'"),
    (["serve", "--rate-limit", "unlimited"], "rate_limit must be "),
    (["serve", "--config", "missing.toml"], "missing.toml: [Errno 2] No such file or directory"),
    (["serve", "--config", "."], "Is a directory"),
    (["serve", "--config", "broken.toml"], "broken.toml: "),
    (["serve", "--config", "unknown.toml"], ": unknown key 'prot', did you mean port? (allowed: "),
    (["serve", "--config", "itself.toml"], "itself.toml: unknown key 'config'"),
    (["serve", "--config", "list.toml"], "list.toml: port must be one value: got [1]"),
    (["serve", "--config", "table.toml"], "table.toml: api-key must be one value: got {'a': 1}"),
    (["serve", "--config", "switch.toml"], "unknown switch 'ordre'"),
    (["serve", "--config", "number.toml"], "'5' is not NAME=VALUE"),
    (["serve", "--config", "part.toml"], "'18484.9' is not a valid integer."),
    (["serve", "--config", "infinite.toml"], "'inf' is not a valid integer."),
    (["keys", "--config", "infinite.toml"], "'inf' is not a valid integer."),
    (["seed", "--config", "true.toml"], "true.toml: database must be a text or a number: got true"),
    (["seed", "--config", "all.toml"], "all.toml: commits must be a text or a number: got true"),
    (["serve", "--config", "often.toml"], "'often' is not a valid boolean"),
    (["serve", "--database", "mysql://me:hunter2@h/x"], "mysql://me:***@h/x cannot be opened: mysql is"),
    (["serve", "--database", "postgresql://h:port/x"], "it must be the name of an SQLite file, or postgresql://"),
    (["serve", "--database", ""], "database '' is no file"),
    (["serve", "--host", "a..b", "--port", "0"], "--host 'a..b' is no host name"),
    (["serve", "--tls-port", "443"], "--tls-port is given without --tls"),
    (["serve", "--tls-name", "x"], "--tls-name is given without --tls"),
    (["serve", "--tls", "--tls-name", "a b"], "'a b' is neither a host name nor an address"),
    (["serve", "--tls", "--tls-name", "https://x"], "'https://x' is neither a host name nor an address"),
    (["serve", "--tls", "--tls-name", "10.0.0.0/8"], "'10.0.0.0/8' is neither a host name nor an address"),
    (["serve", "--tls", "--tls-port", "x"], "'x' is not a valid integer"),
    (["serve", "--config", "names.toml"], "'a_b' is neither a host name nor an address"),
    (["tls-env"], "--tls-dir FOLDER is missing: where 'aicode-mock serve --tls --tls-dir' put them"),
    (["tls-env", "--tls-dir", "none"], "none holds no ca.pem: start 'aicode-mock serve --tls"),
    (["seed"], "--database FILE is missing"),
    (["seed", "--database", "x.db", "--scenario", "empty", "--commits", "5"], "commits"),
    (["seed", "--database", "x.db", "--commits", "-1"], "--commits"),
    (["keys", "--scenario", "nowhere"], "unknown scenario 'nowhere'"),
    (["openapi", "--revision", "latest"], "'latest' is not one of"),
]  # fmt: skip
FILES = {
    "typo.toml": 'title = "x"\n[[teams]]\ndomian = "x.example"\nname = "x"\n',
    "broken.toml": "title = \n",
    "unknown.toml": "port = 1\nprot = 2\n",
    "itself.toml": 'config = "itself.toml"\n',
    "list.toml": "port = [1]\n",
    "table.toml": "api-key = { a = 1 }\n",
    "switch.toml": "set = { ordre = 'shuffled' }\n",
    "number.toml": "set = 5\n",
    "part.toml": "port = 18484.9\n",
    "infinite.toml": "seed = inf\n",
    "true.toml": "database = true\n",
    "all.toml": "commits = true\n",
    "often.toml": 'verbose = "often"\n',
    "names.toml": 'tls-name = "a.b a_b"\n',
}


@pytest.mark.parametrize(
    ("argv", "reason"), WRONG_CALLS, ids=[" ".join(argv)[:60] for argv, _ in WRONG_CALLS]
)
def test_a_wrong_call_ends_with_2_and_one_line(
    command: Command, tmp_path: Path, argv: list[str], reason: str
) -> None:
    for name, text in FILES.items():
        tmp_path.joinpath(name).write_text(text, encoding="utf-8")

    result = command(*argv)

    assert result.code == 2
    assert reason in result.complaint


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"AICODE_MOCK_SEED": "tiny"}, "AICODE_MOCK_SEED"),
        ({"PORT": "http"}, "PORT"),
        ({"AICODE_MOCK_SET": "order"}, "'order' is not NAME=VALUE"),
        ({"AICODE_MOCK_NOW": "soon"}, "'soon' is not an instant"),
        ({"AICODE_MOCK_CONFIG": "missing.toml"}, "missing.toml"),
    ],
)
def test_a_wrong_variable_ends_with_2_and_is_named(
    command: Command, env: dict[str, str], reason: str
) -> None:
    result = command("serve", **env)

    assert result.code == 2
    assert reason in result.complaint


def test_a_taken_port_ends_with_3(command: Command, taken_port: int) -> None:
    result = command("serve", "--port", str(taken_port), "--scenario", "tiny")

    assert result.code == 3
    assert result.complaint == f"port {taken_port} on 127.0.0.1 is taken: choose another with --port, or 0"


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--host", "192.0.2.1"], "cannot bind 192.0.2.1:0: Cannot assign requested address"),
        (["--host", "host.invalid"], "cannot bind host.invalid:0: "),
        (["--database", "."], "database . cannot be opened: unable to open database file"),
        (
            ["--database", "no/such/folder/x.db"],
            "database no/such/folder/x.db cannot be opened: unable to open",
        ),
        (["--database", "text.db"], "database text.db cannot be opened: file is not a database"),
        (["--database", "other.db"], "database other.db holds other tables: use another file"),
        (
            ["--port-file", "no/such/folder/port"],
            "--port-file no/such/folder/port cannot be written: No such file or directory",
        ),
        (["--port-file", "."], "--port-file . cannot be written: Is a directory"),
        (["--tls-port-file", "."], "--tls-port-file . cannot be written: Is a directory"),
    ],
)
def test_a_failure_ends_with_1_and_one_line(
    command: Command, tmp_path: Path, argv: list[str], reason: str
) -> None:
    tmp_path.joinpath("text.db").write_text("no database, whatever its name says\n" * 50, encoding="utf-8")
    _foreign_database(tmp_path / "other.db")

    result = command("serve", "--scenario", "tiny", "--port", "0", *argv)

    assert result.code == 1
    assert reason in result.complaint


def _foreign_database(file: Path) -> None:
    store = Store.open(str(file))
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE store_info")
    store.close()


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (
            ["--seed", "7"],
            "the database was made with --seed 42, not 7: drop the option or use another --database",
        ),
        (["--scenario", "empty"], "the database was made with --scenario tiny, not empty"),
        (["--anchor", "2026-06-29"], "--anchor 2026-06-30T00:00:00+00:00, not 2026-06-29T00:00:00+00:00"),
        (["--commits", "7"], "--commits as the scenario says, not 7"),
        (["--changes", "6"], "--changes as the scenario says, not 6"),
    ],
)
def test_a_database_of_another_origin_is_refused(
    command: Command, tmp_path: Path, option: list[str], reason: str
) -> None:
    file = str(tmp_path / "tiny.db")
    open_twin(Settings(database=file, scenario="tiny", anchor=ANCHOR)).close()

    result = command("serve", "--port", "0", "--database", file, *option)

    assert result.code == 2
    assert reason in result.complaint


@pytest.mark.parametrize("option", [["--scenario", "default"], ["--seed", "9"]])
def test_keys_of_a_database_of_another_origin_are_refused(
    command: Command, tmp_path: Path, option: list[str]
) -> None:
    file = str(tmp_path / "tiny.db")
    open_twin(Settings(database=file, scenario="tiny", anchor=ANCHOR)).close()

    result = command("keys", "--database", file, *option)

    assert result.code == 2
    assert "the database was made with" in result.complaint


def test_a_key_needs_an_enterprise_team(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text('title = "x"\n[[teams]]\nname = "x"\ndomain = "x.example"\nplan = "business"\n')

    result = command("serve", "--port", "0", "--scenario", str(file), "--api-key", "k")

    assert (result.code, result.complaint) == (2, "the world has no Enterprise team to give the key to")


def test_examples_name_no_key_where_no_team_has_enterprise(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text('title = "x"\n[[teams]]\nname = "x"\ndomain = "x.example"\nplan = "business"\n')

    with closing(open_twin(Settings(scenario=str(file), anchor=ANCHOR))) as twin:
        lines = welcome("http://127.0.0.1:1", twin).splitlines()

    assert lines[0] == "docs  http://127.0.0.1:1/docs and http://127.0.0.1:1/docs/control"
    assert re.fullmatch("keys  x  business    crsr_[0-9a-f]{64}", lines[1])
    assert len(lines) == 2


def test_a_start_tells_the_keys_of_the_teams_that_are_served_the_first_of_many(tmp_path: Path) -> None:
    file = tmp_path / "many.toml"
    team = '[[teams]]\nname = "team-{0}"\ndomain = "t{0}.example"\nplan = "enterprise"\n'
    file.write_text('title = "x"\n' + "".join(team.format(number) for number in range(1, 11)))

    with closing(open_twin(Settings(scenario=str(file), seed=7, anchor=ANCHOR))) as twin:
        keys = [entry.key for entry in twin.keys(prefix="crsr_")]
        lines = welcome("http://127.0.0.1:1", twin).splitlines()

    assert [line.split()[-1] for line in lines[2:10]] == keys[:8]
    assert [line[:14] for line in lines[2:4]] == ["keys  team-1  ", "      team-2  "]
    assert lines[10:] == ["      and 2 more: 'aicode-mock keys' with the options of this server"]


def test_seed_writes_a_world_of_exact_size_and_says_so(command: Command, tmp_path: Path) -> None:
    file = str(tmp_path / "world.db")
    argv = ["seed", "--database", file, "--scenario", "hostile", "--anchor", "2026-06-30"]

    result = command(*argv, "--commits", "1500", "--changes", "1200")
    again = command(*argv)

    first, *counts = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert re.fullmatch(rf"{re.escape(file)} scenario=hostile seed=42 digest=[0-9a-f]{{16}}", first)
    assert counts[2:4] == ["      1500 commits", "      1200 changes"]
    assert [line.split()[1] for line in counts] == ["teams", "members", "commits", "changes", "annotations"]
    assert (again.code, again.out) == (1, "")
    assert again.err.endswith(f"error: database {file} holds a world already: write to another file\n")
    twin = open_twin(Settings(database=file))
    assert (twin.facts().commits, twin.facts().changes) == (1500, 1200)
    assert twin.facts().digest.startswith(first[-16:])
    twin.close()


def test_keys_are_those_that_a_server_will_have(command: Command, tmp_path: Path) -> None:
    file = str(tmp_path / "hostile.db")
    open_twin(Settings(database=file, scenario="hostile", anchor=ANCHOR, seed=7)).close()

    derived, stored = (
        command("keys", "--scenario", "hostile", "--seed", "7"),
        command("keys", "--database", file),
    )
    other_seed = command("keys", "--scenario", "hostile")

    assert derived == stored
    assert [line.split()[:2] for line in derived.out.splitlines()] == [
        ["gauntlet", "enterprise"],
        ["no-enterprise", "business"],
        ["no-data", "enterprise"],
        ["no-detail", "enterprise"],
    ]
    assert all(re.fullmatch("crsr_[0-9a-f]{64}", line.split()[2]) for line in derived.out.splitlines())
    assert not set(derived.out.split()) & {line.split()[2] for line in other_seed.out.splitlines()}


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_keys_have_the_form_of_the_revision(command: Command, tmp_path: Path, revision: str) -> None:
    file = str(tmp_path / "tiny.db")
    open_twin(Settings(database=file, scenario="tiny", anchor=ANCHOR)).close()

    derived = command("keys", "--scenario", "tiny", "--revision", revision)
    stored = command("keys", "--database", file, "--revision", revision)

    assert derived == stored
    assert derived.out.split()[2].startswith("crsr_" if revision == "2026-06" else "key_")


def test_a_chosen_key_is_that_of_the_first_enterprise_team(command: Command, tmp_path: Path) -> None:
    file = str(tmp_path / "hostile.db")
    open_twin(Settings(database=file, scenario="hostile", anchor=ANCHOR, api_key="chosen")).close()

    derived = command("keys", "--scenario", "hostile", "--api-key", "chosen")
    stored = command("keys", "--database", file)

    assert derived == stored
    assert derived.out.splitlines()[0].split() == ["gauntlet", "enterprise", "chosen"]
    assert derived.out.count("chosen") == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.db", "does not exist"), ("empty.db", "is empty"), ("no_world.db", "holds no world")],
)
def test_keys_of_a_database_without_a_world_are_an_error(
    command: Command, tmp_path: Path, name: str, reason: str
) -> None:
    tmp_path.joinpath("empty.db").touch()
    Store.open(str(tmp_path / "no_world.db")).close()

    result = command("keys", "--database", name)

    assert result.code == 1
    assert result.complaint.startswith(f"database {name} {reason}")


@pytest.mark.parametrize("revision", list(REVISIONS))
def test_openapi_prints_the_committed_file(command: Command, revision: str) -> None:
    committed = (
        Path(__file__).parent.parent.joinpath("openapi", f"{revision}.yaml").read_text(encoding="utf-8")
    )

    result = command("openapi", "--revision", revision)

    assert (result.code, result.err) == (0, "")
    assert result.out == committed
    assert yaml.safe_load(result.out)["openapi"].startswith("3.1")


def test_openapi_writes_all_files_into_a_folder(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    written, wrong = (command("openapi", "--output", str(tmp_path / name)) for name in ("", "file"))

    assert written == Result(0, "", "")
    assert {file.name for file in tmp_path.glob("*.yaml")} == {
        f"{name}.yaml" for name in [*REVISIONS, "control"]
    }
    assert wrong.code == 1
    assert "File exists" in wrong.complaint


@pytest.mark.parametrize("proxy", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_health_asks_a_running_server_and_no_proxy(
    command: Command, client: Client, taken_port: int, proxy: str
) -> None:
    port = client.url.rpartition(":")[2]
    env = {proxy: f"http://127.0.0.1:{taken_port}"}

    by_flag, by_variable, by_any = (
        command("health", "--port", port, **env),
        command("health", PORT=port, **env),
        command("health", "--port", port, "--host", "0.0.0.0", **env),  # noqa: S104  # asked, not bound
    )

    assert [one.code for one in (by_flag, by_variable, by_any)] == [0, 0, 0]
    assert '"scenario":"tiny"' in by_flag.out
    assert by_flag.err == ""


def test_health_asks_the_server_of_a_url(command: Command, client: Client) -> None:
    by_flag, by_variable = (
        command("health", "--url", client.url),
        command("health", AICODE_MOCK_URL=client.url),
    )
    wrong = command("health", "--url", f"{client.url}/_mock")

    assert (by_flag.code, by_variable.code) == (0, 0)
    assert '"scenario":"tiny"' in by_flag.out
    assert (wrong.code, wrong.complaint) == (
        2,
        f"--url must be http://HOST:PORT: got '{client.url}/_mock'",
    )


def test_health_of_a_server_that_is_not_ready_ends_with_1(command: Command) -> None:
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR))
    with serving(twin) as client:
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE world")

        result = command("health", "--port", client.url.rpartition(":")[2])

    assert result.code == 1
    assert result.complaint.endswith(
        '503 {"error":"Service Unavailable","message":"the store does not answer"}'
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "::", "a..b", "host.invalid"])
def test_health_of_no_server_ends_with_1(command: Command, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    result = command("health", "--host", host, "--port", str(port))

    assert result.code == 1
    asked = "::1" if host == "::" else host
    assert result.complaint.startswith(f"not ready on {asked} port {port}: ")


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"HTTP/1.1 404 Not Found\r\n\r\n"])
def test_health_of_another_program_ends_with_1(command: Command, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=greet)
        thread.start()
        result = command("health", "--port", str(other.getsockname()[1]))
        thread.join(timeout=10)

    assert result.code == 1
    assert result.complaint.startswith("not ready on 127.0.0.1 port ")


def test_importing_the_entry_module_runs_nothing() -> None:
    module = importlib.import_module("aicode_mock.__main__")

    assert module.main is cli.main


def test_every_command_says_what_it_does() -> None:
    for name, one in COMMANDS.items():
        assert isinstance(one, click.Command)
        assert len(one.get_short_help_str(limit=100)) > 20, name


def test_a_database_of_an_edited_scenario_is_refused(command: Command, tmp_path: Path) -> None:
    scenario, file = tmp_path / "mine.toml", str(tmp_path / "mine.db")
    scenario.write_text('title = "before"\n[[teams]]\nname = "x"\ndomain = "x.example"\n')
    open_twin(Settings(database=file, scenario=str(scenario), anchor=ANCHOR)).close()
    scenario.write_text(scenario.read_text().replace("before", "after"))

    result = command("serve", "--port", "0", "--database", file, "--scenario", str(scenario))

    assert result.code == 2
    assert "the database was made with --scenario mine (" in result.complaint


def test_a_team_has_its_own_keys_back_when_no_other_is_chosen(tmp_path: Path) -> None:
    file = str(tmp_path / "tiny.db")
    chosen = []
    for key in (None, "chosen", None):
        with closing(open_twin(Settings(database=file, scenario="tiny", anchor=ANCHOR, api_key=key))) as twin:
            chosen.append([entry.key for entry in twin.keys(prefix="crsr_")])

    assert chosen[1] == ["chosen"]
    assert chosen[2] == chosen[0] != ["chosen"]


def test_one_config_file_serves_every_command(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "aicode.toml"
    file.write_text('host = "127.0.0.1"\nscenario = "tiny"\nlog-format = "off"\n')

    result = command("keys", "--config", str(file))

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("duo ")


def test_an_option_of_tls_without_it_is_a_wrong_call_whoever_has_the_port(
    command: Command, taken_port: int
) -> None:
    result = command("serve", "--port", str(taken_port), "--tls-name", "x")

    assert (result.code, result.complaint) == (2, "--tls-name is given without --tls")


@pytest.mark.parametrize("option", ["--port-file", "--tls-port-file"])
def test_a_port_file_of_a_killed_run_is_gone_before_anything_is_loaded(tmp_path: Path, option: str) -> None:
    file = tmp_path / "port"
    file.write_text("9999\n")
    program = f"""
import sys
from pathlib import Path
from aicode_mock import servecommand

def gone(ctx):
    print(Path({str(file)!r}).exists(), [name for name in ("fastapi", "sqlalchemy") if name in sys.modules])
    sys.exit()

servecommand.settings_of = gone
servecommand.serve([{option!r}, {str(file)!r}])
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("False []\n", "")


def test_a_database_that_fails_while_it_is_written_is_one_line(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "locked.db"
    Store.open(str(file)).close()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TRIGGER refuse BEFORE INSERT ON world BEGIN SELECT RAISE(FAIL, 'no more'); END")
        other.commit()

    result = command("seed", "--database", str(file), "--scenario", "tiny")

    assert (result.code, result.complaint) == (1, "the database failed: no more")


def test_a_rate_limit_is_a_switch_of_the_contract() -> None:
    parent = click.Context(cli.commands, **cli.commands.context_settings)
    context = serve.make_context("serve", ["--rate-limit", "7"], parent=parent)

    assert settings_of(context).switches == {"rate_limit": "7"}


def test_a_database_of_the_origin_that_is_asked_for_is_served(tmp_path: Path) -> None:
    settings = Settings(database=str(tmp_path / "twin.db"), scenario="tiny", anchor=ANCHOR, seed=7)
    open_twin(settings).close()

    again = replace(settings, given=("scenario", "seed", "anchor"))

    with closing(open_twin(again)) as twin:
        assert twin.facts().seed == 7


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="writes to /dev/full")
def test_output_that_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "aicode_mock", "openapi"], stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert done.returncode == 1
    assert done.stderr == "aicode-mock: error: cannot write the output: No space left on device\n"


def test_openapi_makes_its_folder(command: Command, tmp_path: Path) -> None:
    assert command("openapi", "--output", str(tmp_path / "new" / "folder")).code == 0
    assert (tmp_path / "new" / "folder" / "control.yaml").is_file()
