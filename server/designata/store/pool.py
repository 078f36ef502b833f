"""Asking the query processes: from any thread or loop, in any process that holds the pool."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from designata.settings import Settings
from designata.store import guard, loop, wire
from designata.store.attempts import (
    TRANSFER_SECONDS,
    Attempts,
    Course,
    NotStarted,
    Stopped,
    give,
    wait,
)
from designata.store.departure import Departure
from designata.store.query import Answer, Lane, Query
from designata.store.supervisor import Supervisor

_PAUSE_SECONDS: Final = 0.01
_SHORT_TEXT: Final = 4_096


@dataclass(frozen=True, slots=True)
class Pool:
    """Where the query processes listen; it can be copied into other processes.

    What is embedded knows its blank nodes by their labels, and the functions of its engine.
    """

    embedded: ClassVar[bool] = True
    directory: Path
    settings: Settings

    def query(
        self, query: Query, *, lane: Lane = "queries", departure: Departure | None = None
    ) -> Answer:
        """The whole answer, or a refusal: QuerySyntaxError, QueryTimeout, StoreBusy, ….

        Only texts that come from outside, in the lane of queries, are looked at beforehand.
        ClientLeft after a departure.
        """
        if lane == "queries":
            guard.check(query.text, self.settings)
        departure = departure or Departure()
        attempts = Attempts(departure)
        while True:
            try:
                with give(f"{self.directory}/{lane}", query) as connection:
                    return self._converse(connection, departure)
            except (NotStarted, Stopped) as failure:
                attempts.after(failure)
                if isinstance(failure, NotStarted):
                    time.sleep(_PAUSE_SECONDS)

    async def ask(self, query: Query, departure: Departure, threads: Executor) -> Answer:
        """The same from a loop, for texts from outside.

        What would hold the loop up is done by the threads.
        """
        if len(query.text) <= _SHORT_TEXT:
            guard.check(query.text, self.settings)
        else:
            check = partial(guard.check, query.text, self.settings)
            await asyncio.get_running_loop().run_in_executor(threads, check)
        limit = self.settings.query_seconds
        return await loop.ask(f"{self.directory}/queries", query, limit, departure)

    def _converse(self, connection: socket.socket, departure: Departure) -> Answer:
        connection.settimeout(TRANSFER_SECONDS)
        course = Course(connection, self.settings.query_seconds, departure)
        try:
            with departure.over(connection):
                wait(connection, course)
                return wire.unpack_answer(wire.Incoming(connection).receive())
        except (wire.Ended, ConnectionError, TimeoutError) as error:
            raise course.end(error) from None


@contextmanager
def open_pool(files: Sequence[tuple[Path, str | None]], settings: Settings) -> Iterator[Pool]:
    """Query processes over RDF files, each with the graph for its triples (None: the default).

    Ready when the data is loaded. UnreadableFile where a file is not well-formed, CannotServe
    where the system offers no sandbox. All processes end with this one.
    """
    supervisor = Supervisor(files, settings)
    try:
        supervisor.start()
        yield Pool(supervisor.directory, settings)
    finally:
        supervisor.end()
