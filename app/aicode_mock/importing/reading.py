"""All files into the staging area: every row checked, counted, and made anonymous if asked for."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aicode_mock.importing.anonymity import Anonymizer
from aicode_mock.importing.complaints import BadRowError, Complaint, ImportFailedError
from aicode_mock.importing.completeness import Completeness
from aicode_mock.importing.csvcolumns import column_reason
from aicode_mock.importing.entries import Entry
from aicode_mock.importing.files import STDIN, read_file
from aicode_mock.importing.shapes import Row, read_row
from aicode_mock.importing.staging import Staging, kind_of
from aicode_mock.importing.unknownfields import OPTION, unknown_fields, without_unknown_fields

_SHOWN = 20


class BadRowsError(ImportFailedError):
    """Rows are not as the contract says, and nothing was imported."""

    def __init__(self, tally: "Tally") -> None:
        """``tally`` has one bad row at least."""
        rows = f"{tally.bad} of {tally.rows} rows {'is' if tally.bad == 1 else 'are'} bad"
        ways = ["--skip-bad leaves them out"] if tally.good else []
        if tally.overfull:
            ways.append(f"{OPTION} leaves out the unknown fields of {tally.overfull} of them")
        super().__init__(f"{rows}, so nothing was imported" + (f": {', '.join(ways)}" if ways else ""))
        self.tally = tally


@dataclass(slots=True)
class Tally:
    """What was read: good rows by their kind, the bad ones, of which the first are told, and the pages.

    ``overfull`` are those bad rows that have unknown fields, ``left_out`` counts the good rows of which
    an unknown field was left out.
    """

    good: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    overfull: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    complaints: list[Complaint] = field(default_factory=list)
    pages: Completeness = field(default_factory=Completeness)

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return self.good.total() + self.bad

    def complain(self, entry: Entry, reasons: Iterable[str]) -> None:
        """Count a bad row."""
        self.bad += 1
        self.overfull += bool(unknown_fields(entry.fields or {}))
        if len(self.complaints) < _SHOWN:
            named = map(column_reason, reasons) if entry.answer.is_csv else reasons
            self.complaints.append(Complaint(entry.place, tuple(named)))


def read_files(
    files: Iterable[str],
    staging: Staging,
    *,
    anonymizer: Anonymizer | None,
    skip_bad: bool,
    ignore_unknown: bool,
    progress: Callable[[int], None],
) -> Tally:
    """Stage the rows of all files; ``progress`` hears of the bytes that were read.

    Raises:
        UnreadableError: a file is none that the API gave, or only a part of one.
        BadRowsError: rows are bad, and are not to be skipped, or are all that there is.
    """
    tally = Tally()
    for name in files:
        # Nobody knows how much standard input will be.
        heard = _silent if name == STDIN else progress
        for found in read_file(name, heard, ignore_unknown=ignore_unknown):
            tally.pages.count(found)
            entry = without_unknown_fields(found) if ignore_unknown else found
            try:
                row, knows_source = _row(entry)
            except BadRowError as error:
                tally.complain(entry, error.reasons)
                continue
            tally.good[kind_of(row).name] += 1
            tally.left_out.update(entry.left_out)
            shown = row if anonymizer is None else anonymizer.replace(row)
            staging.add(shown, entry.answer, knows_source=knows_source)
    if tally.bad and not (skip_bad and tally.good):
        raise BadRowsError(tally)
    return tally


def _row(entry: Entry) -> tuple[Row, bool]:
    if entry.fields is None:
        raise BadRowError(entry.problem)
    return read_row(entry.fields)


def _silent(_size: int) -> None:
    """Nothing to show."""
