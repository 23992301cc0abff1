"""Members, daily usage, usage events and spend agree with the commits and changes that are told."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, Client, serving
from tests.ownworld import OwnWorld, own_world

DAY = timedelta(days=1)
DAY_MS = 86_400_000
EVER: dict[str, Any] = {"startDate": "1970-01-01", "endDate": "2100-01-01", "pageSize": 1000}
Item = Mapping[str, Any]


def ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def ms_of(text: str) -> int:
    return ms(datetime.fromisoformat(text))


def all_rows(world: OwnWorld, kind: str) -> list[Any]:
    rows: list[Any] = []
    while True:
        page = world.get(kind, **EVER, page=len(rows) // 1000 + 1).json()
        rows += page["items"]
        if len(rows) == page["totalCount"]:
            return rows


def all_events(world: OwnWorld, size: int = 1000, **wanted: object) -> list[Any]:
    events: list[Any] = []
    number, more = 1, True
    while more:
        page = world.post("filtered-usage-events", {**wanted, "page": number, "pageSize": size}).json()
        events += page["usageEvents"]
        number, more = number + 1, page["pagination"]["hasNextPage"]
    assert len(events) == page["totalUsageEventsCount"]
    return events


def all_spend(world: OwnWorld, size: int = 1000) -> tuple[list[Any], int]:
    first = world.post("spend", {"pageSize": size}).json()
    members = first["teamMemberSpend"]
    for number in range(2, first["totalPages"] + 1):
        members += world.post("spend", {"page": number, "pageSize": size}).json()["teamMemberSpend"]
    assert len(members) == first["totalMembers"]
    return members, first["subscriptionCycleStart"]


def most(texts: list[str]) -> str:
    counts = Counter(texts)
    return min(counts, key=lambda one: (-counts[one], one), default="")


def extension(change: Item) -> str:
    first = change["metadata"][0]["fileExtension"] if change["metadata"] else ""
    return f".{first}" if first else ""


def expected_day(changes: list[Item], commits: list[Item]) -> dict[str, Any]:
    """What the day of a member adds up to."""
    tabs = [one for one in changes if one["source"] == "TAB"]
    composer = [one for one in changes if one["source"] == "COMPOSER"]
    accepted = [sum(one[f"totalLines{way}"] for one in changes) for way in ("Added", "Deleted")]
    others = [sum(one[f"nonAiLines{way}"] or 0 for one in commits) for way in ("Added", "Deleted")]
    return {
        "isActive": bool(changes or commits),
        "acceptedLinesAdded": accepted[0],
        "acceptedLinesDeleted": accepted[1],
        "totalLinesAdded": accepted[0] + others[0],
        "totalLinesDeleted": accepted[1] + others[1],
        "totalAccepts": len(composer),
        "totalTabsAccepted": len(tabs),
        "mostUsedModel": most([one["model"] or "default" for one in composer]),
        "applyMostUsedExtension": most([text for text in map(extension, composer) if text]),
        "tabMostUsedExtension": most([text for text in map(extension, tabs) if text]),
    }


def check_daily(world: OwnWorld, changes: list[Item], commits: list[Item], events: list[Item]) -> None:
    """Every day of a world, asked for by windows of 30 days."""
    members = {one["email"]: one for one in world.get("/teams/members").json()["teamMembers"]}
    done: dict[tuple[int, str], tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    for kind, rows in enumerate((changes, commits)):
        for row in rows:
            done[ms_of(row["createdAt"]) // DAY_MS * DAY_MS, row["userEmail"]][kind].append(row)
    begin = min((day for day, _ in done), default=ms(ANCHOR))
    told: list[Item] = []
    for start in range(begin, max(max((day for day, _ in done), default=0), ms(ANCHOR)) + 1, 30 * DAY_MS):
        window = {"startDate": start, "endDate": start + 30 * DAY_MS}
        answer = world.post("daily-usage-data", window).json()
        assert answer["period"] == window
        told += answer["data"]

    by_place = {(one["date"], one["email"]): one for one in told}
    assert len(by_place) == len(told)
    assert [one["date"] for one in told] == sorted(one["date"] for one in told)
    for place in {*by_place, *done}:
        expected = expected_day(*done[place]) if place in done else expected_day([], [])
        assert {name: by_place[place][name] for name in expected} == expected
    listed = {email for email, one in members.items() if not one["isRemoved"]}
    days = range(begin, ms(ANCHOR) + 1, DAY_MS) if done else ()
    assert set(by_place) == {*done, *((day, email) for day in days for email in listed)}
    paid = Counter(
        (int(one["timestamp"]) // DAY_MS * DAY_MS, one["userEmail"])
        for one in events
        if one["isTokenBasedCall"]
    )
    for place, one in by_place.items():
        assert one["composerRequests"] + one["agentRequests"] == one["totalAccepts"]
        assert one["subscriptionIncludedReqs"] + one["usageBasedReqs"] == one["totalAccepts"]
        assert one["usageBasedReqs"] == paid[place]
        assert one["totalApplies"] == one["totalAccepts"] + one["totalRejects"]
        assert one["totalTabsShown"] >= one["totalTabsAccepted"]
        assert one["email"] in members


def cents(event: Item) -> Fraction:
    usage = event.get("tokenUsage", {"totalCents": 0})
    return Fraction(str(usage["totalCents"])) + Fraction(str(event["cursorTokenFee"]))


def check_events(changes: list[Item], events: list[Item]) -> None:
    """One event for each COMPOSER change, the same costs for the same change."""
    composer = [one for one in changes if one["source"] == "COMPOSER"]
    assert [(ms_of(one["createdAt"]), one["model"] or "default", one["userEmail"]) for one in composer] == [
        (int(one["timestamp"]), one["model"], one["userEmail"]) for one in events
    ]
    costs: dict[object, object] = {}
    for change, event in zip(composer, events, strict=True):
        identity = (change["changeId"], change["totalLinesAdded"] + change["totalLinesDeleted"])
        told = {name: event.get(name) for name in ("kind", "maxMode", "requestsCosts", "tokenUsage")}
        assert costs.setdefault(identity, told) == told
        assert event["isTokenBasedCall"] == ("tokenUsage" in event) == (event["kind"] == "Usage-based")
        assert event["isTokenBasedCall"] or event["cursorTokenFee"] == 0


def check_spend(world: OwnWorld, events: list[Item]) -> None:
    """The sums of each member's events in the cycle."""
    spends, start = all_spend(world, size=3)
    cycle = [one for one in events if start <= int(one["timestamp"]) <= ms(ANCHOR)]
    for one in spends:
        mine = [event for event in cycle if event["userEmail"] == one["email"]]
        total = sum(map(cents, mine), Fraction(0))
        assert one["spendCents"] == (total + Fraction(1, 2)).__floor__()
        assert one["fastPremiumRequests"] == sum(not event["isTokenBasedCall"] for event in mine)
    assert {one["userEmail"] for one in cycle} <= {one["email"] for one in spends}


