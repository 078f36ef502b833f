"""Asking the query processes from a loop, where nothing may wait and no thread is needed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from designata.store import wire
from designata.store.attempts import LOOK_SECONDS, Attempts, Course, NotStarted, Stopped, answer
from designata.store.attempts import connect as connect_to
from designata.store.departure import Departure
from designata.store.query import Answer, Query

_PAUSE_SECONDS: Final = 0.01


async def ask(path: Path, query: Query, limit: float, departure: Departure) -> Answer:
    """The whole answer of the process that takes the query at a socket, or a refusal."""
    attempts = Attempts(departure)
    while True:
        try:
            with connect_to(path) as connection, departure.over(connection):
                course = Course(connection, limit, departure)
                return await _converse(connection, query, course)
        except (NotStarted, Stopped) as failure:
            attempts.after(failure)
            if isinstance(failure, NotStarted):
                await asyncio.sleep(_PAUSE_SECONDS)


async def _converse(connection: socket.socket, query: Query, course: Course) -> Answer:
    incoming = wire.Arriving(connection)
    try:
        await wire.send_from_loop(connection, *wire.pack_query(query))
        with _looked_after(connection, course):
            await incoming.wait()
            course.arriving()
            return answer(*await incoming.receive())
    except (wire.Ended, ConnectionError) as error:
        raise course.end(error) from None


@contextmanager
def _looked_after(connection: socket.socket, course: Course) -> Iterator[None]:
    """Meanwhile the connection is cut when it is not worth waiting on."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal timer
        if course.look():
            timer = loop.call_later(LOOK_SECONDS, look)
        else:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    timer = loop.call_later(LOOK_SECONDS, look)
    try:
        yield
    finally:
        timer.cancel()
