"""A commit and a change as plain facts, and the arithmetic between their figures.

Instants are milliseconds since 1970.  Neither ``commit_hash`` nor ``change_id`` is a
unique key: an amended or ingested-again commit appears twice (documented).
"""

from collections.abc import Callable
from json.encoder import encode_basestring
from typing import NamedTuple


class CommitRow(NamedTuple):
    """One row of ``/commits``.  ``repo_name`` to ``message`` may be unknown together."""

    commit_hash: str
    commit_source: str
    user_id: str
    user_email: str
    repo_name: str | None
    branch_name: str | None
    is_primary_branch: bool | None
    total_lines_added: int
    total_lines_deleted: int
    tab_lines_added: int
    tab_lines_deleted: int
    composer_lines_added: int
    composer_lines_deleted: int
    non_ai_lines_added: int | None
    non_ai_lines_deleted: int | None
    message: str | None
    commit_ts: int | None
    created_at: int


class ChangeRow(NamedTuple):
    """One row of ``/changes``.  ``metadata`` is its files as compact JSON text."""

    change_id: int
    user_id: str
    user_email: str
    source: str
    model: str | None
    total_lines_added: int
    total_lines_deleted: int
    created_at: int
    metadata: str


class FileChange(NamedTuple):
    """One file of a change; the name is None for a member in privacy mode."""

    name: str | None
    extension: str
    lines_added: int
    lines_deleted: int


quote_json: Callable[[str], str] = encode_basestring
"""A JSON string; letters outside ASCII stand for themselves."""


def non_ai_lines(total: int, tab: int, composer: int) -> int:
    """Lines that no AI wrote: ``max(0, total - (tab + composer))``.

    Source: documented, separately for added and deleted lines.
    """
    return max(0, total - (tab + composer))


def metadata_json(files: list[FileChange]) -> str:
    """The files of a change as the API prints them; ``fileName`` is left out when unknown."""
    return f"[{','.join(map(_file_json, files))}]"


def _file_json(file: FileChange) -> str:
    name = "" if file.name is None else f'"fileName":{quote_json(file.name)},'
    return (
        f'{{{name}"fileExtension":{quote_json(file.extension)},'
        f'"linesAdded":{file.lines_added},"linesDeleted":{file.lines_deleted}}}'
    )