def check(world: OwnWorld) -> None:
    """Everything that a client can compute of the one from the other."""
    changes, commits = all_rows(world, "changes"), all_rows(world, "commits")
    events = all_events(world, startDate=0, endDate=ms(datetime(2100, 1, 1, tzinfo=UTC)))
    check_events(changes, events)
    check_daily(world, changes, commits, events)
    check_spend(world, events)


@pytest.mark.parametrize("scenario", ["tiny", "hostile", "default", "empty"])
def test_what_a_client_reads_of_a_scenario_agrees(client_of: Callable[[str], Client], scenario: str) -> None:
    client = client_of(scenario)
    with own_world(client, scenario=scenario, anchor=ANCHOR.isoformat()) as world:
        check(world)


def test_postgresql_tells_the_same(database: str, client_of: Callable[[str], Client]) -> None:
    settings = Settings(scenario="hostile", anchor=ANCHOR, now=ANCHOR, database=database)
    wanted = {"scenario": "hostile", "anchor": ANCHOR.isoformat()}
    with (
        serving(open_twin(settings)) as other,
        own_world(other, **wanted) as there,
        own_world(client_of("hostile"), **wanted) as here,
    ):
        check(there)
        window = {"startDate": ms(ANCHOR - 30 * DAY), "endDate": ms(ANCHOR)}
        for path, body in (("daily-usage-data", window), ("filtered-usage-events", window), ("spend", {})):
            assert there.post(path, body).content == here.post(path, body).content


