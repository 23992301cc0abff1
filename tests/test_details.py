"""Who wrote which lines of a commit: what is found, in which order, and what is left out."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Connection

from aicode_mock.details import find_details
from aicode_mock.tables import COMMITS, LINE_ANNOTATIONS, TEAMS
from aicode_mock.twin import Twin
from aicode_mock.wire import CommitDetail, CommitDetails

pytestmark = pytest.mark.both_stores

FIRST, CLI, CLOUD, TAB_ONLY, NOWHERE, LAST = (str(digit) * 40 for digit in range(1, 7))
ON_TWO_BRANCHES = "a000000000000000000000000000000000000002"


@pytest.fixture(scope="module")
def tiny(twin_of: Callable[[str], Twin]) -> Iterator[Connection]:
    with twin_of("tiny").store.reading() as connection:
        yield connection


@pytest.fixture(scope="module")
def hostile(twin_of: Callable[[str], Twin]) -> Iterator[Connection]:
    with twin_of("hostile").store.reading() as connection:
        yield connection


def details(connection: Connection, *hashes: str, branch: str | None = None, team: int = 1) -> CommitDetails:
    return find_details(connection, team, hashes, branch=branch)


def hashes_of(found: CommitDetails) -> list[str]:
    return [one.commitHash for one in found.commits]


def lines(detail: CommitDetail) -> int:
    return sum(
        one.end - one.start + 1
        for file in detail.rangeAnnotations
        for group in file.groups
        for one in group.ranges
    )


@pytest.mark.parametrize(("commit_hash", "source", "count"), [(CLOUD, "cloud", 20), (LAST, "ide", 16)])
def test_the_ranges_of_a_commit_cover_its_composer_lines(
    tiny: Connection, commit_hash: str, source: str, count: int
) -> None:
    found = details(tiny, commit_hash)

    (detail,) = found.commits
    assert (detail.commitHash, detail.commitSource, lines(detail)) == (commit_hash, source, count)


def test_every_group_leads_to_a_conversation_that_is_in_the_answer(tiny: Connection) -> None:
    found = details(tiny, CLOUD, LAST)

    mentioned = [
        group.conversationId
        for one in found.commits
        for file in one.rangeAnnotations
        for group in file.groups
    ]
    assert mentioned == [one.id for one in found.conversations]
    assert len(set(mentioned)) == 2


def test_the_answer_holds_only_the_conversations_of_its_commits(tiny: Connection) -> None:
    assert len(details(tiny, LAST).conversations) == 1
    assert details(tiny, FIRST).conversations == []


def test_ranges_of_one_file_and_conversation_are_one_group(tiny: Connection, hostile: Connection) -> None:
    several = hostile.scalars(select(LINE_ANNOTATIONS.c.commit_hash)).all()
    assert len(several) > len(set(several))

    for detail in details(hostile, *set(several)).commits:
        (file,) = detail.rangeAnnotations
        (group,) = file.groups
        assert len(group.ranges) == several.count(detail.commitHash)
    assert details(tiny, LAST).commits[0].rangeAnnotations[0].groups[0].operationType == "insert"


def test_commits_come_in_the_order_asked_for_and_once(tiny: Connection) -> None:
    assert hashes_of(details(tiny, LAST, CLOUD)) == [LAST, CLOUD]
    assert hashes_of(details(tiny, CLOUD, LAST, CLOUD)) == [CLOUD, LAST]


def test_a_commit_without_annotations_has_an_empty_list(tiny: Connection) -> None:
    found = details(tiny, FIRST, TAB_ONLY)

    assert [one.rangeAnnotations for one in found.commits] == [[], []]


@pytest.mark.parametrize(
    "unknown", ["f" * 40, "1" * 39, "1" * 41, "1" * 7, "", "\0", FIRST + "\0", "%", "' OR 1=1", "é"]
)
def test_an_unknown_or_shortened_hash_is_left_out(tiny: Connection, unknown: str) -> None:
    assert hashes_of(details(tiny, unknown)) == []
    assert hashes_of(details(tiny, unknown, FIRST)) == [FIRST]


def test_a_thousand_hashes_may_be_asked_for(tiny: Connection) -> None:
    assert hashes_of(details(tiny, *(f"{number:040x}" for number in range(999)), LAST)) == [LAST]


def test_commits_of_another_team_are_unknown(hostile: Connection) -> None:
    team_id = hostile.execute(select(TEAMS.c.id).where(TEAMS.c.name == "no-detail")).scalar_one()
    theirs = hostile.scalars(select(COMMITS.c.commit_hash).where(COMMITS.c.team_id == team_id)).all()
    assert theirs

    assert hashes_of(details(hostile, *theirs)) == []
    assert hashes_of(details(hostile, *theirs, team=team_id)) == list(dict.fromkeys(theirs))


def test_a_hash_that_is_there_several_times_counts_once(hostile: Connection) -> None:
    assert hashes_of(details(hostile, ON_TWO_BRANCHES)) == [ON_TWO_BRANCHES]


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        (None, True),
        ("", True),
        ("main", True),
        ("feat/copy", True),
        ("feat", False),
        ("MAIN", False),
        ("\0", False),
        ("main\0", False),
    ],
)
def test_a_branch_keeps_the_commits_on_it(hostile: Connection, branch: str | None, found: bool) -> None:
    assert hashes_of(details(hostile, ON_TWO_BRANCHES, branch=branch)) == [ON_TWO_BRANCHES] * found


def test_a_commit_whose_branch_is_unknown_is_on_no_branch(tiny: Connection) -> None:
    assert hashes_of(details(tiny, NOWHERE)) == [NOWHERE]
    assert hashes_of(details(tiny, NOWHERE, branch="main")) == []
