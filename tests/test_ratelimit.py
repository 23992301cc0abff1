"""Rate limits: how many answers, whose, of what, and when there are more."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from limits import RateLimitItemPerMinute

from aicode_mock.clock import Clock
from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.ratewindows import StoreWindows
from aicode_mock.settings import Settings
from aicode_mock.twin import Twin
from tests.conftest import ANCHOR, API, KEY, Client, basic, set_clock
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

PATHS = {
    endpoint.name: endpoint.path.replace("{hashes}", "6" * 40)
    for endpoint in ENDPOINTS
    if endpoint.method == "GET"
}
TEAM_1_COMMITS = RateLimitItemPerMinute(20).key_for("default", "0", "commits")


def allowed(client: Client, path: str = "commits", *, key: str = KEY, tries: int = 25) -> int:
    """How many of some requests are answered before the first 429."""
    statuses = [client.get(path, headers=basic(key)).status_code for _ in range(tries)]
    answered = statuses.index(429) if 429 in statuses else tries
    assert set(statuses[answered:]) <= {429}
    return answered


@contextmanager
def own_twin(scenario: str) -> Iterator[Twin]:
    twin = open_twin(Settings(scenario=scenario, anchor=ANCHOR, now=ANCHOR))
    try:
        yield twin
    finally:
        twin.close()


@pytest.mark.parametrize(
    ("revision", "limit"), [("2025-08", 5), ("2025-12", 20), ("2026-03", 20), ("2026-06", 20)]
)
def test_each_endpoint_has_the_limit_of_the_revision(client: Client, revision: str, limit: int) -> None:
    client.promise(revision=revision, rate_limit="revision")
    paths = [path for path in PATHS.values() if client.get(path).status_code == 200]
    client.forget_limits()

    counts = {path: allowed(client, path, tries=22) for path in paths}

    assert counts.pop("/teams/members") == 20  # of the Admin API, in every revision
    assert list(counts.values()) == [limit] * (4 if revision < "2026-03" else 5)


def test_endpoints_are_counted_apart_json_and_csv_too(client: Client) -> None:
    client.promise(rate_limit="2")

    assert {name: allowed(client, path, tries=4) for name, path in PATHS.items()} == dict.fromkeys(PATHS, 2)


def test_different_hashes_and_parameters_are_one_endpoint(client: Client) -> None:
    client.promise(rate_limit="3")

    details = [client.get(f"commits/{number}").status_code for number in range(5)]
    pages = [client.get("commits", page=number, user=f"u{number}").status_code for number in range(1, 6)]
    heads = [client.http.head(f"{API}/changes", headers=basic(KEY)).status_code for _ in range(5)]

    assert details == pages == heads == [200, 200, 200, 429, 429]


def test_teams_are_counted_apart_and_the_keys_of_a_team_together(
    client_of: Callable[[str], Client],
) -> None:
    client = client_of("hostile")
    client.promise(rate_limit="4")
    keys = {
        prefix: {entry.team: entry.key for entry in client.twin.keys(prefix=prefix)}
        for prefix in ("crsr_", "key_")
    }

    assert allowed(client) == 4
    assert allowed(client, key=keys["crsr_"]["no-data"], tries=3) == 3
    assert allowed(client, key=keys["key_"]["no-data"]) == 1
    assert allowed(client, key=keys["key_"]["no-detail"]) == 4


def test_a_window_opens_with_the_first_answer_and_lasts_a_minute(client: Client) -> None:
    client.promise(rate_limit="2")
    client.freeze(ANCHOR + timedelta(seconds=50))
    client.get("commits")

    client.freeze(ANCHOR + timedelta(seconds=109, milliseconds=999))
    in_the_last_moment = allowed(client)
    client.freeze(ANCHOR + timedelta(seconds=110))
    a_minute_later = allowed(client)

    assert (in_the_last_moment, a_minute_later) == (1, 2)


def test_a_frozen_clock_keeps_the_window_open(client: Client) -> None:
    client.promise(rate_limit="1")

    assert [allowed(client, tries=2), allowed(client, tries=2)] == [1, 0]


def test_requests_that_are_refused_do_not_prolong_the_window(client: Client) -> None:
    client.promise(rate_limit="1")
    client.get("commits")
    for seconds in range(0, 60, 7):
        client.freeze(ANCHOR + timedelta(seconds=seconds))
        assert client.get("commits").status_code == 429

    client.freeze(ANCHOR + timedelta(seconds=60))

    assert client.get("commits").status_code == 200


@pytest.mark.parametrize("back", [timedelta(seconds=6), timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_is_set_back_locks_nobody_out(client: Client, back: timedelta) -> None:
    client.promise(rate_limit="2")
    assert allowed(client) == 2

    client.freeze(ANCHOR - back)

    assert allowed(client) == 2


def test_a_clock_that_is_set_back_by_a_little_keeps_the_window_open(client: Client) -> None:
    client.promise(behavior="observed", rate_limit="2")
    assert allowed(client) == 2

    client.freeze(ANCHOR - timedelta(seconds=4))
    refused = client.get("commits")

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")


def test_bad_requests_count(client: Client) -> None:
    client.promise(rate_limit="3")

    statuses = [client.get("commits", page=text).status_code for text in ("x", "0", "1", "1")]

    assert statuses == [400, 400, 200, 429]


def test_only_answers_of_200_count_where_the_contract_says_so(client: Client) -> None:
    client.promise(rate_limit="2", counted="ok")

    statuses = [client.get("commits", page=text).status_code for text in ("x", "x", "x", "1", "x", "1", "1")]

    assert statuses == [400, 400, 400, 200, 400, 200, 429]


def test_an_answer_of_304_is_free(client: Client) -> None:
    client.promise(rate_limit="2")
    known = {"If-None-Match": client.get("commits").headers["ETag"]}

    statuses = [client.get("commits", headers=known).status_code for _ in range(30)]

    assert statuses == [304] * 30
    assert allowed(client) == 1


@pytest.mark.parametrize("counted", ["all", "ok"])
def test_a_free_answer_opens_no_window(client: Client, counted: str) -> None:
    client.promise(rate_limit="2", counted=counted)
    assert client.get("commits", headers={"If-None-Match": "*"}).status_code == 304

    client.freeze(ANCHOR + timedelta(seconds=59))
    in_a_window_of_its_own = allowed(client)
    client.freeze(ANCHOR + timedelta(seconds=61))

    assert in_a_window_of_its_own == 2
    assert allowed(client) == 0


def test_refused_keys_never_count_and_are_never_limited(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    client.promise(rate_limit="1")
    business = next(entry.key for entry in client.twin.keys(prefix="crsr_") if entry.plan == "business")

    strangers = {client.get("commits", headers=basic("stranger")).status_code for _ in range(5)}
    unentitled = {client.get("commits", headers=basic(business)).status_code for _ in range(5)}

    assert (strangers, unentitled) == ({401}, {403})
    assert allowed(client) == 1
    assert allowed(client, "/teams/members", key=business) == 1


def test_without_a_limit_everything_is_answered(client: Client) -> None:
    client.promise(rate_limit="off")

    assert allowed(client, tries=60) == 60


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready", "/openapi/2026-06.yaml", "/docs/2026-06"])
def test_health_and_documents_are_never_limited(client: Client, path: str) -> None:
    client.promise(rate_limit="1")

    assert {client.http.get(path).status_code for _ in range(10)} == {200}


def test_a_refusal_has_the_documented_body_and_no_header(client: Client) -> None:
    client.promise(rate_limit="1")

    refused = [client.get("commits.csv") for _ in range(2)][1]

    assert refused.status_code == 429
    assert refused.json() == {
        "error": "Too Many Requests",
        "message": "Rate limit exceeded. Please try again later.",
    }
    assert set(refused.headers) == {"date", "content-length", "content-type"}


def test_observed_tells_to_retry_after_a_whole_minute(client: Client) -> None:
    client.promise(behavior="observed", rate_limit="1")

    refused = [client.get("commits") for _ in range(2)][1]

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert refused.json()["error"] == "Too Many Requests"


def test_another_limit_counts_anew(client: Client) -> None:
    client.promise(rate_limit="1")
    assert allowed(client, tries=2) == 1

    client.promise(rate_limit="3")

    assert allowed(client) == 3


@pytest.mark.parametrize("limit", [1, 7, 20])
def test_many_clients_at_once_get_exactly_the_limit(client: Client, limit: int) -> None:
    client.promise(rate_limit=str(limit))

    def ask(_number: int) -> int:
        return client.get("commits", pageSize=1).status_code

    with ThreadPoolExecutor(12) as crowd:
        statuses = Counter(crowd.map(ask, range(60)))

    assert statuses == {200: limit, 429: 60 - limit}


def test_answers_of_304_give_their_place_back_under_a_crowd(client: Client) -> None:
    client.promise(rate_limit="20")

    def ask(number: int) -> int:
        condition = {"If-None-Match": "*"} if number % 4 else {}
        return client.get("commits", headers=condition, pageSize=1).status_code

    with ThreadPoolExecutor(4) as crowd:
        statuses = Counter(crowd.map(ask, range(40)))

    assert statuses == {200: 10, 304: 30}
    assert allowed(client) == 10


def test_a_limit_follows_a_clock_that_runs() -> None:
    with own_twin("tiny") as twin:
        set_clock(twin, None)
        windows = StoreWindows(store=twin.store)

        counts = [windows.incr(TEAM_1_COMMITS, 60) for _ in range(3)]
        ends_at = windows.get_expiry(TEAM_1_COMMITS)
        set_clock(twin, ANCHOR)

        assert counts == [1, 2, 3]
        assert ends_at > ANCHOR.timestamp()
        assert windows.get_expiry(TEAM_1_COMMITS) == 0.0
        assert windows.incr(TEAM_1_COMMITS, 60) == 1


def test_windows_are_a_storage_of_limits() -> None:
    with own_twin("tiny") as twin:
        windows = StoreWindows(store=twin.store)
        other = RateLimitItemPerMinute(20).key_for("default", "0", "changes")

        assert windows.check()
        assert (windows.get(TEAM_1_COMMITS), windows.get_expiry(TEAM_1_COMMITS)) == (0, 0.0)
        assert [windows.incr(TEAM_1_COMMITS, 60), windows.incr(TEAM_1_COMMITS, 60, amount=3)] == [1, 4]
        assert windows.incr(other, 60) == 1
        assert windows.get(TEAM_1_COMMITS) == 4
        assert windows.get_expiry(TEAM_1_COMMITS) == (ANCHOR + timedelta(seconds=60)).timestamp()
        windows.clear(TEAM_1_COMMITS)
        assert (windows.get(TEAM_1_COMMITS), windows.get(other)) == (0, 1)
        assert windows.reset() == 1
        assert windows.get(other) == 0


def test_a_window_ends_by_wall_time_when_the_clock_is_frozen() -> None:
    with own_twin("tiny") as twin:
        before, after = (
            StoreWindows(store=twin.store, wall=Clock(frozen_at=ANCHOR + timedelta(seconds=seconds)))
            for seconds in (0, 60)
        )

        counts = [before.incr(TEAM_1_COMMITS, 60), before.incr(TEAM_1_COMMITS, 60)]

        assert counts == [1, 2]
        assert (before.get(TEAM_1_COMMITS), after.get(TEAM_1_COMMITS)) == (2, 0)
        assert after.incr(TEAM_1_COMMITS, 60) == 1


def test_errors_of_the_database_can_be_wrapped_for_limits() -> None:
    with own_twin("tiny") as twin:
        windows = StoreWindows(store=twin.store)
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE rate_window")

        with pytest.raises(windows.base_exceptions, match=r"no such table|does not exist"):
            windows.get(TEAM_1_COMMITS)


def test_two_twins_in_one_process_do_not_share_windows(client: Client) -> None:
    client.promise(rate_limit="revision")
    allowed(client, tries=20)

    with own_twin("tiny") as other:
        assert StoreWindows(store=client.twin.store).get(TEAM_1_COMMITS) == 20
        assert StoreWindows(store=other.store).get(TEAM_1_COMMITS) == 0


def test_a_detail_endpoint_that_is_off_counts_like_every_other_answer(client: Client) -> None:
    client.promise(rate_limit="2", commit_detail="off")

    statuses = [client.get("commits/abc").status_code for _ in range(3)]

    assert statuses == [404, 404, 429]


def test_a_free_answer_is_refused_when_the_limit_is_used_up(client: Client) -> None:
    client.promise(rate_limit="1")
    tag = client.get("commits").headers["ETag"]

    answer = client.get("commits", headers={"If-None-Match": tag})

    assert answer.status_code == 429
