"""Fields that no revision of the contract has, left out of what was read if that is wanted.

``commitSource`` came with a revision, and the next field will come before we know of it.
"""

from collections.abc import Collection, Iterable, Mapping

from aicode_mock.importing.entries import Entry
from aicode_mock.importing.shapes import ExportedChange, ExportedCommit, ExportedFile

OPTION = "--ignore-unknown-fields"

_COMMIT = frozenset(ExportedCommit.model_fields)
_CHANGE = frozenset(ExportedChange.model_fields)
_FILE = frozenset(ExportedFile.model_fields)


def unknown_fields(item: Mapping[str, object]) -> tuple[str, ...]:
    """The names of an item's unknown fields, each once; those of its files as ``metadata[].name``."""
    known = _known(item)
    unknown = [name for name in item if name not in known]
    files = item.get("metadata") if known is _CHANGE else None
    in_files = (name for one in _objects(files) for name in one if name not in _FILE)
    return tuple(dict.fromkeys([*unknown, *(f"metadata[].{name}" for name in in_files)]))


def without_unknown_fields(entry: Entry) -> Entry:
    """A row with the fields that it should have; ``left_out`` has the names of the others."""
    if entry.fields is None or not (unknown := unknown_fields(entry.fields)):
        return entry
    fields = _only(entry.fields, _known(entry.fields))
    if isinstance(files := fields.get("metadata"), list):
        fields["metadata"] = [_only(one, _FILE) if isinstance(one, dict) else one for one in files]
    return entry._replace(fields=fields, left_out=(*entry.left_out, *unknown))


def _known(item: Mapping[str, object]) -> Collection[str]:
    """The fields of its kind; what is neither a commit nor a change is another complaint's."""
    if "commitHash" in item:
        return _COMMIT
    return _CHANGE if "changeId" in item else item


def _objects(files: object) -> Iterable[dict[str, object]]:
    return (one for one in files if isinstance(one, dict)) if isinstance(files, list) else ()


def _only(item: Mapping[str, object], known: Collection[str]) -> dict[str, object]:
    return {name: value for name, value in item.items() if name in known}
