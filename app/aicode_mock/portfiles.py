"""Files that tell the port of a server to whoever waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def port_told(file: str | None) -> Iterator[Callable[[int], None]]:
    """What writes the port into ``file`` (None: nowhere); the file is gone before and after.

    Raises:
        OSError: it cannot be written, or not removed.
    """
    if file is None:
        yield lambda _port: None
        return
    Path(file).unlink(missing_ok=True)  # of a run that was killed
    try:
        yield lambda port: _replace(file, f"{port}\n")
    finally:
        Path(file).unlink(missing_ok=True)


def _replace(file: str, text: str) -> None:
    """Write a file at once: who waits for it never reads half of it."""
    new = Path(f"{file}.new")
    new.write_text(text, encoding="ascii")
    new.replace(file)
