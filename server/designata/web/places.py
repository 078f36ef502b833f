"""How much one process does at the same time, and how much may wait for that."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar
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


class _Ready:
    """What need not be waited for; to await it costs less than a coroutine."""

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield


_READY: Final = _Ready()


class Entrance(Protocol):
    """What one goes in by, and out again, in an `async with`."""

    def __aenter__(self) -> Awaitable[None]:
        """Go in."""

    def __aexit__(self, *_: object) -> Awaitable[None]:
        """Go out."""


class _Open:
    """An entrance that is always open."""

    def __aenter__(self) -> Awaitable[None]:
        return _READY

    def __aexit__(self, *_: object) -> Awaitable[None]:
        return _READY


class Door:
    """Lets so many in at the same time; so many more wait in a row, as long as they are patient."""

    def __init__(
        self, inside: int, row: float, patience: float, refusal: Callable[[], DesignataError]
    ) -> None:
        self._free, self._most, self._patience, self._refusal = inside, row, patience, refusal
        self._row: deque[asyncio.Future[None]] = deque()

    def __aenter__(self) -> Awaitable[None]:
        """Go in; the refusal where that takes too long."""
        if self._free:
            self._free -= 1
            return _READY
        return self._wait()

    def __aexit__(self, *_: object) -> Awaitable[None]:
        """Let the next in."""
        self._leave()
        return _READY

    async def _wait(self) -> None:
        if len(self._row) >= self._most:
            raise self._refusal()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._row.append(turn)
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if turn.cancelled():
                with suppress(ValueError):
                    self._row.remove(turn)
            else:
                self._leave()
            raise self._refusal() if isinstance(error, TimeoutError) else error from None

    def _leave(self) -> None:
        """Let the next in."""
        while self._row:
            turn = self._row.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def places(inside: int) -> Door:
    """So many queries at the same time, and some more that wait for a moment."""
    return Door(inside, _WAITING, _PATIENCE_SECONDS, lambda: StoreBusy(_LATE))


_OPEN: Final = _Open()


class Shares:
    """So many of each client at the same time; who has more at work waits for his own."""

    def __init__(self, of_a_client: int) -> None:
        self._of_a_client = of_a_client
        self._clients: WeakValueDictionary[str, Door] = WeakValueDictionary()

    def taken(self, client: str | None) -> Entrance:
        """A share; OverBudget where none becomes free in time. A client of None is our own side."""
        if client is None:
            return _OPEN
        return self._clients.get(client) or self._clients.setdefault(
            client,
            Door(self._of_a_client, math.inf, _OWN_PATIENCE_SECONDS, lambda: OverBudget(_OWN)),
        )


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
