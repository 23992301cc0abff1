"""The handle of a world: each of its words does what the control plane does."""

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import httpx
import pytest

from aicode_mock import CheckError, Mock, MockError, connect
from aicode_mock.faults.actions import ACTIONS
from aicode_mock.faults.model import Fault, Match
from aicode_mock.testing.faults import FaultFields, Kind, MatchFields
from aicode_mock.testing.proxies import past_proxies
from tests.conftest import API, Client

NOW = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.fixture
def mock(client: Client) -> Iterator[Mock]:
    with connect(client.url, rate_limit=2) as one:
        yield one


def get(mock: Mock, path: str, **query: str | int) -> httpx.Response:
    return httpx.get(f"{mock.base_url}{API}/{path}", params=query or None, auth=mock.auth)


def test_a_client_needs_url_and_key_and_nobody_sees_the_key_by_accident(mock: Mock, client: Client) -> None:
    page = get(mock, "commits").json()

    assert page["totalCount"] == 6
    assert {**mock.env, **past_proxies(client.url, os.environ)} == mock.env
    assert mock.env["CURSOR_API_URL"] == client.url
    assert mock.env["CURSOR_API_KEY"] == mock.api_key
    assert mock.api_key.startswith("crsr_")
    assert mock.keys == {"duo": mock.api_key}
    assert repr(mock) == f"Mock(base_url={client.url!r})"


def test_the_clock_stands_moves_and_runs(mock: Mock) -> None:
    assert (mock.clock.now(), mock.clock.is_frozen()) == (NOW, True)
    assert mock.clock.advance(61.5) == NOW + timedelta(seconds=61.5)
    assert mock.clock.advance("1h30m") == NOW + timedelta(hours=1.5, seconds=61.5)
    assert mock.clock.freeze("2026-06-29") == NOW - timedelta(days=1)
    assert mock.clock.advance(timedelta(days=1)) == NOW
    assert mock.clock.advance(timedelta(days=12_000)) == NOW + timedelta(days=12_000)
    assert mock.clock.freeze(NOW + timedelta(hours=1)) == mock.clock.freeze() == NOW + timedelta(hours=1)
    assert mock.clock.resume() >= NOW
    assert not mock.clock.is_frozen()


def test_a_clock_that_is_moved_by_nonsense_says_so(mock: Mock) -> None:
    with pytest.raises(
        MockError, match="advance: must be a duration such as 61s, 1h30m or PT61S: got 'soon'"
    ):
        mock.clock.advance("soon")


def test_a_client_sleeps_on_the_clock_of_the_world(mock: Mock) -> None:
    statuses = [get(mock, "commits").status_code for _ in range(3)]
    mock.clock.sleep(60)
    statuses.append(get(mock, "commits").status_code)
    asyncio.run(mock.clock.asleep(60))

    assert statuses == [200, 200, 429, 200]
    assert mock.clock.now() == NOW + timedelta(minutes=2)


def test_a_fault_is_declared_by_keyword_and_counts(mock: Mock) -> None:
    fault = mock.faults.add(
        "status", status=503, name="second", endpoint=["commits", "changes"], query={"page": 2}, last=1
    )

    statuses = [get(mock, "commits", page=page).status_code for page in (1, 2)]

    assert statuses == [200, 503]
    assert (fault.seen, fault.hits) == (1, 1)
    declared = fault.read()
    assert (declared.name, declared.match.query, declared.match.last) == ("second", {"page": "2"}, 1)
    assert mock.faults.list() == [declared]
    mock.check()


def test_keywords_of_faults_are_the_fields_of_the_control_plane() -> None:
    in_actions = {name for action in ACTIONS for name in action.model_fields} - {"kind"}
    kinds = [get_args(action.model_fields["kind"].annotation)[0] for action in ACTIONS]

    assert set(MatchFields.__annotations__) == set(Match.model_fields)
    assert set(FaultFields.__annotations__) == set(Match.model_fields) | in_actions | {"name"}
    assert set(Fault.model_fields) == {"name", "match", "action"}
    assert sorted(get_args(Kind)) == sorted(kinds)


def test_a_wrong_fault_is_refused_and_not_waited_for(mock: Mock) -> None:
    with pytest.raises(MockError, match="action: unknown field 'stats', did you mean status"):
        mock.faults.add("status", stats=503)  # type: ignore[call-arg]  # so it is for the type checker, too
    with pytest.raises(MockError, match=r"match\.query\.page: must be a valid string"):
        mock.faults.add("empty", query={"page": None})  # type: ignore[dict-item]  # likewise

    assert mock.faults.list() == []
    mock.check()


