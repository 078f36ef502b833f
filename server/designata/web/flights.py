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
from designata.web.exchange import Leaving

Result = TypeVar("Result")
Work = Callable[[Departure], Awaitable[Result]]
_SOON: Final = 0.05
# Refusals that say something of who asked, when, or in which words.
_ITS_OWN: Final = (ClientLeft, OverBudget, QuerySyntaxError, QueryTooLarge, StoreBusy)


class Flights(Generic[Result]):
    """Work by its key; who asks for what is under way already waits for that."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight[Result]] = {}

    def join(self, key: Hashable | None, work: Work[Result], leaving: Leaving) -> Awaitable[Result]:
        """What the work gives, begun only where nothing of the same key is under way.

        A key of None is never the same. When the last client that waits has left, the work is
        told by its departure, which is expected to end it with ClientLeft. What was refused for the
        sake of whoever began it is begun again for the others.
        """
        if self._at_work(key):
            return self._wait(key, work, leaving)
        return self._begin(key, work, leaving)

    def _at_work(self, key: Hashable | None) -> _Flight[Result] | None:
        flight = self._under_way.get(key) if key is not None else None
        return flight if flight and flight.waiting else None

    async def _wait(self, key: Hashable | None, work: Work[Result], leaving: Leaving) -> Result:
        while flight := self._at_work(key):
            with flight.waited_for(leaving):
                try:
                    return await asyncio.shield(flight.result())
                except _ITS_OWN:
                    continue
        return await self._begin(key, work, leaving)

    async def _begin(self, key: Hashable | None, work: Work[Result], leaving: Leaving) -> Result:
        flight: _Flight[Result] = _Flight()
        if key is not None:
            self._under_way[key] = flight
        try:
            with flight.waited_for(leaving):
                result = await work(flight.departure)
        except BaseException as error:
            flight.fail(error)
            raise
        else:
            flight.land(result)
            return result
        finally:
            if key is not None and self._under_way.get(key) is flight:
                del self._under_way[key]


class _Flight(Generic[Result]):
    """Work under way, the clients that wait for it, and what those get that came later."""

    def __init__(self) -> None:
        self.departure = Departure()
        self.waiting = 0
        self._result: asyncio.Future[Result] | None = None

    def result(self) -> asyncio.Future[Result]:
        """What it is going to give, for those who came later: mostly there are none."""
        if self._result is None:
            self._result = asyncio.get_running_loop().create_future()
        return self._result

    def land(self, result: Result) -> None:
        """The work is done."""
        if self._result:
            self._result.set_result(result)

    def fail(self, error: BaseException) -> None:
        """The work has ended without a result."""
        if self._result:
            self._result.set_exception(error)
            self._result.exception()

    def waited_for(self, leaving: Leaving) -> _Client:
        """One more client waits."""
        self.waiting += 1
        return _Client(leaving, self._leave)

    def _leave(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self.departure.leave()


class _Client:
    """Who waits, in a `with`; when it has left, it gets nothing but what comes soon."""

    def __init__(self, leaving: Leaving, leave: Callable[[], None]) -> None:
        self._leaving, self._leave = leaving, leave
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        self._leaving.watch(self)

    def __exit__(self, *_: object) -> None:
        self._leaving.ignore(self)
        if self._timer:
            self._timer.cancel()

    def left(self) -> None:
        """Most answers come before anybody has to know."""
        self._timer = asyncio.get_running_loop().call_later(_SOON, self._leave)
