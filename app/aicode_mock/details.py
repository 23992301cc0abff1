"""Who wrote which lines of some commits: the answer of the detail endpoint."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from aicode_mock.tables import COMMITS, CONVERSATIONS, LINE_ANNOTATIONS
from aicode_mock.wire import AnnotationGroup, CommitDetail, CommitDetails, FileAnnotations, LineRange
from aicode_mock.wire import Conversation as WireConversation


def find_details(
    connection: Connection, team_id: int, hashes: Sequence[str], *, branch: str | None
) -> CommitDetails:
    """Look up commits by their whole hashes, in the order asked for; unknown ones are left out.

    A hash that is there several times counts once; ``branch`` keeps the hashes that
    are on that branch.  Commits without annotations have an empty list.

    Source: shape documented; a hash is not shortened and unknown ones are left out (assumed).
    """
    sources = _sources(connection, team_id, hashes, branch)
    annotations = connection.execute(
        select(LINE_ANNOTATIONS)
        .where(LINE_ANNOTATIONS.c.team_id == team_id, LINE_ANNOTATIONS.c.commit_hash.in_(sources))
        .order_by(LINE_ANNOTATIONS.c.id)
    ).all()
    return CommitDetails(
        commits=[
            CommitDetail(
                commitHash=one,
                commitSource=sources[one],
                rangeAnnotations=_files(row for row in annotations if row.commit_hash == one),
            )
            for one in dict.fromkeys(hashes)
            if one in sources
        ],
        conversations=_conversations(connection, team_id, {row.conversation_id for row in annotations}),
    )


def _sources(
    connection: Connection, team_id: int, hashes: Sequence[str], branch: str | None
) -> dict[str, str]:
    """The commitSource of each hash that the team has (on the branch): that of its newest row."""
    if branch and "\0" in branch:  # no text in any database
        return {}
    statement = select(COMMITS.c.commit_hash, COMMITS.c.commit_source).where(
        COMMITS.c.commit_hash.in_([one for one in hashes if "\0" not in one]), COMMITS.c.team_id == team_id
    )
    if branch:
        statement = statement.where(COMMITS.c.branch_name == branch)
    rows = connection.execute(statement.order_by(COMMITS.c.id))
    return {row.commit_hash: row.commit_source for row in rows}


def _files(rows: Iterable[Row[tuple[object, ...]]]) -> list[FileAnnotations]:
    by_file = groupby(rows, key=attrgetter("file_path"))
    return [FileAnnotations(filePath=path, groups=_groups(lines)) for path, lines in by_file]


def _groups(rows: Iterable[Row[tuple[object, ...]]]) -> list[AnnotationGroup]:
    by_origin = groupby(rows, key=attrgetter("conversation_id", "model", "operation_type"))
    return [
        AnnotationGroup(
            conversationId=conversation,
            model=model,
            operationType=operation,
            ranges=[LineRange(start=row.first_line, end=row.last_line) for row in lines],
        )
        for (conversation, model, operation), lines in by_origin
    ]


def _conversations(connection: Connection, team_id: int, ids: set[str | None]) -> list[WireConversation]:
    found = connection.execute(
        select(CONVERSATIONS)
        .where(CONVERSATIONS.c.team_id == team_id, CONVERSATIONS.c.conversation_id.in_(ids))
        .order_by(CONVERSATIONS.c.id)
    )
    return [
        WireConversation(
            id=row.conversation_id,
            title=row.title,
            tldr=row.tldr,
            overview=row.overview,
            summaryBullets=json.loads(row.bullets),
        )
        for row in found
    ]
