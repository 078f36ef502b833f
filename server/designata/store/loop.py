"""Asking the query processes from a loop, where nothing may wait and no thread is needed."""

from __future__ import annotations

import asyncio
import selectors
import socket
from typing import Final
from weakref import WeakKeyDictionary

from designata.store import wire
from designata.store.attempts import LOOK_SECONDS, Attempts, Course, NotStarted, Stopped, give
from designata.store.departure import Departure
from designata.store.query import Answer, Query

_PAUSE_SECONDS: Final = 0.01


async def ask(path: str, query: Query, limit: float, departure: Departure) -> Answer:
    """The whole answer of the process that takes the query at a socket, or a refusal."""
    attempts = Attempts(departure)
    while True:
        try:
            with give(path, query) as connection, departure.over(connection):
                course = Course(connection, limit, departure)
                return wire.unpack_answer(await _arrivals().frame(connection, course))
        except (NotStarted, Stopped) as failure:
            attempts.after(failure)
            if isinstance(failure, NotStarted):
                await asyncio.sleep(_PAUSE_SECONDS)


class _Expected:
    """An answer that is to come."""

    def __init__(self, connection: socket.socket, course: Course) -> None:
        self._course = course
        self.frame: asyncio.Future[wire.Frame] = asyncio.get_running_loop().create_future()
        self._incoming = wire.Incoming(connection)

    def read(self) -> None:
        """Take what is there."""
        try:
            frame = self._incoming.more()
        except BlockingIOError:
            return
        except (wire.Ended, ConnectionError) as error:
            self._end(error)
        else:
            if frame is None:
                self._course.arriving()
            elif not self.frame.done():
                self.frame.set_result(frame)

    def look(self) -> None:
        """Give it up when it is not worth waiting on."""
        if not self._course.look():
            self._end(wire.Ended())

    def _end(self, error: Exception) -> None:
        if not self.frame.done():
            self.frame.set_exception(error)


class _Arrivals:
    """All answers that are to come in one loop, with one file and one timer for them there.

    To have the loop itself watch each connection takes four times as many calls of the system.
    """

    def __init__(self) -> None:
        self._expected = selectors.DefaultSelector()
        self._looking = False
        asyncio.get_running_loop().add_reader(self._expected.fileno(), self._read)

    async def frame(self, connection: socket.socket, course: Course) -> wire.Frame:
        """What comes over a connection, or why nothing will."""
        one = _Expected(connection, course)
        self._expected.register(connection, selectors.EVENT_READ, one)
        if not self._looking:
            self._look()
        try:
            return await one.frame
        except (wire.Ended, ConnectionError) as error:
            raise course.end(error) from None
        finally:
            self._expected.unregister(connection)

    def _read(self) -> None:
        for key, _ in self._expected.select(0):
            key.data.read()

    def _look(self) -> None:
        """Look at all now and then, as long as there are any."""
        expected = self._expected.get_map().values()
        for key in expected:
            key.data.look()
        self._looking = bool(expected)
        if self._looking:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)


_ARRIVALS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Arrivals]] = WeakKeyDictionary()


def _arrivals() -> _Arrivals:
    loop = asyncio.get_running_loop()
    return _ARRIVALS.get(loop) or _ARRIVALS.setdefault(loop, _Arrivals())
