"""Equal questions that are asked at the same time, and are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Final, Generic, TypeVar

from designata.errors import ClientLeft
from designata.store.departure import Departure

Result = TypeVar("Result")
Work = Callable[[Departure], Coroutine[Any, Any, Result]]
_SOON: Final = 0.05


class Flights(Generic[Result]):
    """Work by its key; who asks for what is under way already waits for that."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight[Result]] = {}

    async def join(
        self, key: Hashable | None, work: Work[Result], gone: Callable[[], Awaitable[None]]
    ) -> Result:
        """What the work gives, begun only where nothing of the same key is under way.

        A key of None is never the same. ClientLeft when the client has `gone`; the work is told of
        it by its departure when the last client has.
        """
        flight = self._under_way.get(key) if key is not None else None
        if flight is None:
            flight = _Flight(work)
            if key is not None:
                self._under_way[key] = flight
        try:
            return await flight.wait(gone)
        finally:
            if flight.is_over and self._under_way.get(key) is flight:
                del self._under_way[key]


class _Flight(Generic[Result]):
    def __init__(self, work: Work[Result]) -> None:
        self._departure = Departure()
        self._task = asyncio.ensure_future(work(self._departure))
        self._waiting = 0

    @property
    def is_over(self) -> bool:
        """Whether nobody should join any more."""
        return self._waiting == 0 or self._task.done()

    async def wait(self, gone: Callable[[], Awaitable[None]]) -> Result:
        """The result; most come before anybody has to look whether the client is still there."""
        self._waiting += 1
        try:
            await asyncio.wait((self._task,), timeout=_SOON)
            if not self._task.done():
                leaving = asyncio.ensure_future(gone())
                try:
                    await asyncio.wait((self._task, leaving), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    leaving.cancel()
        finally:
            self._waiting -= 1
            if not self._waiting and not self._task.done():
                self._departure.leave()
                self._task.add_done_callback(asyncio.Task.exception)
        if not self._task.done():
            raise ClientLeft("nobody waits for the answer any more")
        return self._task.result()
