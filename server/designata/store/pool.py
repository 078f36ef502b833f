"""Asking the query processes: from any thread, and from any process that holds the pool."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from designata.errors import QueryExhausted, QueryTimeout, StoreBusy
from designata.settings import Settings
from designata.store import guard, wire
from designata.store.departure import Departure
from designata.store.query import Answer, Lane, Query
from designata.store.supervisor import Supervisor
from designata.store.worker import TRANSFER_SECONDS

_GRACE_SECONDS: Final = 0.1
_EARLY_SECONDS: Final = 0.05
_NEARLY: Final = 0.8
_START_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 0.01


class _NotStarted(Exception):
    """Nobody has begun with the query, so that it can be given again."""


class _Stopped(Exception):
    """The process ended with time left: the query was too much for it, or somebody killed it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()


@dataclass(frozen=True, slots=True)
class Pool:
    """Where the query processes listen; it can be copied into other processes."""

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
        patience = time.monotonic() + _START_SECONDS
        retried = False
        while True:
            try:
                with self._connect(lane) as connection, departure.over(connection):
                    return self._ask(connection, query)
            except _Stopped as stop:
                departure.check()
                if retried or stop.seconds > _EARLY_SECONDS:
                    raise QueryExhausted(
                        "the query was stopped: it needs more memory than one query may use, "
                        "or it is nested too deep"
                    ) from None
                retried = True
            except _NotStarted:
                departure.check()
                if time.monotonic() > patience:
                    raise StoreBusy("the query processes are starting; try again soon") from None
                time.sleep(_PAUSE_SECONDS)

    def _connect(self, lane: Lane) -> socket.socket:
        """A place in the queue, whose length is the backlog that the system keeps."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(str(self.directory / lane))
        except BlockingIOError:
            connection.close()
            raise StoreBusy("every query process is at work, and the queue is full") from None
        except OSError:
            connection.close()
            raise _NotStarted from None
        return connection

    def _ask(self, connection: socket.socket, query: Query) -> Answer:
        connection.settimeout(self.settings.query_seconds)
        incoming = wire.Incoming(connection)
        try:
            wire.send(connection, *wire.pack_query(query))
            incoming.receive()
        except TimeoutError:
            raise StoreBusy("no query process became free in time") from None
        except (wire.Ended, ConnectionError):
            raise _NotStarted from None
        return self._await(connection, incoming)

    def _await(self, connection: socket.socket, incoming: wire.Incoming) -> Answer:
        limit = self.settings.query_seconds
        started = time.monotonic()
        connection.settimeout(limit + _GRACE_SECONDS)
        try:
            incoming.wait()
            connection.settimeout(TRANSFER_SECONDS)
            header, body = incoming.receive()
        except (wire.Ended, ConnectionError, TimeoutError):
            elapsed = time.monotonic() - started
            if elapsed >= limit * _NEARLY - _EARLY_SECONDS:
                raise QueryTimeout(
                    f"the query was stopped after {limit:g} seconds; ask for less, "
                    "for example with a tighter pattern or a LIMIT"
                ) from None
            raise _Stopped(elapsed) from None
        if "error" in header:
            raise wire.unpack_error(header)
        return Answer(header["form"], header["media_type"], body)


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
