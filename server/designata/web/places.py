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
_OWN: Final = "other requests of yours are at work; wait for one of them"


def capacity(settings: Settings) -> int:
    """How many queries of one process may be at work or in the queue of the query processes."""
    return math.ceil((settings.query_workers + settings.queue) / max(1, settings.web_processes))


class Places:
    """So many at the same time, and some more that wait for a moment."""

    def __init__(self, inside: int) -> None:
        self._most = inside + _WAITING
        self._inside = asyncio.Semaphore(inside)
        self._present = 0

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """A place; StoreBusy where none becomes free soon."""
        if self._present >= self._most:
            raise StoreBusy("too many queries wait already")
        self._present += 1
        try:
            async with _Within(self._inside, _PATIENCE_SECONDS, StoreBusy(_LATE)):
                yield
        finally:
            self._present -= 1


class Shares:
    """So many of each client at the same time; who has more at work waits for his own."""

    def __init__(self, of_a_client: int) -> None:
        self._of_a_client = of_a_client
        self._clients: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, client: str | None) -> AsyncIterator[None]:
        """A share; OverBudget where none becomes free in time. A client of None is our own side."""
        if client is None:
            yield
            return
        own = self._clients.setdefault(client, asyncio.Semaphore(self._of_a_client))
        async with _Within(own, _OWN_PATIENCE_SECONDS, OverBudget(_OWN)):
            yield


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
    """How many queries of one client one process lets in: fewer than there are query processes."""
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
