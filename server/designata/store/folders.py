"""Private folders for what a server needs only while it runs.

A server that is killed leaves its folders behind, with results in them, or a whole store. Each has
a lock in it that the system takes back when its owner ends, however it ends: whoever makes the next
folder beside them removes those that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

_PREFIX: Final = "designata-"
_LOCK: Final = ".lock"


class Folder:
    """A folder that only this user can look into, as long as this process needs it."""

    def __init__(self, kind: str = "", place: Path | None = None) -> None:
        """Made at the place, or where temporary files go; OSError where that cannot be done."""
        place = place or Path(tempfile.gettempdir())
        _clear(place)
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}", dir=place))
        # Nobody sees the lock before it is held.
        unseen = self.path / f"{_LOCK}-"
        self._lock = unseen.open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unseen.rename(self.path / _LOCK)

    def remove(self) -> None:
        """Nobody needs it any more."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def _clear(place: Path) -> None:
    """Remove the folders of this user that nobody holds any more."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError), _opened(folder / _LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def _opened(lock: Path) -> BinaryIO:
    """The lock of a folder of this user; OSError where another may have made it, or a link."""
    folder = lock.parent.lstat()
    if folder.st_uid != os.getuid() or lock.parent.is_symlink():
        raise PermissionError
    return open(os.open(lock, os.O_RDONLY | os.O_NOFOLLOW), "rb")
