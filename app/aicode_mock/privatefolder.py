"""Folders of one process, for its owner alone, that go with it: also when it is killed.

A process that is killed (``kill -9``, no memory) cannot clean up.  Each folder holds a
lock as long as its process lives, so the next process that makes one knows which others
are left over, and removes them.
"""

import os
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir

PRIVATE_PREFIX = "aicode-mock-"
_LOCK = "lock"


class PrivateFolder(TemporaryDirectory[str]):
    """A temporary folder (0700) with a lock in it; ``cleanup`` removes both."""

    def __init__(self, prefix: str, folder: Path | None = None) -> None:
        """Make one in ``folder``, by default that of the system, and remove what others left there.

        Raises:
            OSError: none can be made there.
        """
        parent = folder or Path(gettempdir())
        for one in parent.iterdir():
            if one.name.startswith(prefix):
                _remove_if_left(one)
        super().__init__(prefix=prefix, dir=parent)
        self._lock = _locked(Path(self.name))

    def cleanup(self) -> None:
        """Remove the folder with everything in it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        super().cleanup()


def _locked(folder: Path) -> int | None:
    """The open lock of a new folder, named when it is held; None where the system has none (Windows)."""
    with suppress(ImportError):
        import fcntl

        lock = os.open(folder / f"{_LOCK}.new", os.O_CREAT | os.O_RDWR, mode=0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / f"{_LOCK}.new").rename(folder / _LOCK)
        return lock
    return None  # pragma: no cover  # Windows


def _remove_if_left(folder: Path) -> None:
    """Remove a folder of ours whose process is gone; one without a lock may be just being made."""
    with suppress(ImportError, OSError):
        import fcntl

        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else it is alive
            rmtree(folder)
        finally:
            os.close(lock)
