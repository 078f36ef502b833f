"""How much one process does at the same time, and how much may wait for that."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from designata.errors import StoreBusy
from designata.settings import Settings

Result = TypeVar("Result")
_WAITING: Final = 64
_PATIENCE_SECONDS: Final = 1.0


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
            if self._inside.locked():
                await self._wait()
            else:
                await self._inside.acquire()
            try:
                yield
            finally:
                self._inside.release()
        finally:
            self._present -= 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._inside.acquire()
        except TimeoutError:
            raise StoreBusy("no place became free in time") from None


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