@pytest.fixture(scope="module")
def grown(session_client: Callable[[str], Client]) -> Iterator[OwnWorld]:
    """A world of two people into which rows come."""
    with own_world(session_client("tiny"), anchor=ANCHOR.isoformat()) as world:
        yield world


EMAILS = st.sampled_from(["ada@duo.example", "bo@duo.example", "new@duo.example", 'o"\\x@duo.example'])
INSTANTS = st.builds(
    lambda days, part: (ANCHOR - timedelta(days=days) + timedelta(milliseconds=part)).isoformat(),
    st.integers(-2, 45),
    st.sampled_from([0, 1, DAY_MS - 1, DAY_MS, 12_345_678]),
)
LINES = st.sampled_from([0, 1, 7, 5_000, 5_001, 2**31 - 1])
NAMES = st.sampled_from([None, "a.ts", '"fileExtension":"x"', "\\", 'x","fileExtension":"y', "\U0001f98a.py"])
EXTENSIONS = st.sampled_from([None, "ts", "py", "", 'q"', "b\\", "\U0001f98a", "\n"])
MODELS = st.sampled_from([None, "gpt-5", "claude-4", 'say "hi"', "\U0001f98a"])


@st.composite
def new_changes(draw: st.DrawFn) -> dict[str, Any]:
    files = [
        {
            "fileName": draw(NAMES),
            "fileExtension": draw(EXTENSIONS),
            "linesAdded": draw(LINES),
            "linesDeleted": 0,
        }
        for _ in range(draw(st.integers(0, 1)))
    ]
    return {
        "userEmail": draw(EMAILS),
        "createdAt": draw(INSTANTS),
        "changeId": str(draw(st.integers(0, 2**32 - 1))),
        "source": draw(st.sampled_from(["TAB", "COMPOSER", "COMPOSER"])),
        "model": draw(MODELS),
        "metadata": files,
    }


@st.composite
def new_commits(draw: st.DrawFn) -> dict[str, Any]:
    total, tab, composer = draw(LINES), draw(LINES), draw(LINES)
    commit = {
        "userEmail": draw(EMAILS),
        "createdAt": draw(INSTANTS),
        "totalLinesAdded": total,
        "tabLinesAdded": tab,
        "composerLinesAdded": composer,
    }
    return {**commit, "nonAiLinesAdded": None} if draw(st.booleans()) else commit


@examples(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(new_changes(), max_size=8), st.lists(new_commits(), max_size=4))
def test_rows_that_come_in_are_told_of_everywhere(
    grown: OwnWorld, changes: list[dict[str, Any]], commits: list[dict[str, Any]]
) -> None:
    assert grown.control("POST", "/reset").status_code == 204
    for kind, rows in (("changes", changes), ("commits", commits)):
        for row in rows:
            answer = grown.control("POST", f"/{kind}", json=row)
            assert answer.status_code == 201, answer.text

    check(grown)


@examples(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["owner@gauntlet.example", "PRIVATE@gauntlet.example", "nobody@x"]),
    st.integers(0, 70),
    st.integers(0, 70),
    st.integers(1, 40),
)
def test_pages_of_any_size_of_some_events_are_the_whole_of_them(
    session_client: Callable[[str], Client], email: str, first: int, second: int, size: int
) -> None:
    start, end = sorted((ms(ANCHOR - first * DAY), ms(ANCHOR - second * DAY)))
    with own_world(session_client("hostile"), scenario="hostile", anchor=ANCHOR.isoformat()) as world:
        everything = all_events(world, startDate=0, endDate=ms(ANCHOR + 400 * DAY))
        found = all_events(world, size, startDate=start, endDate=end, email=email)

    assert found == [
        one
        for one in everything
        if one["userEmail"].casefold() == email.casefold() and start <= int(one["timestamp"]) <= end
    ]
