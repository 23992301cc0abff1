"""A new database file: whole under its name or not there, and never in another's place."""

import gc
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from aicode_mock.newfile import make_file, open_private
from aicode_mock.pools import UnknownLocaleError
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.twin import Twin
from aicode_mock.worldplan import WorldPlan
from tests.conftest import ANCHOR

TINY = Settings(scenario="tiny", anchor=ANCHOR).plan()
LOST = replace(TINY, scenario=TINY.scenario.model_copy(update={"locales": ("xx_XX",)}))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "twin.db"


def refused(_built: Path, _file: Path) -> None:
    raise PermissionError("this file system has no links")


def digest_of(file: Path) -> str:
    with closing(Twin.of(Store.open(str(file), create=False))) as twin:
        return twin.facts().digest


def digest_made_in_place(file: Path, plan: WorldPlan = TINY) -> str:
    with closing(Twin.of(Store.open(str(file)))) as twin:
        twin.ensure_main_world(plan)
        return twin.facts().digest


@pytest.mark.parametrize("link", [os.link, refused])
@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_new_file_is_what_would_be_made_in_place(
    file: Path, link: Callable[[Path, Path], None], prefix: str
) -> None:
    expected = digest_made_in_place(file.with_name("other.db"))

    counts = make_file(f"{prefix}{file}", TINY, link=link)

    assert counts is not None
    assert counts.commits == 6
    assert digest_of(file) == expected
    assert {one.name for one in file.parent.iterdir()} == {"twin.db", "other.db"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_new_file_is_for_its_owner_alone(file: Path) -> None:
    other = file.with_name("other.db")
    Store.open(str(other)).close()

    make_file(str(file), TINY)

    modes = [stat.S_IMODE(one.stat().st_mode) for one in (file, other)]
    assert modes == [0o600, 0o600]


def test_a_new_file_is_in_write_ahead_mode_and_has_its_indexes(file: Path) -> None:
    make_file(str(file), TINY)

    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'commits_by_hash'").fetchone()


def test_nothing_lies_under_the_name_before_the_file_is_whole(file: Path) -> None:
    seen: list[bool] = []

    make_file(str(file), TINY, progress=lambda _: seen.append(file.exists()))

    assert seen == [False]
    assert file.exists()


@pytest.mark.parametrize("without_links", [False, True])
def test_a_file_that_somebody_else_made_meanwhile_is_kept(file: Path, without_links: bool) -> None:
    def late(built: Path, name: Path) -> None:
        name.write_text("theirs")
        if without_links:
            refused(built, name)
        os.link(built, name)

    assert make_file(str(file), TINY, link=late) is None
    assert file.read_text() == "theirs"
    assert list(file.parent.iterdir()) == [file]


def test_a_failure_leaves_nothing(file: Path) -> None:
    with pytest.raises(UnknownLocaleError):
        make_file(str(file), LOST)

    assert list(file.parent.iterdir()) == []


def test_what_a_killed_process_left_disturbs_nobody(file: Path) -> None:
    left = file.parent / ".twin.db.abcdefgh"
    left.mkdir()
    (left / "store.db").write_text("half")

    assert make_file(str(file), TINY) is not None
    assert left.exists()


@pytest.mark.parametrize("name", ["twin.db", "twin.db-wal", "twin.db-journal"])
def test_a_file_that_is_there_or_has_a_log_is_left_to_the_store(file: Path, name: str) -> None:
    file.with_name(name).touch()

    assert make_file(str(file), TINY) is None
    assert digest_made_in_place(file)


def test_a_link_to_nowhere_is_followed_by_the_store(file: Path) -> None:
    target = file.with_name("target.db")
    file.symlink_to(target)

    assert make_file(str(file), TINY) is None
    assert digest_made_in_place(file) == digest_of(target)


@pytest.mark.parametrize(
    "database", ["no/such/folder/x.db", "postgresql://x/y", "sqlite:///file:x.db?uri=true"]
)
def test_what_is_no_plain_file_in_a_folder_is_left_to_the_store(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert make_file(database, TINY) is None
    assert list(tmp_path.iterdir()) == []


def test_a_private_file_has_its_world_and_goes_with_its_store() -> None:
    store = open_private(TINY)
    folder = Path(store.name).parent
    with store.reading() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 0
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("SELECT count(*) FROM commits")) == 6

    store.close()

    assert not folder.exists()


@pytest.mark.filterwarnings("error::ResourceWarning")  # of a folder that nobody removed
def test_a_private_file_that_cannot_be_made_is_removed_at_once() -> None:
    with pytest.raises(UnknownLocaleError):
        open_private(LOST)

    gc.collect()
