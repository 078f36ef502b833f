"""What can become of a query that is given to a process which may end at any time.

That process says nothing before it has an answer. Whether it has begun can be seen from outside:
then it has read the query, and the system keeps no byte of that for it any more.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from typing import Final

from designata.errors import DesignataError, QueryExhausted, QueryTimeout, StoreBusy
from designata.store import wire
from designata.store.departure import Departure
from designata.store.query import Query
from designata.store.sent import unread

LOOK_SECONDS: Final = 0.25
TRANSFER_SECONDS: Final = 10.0
_GRACE_SECONDS: Final = 0.1
_EARLY_SECONDS: Final = 0.05
_NEARLY: Final = 0.8
_START_SECONDS: Final = 2.0


class NotStarted(Exception):
    """Nobody has begun with the query, so that it can be given again."""


class Stopped(Exception):
    """The process ended with time left: the query was too much for it, or somebody killed it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()


class Attempts:
    """How often one query is given again, and when that ends in a refusal."""

    def __init__(self, departure: Departure) -> None:
        self._departure = departure
        self._patience = time.monotonic() + _START_SECONDS
        self._stopped = False

    def after(self, failure: NotStarted | Stopped) -> None:
        """Return where the query is to be given again; a refusal where it is not."""
        self._departure.check()
        if isinstance(failure, NotStarted):
            if time.monotonic() > self._patience:
                raise StoreBusy("the query processes are starting; try again soon")
            return
        if self._stopped or failure.seconds > _EARLY_SECONDS:
            raise QueryExhausted(
                "the query was stopped: it needs more memory than one query may use, "
                "or it is nested too deep"
            )
        self._stopped = True


def give(path: str, query: Query) -> socket.socket:
    """A query in the queue, whose length is the backlog that the system keeps.

    It is sent at once, so that a process that wakes up for the connection finds it.
    """
    frame = wire.pack_query(query).packed()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.connect(path)
        sent = connection.send(frame)
        if sent < len(frame):
            connection.settimeout(TRANSFER_SECONDS)
            connection.sendall(frame[sent:])
    except BlockingIOError:
        connection.close()
        raise StoreBusy("every query process is at work, and the queue is full") from None
    except OSError:
        connection.close()
        raise NotStarted from None
    return connection


class Course:
    """How far a query has come that was sent over a connection; it may run so many seconds."""

    def __init__(self, connection: socket.socket, limit: float, departure: Departure) -> None:
        self._connection = connection
        self._departure = departure
        self._limit = limit
        self._sent = self._looked = time.monotonic()
        self._started: float | None = None
        self._transfer = 0.0

    def look(self) -> bool:
        """Whether it is worth waiting on; to be asked again after LOOK_SECONDS."""
        now = time.monotonic()
        if self._started is None and _is_taken(self._connection):
            self._started = self._looked
        self._looked = now
        if self._started is None:
            return now - self._sent < self._limit
        return now - self._started < self._limit + _GRACE_SECONDS + self._transfer

    def arriving(self) -> None:
        """The answer has begun to come."""
        self._transfer = TRANSFER_SECONDS

    def end(self, error: Exception | None = None) -> DesignataError | NotStarted | Stopped:
        """Why there is no answer, when waiting has ended or the connection has."""
        self._departure.check()
        if isinstance(error, ConnectionError):
            return NotStarted()
        self.look()
        if self._started is None:
            return StoreBusy("no query process became free in time")
        elapsed = time.monotonic() - self._started
        if elapsed < self._limit * _NEARLY - _EARLY_SECONDS:
            return Stopped(elapsed)
        return QueryTimeout(
            f"the query was stopped after {self._limit:g} seconds; ask for less, "
            "for example with a tighter pattern or a LIMIT"
        )


def wait(connection: socket.socket, course: Course) -> None:
    """Return when something of the answer is there, or why there will be none."""
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    while not waiting.poll(LOOK_SECONDS * 1_000):
        if not course.look():
            raise course.end()
    course.arriving()


def _is_taken(connection: socket.socket) -> bool:
    """Whether the other side has read all that was sent; where nobody can say, it has."""
    if sys.platform != "linux":
        return True
    return unread(connection) == 0
