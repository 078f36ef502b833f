"""How much one process does at the same time, and how much may wait for that."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from designata.errors import DesignataError, OverBudget, StoreBusy
from designata.settings import Settings

Result = TypeVar("Result")
_WAITING: Final = 64
_PATIENCE_SECONDS: Final = 1.0
_OWN_PATIENCE_SECONDS: Final = 10.0
_LATE: Final = "no place became free in time"
_OWN: Final = "other queries of yours are at work; wait for one of them"


def capacity(settings: Settings) -> int:
    """How many queries of one process may be at work or in the queue of the query processes."""
    return math.ceil((settings.query_workers + settings.queue) / max(1, settings.web_processes))


class Places:
    """So many at the same time, and some more that wait for a moment.

    One client has fewer places than there are query processes, so that nobody holds all of these.
    """

    def __init__(self, inside: int, of_a_client: int) -> None:
        self._most = inside + _WAITING
        self._inside = asyncio.Semaphore(inside)
        self._of_a_client = of_a_client
        self._clients: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._present = 0

    @asynccontextmanager
    async def taken(self, client: str | None) -> AsyncIterator[None]:
        """A place; OverBudget or StoreBusy where none becomes free soon.

        A client of None is our own side.
        """
        if self._present >= self._most:
            raise StoreBusy("too many queries wait already")
        self._present += 1
        try:
            if client is None:
                async with _Within(self._inside, _PATIENCE_SECONDS, StoreBusy(_LATE)):
                    yield
            else:
                own = self._clients.setdefault(client, asyncio.Semaphore(self._of_a_client))
                async with (
                    _Within(own, _OWN_PATIENCE_SECONDS, OverBudget(_OWN)),
                    _Within(self._inside, _PATIENCE_SECONDS, StoreBusy(_LATE)),
                ):
                    yield
        finally:
            self._present -= 1


class _Within:
    """Inside a semaphore; the refusal where that takes too long."""

    def __init__(self, door: asyncio.Semaphore, patience: float, refusal: DesignataError) -> None:
        self._door, self._patience, self._refusal = door, patience, refusal

    async def __aenter__(self) -> None:
        if not self._door.locked():
            await self._door.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._door.acquire()
        except TimeoutError:
            raise self._refusal from None

    async def __aexit__(self, *_: object) -> None:
        self._door.release()


def share(settings: Settings) -> int:
    """How many queries of one client one process lets in."""
    return max(1, (settings.query_workers - 1) // max(1, settings.web_processes))


class Crew:
    """Threads that do what would hold up everybody else, and so much work that may wait."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self._present = 0

    async def do(self, work: Callable[[], Result]) -> Result:
        """What a piece of work gives; StoreBusy where too much waits already."""
        if self._present >= self._most:
            raise StoreBusy("too many requests wait already")
        self._present += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        finally:
            self._present -= 1
