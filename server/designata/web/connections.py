"""All connections of a process: not too many, and none for ever."""

from __future__ import annotations

import asyncio
import os
import resource
from contextlib import suppress
from typing import Final, Protocol

BACKLOG: Final = 1024
STOP_SECONDS: Final = 15.0
_MOST: Final = 4_096
_FEWEST: Final = 64
_OTHER_FILES: Final = 256
_LOOK_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 0.02
_PIECES: Final = 24


class Kept(Protocol):
    """A connection as it is seen here."""

    def look(self, now: float) -> None:
        """End it if its client has stood still for too long."""

    def stop(self) -> None:
        """Accept no more requests on it."""


class Connections:
    """The connections that are open now."""

    def __init__(self, most: int) -> None:
        self.stopping = False
        self._most = most
        self._open: set[Kept] = set()
        self._pieces = 0

    def add(self, connection: Kept) -> bool:
        """Whether there is room for one more."""
        if len(self._open) >= self._most:
            return False
        self._open.add(connection)
        return True

    def give_way(self) -> None:
        """Between two pieces of work: let others have the processor now and then.

        Whoever waits for it, the client on the same host or the other process here, would wait for
        milliseconds otherwise, as long as there is more to do: twenty times as long as an answer
        takes.
        """
        self._pieces += 1
        if self._pieces == _PIECES:
            self._pieces = 0
            os.sched_yield()

    def discard(self, connection: Kept) -> None:
        """A connection is over."""
        self._open.discard(connection)

    async def watch(self) -> None:
        """Look at each again and again."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._look(loop.time())

    def _look(self, now: float) -> None:
        for connection in tuple(self._open):
            connection.look(now)

    async def stop(self) -> None:
        """Finish what has been asked, and accept nothing new."""
        self.stopping = True
        for connection in tuple(self._open):
            connection.stop()
        while self._open:
            await asyncio.sleep(_POLL_SECONDS)


def room() -> int:
    """How many connections a process may keep; each needs a descriptor, and so do other things."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    files = _MOST if most == resource.RLIM_INFINITY else most - _OTHER_FILES
    return max(_FEWEST, min(files, _MOST))