def test_faults_that_never_hit_fail_a_check(mock: Mock) -> None:
    mock.faults.add("reset", endpoint="changes")
    mock.faults.add("empty", endpoint="changes.csv", optional=True)
    get(mock, "commits")

    with pytest.raises(CheckError) as failed:
        mock.check()

    assert str(failed.value).splitlines()[0] == (
        "a fault was declared and never hit: reset for endpoint='changes'"
    )
    assert [fault.action.kind for fault in mock.faults.never_hit()] == ["reset"]


def test_of_a_bundle_one_fault_must_hit(mock: Mock) -> None:
    faults = mock.faults.add_bundle("slow-csv")
    before = mock.faults.never_hit()

    get(mock, "changes.csv")

    assert len(before) == len(faults) > 1
    assert mock.faults.never_hit() == []


def test_nobody_waits_for_a_fault_that_was_taken_back(mock: Mock) -> None:
    one, _ = mock.faults.add("reset"), mock.faults.add("empty")
    mock.faults.remove(one)
    after_one = [fault.action.kind for fault in mock.faults.never_hit()]
    mock.faults.clear()

    assert after_one == ["empty"]
    assert mock.faults.list() == []
    mock.check()


def test_a_fault_that_was_taken_back_by_other_means_is_not_waited_for(mock: Mock) -> None:
    mock.faults.add("reset")
    mock.plane.ask("DELETE", "/faults")

    mock.check()


def test_the_journal_tells_what_was_asked(mock: Mock) -> None:
    get(mock, "commits", pagesize=2)
    get(mock, "changes", page="zero")

    (refused,) = mock.journal.requests(status=400)

    assert [entry.endpoint for entry in mock.journal.requests()] == ["commits", "changes"]
    assert [entry.endpoint for entry in mock.journal.requests(limit=1)] == ["changes"]
    assert refused.message == "page must be an integer from 1 to 9007199254740991: got 'zero'"
    assert (mock.journal.count(), mock.journal.count(endpoint="commits", faulted=True)) == (2, 0)
    mock.journal.clear()
    assert mock.journal.requests() == []


def test_answers_are_the_truth_about_a_range(mock: Mock) -> None:
    whole, day = mock.answers(), mock.answers("1d", "now", user="ada@duo.example", team="duo")

    assert whole.commits.count == get(mock, "commits").json()["totalCount"]
    assert (
        day.changes.count == get(mock, "changes", startDate="1d", user="ada@duo.example").json()["totalCount"]
    )


def test_findings_of_the_report_fail_a_check_from_the_chosen_severity_on(mock: Mock) -> None:
    get(mock, "commits", colour="red")  # a warning
    mock.check()
    mock.check(fail_on="error")
    mock.check(fail_on="warning", ignore=["unknown-parameter"])

    with pytest.raises(CheckError) as failed:
        mock.check(fail_on="warning")

    text = str(failed.value)
    assert text.startswith("the report has findings (fail_on=warning):\n1 request read: ")
    assert "[unknown-parameter]" in text
    assert mock.report().worst == "warning"
    assert mock.report(after=1).verdict == "empty"


@pytest.mark.parametrize(
    ("now", "count", "rules"), [("2020-01-01", 0, ["window-in-future"]), ("wall", 6, [])]
)
def test_a_client_with_a_clock_of_its_own_needs_a_world_on_wall_time(
    client: Client, now: str, count: int, rules: list[str]
) -> None:
    until = datetime.now(UTC)
    dates = {"startDate": (until - timedelta(days=7)).isoformat(), "endDate": until.isoformat()}

    with connect(client.url, now=now) as mock:
        told = [get(mock, kind, **dates).json()["totalCount"] for kind in ("commits", "changes")]

        assert told == [count, count]
        assert [finding.rule for finding in mock.report().findings] == rules * 2


def test_a_severity_or_rule_that_there_is_not_is_refused(mock: Mock) -> None:
    with pytest.raises(MockError, match="fail_on must be one of never, error, warning, info: got 'fatal'"):
        mock.check(fail_on="fatal")
    mock.check(fail_on="error", ignore="misspelt-parameter")
    for fail_on in ("error", "never"):
        with pytest.raises(MockError, match="there is no rule 'none'"):
            mock.check(fail_on=fail_on, ignore=["none"])


ROW: dict[str, Any] = {"userEmail": "ada@duo.example", "totalLinesAdded": 3}


def test_rows_go_in_and_come_back_as_the_api_tells_them(mock: Mock) -> None:
    commit = mock.add_commit(**ROW, message="Late")
    change = mock.add_change(team="duo", **ROW)
    more = [*mock.add_commits([ROW, ROW]), *mock.add_changes([ROW])]

    assert commit in get(mock, "commits", startDate="0d").json()["items"]
    assert change in get(mock, "changes", startDate="0d").json()["items"]
    assert len(more) == 3
    mock.delete_commits()
    mock.delete_changes()
    assert mock.answers().commits.count == mock.answers().changes.count == 0


def test_a_wrong_row_is_refused(mock: Mock) -> None:
    with pytest.raises(MockError, match="unknown field 'useremail', did you mean userEmail"):
        mock.add_commit(useremail="ada@duo.example")


