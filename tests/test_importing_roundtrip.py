"""What was exported and is imported is told in the same bytes, whatever its form was."""

import gzip
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.contract import REVISIONS
from aicode_mock.importing.shapes import Row
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.wiretext import CsvForm, JsonForm
from tests.conftest import ANCHOR, Client, serving
from tests.exported import (
    CHANGES,
    COMMITS,
    CSV_FORMS,
    JSON_FORMS,
    Answers,
    answers_of,
    bring,
    csv_of,
    newest_first,
    page_of,
)
from tests.test_importing_identity import ONE

KINDS = ("commits", "changes")
LONG_AGO = datetime(2020, 1, 1, tzinfo=ANCHOR.tzinfo)


@pytest.fixture(scope="module")
def gauntlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of ``hostile``."""
    file = tmp_path_factory.mktemp("hostile") / "hostile.db"
    open_twin(Settings(database=str(file), scenario="hostile", anchor=ANCHOR)).close()
    return file


def known(answers: Answers, *, has_source: bool) -> Answers:
    """Those of the answers that an export without ``commitSource`` tells."""
    return (
        answers
        if has_source
        else {name: text for name, text in answers.items() if "commits" not in name}
        | {
            name: text
            for name, text in answers.items()
            if "commit_source=False" in name or "'absent'" in name
        }
    )


@pytest.mark.parametrize("form", JSON_FORMS, ids=str)
def test_pages_of_hostile_come_back_as_they_were(gauntlet: Path, tmp_path: Path, form: JsonForm) -> None:
    told = answers_of(gauntlet, page_size=100)
    pages = [text for name, text in told.items() if str(form) in name]
    files = [tmp_path / f"{number}.json" for number in range(len(pages))]
    for file, page in zip(files, pages, strict=True):
        file.write_text(page, encoding="utf-8", newline="")

    bring(tmp_path / "twin.db", *files)

    again = answers_of(tmp_path / "twin.db", page_size=100)
    assert known(again, has_source=form.commit_source) == known(told, has_source=form.commit_source)


@pytest.mark.parametrize("form", CSV_FORMS, ids=str)
def test_csv_of_hostile_comes_back_as_it_was(gauntlet: Path, tmp_path: Path, form: CsvForm) -> None:
    told = answers_of(gauntlet)
    files = [tmp_path / f"{kind}.gz" for kind in KINDS]
    for file, kind in zip(files, KINDS, strict=True):
        file.write_bytes(gzip.compress(told[f"{kind} {form}"].encode()))

    bring(tmp_path / "twin.db", *files)

    has_source = form.commit_source != "absent"
    again = answers_of(tmp_path / "twin.db")
    assert known(again, has_source=has_source) == known(told, has_source=has_source)


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_a_server_of_each_revision_tells_comes_back_over_http(
    client_of: Callable[[str], Client], tmp_path: Path, revision: str
) -> None:
    source = client_of("hostile")
    targets = [f"{kind}{form}" for kind in KINDS for form in (".csv", "")]

    def told(client: Client) -> dict[str, bytes]:
        client.promise(revision=revision)
        client.freeze(ANCHOR)
        pages = {
            f"{one} {page}": client.get(one, startDate="30d", pageSize=1000, page=page)
            for one in targets
            for page in (1, 2, 3)
        }
        return {name: answer.content for name, answer in pages.items()}

    expected = told(source)
    files = []
    for name, content in expected.items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    bring(tmp_path / "twin.db", *files)

    with serving(open_twin(Settings(database=str(tmp_path / "twin.db"), api_key="test-key"))) as copy:
        assert told(copy) == expected


def test_rows_that_differ_in_their_figures_alone_keep_their_order(tmp_path: Path) -> None:
    page = page_of([ONE._replace(message=text) for text in ("b", "a", "c")])
    (tmp_path / "commits").write_text(page, encoding="utf-8")

    bring(tmp_path / "twin.db", tmp_path / "commits")

    assert answers_of(tmp_path / "twin.db")[f"commits {JsonForm()} 1"] == page


@given(
    st.lists(COMMITS, max_size=6),
    st.lists(CHANGES, max_size=6),
    st.sampled_from([*JSON_FORMS[::2], *CSV_FORMS[:2]]),
)
def test_random_rows_come_back_as_they_were(
    commits: list[Row], changes: list[Row], form: JsonForm | CsvForm
) -> None:
    with TemporaryDirectory() as folder:
        files = [Path(folder, kind) for kind in KINDS]
        for file, rows in zip(files, (commits, changes), strict=True):
            ordered = newest_first(rows)
            if isinstance(form, JsonForm):
                text = page_of(ordered, form)
            else:
                text = csv_of(ordered, form, of_commits=rows is commits)
            file.write_text(text, encoding="utf-8", newline="")

        bring(Path(folder, "twin.db"), *files)

        told = answers_of(Path(folder, "twin.db"))
    for kind, rows in zip(KINDS, (commits, changes), strict=True):
        for shown in JSON_FORMS:
            assert told[f"{kind} {shown} 1"] == page_of(newest_first(rows), shown)
        for written in CSV_FORMS:
            assert told[f"{kind} {written}"] == csv_of(
                newest_first(rows), written, of_commits=kind == "commits"
            )
