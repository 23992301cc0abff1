"""What readers of files find: one row that may be wrong, and the answer of the API it was in."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One answer of the API, or what somebody made of several: a list, a CSV file.

    The numbers are those of a page's envelope, None where there is none.  Rows of CSV are
    complained about by the names of its columns.
    """

    page: int | None = None
    page_size: int | None = None
    total: int | None = None
    is_csv: bool = False


class Entry(NamedTuple):
    """A row as it stands in a file: ``fields`` by the names of the JSON item, or a ``problem``.

    ``left_out`` are the names of fields that it has as well, and that are unknown.
    """

    place: str
    answer: Answer
    fields: dict[str, object] | None = None
    problem: str = ""
    left_out: tuple[str, ...] = ()