def test_instants_of_rows_may_be_datetimes(mock: Mock) -> None:
    zone = timezone(timedelta(hours=2))
    created = datetime(2026, 6, 28, 9, 0, 0, 250_000, tzinfo=zone)
    commit = mock.add_commit(**ROW, createdAt=created, commitTs=date(2026, 6, 27))
    (change,) = mock.add_changes(
        [{**ROW, "totalLinesAdded": 2, "createdAt": created, "metadata": ({"linesAdded": 2},)}]
    )

    assert commit["createdAt"] == change["createdAt"] == "2026-06-28T07:00:00.250Z"
    assert commit["commitTs"] == "2026-06-27T00:00:00.000Z"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (
            {"createdAt": NOW.replace(tzinfo=None)},
            "1.createdAt must be a datetime with a zone, such as UTC: got datetime.",
        ),
        (
            {"createdAt": timedelta(1)},
            "1.createdAt must be a value of JSON or a datetime: got datetime.timedelta",
        ),
        (
            {"totalLinesAdded": float("nan")},
            "1.totalLinesAdded must be a value of JSON or a datetime: got nan",
        ),
        ({"metadata": [{}, {"linesAdded": {1}}]}, "1.metadata.1.linesAdded must be a value of JSON"),
        ({"createdAt": 1.5}, "1.createdAt: not YYYY-MM-DD, or"),
    ],
    ids=lambda it: next(iter(it)) if isinstance(it, dict) else "",
)
def test_a_value_that_cannot_be_sent_is_refused_by_the_name_of_its_field(
    mock: Mock, row: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(MockError, match=re.escape(complaint)):
        mock.add_changes([ROW, {**ROW, **row}])

    assert mock.answers("0d").changes.count == 0


def test_the_contract_changes_under_a_client(mock: Mock) -> None:
    mock.promise(revision="2025-08", behavior="observed", unknown_user=404)
    before = get(mock, "commits", user="nobody").status_code
    mock.promise(unknown_user=None)

    assert "commitSource" not in get(mock, "commits").json()["items"][0]
    assert before == 404


def test_a_misspelt_promise_is_told_what_was_meant(mock: Mock) -> None:
    with pytest.raises(MockError, match="unknown setting 'revison', did you mean revision"):
        mock.promise(revison="2025-08")


def test_limits_are_forgotten(mock: Mock) -> None:
    statuses = [get(mock, "commits").status_code for _ in range(3)]
    mock.forget_limits()

    assert [*statuses, get(mock, "commits").status_code] == [200, 200, 429, 200]


def test_a_reset_takes_everything_back(mock: Mock) -> None:
    mock.faults.add("reset")
    mock.add_commit(**ROW)
    mock.clock.advance("1d")
    mock.reset()

    assert (mock.clock.now(), mock.answers().commits.count, mock.faults.list()) == (NOW, 6, [])
    mock.check()


def test_a_snapshot_is_gone_back_to(mock: Mock) -> None:
    mock.snapshot("before")
    mock.delete_commits()
    mock.restore("before")

    assert mock.answers().commits.count == 6


def test_a_world_in_real_time_stays_so_after_a_reset(client: Client) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    with connect(client.url, now="wall") as mock:
        made, is_frozen = mock.clock.now(), mock.clock.is_frozen()
        mock.clock.freeze("2026-01-01")
        mock.reset()
        after = mock.clock.now()

        assert not is_frozen
        assert not mock.clock.is_frozen()
        assert began <= made <= after


def test_a_world_is_gone_after_its_block(client: Client) -> None:
    with connect(client.url) as mock:
        pass

    with pytest.raises(MockError, match=f"there is no world '{mock.world}'"):
        mock.reset()


def test_every_team_has_a_key(client: Client) -> None:
    with connect(client.url, scenario="default") as mock:
        statuses = {
            team: httpx.get(f"{mock.base_url}{API}/commits", auth=(key, "")).status_code
            for team, key in mock.keys.items()
        }

    assert mock.api_key in mock.keys.values()
    assert sorted(set(statuses.values())) == [200, 403]


def test_a_fault_that_found_nothing_to_do_is_told_so(mock: Mock) -> None:
    mock.faults.add("repeat-row", endpoint="commits")
    get(mock, "commits")

    with pytest.raises(CheckError, match="1 request fitted, and it found nothing to do in their answers"):
        mock.check()


def test_a_field_of_a_body_was_sent_too(mock: Mock) -> None:
    mock.faults.add("empty", endpoint="daily-usage", query={"endDate": 3})
    httpx.post(f"{mock.base_url}/teams/daily-usage-data", json={"startDate": 1, "endDate": 2}, auth=mock.auth)

    with pytest.raises(CheckError, match="endDate is 2, not 3"):
        mock.check()
