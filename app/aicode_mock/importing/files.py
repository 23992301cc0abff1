"""Files as they are named on the command line: opened, unpacked, and told apart by what they hold."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from aicode_mock.importing.complaints import CUT_OFF, ImportFailedError, UnreadableError
from aicode_mock.importing.csvfiles import csv_entries
from aicode_mock.importing.entries import Entry
from aicode_mock.importing.jsonfiles import json_entries

STDIN = "-"
_BUFFER_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"PK\x03\x04": "a zip archive",
    b"SQLite f": "a database",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}


class MissingFileError(ImportFailedError):
    """A file is named that cannot be opened."""


def expect_files(names: Iterable[str]) -> int:
    """Go on if all files are there; how many bytes they have, standard input none.

    Raises:
        MissingFileError: one is not, or is a folder.
    """
    total = 0
    for name in names:
        if name == STDIN:
            continue
        if Path(name).is_dir():
            raise MissingFileError(f"{name} is a folder: name the files in it")
        try:
            total += Path(name).stat().st_size
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise MissingFileError(f"{name} cannot be read: {reason}") from None
    return total


def read_file(name: str, progress: Callable[[int], None], *, ignore_unknown: bool = False) -> Iterator[Entry]:
    """The rows of a file; ``progress`` hears of the bytes that were read, now and then.

    Unknown fields of JSON are there; unknown columns of CSV are refused, or left out.

    Raises:
        UnreadableError: it is none that the API gave, or only a part of one.
    """
    shown = "standard input" if name == STDIN else name
    try:
        with _open(name) as file:
            counted = _Counted(file, progress)
            buffered: io.BufferedReader = io.BufferedReader(counted, _BUFFER_BYTES)
            for entry in _entries(buffered, ignore_unknown=ignore_unknown):
                yield entry._replace(place=f"{shown} {entry.place}")
    except UnreadableError as error:
        raise UnreadableError(f"{shown} {error}") from None
    except EOFError:
        raise UnreadableError(f"{shown} ends in the middle of its gzip: {CUT_OFF}") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(f"{shown} is no whole gzip file: {error}") from None
    except OSError as error:
        raise UnreadableError(f"{shown} cannot be read: {error.strerror or error}") from None


def _open(name: str) -> BinaryIO:
    """The bytes of a file; closing standard input would take it from the process."""
    return open(sys.stdin.fileno() if name == STDIN else name, "rb", closefd=name != STDIN)


def _entries(file: io.BufferedReader, *, ignore_unknown: bool) -> Iterator[Entry]:
    if file.peek(2)[:2] == _GZIP:
        file = io.BufferedReader(gzip.GzipFile(fileobj=file), _BUFFER_BYTES)
    _expect_text(file.peek(8)[:8])
    if file.peek(3)[:3] == _BOM:
        file.read(3)
    while (first := file.peek(1)[:1]).isspace():
        file.read(1)
    match first:
        case b"":
            raise UnreadableError("is empty: no header, no JSON")
        case b"<":
            page = file.read(60).decode(errors="replace")
            raise UnreadableError(
                f"is HTML or XML, perhaps an error page of a proxy: it begins with {page!r}"
            )
        case b"{" | b"[":
            return json_entries(file)
        case _:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            return csv_entries(text, ignore_unknown=ignore_unknown)


def _expect_text(start: bytes) -> None:
    for magic, what in _OTHERS.items():
        if start.startswith(magic):
            raise UnreadableError(f"is {what} (allowed: JSON or CSV in UTF-8, or gzip of it)")
    if b"\0" in start:
        raise UnreadableError("is no text (allowed: JSON or CSV in UTF-8, or gzip of it)")


class _Counted(io.RawIOBase):
    """A file whose reader tells how much was read."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None]) -> None:
        self._file, self._progress = file, progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        some = self._file.read(len(buffer))
        buffer[: len(some)] = some
        self._progress(len(some))
        return len(some)
