"""A world follows from scenario, seed and anchor alone, byte for byte; the default one is as promised."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from aicode_mock.activity import QUIET_HOURS
from aicode_mock.clock import from_ms, to_ms
from aicode_mock.daterange import DateRange
from aicode_mock.directory import key_digest
from aicode_mock.keyring import KEY_PREFIXES
from aicode_mock.pages import csv_blocks
from aicode_mock.parts import Counts
from aicode_mock.pools import load_pools
from aicode_mock.seeding import make_dataset
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, Query, RowKind, Selection, select_rows
from aicode_mock.settings import Settings
from aicode_mock.tables import (
    CHANGES,
    COMMITS,
    CONVERSATIONS,
    DATASETS,
    LINE_ANNOTATIONS,
    MEMBERS,
    REPOSITORIES,
    TEAMS,
)
from aicode_mock.twin import Twin
from aicode_mock.wiretext import CsvForm
from aicode_mock.workload import allot
from aicode_mock.worldplan import TeamWork, WorldPlan, plan_work
from aicode_mock.worldtables import API_KEYS
from tests.conftest import ANCHOR, page_text
from tests.stores import open_store

pytestmark = pytest.mark.both_stores

EVER = DateRange(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
DAY = timedelta(days=1)
FEW: dict[str, object] = {"commits": 100, "changes": 100}
MONDAY = datetime(2026, 6, 29, tzinfo=UTC)

# What every machine and version of Python makes of seed 42 and the anchor 2026-06-30.  A change
# here is a change of everybody's data: it belongs into the changelog.
WORLD_DIGESTS = {
    "tiny": "c6079f95e69fbb7f74d3f8204cb08d5644f5bd94996c36c1d2d939617398eee3",
    "default": "aa7dc7b31b1b28269798676d65dfec91617829e971d0eb43442700f6d820b3dc",
    "hostile": "c5f330f5d5d7df1830a6e76c48b21d907e30b1666eb15aac1f17e477ad390328",
}
PAGE_DIGESTS = {
    "tiny": [
        "f73b887d32d047b048b128dade346b241bf12818688edfe8b51094cff0dbae3f",
        "a071fe27e337eefc21ec1cbc177bbf2feeecb23288653b338c0581de63082775",
    ],
    "default": [
        "5b915c0ebdf72a19482da6cc837f20fdcbe2dadb03de931a9ba71c2d42ab0ad3",
        "28bb524e7e6f17eb009ef2837901b697898f0b36925d0f3d2c7bc25b2871db5b",
    ],
    "hostile": [
        "c1fc8f439120b7c2f06ba6ce583eacdba2fa75871fec48c3dda38bf15ceada20",
        "7ce8f89a716978bafb62a7f4f84ffb858e2d29eaeb1d8344646d13328e4cd61f",
    ],
}
CSV_DIGESTS = {
    "tiny": [
        "2beee700127f60e8652f20aefdbfe2b5ee3d1e40bbf7089e443fbda9e23c30af",
        "7c0ce2fdd163f83fab1d59080916e9c3f0bfb9a8edb8afa16f5e345024996242",
    ],
    "default": [
        "c244f911de980dc6a8243f2ac97119bfeca9921e58a2608abb8d5eec0c96cb08",
        "e4d5e3747827b623b71a2ad14c0c29e630a665d2df87924a7cfc2311acf29d17",
    ],
    "hostile": [
        "2821422be8c18fc780b5c485ba2707af6c4de5815541d71630b0498dc3eef80c",
        "ab688096cc26b5c911b3a23166757347abbe7b4b85dd599ace01d54ac1ebbbce",
    ],
}


@pytest.fixture(scope="module")
def default(twin_of: Callable[[str], Twin]) -> Iterator[Connection]:
    with twin_of("default").store.reading() as connection:
        yield connection


def plan_of(scenario: str, **settings: object) -> WorldPlan:
    return Settings(**{"scenario": scenario, "anchor": ANCHOR, **settings}).plan()  # type: ignore[arg-type]  # as named by the tests


def made(plan: WorldPlan) -> tuple[Counts, str, dict[str, int]]:
    """What making a world says, its digest, and how many rows are in the tables."""
    tables = (TEAMS, MEMBERS, COMMITS, CHANGES, LINE_ANNOTATIONS)
    with closing(open_store()) as store, store.writing() as connection:
        _, counts = make_dataset(connection, plan, now=0)
        digest = connection.execute(select(DATASETS.c.digest)).scalar_one()
        rows = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }
    return counts, digest, rows


def everything(connection: Connection, kind: RowKind) -> Selection:
    """All rows of the first team."""
    return select_rows(connection, Query(kind, 1, None, EVER))


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("scenario", ["tiny", "default", "hostile"])
def test_a_world_is_the_same_bytes_on_every_machine(twin_of: Callable[[str], Twin], scenario: str) -> None:
    with twin_of(scenario).store.reading() as connection:
        commits, changes = everything(connection, COMMIT_ROWS), everything(connection, CHANGE_ROWS)
        pages = [page_text(connection, rows, page=1, size=100) for rows in (commits, changes)]
        texts = [
            b"".join(csv_blocks(connection, rows, CsvForm(), header_if_empty=True)).decode()
            for rows in (commits, changes)
        ]
        world_digest = connection.execute(select(DATASETS.c.digest).limit(1)).scalar_one()

    assert list(map(digest, pages)) == PAGE_DIGESTS[scenario]
    assert list(map(digest, texts)) == CSV_DIGESTS[scenario]
    assert world_digest == WORLD_DIGESTS[scenario]


def test_another_seed_makes_other_rows_of_the_same_shape() -> None:
    first, second = made(plan_of("hostile", **FEW)), made(plan_of("hostile", **FEW, seed=43))

    assert first[0].commits == second[0].commits
    assert first[0].changes == second[0].changes
    assert first[0].members == second[0].members
    assert first[1] != second[1]


def test_another_origin_has_another_digest() -> None:
    origins: list[dict[str, object]] = [{}, {}, {"seed": 43}, {"anchor": ANCHOR - DAY}, {"changes": 101}]

    digests = [made(plan_of("hostile", **{**FEW, **origin}))[1] for origin in origins]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_the_contract_of_a_world_does_not_touch_its_rows() -> None:
    plan = plan_of("tiny", revision="2025-08", behavior="observed", switches={"order": "shuffled"})

    assert made(plan)[1] == WORLD_DIGESTS["tiny"]


@pytest.mark.parametrize("scenario", ["tiny", "hostile"])
def test_the_same_origin_has_the_same_digest_and_the_counts_are_those_of_the_tables(scenario: str) -> None:
    counts, digest, rows = made(plan_of(scenario))

    assert digest == WORLD_DIGESTS[scenario]
    assert rows == {
        "team": counts.teams,
        "member": counts.members,
        "commits": counts.commits,
        "changes": counts.changes,
        "line_annotation": counts.annotations,
    }


@pytest.mark.parametrize(("commits", "changes"), [(14, 11), (100, 50), (1500, 20), (None, 17)])
def test_exactly_as_many_rows_are_made_as_asked_for(commits: int | None, changes: int | None) -> None:
    counts, _, rows = made(plan_of("hostile", commits=commits, changes=changes))

    assert rows["commits"] == counts.commits == (commits or counts.commits)
    assert rows["changes"] == counts.changes == (changes or counts.changes)
    assert counts.commits > 10 < counts.changes


def test_progress_is_told_now_and_then_and_adds_up_to_all_rows() -> None:
    heard: list[int] = []

    with closing(open_store()) as store, store.writing() as connection:
        plan = plan_of("hostile", commits=1300, changes=1000)
        make_dataset(connection, plan, now=0, progress=heard.append)

    assert heard[:2] == [1000, 1000]
    assert sum(heard) == 2300


def test_two_data_sets_share_a_store_without_meeting() -> None:
    first, second = plan_of("hostile", **FEW), plan_of("tiny")

    with closing(open_store()) as store, store.writing() as connection:
        make_dataset(connection, first, now=0)
        make_dataset(connection, second, now=0)
        digests = list(connection.scalars(select(DATASETS.c.digest).order_by(DATASETS.c.id)))
        duo = connection.execute(select(TEAMS.c.id).where(TEAMS.c.name == "duo")).scalar_one()
        found = select_rows(connection, Query(COMMIT_ROWS, duo, None, EVER))

    assert digests == [made(first)[1], WORLD_DIGESTS["tiny"]]
    assert (duo, found.total) == (5, 6)


def test_every_team_has_keys_of_its_own_in_the_form_of_every_revision(default: Connection) -> None:
    keys = default.execute(select(API_KEYS).where(API_KEYS.c.team_ordinal > 0)).all()  # that of 0 was set

    assert KEY_PREFIXES == ("key_", "crsr_")
    assert len({row.key for row in keys}) == len(keys) == 4
    assert len({row.team_ordinal for row in keys}) == 2
    assert sorted(row.key.partition("_")[0] for row in keys) == ["crsr", "crsr", "key", "key"]
    assert all(row.digest == key_digest(row.key) for row in keys)


def test_conversations_belong_to_annotated_commits(default: Connection) -> None:
    annotated = set(default.scalars(select(LINE_ANNOTATIONS.c.commit_hash)))
    conversations = set(default.scalars(select(CONVERSATIONS.c.conversation_id)))

    assert 140 < len(annotated) <= 150
    assert conversations == set(default.scalars(select(LINE_ANNOTATIONS.c.conversation_id)))
    assert annotated <= set(default.scalars(select(COMMITS.c.commit_hash)))


def test_the_default_company_has_about_forty_members(default: Connection) -> None:
    members = default.execute(select(MEMBERS).where(MEMBERS.c.team_id == 1)).all()

    assert len(members) == 41
    assert sum(row.is_removed for row in members) == 2
    assert sum(row.privacy_mode for row in members) == 3
    assert [row.role for row in members].count("owner") == 1


def test_three_repositories_have_most_of_the_work(default: Connection) -> None:
    names = default.scalars(
        select(REPOSITORIES.c.name).join(COMMITS, COMMITS.c.repository_id == REPOSITORIES.c.id)
    )

    counted = Counter(names)

    assert len(counted) == 8
    assert sum(count for _, count in counted.most_common(3)) in range(
        counted.total() * 70 // 100, counted.total() * 82 // 100
    )


def test_a_few_people_write_much_and_many_a_little(default: Connection) -> None:
    counted = Counter(default.scalars(select(CHANGES.c.member_id)))
    figures = sorted(counted.values(), reverse=True)

    assert len(figures) == 38  # three are idle
    assert sum(figures[:8]) > sum(figures) * 40 // 100
    assert figures[0] > 5 * figures[-1]


def test_people_work_on_weekdays_in_the_hours_of_their_zones(default: Connection) -> None:
    instants = [from_ms(ms) for ms in default.scalars(select(COMMITS.c.commit_ts)) if ms is not None]

    by_weekday, by_hour = Counter(map(datetime.weekday, instants)), Counter(one.hour for one in instants)

    assert min(by_weekday[day] for day in range(5)) > 1.5 * max(by_weekday[5], by_weekday[6])
    assert max(by_hour[hour] for hour in (1, 2)) * 3 < max(by_hour.values())  # night in all five zones


def test_the_company_takes_to_it(default: Connection) -> None:
    middle = to_ms(ANCHOR - timedelta(days=30))
    instants = list(default.scalars(select(CHANGES.c.created_at)))

    early = sum(instant < middle for instant in instants)

    assert 1.3 * early < len(instants) - early < 2.5 * early


def test_what_clients_break_on_is_never_null_in_the_default_data(default: Connection) -> None:
    for column in (COMMITS.c.commit_ts, COMMITS.c.non_ai_lines_added, COMMITS.c.non_ai_lines_deleted):
        assert default.scalar(select(func.count()).where(column.is_(None))) == 0


def test_the_hostile_data_hold_every_null(twin_of: Callable[[str], Twin]) -> None:
    with twin_of("hostile").store.reading() as connection:
        for column in (COMMITS.c.commit_ts, COMMITS.c.non_ai_lines_added, COMMITS.c.non_ai_lines_deleted):
            assert (connection.scalar(select(func.count()).where(column.is_(None))) or 0) > 10


@pytest.mark.parametrize("time_of_day", [timedelta(), timedelta(hours=23, minutes=59)], ids=str)
def test_the_last_days_of_the_default_company_are_never_empty(
    default: Connection, time_of_day: timedelta
) -> None:
    now = ANCHOR + time_of_day

    def within(days: int, kind: RowKind) -> int:
        return select_rows(default, Query(kind, 1, None, DateRange(now - days * DAY, now))).total

    assert within(7, COMMIT_ROWS) > 600
    assert within(7, CHANGE_ROWS) > 600
    assert within(3, COMMIT_ROWS) > 150


@cache
def northwind_work(anchor: datetime) -> TeamWork:
    plan = plan_of("default", anchor=anchor)
    return plan_work(plan, load_pools(plan.scenario.locales))[0]


@pytest.mark.parametrize("time_of_day", [timedelta(), timedelta(hours=23, minutes=59)], ids=str)
@pytest.mark.parametrize("weekday", range(7))
def test_the_last_days_are_planned_full_whatever_the_weekday(weekday: int, time_of_day: timedelta) -> None:
    anchor = MONDAY + weekday * DAY
    now = to_ms(anchor + time_of_day)
    northwind = northwind_work(anchor)
    commits = allot(northwind.commits, northwind.hours[:-QUIET_HOURS])  # none of them waits beyond the anchor
    changes = allot(northwind.changes, northwind.hours)

    def at_least(counts: list[int], days: int) -> int:
        """Rows of whole hours: those of the first hour may lie before the window."""
        begin = now - days * DAY // timedelta(milliseconds=1)
        return sum(count for hour, count in zip(northwind.hours, counts, strict=False) if hour.start >= begin)

    assert at_least(commits, 7) > 600
    assert at_least(changes, 7) > 600
    assert at_least(commits, 3) > 150
