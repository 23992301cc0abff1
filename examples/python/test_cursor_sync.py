"""The client's tests, against a twin: pip install PATH/TO/aicode-mock pytest httpx tenacity."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cursor_sync import KINDS, Api, Figures, sync, windows

NOW = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.fixture(params=["csv", "pages"])
def api(request: pytest.FixtureRequest, aicode_mock) -> Iterator[Api]:
    """The client, in the world of this test; to wait takes no time there."""
    by_csv = request.param == "csv"
    with closing(
        Api(aicode_mock.base_url, aicode_mock.api_key, by_csv=by_csv, sleep=aicode_mock.clock.sleep)
    ) as api:
        yield api


@pytest.fixture
def figures(tmp_path: Path) -> Iterator[Figures]:
    """An empty copy."""
    with closing(Figures(str(tmp_path / "figures.db"))) as figures:
        yield figures


def test_windows_have_no_gap_and_no_overlap() -> None:
    first, second, third = windows(NOW - timedelta(days=70), NOW)

    assert second.start - first.end == third.start - second.end == timedelta(milliseconds=1)
    assert third.end == NOW - timedelta(milliseconds=1)


@pytest.mark.aicode_mock(scenario="hostile", fail_on="warning")
def test_everything_is_copied(api: Api, figures: Figures, aicode_mock) -> None:
    copied = sync(api, figures, until=NOW, days=60)

    truth = aicode_mock.answers("60d", "2026-06-29T23:59:59.999Z")
    assert copied == {"commits": truth.commits.count, "changes": truth.changes.count}
    for column in ("totalLinesAdded", "tabLinesAdded", "composerLinesAdded", "nonAiLinesAdded"):
        assert sum(row[column] or 0 for row in figures.items("commits")) == getattr(
            truth.commits.totals, column
        )


def test_copying_again_changes_nothing(api: Api, figures: Figures) -> None:
    sync(api, figures, until=NOW, days=7)
    before = [figures.items(kind) for kind in KINDS]

    sync(api, figures, until=NOW, days=7)

    assert [figures.items(kind) for kind in KINDS] == before


def test_a_late_row_is_copied_by_the_next_sync(api: Api, figures: Figures, aicode_mock) -> None:
    sync(api, figures, until=NOW, days=7)
    late = aicode_mock.add_commit(userEmail="ada@duo.example", createdAt="2026-06-28T12:00:00Z")

    sync(api, figures, until=NOW, days=7)

    assert late in figures.items("commits")


@pytest.mark.aicode_mock(rate_limit=3, fail_on="error")
def test_the_limit_is_waited_for(api: Api, figures: Figures) -> None:
    for _ in range(4):
        copied = sync(api, figures, until=NOW, days=7)

    assert copied == {"commits": 6, "changes": 6}


@pytest.mark.parametrize("kind", ["status", "reset", "proxy-page", "malformed-json"])
@pytest.mark.aicode_mock(fail_on="error")
def test_a_bad_moment_is_survived(api: Api, figures: Figures, aicode_mock, kind: str) -> None:
    fields = {"status": 503} if kind in ("status", "proxy-page") else {}
    aicode_mock.faults.add(kind, endpoint="commits", first=1, last=1, **fields)

    assert sync(api, figures, until=NOW, days=7)["commits"] == 6


def test_a_csv_that_is_cut_is_read_again(figures: Figures, aicode_mock) -> None:
    aicode_mock.faults.add("cut", endpoint="commits.csv", at="in-quotes", last=1)
    aicode_mock.faults.add("cut", endpoint="changes.csv", at="rows", count=4, last=1)
    with closing(Api(aicode_mock.base_url, aicode_mock.api_key, sleep=aicode_mock.clock.sleep)) as api:
        copied = sync(api, figures, until=NOW, days=7)

    assert copied == {"commits": 6, "changes": 6}
