"""Large replies: so many bytes of them in memory, the others as files.

A client that takes nothing holds all of its reply until its connection is ended; a file is read as
fast as its client takes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Final

from designata.errors import StoreBusy
from designata.web.cache import Reply, Stretch
from designata.web.layout import SPOOL

LARGE: Final = 1_048_576
IN_MEMORY: Final = 67_108_864
_LEFT_FREE: Final = 16_777_216


class _Share:
    """A share of the memory for large replies, as long as somebody keeps this."""

    taken = 0
    _lock = RLock()

    def __init__(self, size: int) -> None:
        self._take(size)
        weakref.finalize(self, self._take, -size)

    @classmethod
    def _take(cls, size: int) -> None:
        with cls._lock:
            cls.taken += size


class _Keeper:
    """Removes a file when nobody here needs it; who has opened it reads on."""

    def __init__(self, name: str) -> None:
        weakref.finalize(self, _remove, name)


def filed(reply: Reply) -> Reply:
    """The reply, a large one with a share of the memory, else with its body in a file of its own.

    StoreBusy where there is no room for it. The folder keeps some: what counts requests has its
    files beside it.
    """
    body = reply.body
    if isinstance(body, Stretch) or len(body) <= LARGE:
        return reply
    if _Share.taken + len(body) <= IN_MEMORY:
        return replace(reply, keeper=_Share(len(body)))
    folder = _folder()
    try:
        if shutil.disk_usage(folder).free < len(body) + _LEFT_FREE:
            raise StoreBusy("there is no room for a large result now")
        handle, name = tempfile.mkstemp(prefix=_start(os.getpid()), dir=folder)
        keeper = _Keeper(name)
        with open(handle, "wb") as file:
            file.write(body)
    except OSError as error:
        raise StoreBusy(f"there is no room for a large result ({error.strerror})") from None
    return replace(reply, body=Stretch(Path(name), 0, len(body)), keeper=keeper)


def clear(process: int) -> None:
    """Remove the files of a process that has ended, however that came."""
    for path in Path(_folder()).glob(_start(process) + "*"):
        _remove(str(path))


def _folder() -> str:
    return os.environ.get(SPOOL) or tempfile.gettempdir()


def _start(process: int) -> str:
    """How the names of the files of a process begin."""
    return f"designata-reply-{process}-"


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)
