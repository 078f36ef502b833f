"""The files in which each process that answers requests counts them for all.

They are kept in memory by the library that counts: where a disk is full, what was not given to a
file before is not there, and to write it ends the process.
"""

from __future__ import annotations

import logging
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

from designata.web.layout import COUNTS

_LOG: Final = logging.getLogger(__name__)
# The library says nothing of its types.
_Counts: Final[Any] = MmapedDict
_KINDS: Final = ("counter", "histogram")
_ENDED: Final = "ended"
# All that is counted is less.
_ROOM: Final = 262_144


def begin() -> None:
    """Have room for the counts of those that will have ended; theirs is free again then."""
    with suppress(OSError):
        for kind in _KINDS:
            _make(_file(kind, _ENDED))


def reserve() -> None:
    """Have room for the counts of this process; where there is none it counts for itself alone."""
    made = []
    try:
        for kind in _KINDS:
            made.append(path := _file(kind, os.getpid()))
            _make(path)
    except OSError as error:
        _LOG.warning("requests to one process are not counted: %s", error.strerror)
        for path in made:
            path.unlink(missing_ok=True)
        values.ValueClass = values.MutexValue


def inherit(process: int) -> None:
    """Add the counts of a process that has ended to those of all that have, and remove its files.

    They stay where there is no room for that.
    """
    for kind in _KINDS:
        path = _file(kind, process)
        with suppress(OSError, RuntimeError, struct.error):
            counts = list(_Counts.read_all_values_from_file(str(path)))
            _make(_file(kind, _ENDED))
            together = _Counts(str(_file(kind, _ENDED)))
            path.unlink()
            for key, value, moment, _ in counts:
                together.write_value(key, together.read_value(key)[0] + value, moment)
            together.close()


def _file(kind: str, process: int | str) -> Path:
    return Path(os.environ[COUNTS]) / f"{kind}_{process}.db"


def _make(path: Path) -> None:
    """A file that has all its room, or none: others read it at any moment."""
    if path.exists():
        return
    unfinished = path.with_suffix(".unfinished")
    try:
        with unfinished.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, _ROOM)
            else:
                file.write(bytes(_ROOM))
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
