"""Equal questions that are asked at the same time, and are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

from designata.errors import (
    ClientLeft,
    OverBudget,
    QuerySyntaxError,
    QueryTooLarge,
    StoreBusy,
)
from designata.store.departure import Departure

Result = TypeVar("Result")
Work = Callable[[Departure], Awaitable[Result]]
Gone = Callable[[], Awaitable[None]]
# Most answers come before anybody has to look whether the client is still there.
_SOON: Final = 0.05
# Refusals that say something of who asked, when, or in which words.
_ITS_OWN: Final = (ClientLeft, OverBudget, QuerySyntaxError, QueryTooLarge, StoreBusy)


class Flights(Generic[Result]):
    """Work by its key; who asks for what is under way already waits for that."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight[Result]] = {}

    async def join(self, key: Hashable | None, work: Work[Result], gone: Gone) -> Result:
        """What the work gives, begun only where nothing of the same key is under way.

        A key of None is never the same. When the last client that waits has `gone`, the work is
        told by its departure, which is expected to end it with ClientLeft. What was refused for the
        sake of whoever began it is begun again for the others.
        """
        while True:
            flight = self._under_way.get(key) if key is not None else None
            if flight is None or not flight.waiting:
                return await self._begin(key, work, gone)
            with flight.waited_for(gone):
                try:
                    return await asyncio.shield(flight.result)
                except _ITS_OWN:
                    continue

    async def _begin(self, key: Hashable | None, work: Work[Result], gone: Gone) -> Result:
        flight: _Flight[Result] = _Flight()
        if key is not None:
            self._under_way[key] = flight
        try:
            with flight.waited_for(gone):
                result = await work(flight.departure)
        except BaseException as error:
            flight.result.set_exception(error)
            flight.result.exception()
            raise
        else:
            flight.result.set_result(result)
            return result
        finally:
            if key is not None and self._under_way.get(key) is flight:
                del self._under_way[key]


class _Flight(Generic[Result]):
    """Work under way, the clients that wait for it, and what those get that came later."""

    def __init__(self) -> None:
        self.departure = Departure()
        self.waiting = 0
        self.result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def waited_for(self, gone: Gone) -> _Client:
        """One more client waits."""
        self.waiting += 1
        return _Client(gone, self._leave)

    def _leave(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self.departure.leave()


class _Client:
    """Who waits, in a `with`; looked after unless that ends soon."""

    def __init__(self, gone: Gone, leave: Callable[[], None]) -> None:
        self._gone, self._leave = gone, leave
        self._watch: asyncio.Future[None] | None = None

    def __enter__(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_SOON, self._look)

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _look(self) -> None:
        self._watch = asyncio.ensure_future(self._gone())
        self._watch.add_done_callback(self._noticed)

    def _noticed(self, watch: asyncio.Future[None]) -> None:
        if not watch.cancelled():
            self._leave()
