"""Into which world and team rows go, and what else changes there."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from aicode_mock.ingest import NoTeamError
from aicode_mock.launch import notes, open_twin
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.tables import COMMITS, DATASETS
from aicode_mock.twin import Twin
from aicode_mock.worlds import reset_world
from aicode_mock.worldtables import MAIN_WORLD
from tests.conftest import ANCHOR
from tests.exported import answers_of, bring, page_of
from tests.test_importing_identity import ONE


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "twin.db"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.json"
    file.write_text(page_of([ONE]), encoding="utf-8")
    return file


def scenario(database: Path, name: str) -> None:
    open_twin(Settings(database=str(database), scenario=name, anchor=ANCHOR)).close()


def count(database: Path, what: object) -> int:
    with closing(Store.open(str(database), create=False)) as store, store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(what)) or 0  # type: ignore[arg-type]  # a table


def test_rows_join_those_of_a_scenario(database: Path, export: Path) -> None:
    scenario(database, "tiny")

    bring(database, export)

    with closing(open_twin(Settings(database=str(database), scenario="tiny", given=["scenario"]))) as twin:
        assert twin.facts().commits == 7
        assert twin.facts().anchor == ANCHOR


def test_a_team_may_be_chosen(database: Path, export: Path) -> None:
    scenario(database, "hostile")
    before = answers_of(database)

    summary = bring(database, export, team="no-data")

    assert summary.team == "no-data"
    with closing(Twin.of(Store.open(str(database)))) as twin:
        assert summary.key in {entry.key for entry in twin.keys(prefix="crsr_") if entry.team == "no-data"}
    assert answers_of(database) == before


def test_an_unknown_team_leaves_everything_as_it_was(database: Path, export: Path) -> None:
    scenario(database, "tiny")

    with pytest.raises(NoTeamError):
        bring(database, export, team="other")

    assert count(database, COMMITS) == 6


def test_a_reset_goes_back_to_what_was_imported(database: Path, export: Path) -> None:
    bring(database, export)
    with closing(Store.open(str(database))) as store, store.rearranging() as connection:
        reset_world(connection, MAIN_WORLD)

    assert count(database, COMMITS) == 1


def test_importing_again_copies_nothing(database: Path, export: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.json"
    more.write_text(page_of([ONE._replace(created_at=9000)]), encoding="utf-8")
    bring(database, export)
    datasets = count(database, DATASETS)

    bring(database, more)

    assert count(database, COMMITS) == 2
    assert count(database, DATASETS) == datasets


def test_a_server_knows_how_old_the_newest_row_is(database: Path, export: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.json"
    more.write_text(page_of([ONE._replace(created_at=9000)]), encoding="utf-8")
    bring(database, export)
    bring(database, more)
    bring(database, export)

    with closing(Twin.of(Store.open(str(database)))) as twin:
        assert "1970-01-01T00:00:09.000Z" in notes(twin)[0]


@pytest.mark.parametrize("make", [Path.touch, lambda file: Store.open(str(file)).close()])
def test_an_empty_database_gets_a_world(database: Path, export: Path, make: Callable[[Path], None]) -> None:
    make(database)

    bring(database, export)

    assert count(database, COMMITS) == 1
