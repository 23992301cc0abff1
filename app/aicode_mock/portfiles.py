"""Files that tell the port of a server to whoever waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def port_told(file: str | None, *, option: str = "--port-file") -> Iterator[Callable[[int], None]]:
    """What writes the port into ``file`` (None: nowhere); the file is gone before and after.

    Raises:
        OSError: it cannot be written, or not removed; the message names ``option``.
    """
    if file is None:
        yield lambda _port: None
        return
    told, new = Path(file), Path(f"{file}.new")
    with _named(option, file):
        told.unlink(missing_ok=True)  # of a run that was killed
        new.touch()  # not when the server is ready: where it cannot be written, nothing needs to start
        new.unlink()
    try:
        yield lambda port: _replace(told, new, f"{port}\n")
    finally:
        told.unlink(missing_ok=True)


@contextmanager
def _named(option: str, file: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(f"{option} {file} cannot be written: {error.strerror}") from error


def _replace(told: Path, new: Path, text: str) -> None:
    """Write a file at once: who waits for it never reads half of it."""
    new.write_text(text, encoding="ascii")
    new.replace(told)
