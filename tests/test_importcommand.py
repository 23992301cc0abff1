"""The command ``import``: what it prints, refuses and leaves behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aicode_mock import cli
from aicode_mock.flags import ENV_PREFIX
from aicode_mock.wiretext import commit_json
from tests.conftest import ANCHOR
from tests.exported import answers_of, csv_of, page_of
from tests.test_importing_identity import CHANGE, ONE

DAY_MS = 86_400_000
ANCHOR_MS = int(ANCHOR.timestamp() * 1000)
RECENT = ONE._replace(created_at=ANCHOR_MS - 100 * DAY_MS, commit_ts=None)  # a Sunday
NOW = ("--now", "2026-06-30")


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


YEAR_9996 = 253_300_000_000_000
Command = Callable[..., Result]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Command]:
    """Runs ``import`` in a folder with a few files."""
    for name in [name for name in os.environ if name.startswith(ENV_PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("commits.json").write_text(page_of([ONE]), encoding="utf-8")
    Path("changes.csv").write_text(csv_of([CHANGE], of_commits=False), encoding="utf-8")
    Path("recent.json").write_text(page_of([RECENT]), encoding="utf-8")
    bad = [commit_json(ONE).replace('"tabLinesAdded":1', f'"tabLinesAdded":{number}') for number in range(25)]
    Path("bad.jsonl").write_text("\n".join([*bad, "{oops"]), encoding="utf-8")
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}

    def run(*argv: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            cli.main(["import", *argv])
        return Result(int(str(ended.value.code)), *capsys.readouterr())

    yield run
    for one, handler in handlers.items():
        signal.signal(one, handler)


def newest(database: str) -> str:
    told = next(iter(answers_of(Path(database)).values()))
    instant: str = json.loads(told)["items"][0]["createdAt"]
    return instant


def test_it_tells_what_was_done_and_what_comes_next(command: Command) -> None:
    first = command("commits.json", "changes.csv", "--database", "real.db", "--api-key", "chosen")
    again = command("commits.json", "--database", "real.db")

    assert first.code == again.code == 0
    assert first.err == again.err == ""
    head, *told = first.out.splitlines()
    assert head.startswith("real.db team=imported digest=")
    assert told == [
        "         1 commits read, 1 new, 0 already there",
        "         1 changes read, 1 new, 0 already there",
        "newest 1970-01-01T00:00:05.000Z",
        "key   chosen",
        "next  aicode-mock serve --database real.db --api-key chosen --now 1970-01-01T00:00:05.000Z",
    ]
    assert "         1 commits read, 0 new, 1 already there\n" in again.out
    assert "         0 changes read, 0 new, 0 already there\n" in again.out


def test_files_without_rows_make_a_world_without_rows(command: Command, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text(page_of([]), encoding="utf-8")

    told = command("none.json", "--database", "real.db")

    assert told.code == 0
    assert "newest" not in told.out
    assert told.out.endswith("next  aicode-mock serve --database real.db\n")


def test_the_first_bad_rows_are_told_and_nothing_is_made(command: Command, tmp_path: Path) -> None:
    told = command("bad.jsonl", "--database", "real.db")

    assert told.code == 1
    lines = told.err.splitlines()
    assert lines[0] == ("bad  bad.jsonl line 1: nonAiLinesAdded must be 7, max(0, total - AI): got 6")
    assert lines[-2:] == [
        "bad  and 5 more",
        "aicode-mock: error: 25 of 26 rows are bad, so nothing was imported: --skip-bad leaves them out",
    ]
    assert len(lines) == 22
    assert not list(tmp_path.glob("*.db"))


def test_bad_rows_can_be_left_out(command: Command) -> None:
    told = command("bad.jsonl", "--database", "real.db", "--skip-bad")

    assert told.code == 0
    assert "         1 commits read, 1 new, 0 already there\n" in told.out
    assert "        25 bad rows left out\n" in told.out
    assert len(told.err.splitlines()) == 21


def test_pages_that_are_missing_are_noted(command: Command, tmp_path: Path) -> None:
    (tmp_path / "p2.json").write_text(page_of([ONE], page=2, total=2500), encoding="utf-8")

    told = command("commits.json", "p2.json", "--database", "real.db")

    assert told.code == 0
    assert told.err == "note  commits of totalCount 2500, pageSize 1000: pages 1, 3 are missing\n"


def test_unknown_fields_are_refused_with_the_way_to_leave_them_out(command: Command, tmp_path: Path) -> None:
    item = commit_json(ONE).replace('"message"', '"risk":1,"message"')
    (tmp_path / "new.jsonl").write_text(f"{item}\n{commit_json(ONE)}\n{{}}", encoding="utf-8")
    (tmp_path / "all.json").write_text(item, encoding="utf-8")
    header, rest = csv_of([ONE], of_commits=True).split("\n", maxsplit=1)
    (tmp_path / "new.csv").write_text(f"risk,{header}\n1,{rest}", encoding="utf-8")

    some = command("new.jsonl", "--database", "x.db").err.splitlines()
    every = command("all.json", "--database", "x.db", "--skip-bad").err.splitlines()
    column = command("new.csv", "--database", "x.db", "--skip-bad").err

    assert "line 1: unknown field 'risk'" in some[0]
    assert some[-1] == (
        "aicode-mock: error: 2 of 3 rows are bad, so nothing was imported: --skip-bad leaves them out, "
        "--ignore-unknown-fields leaves out the unknown fields of 1 of them"
    )
    assert every[-1] == (
        "aicode-mock: error: 1 of 1 rows is bad, so nothing was imported: "
        "--ignore-unknown-fields leaves out the unknown fields of 1 of them"
    )
    assert "unknown column 'risk'" in column
    assert column.endswith("; --ignore-unknown-fields leaves it out\n")


def test_unknown_fields_can_be_left_out(command: Command, tmp_path: Path) -> None:
    commits = page_of([ONE]).replace('"message"', '"risk":1,"message"')
    changes = page_of([CHANGE]).replace('"metadata":[]', '"metadata":[],"cost":null')
    header, rest = csv_of([ONE._replace(commit_hash="b")], of_commits=True).split("\n", maxsplit=1)
    (tmp_path / "new.json").write_text(f"{commits}\n{changes}\n", encoding="utf-8")
    (tmp_path / "new.csv").write_text(f"risk,{header}\n1,{rest}", encoding="utf-8")

    told = command("new.json", "new.csv", "--database", "real.db", "--ignore-unknown-fields")
    again = command("commits.json", "changes.csv", "--database", "real.db")

    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[1:5] == [
        "         2 commits read, 2 new, 0 already there",
        "         1 changes read, 1 new, 0 already there",
        "         2 rows without their unknown field 'risk'",
        "         1 rows without their unknown field 'cost'",
    ]
    assert again.out.count(" 0 new, 1 already there") == 2


def test_an_import_of_nothing_but_bad_rows_fails(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[{}, {}]", encoding="utf-8")

    told = command("bad.json", "--database", "x.db", "--skip-bad")

    assert told.code == 1
    assert told.err.endswith("aicode-mock: error: 2 of 2 rows are bad, so nothing was imported\n")
    assert not list(tmp_path.glob("*x.db*"))


def test_an_error_answer_is_not_skipped(command: Command, tmp_path: Path) -> None:
    (tmp_path / "p2.json").write_text(
        '{"error":"Unauthorized","message":"Invalid API key"}', encoding="utf-8"
    )

    told = command("commits.json", "p2.json", "--database", "x.db", "--skip-bad")

    assert told.code == 1
    assert told.err == (
        "aicode-mock: error: p2.json is no export: "
        "item 1 is an error of the API, 'Invalid API key': fetch it again\n"
    )
    assert not list(tmp_path.glob("*x.db*"))


def test_one_bad_row_is_one(command: Command, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("{}", encoding="utf-8")

    assert "1 of 1 rows is bad, so nothing" in command("one.json", "--database", "real.db").err


@pytest.mark.parametrize(
    ("argv", "code", "complaint"),
    [
        ((), 2, "FILE is missing: what to import, - for standard input"),
        (("commits.json",), 2, "--database FILE is missing: where to write to"),
        (("none.json", "--database", "x.db"), 2, "none.json cannot be read: No such file or directory"),
        ((".", "--database", "x.db"), 2, ". is a folder: name the files in it"),
        (
            ("commits.json", "--database", "no/x.db"),
            1,
            "database no/x.db cannot be made: there is no folder no",
        ),
        (
            ("commits.json", "--database", "commits.json"),
            1,
            "database commits.json cannot be opened: file is no",
        ),
        (("commits.json", "--database", "x.db", "--team", "other"), 2, "unknown team 'other'"),
        (("commits.json", "--database", "x.db", "--anonymize", "short"), 2, "a key must have 8 characters"),
        (
            ("commits.json", "--database", "x.db", "--now", "2026-06-30"),
            2,
            "--now goes with --shift-to-now: nothing is moved without",
        ),
        (
            ("commits.json", "--database", "x.db", "--shift-to-now", "--shift-days", "1"),
            2,
            "--shift-to-now and --shift-days do not go together",
        ),
    ],
)
def test_a_wrong_call_is_one_line_and_makes_nothing(
    command: Command, tmp_path: Path, argv: tuple[str, ...], code: int, complaint: str
) -> None:
    told = command(*argv)

    assert told.code == code
    assert complaint in told.err
    assert told.err.startswith("aicode-mock: error: ")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not list(tmp_path.glob("*x.db*"))


def test_an_unreadable_file_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "error.json").write_text("<html>", encoding="utf-8")

    told = command("commits.json", "error.json", "--database", "x.db")

    assert (told.code, told.err.count("\n")) == (1, 1)
    assert "error.json is HTML or XML" in told.err
    assert not list(tmp_path.glob("*x.db*"))


def test_rows_move_by_whole_weeks_into_the_last_one(command: Command) -> None:
    told = command("recent.json", "--database", "real.db", "--shift-to-now", *NOW)

    assert "shift 98 days\n" in told.out
    assert newest("real.db") == "2026-06-28T00:00:00.000Z"


def test_the_same_shift_finds_the_same_rows(command: Command) -> None:
    command("recent.json", "--database", "real.db", "--shift-to-now", *NOW)

    told = command("recent.json", "--database", "real.db", "--shift-days", "98")

    assert "1 commits read, 0 new, 1 already there" in told.out


@pytest.mark.parametrize(
    ("days", "created_at", "commit_ts"),
    [
        ("-36500", YEAR_9996, 1000),
        ("36500", YEAR_9996, 1000),
        ("36500", 1000, YEAR_9996),  # a clock that is wrong
    ],
)
def test_rows_stay_within_what_a_world_can_hold(
    command: Command, tmp_path: Path, days: str, created_at: int, commit_ts: int
) -> None:
    late = ONE._replace(created_at=created_at, commit_ts=commit_ts)
    (tmp_path / "late.json").write_text(page_of([late]), encoding="utf-8")

    told = command("late.json", "--database", "x.db", "--shift-days", days)

    assert told.code == 1
    assert told.err == f"aicode-mock: error: rows that move by {days} days lie outside 1970 to 9998\n"


def test_recent_rows_need_no_frozen_clock(command: Command) -> None:
    told = command("recent.json", "--database", "real.db", "--shift-to-now")

    assert told.out.endswith("next  aicode-mock serve --database real.db\n")


def test_standard_input_is_a_file(command: Command, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aicode_mock", "import", "-", "--database", "real.db"],
        input=page_of([ONE]).encode(),
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"1 commits read, 1 new" in done.stdout
    assert command("commits.json", "--database", "real.db").out.count(" 0 new") == 2
