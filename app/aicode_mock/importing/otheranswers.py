"""JSON objects that are no rows, good or bad: errors of the API, wrapped pages, answers of other endpoints.

Such a file is not what somebody thinks, and what was to be in it is missing: nothing is imported,
as of a file that is cut off.
"""

from collections.abc import Mapping

from aicode_mock.daterange import shorten
from aicode_mock.importing.complaints import UnreadableError
from aicode_mock.importing.shapes import ExportedChange, ExportedCommit

_FIELDS = {*ExportedCommit.model_fields, *ExportedChange.model_fields}
_OF_ROWS = ({"commitHash", "userId"}, {"changeId", "userId"})


def expect_row(item: Mapping[str, object], place: str) -> None:
    """Go on if an object is meant for a row, or is empty.

    Raises:
        UnreadableError: it is something else; the message says what, and at which place.
    """
    if item and not {"commitHash", "changeId"} & item.keys() and (what := _other(item)):
        raise UnreadableError(f"is no export: {place} is {what}")


def _other(item: Mapping[str, object]) -> str:
    """What it is, if it is no row; empty if it may be a bad one."""
    if "error" in item or {"code", "message"} <= item.keys() or item.keys() == {"message"}:
        reason = item.get("message", item.get("error"))
        return f"an error of the API, {shorten(str(reason))}: fetch it again"
    if wrapped := [name for name, value in item.items() if _is_export(value)]:
        return f"an object with the rows in its field {wrapped[0]!r}: take that alone"
    if item.keys() & _FIELDS:
        return ""
    return f"an object with the fields {', '.join(map(repr, list(item)[:8]))}, no page and no row"


def _is_export(value: object) -> bool:
    """Whether it is a page or a list of rows; commit details, which tell no user, are none."""
    match value:
        case {"items": list()}:
            return True
        case [{**first}, *_]:
            return any(names <= first.keys() for names in _OF_ROWS)
    return False
