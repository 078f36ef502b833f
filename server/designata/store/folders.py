"""Private folders for what a server needs only while it runs.

A server that is killed leaves its folders behind, with results in them, or a whole store. Each is
locked as long as its owner runs, however that ends: whoever makes the next folder beside them
removes those that nobody holds, and what clears away old files (tmpfiles.d) leaves the others.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final
from weakref import finalize

_PREFIX: Final = "designata-"
# What has it is such a folder, and not another with a name like it.
_MARK: Final = ".designata"


class Folder:
    """A folder that only this user can look into, as long as this process needs it."""

    def __init__(self, kind: str = "", place: Path | None = None) -> None:
        """Made at the place, or where temporary files go; OSError where that cannot be done."""
        place = place or Path(tempfile.gettempdir())
        _clear(place)
        self.path = place / f"{_PREFIX}{kind}{secrets.token_hex(6)}"
        # Whatever ends this process, if it is not killed, and however little was done by then.
        self._end = finalize(self, _remove, self.path, os.getpid())
        self.path.mkdir(0o700)
        self._lock = _locked(self.path)
        (self.path / _MARK).touch()

    def remove(self) -> None:
        """Nobody needs it any more."""
        self._end()
        os.close(self._lock)


def _remove(folder: Path, owner: int) -> None:
    """Remove a folder in the process that has made it, not in a copy of that."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _clear(place: Path) -> None:
    """Remove the folders of this user that nobody holds any more."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.lstat().st_uid == os.getuid() and (folder / _MARK).is_file():
                lock = _locked(folder)
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _locked(folder: Path) -> int:
    """The handle that holds a folder, which is no link; BlockingIOError where another does."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
