"""An import from its files to its summary: read everything, then write all of it or nothing.

Files are read into a staging area beside the database; only when all of them are understood
is the database written: a new file is built aside and named when it is whole, an existing
one gets one transaction.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aicode_mock.clock import from_ms, to_ms
from aicode_mock.databases import StoreError, new_file
from aicode_mock.importing.anonymity import Anonymizer
from aicode_mock.importing.complaints import ImportFailedError
from aicode_mock.importing.files import expect_files
from aicode_mock.importing.reading import Tally, read_files
from aicode_mock.importing.staging import Staging
from aicode_mock.importing.writing import Bar, Writer
from aicode_mock.newfile import build_file
from aicode_mock.privatefolder import PRIVATE_PREFIX, PrivateFolder
from aicode_mock.store import Store
from aicode_mock.twin import Twin

_END_MS = to_ms(datetime(9999, 1, 1, tzinfo=UTC))
_WEEK = timedelta(weeks=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Job:
    """What to import, where to, and what to change on the way.

    ``team`` None is the first Enterprise team.  ``shift`` moves all rows in time; ``shift_to``
    moves them by whole weeks, so that the newest lies in the week that ends at that instant.
    ``anonymize`` is the key of pseudonyms.  Up to ``few_rows`` new ones make room for themselves
    in a database; with more, those behind them are written again.
    """

    files: tuple[str, ...]
    database: str
    team: str | None = None
    api_key: str | None = None
    anonymize: str | None = None
    shift: timedelta = timedelta()
    shift_to: datetime | None = None
    skip_bad: bool = False
    ignore_unknown: bool = False
    few_rows: int = 5_000


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of an import.  ``key`` is the team's; ``newest`` is None if no row was read."""

    tally: Tally
    new: dict[str, int]
    team: str
    key: str
    digest: str
    newest: datetime | None
    shift: timedelta


def import_files(job: Job, *, bar: Bar, prefix: str) -> Summary:
    """Bring files into a database; ``prefix`` chooses among the team's keys.

    Raises:
        ImportFailedError: a file cannot be read, or rows are bad.
        StoreError: the database cannot be used.
        NoTeamError, NoEnterpriseTeamError, KeyTakenError: team or key cannot be had.
    """
    length = expect_files(job.files)
    _expect_database(job.database)
    with _folder(job.database) as folder, closing(Staging(Path(folder))) as staging:
        anonymizer = None if job.anonymize is None else Anonymizer(job.anonymize)
        with bar("reading", length) as progress:
            tally = read_files(
                job.files,
                staging,
                anonymizer=anonymizer,
                skip_bad=job.skip_bad,
                ignore_unknown=job.ignore_unknown,
                progress=progress,
            )
        shift = _shift(job, staging)
        staging.shift_ms = shift // _MILLISECOND
        newest = None if staging.newest is None else from_ms(staging.newest) + shift
        writer = Writer(staging, newest, job.team, job.api_key, bar, job.few_rows)
        written = build_file(job.database, writer.write)
        with closing(Twin.of(Store.open(job.database))) as twin:
            written = written or writer.write(twin)
            keys = {entry.team: entry.key for entry in twin.keys(prefix=prefix)}
            digest = twin.facts().digest
    return Summary(tally, written.new, written.team, keys[written.team], digest, newest, shift)


def _expect_database(database: str) -> None:
    """Go on if the database can be opened, or made; nothing is made yet."""
    file = new_file(database)
    if file is None:
        Store.open(database).close()
    elif not file.parent.is_dir():
        raise StoreError(f"database {database} cannot be made: there is no folder {file.parent}")


def _folder(database: str) -> PrivateFolder:
    """Where a database file is, there is room for as much once more."""
    beside = Path(database).parent
    if "://" not in database and beside.is_dir():
        return PrivateFolder(f".{Path(database).name}.", beside)
    return PrivateFolder(PRIVATE_PREFIX)


def _shift(job: Job, staging: Staging) -> timedelta:
    """By how much rows move.

    Raises:
        ImportFailedError: some would lie where no world can hold them.
    """
    if staging.newest is None or staging.oldest is None or staging.latest is None:
        return job.shift
    shift = job.shift
    if job.shift_to is not None:
        shift = (job.shift_to - from_ms(staging.newest)) // _WEEK * _WEEK
    by_ms = shift // _MILLISECOND
    if staging.oldest + by_ms < 0 or staging.latest + by_ms >= _END_MS:
        raise ImportFailedError(f"rows that move by {shift.days} days lie outside 1970 to 9998")
    return shift
