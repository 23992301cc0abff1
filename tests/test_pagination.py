"""Pages: full, echoed, counted, and together exactly the rows of the CSV."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.conftest import ANCHOR, Client

pytestmark = pytest.mark.both_stores

KINDS = ["commits", "changes"]
ID = {"commits": "commitHash", "changes": "changeId"}


def all_pages(client: Client, kind: str, page_size: int, *, user: str = "") -> list[dict[str, object]]:
    """The items of all pages, as clients gather them: up to the first page that is not full."""
    items: list[dict[str, object]] = []
    for page in range(1, 10_000):
        found = client.get(kind, page=page, pageSize=page_size, user=user).json()["items"]
        items += found
        if len(found) < page_size:
            break
    return items


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_without_parameters_is_the_first_hundred_of_seven_days(
    client_of: Callable[[str], Client], kind: str
) -> None:
    client = client_of("hostile")

    plain = client.get(kind).json()
    spelled_out = client.get(kind, startDate="7d", endDate="now", page=1, pageSize=100).json()

    assert plain == spelled_out
    assert list(plain) == ["items", "totalCount", "page", "pageSize"]
    assert (len(plain["items"]), plain["page"], plain["pageSize"]) == (100, 1, 100)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("asked", "served"),
    [(1, 1), (100, 100), (999, 999), (1000, 1000), (1001, 1000), (10_000, 1000), (2**53 - 1, 1000)],
)
def test_a_page_size_above_a_thousand_is_served_and_echoed_as_a_thousand(
    client_of: Callable[[str], Client], kind: str, asked: int, served: int
) -> None:
    page = client_of("hostile").get(kind, pageSize=asked, startDate="30d").json()

    assert page["pageSize"] == served
    assert len(page["items"]) == min(served, page["totalCount"])
    assert page["totalCount"] > 1000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page_size", [7, 250, 1000])
def test_all_pages_but_the_last_are_full_and_count_the_whole_query(
    client_of: Callable[[str], Client], kind: str, page_size: int
) -> None:
    client = client_of("hostile")
    total = client.get(kind).json()["totalCount"]
    last = -(-total // page_size)

    numbers = {1, 2, last // 2 + 1, last - 1, last} & set(range(1, last + 1))
    pages = [client.get(kind, page=page, pageSize=page_size).json() for page in numbers]

    for page in pages:
        is_last = page["page"] == last
        assert len(page["items"]) == (total - (last - 1) * page_size if is_last else page_size)
        assert page["totalCount"] == total


@pytest.mark.parametrize("kind", KINDS)
def test_figures_of_the_envelope_are_integers(client: Client, kind: str) -> None:
    text = client.get(kind, page="0002", pageSize="03").text

    assert text.endswith('],"totalCount":6,"page":2,"pageSize":3}')


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", [7, 8, 1000, 2**31, 2**53 - 1])
def test_a_page_past_the_end_is_empty_and_counts_truly(client: Client, kind: str, page: int) -> None:
    answer = client.get(kind, page=page, pageSize=1)

    assert answer.status_code == 200
    assert answer.json() == {"items": [], "totalCount": 6, "page": page, "pageSize": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_a_range_without_rows_is_one_empty_page(client: Client, kind: str) -> None:
    answer = client.get(kind, startDate="2020-01-01", endDate="2020-02-01")

    assert (answer.status_code, answer.json()) == (
        200,
        {"items": [], "totalCount": 0, "page": 1, "pageSize": 100},
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("scenario", "page_size"), [("tiny", 1), ("hostile", 97), ("hostile", 1000)])
def test_all_pages_together_are_the_rows_of_the_csv_each_once(
    client_of: Callable[[str], Client], kind: str, scenario: str, page_size: int
) -> None:
    client = client_of(scenario)

    items = all_pages(client, kind, page_size)
    whole = client.get(kind, pageSize=1000).json()
    with_minimal_quotes = client.get(f"{kind}.csv").text

    assert len(items) == whole["totalCount"]
    assert len({json.dumps(item) for item in items}) == len(items)
    assert items[:1000] == whole["items"]
    ids = [str(item[ID[kind]]) for item in items]
    assert with_minimal_quotes.count("\n") >= len(ids)
    records = [line.partition(",")[0] for line in with_minimal_quotes.split("\n")]
    assert [one for one in records if one in set(ids)] == ids


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_newest_first_in_one_stable_order(client_of: Callable[[str], Client], kind: str) -> None:
    client = client_of("hostile")

    small, large = (all_pages(client, kind, page_size) for page_size in (300, 1000))

    instants = [str(item["createdAt"]) for item in small]
    assert instants == sorted(instants, reverse=True)
    assert small == large


def test_a_batch_of_one_instant_is_not_torn_or_doubled_by_pages(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    at = "2026-06-29T09:00:00.007Z"

    together = client.get("changes", startDate=at, endDate=at).json()["items"]
    apart = [
        client.get("changes", startDate=at, endDate=at, page=page, pageSize=1).json()["items"][0]
        for page in (1, 2, 3)
    ]

    assert sorted(item["changeId"] for item in together) == ["7", "8", "9"]
    assert apart == together


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_while_now_moves_on(client_of: Callable[[str], Client], kind: str) -> None:
    client = client_of("hostile")
    first = client.get(kind, startDate="2026-06-20", page=2, pageSize=50)

    client.freeze(ANCHOR + timedelta(hours=5, milliseconds=1))
    later = client.get(kind, startDate="2026-06-20", page=2, pageSize=50)

    assert later.text == first.text
    assert later.json()["totalCount"] > 1000


@pytest.mark.parametrize("kind", KINDS)
def test_both_ends_of_a_range_belong_to_it(client: Client, kind: str) -> None:
    instants = [item["createdAt"] for item in client.get(kind).json()["items"]]

    found = client.get(kind, startDate=instants[3], endDate=instants[1]).json()
    one = client.get(kind, startDate=instants[2], endDate=instants[2]).json()

    assert [item["createdAt"] for item in found["items"]] == instants[1:4]
    assert (found["totalCount"], one["totalCount"]) == (3, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("days", "found"), [("0d", 0), ("1d", 3), ("2d", 4), ("3d", 6), ("9999d", 6)])
def test_days_are_counted_back_from_now(client: Client, kind: str, days: str, found: int) -> None:
    assert client.get(kind, startDate=days).json()["totalCount"] == found


def test_a_millisecond_decides(client: Client) -> None:
    at = "2026-06-29T13:09:00.000Z"
    after, before = "2026-06-29T13:09:00.001Z", "2026-06-29T13:08:59.999999Z"

    totals = [
        client.get("commits", startDate=start, endDate=end).json()["totalCount"]
        for start, end in [(at, at), (after, after), (before, before), (before, after)]
    ]

    assert totals == [1, 0, 0, 1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "user", ["bo@duo.example", "BO@Duo.Example", "user_000000000000000000000000bo", "102"]
)
def test_a_user_is_named_by_email_id_or_number(client: Client, kind: str, user: str) -> None:
    page = client.get(kind, user=user, pageSize=2).json()
    rest = client.get(kind, user=user, pageSize=2, page=2).json()

    assert {item["userEmail"] for item in page["items"] + rest["items"]} == {"bo@duo.example"}
    assert page["totalCount"] == 3
    assert (len(page["items"]), len(rest["items"])) == (2, 1)


@pytest.mark.parametrize(
    "user", ["USER_000000000000000000000000BO", "0102x", "bo", "duo.example", "999", "-102"]
)
def test_an_unknown_user_has_no_rows(client: Client, user: str) -> None:
    answer = client.get("commits", user=user)

    assert (answer.status_code, answer.json()["totalCount"]) == (200, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_of_all_users_are_the_rows_of_the_team(
    client_of: Callable[[str], Client], kind: str
) -> None:
    client = client_of("hostile")
    members = client.get("/teams/members").json()["teamMembers"]

    of_members = {member["email"]: all_pages(client, kind, 1000, user=member["email"]) for member in members}
    of_team = all_pages(client, kind, 1000)

    assert {email: [item for item in of_team if item["userEmail"] == email] for email in of_members} == (
        of_members
    )
    assert sum(map(len, of_members.values())) == len(of_team)
    assert [] in of_members.values(), "an idle member has none"
    assert of_members["gone@gauntlet.example"], "a removed member keeps theirs"


@pytest.mark.parametrize("switches", [{"order": "shuffled"}, {"date_field": "commitTs"}])
def test_scanned_readings_page_like_the_others(
    client_of: Callable[[str], Client], switches: dict[str, str]
) -> None:
    client = client_of("hostile")
    client.promise(**switches)

    pages = all_pages(client, "commits", 400)
    whole = client.get("commits", pageSize=1000).json()
    of_one = client.get("commits", user="owner@gauntlet.example", pageSize=1000).json()

    assert len({json.dumps(item) for item in pages}) == len(pages) == whole["totalCount"]
    assert pages[:1000] == whole["items"]
    assert of_one["items"] == [item for item in pages if item["userEmail"] == "owner@gauntlet.example"]
