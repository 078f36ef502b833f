"""Asking the query processes from a loop, where nothing may wait and no thread is needed."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from designata.store import wire
from designata.store.attempts import (
    LOOK_SECONDS,
    Attempts,
    Course,
    NotStarted,
    Stopped,
    answer,
    give,
)
from designata.store.departure import Departure
from designata.store.query import Answer, Query

_PAUSE_SECONDS: Final = 0.01


async def ask(path: Path, query: Query, limit: float, departure: Departure) -> Answer:
    """The whole answer of the process that takes the query at a socket, or a refusal."""
    attempts = Attempts(departure)
    while True:
        try:
            with give(path, query) as connection, departure.over(connection):
                return await _await(connection, Course(connection, limit, departure))
        except (NotStarted, Stopped) as failure:
            attempts.after(failure)
            if isinstance(failure, NotStarted):
                await asyncio.sleep(_PAUSE_SECONDS)


async def _await(connection: socket.socket, course: Course) -> Answer:
    """The answer; meanwhile the connection is cut when it is not worth waiting on."""
    connection.setblocking(False)
    incoming = wire.Arriving(connection)
    watch = _Watch(connection, course)
    try:
        await incoming.wait()
        course.arriving()
        return answer(*await incoming.receive())
    except (wire.Ended, ConnectionError) as error:
        raise course.end(error) from None
    finally:
        watch.end()


class _Watch:
    """Looks again and again how far a query has come."""

    def __init__(self, connection: socket.socket, course: Course) -> None:
        self._connection = connection
        self._course = course
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def end(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        if self._course.look():
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)
        else:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
