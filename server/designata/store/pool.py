"""Asking the query processes: from any thread or loop, in any process that holds the pool."""

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from designata.errors import DesignataError, StoreBusy
from designata.settings import Settings
from designata.store import guard, loop, wire
from designata.store.attempts import LOOK_SECONDS, Attempts, Course, NotStarted, Stopped
from designata.store.departure import Departure
from designata.store.post import QUEUE_FULL, Post
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
        with _queue(self.directory, lane, self._room(lane)):
            while True:
                try:
                    return self._converse(query, lane, departure)
                except (NotStarted, Stopped) as failure:
                    attempts.after(failure)
                    if isinstance(failure, NotStarted):
                        time.sleep(_PAUSE_SECONDS)

    def within(self, seconds: float) -> Pool:
        """The same in less time."""
        return replace(self, settings=replace(self.settings, query_seconds=seconds))

    def ask(self, query: Query, departure: Departure, threads: Executor) -> Awaitable[Answer]:
        """The same from a loop, for texts from outside.

        What would hold the loop up is done by the threads.
        """
        if len(query.text) > _SHORT_TEXT:
            return self._ask_long(query, departure, threads)
        guard.check(query.text, self.settings)
        return self._ask(query, departure)

    async def _ask_long(self, query: Query, departure: Departure, threads: Executor) -> Answer:
        check = partial(guard.check, query.text, self.settings)
        await asyncio.get_running_loop().run_in_executor(threads, check)
        return await self._ask(query, departure)

    async def _ask(self, query: Query, departure: Departure) -> Answer:
        settings, attempts = self.settings, None
        while True:
            try:
                asker = loop.asker(self.directory, settings.query_workers)
                return await asker.ask(query, settings.query_seconds, departure)
            except (NotStarted, Stopped) as failure:
                attempts = attempts or Attempts(departure)
                attempts.after(failure)
                if isinstance(failure, NotStarted):
                    await asyncio.sleep(_PAUSE_SECONDS)

    def _room(self, lane: Lane) -> int:
        """How many questions of one process may be at work or wait."""
        settings = self.settings
        return settings.queue + (
            settings.query_workers if lane == "queries" else settings.page_workers
        )

    def _converse(self, query: Query, lane: Lane, departure: Departure) -> Answer:
        post = _post(self.directory)
        token = post.token()
        course = Course(post.board, token, self.settings.query_seconds, departure)
        with departure.cuts(lambda: post.board.leave(token)):
            course.sent(direct=post.send(lane, wire.Question(token, query), wait=True))
            try:
                return _answer(post, course)
            except BaseException as error:
                if not isinstance(error, DesignataError):
                    post.board.leave(token)
                raise


class _Here(threading.local):
    """The address of a thread, which is kept for its next question."""

    directory: Path | None = None
    process = 0
    post: Post


_HERE: Final = _Here()


def _post(directory: Path) -> Post:
    """The address of this thread at the processes of a directory; NotStarted where none are."""
    if (_HERE.directory, _HERE.process) != (directory, os.getpid()):
        if _HERE.directory and _HERE.process == os.getpid():
            _HERE.directory = None
            _HERE.post.close()
        _HERE.post = Post(directory)
        _HERE.directory, _HERE.process = directory, os.getpid()
    return _HERE.post


def _answer(post: Post, course: Course) -> Answer:
    """What comes under the token of a course, waited for, or why nothing will."""
    coming = select.poll()
    coming.register(post.socket, select.POLLIN)
    pieces: list[bytes] = []
    is_lost = False
    while True:
        if coming.poll(0 if is_lost else LOOK_SECONDS * 1_000):
            part = post.receive()
            if part.token != course.token:
                continue
            pieces.append(part.piece)
            if part.header:
                return wire.answer_of(part.header, b"".join(pieces))
            course.arriving()
        elif is_lost:
            raise course.end()
        else:
            is_lost = not course.look()


_QUEUES: Final[Counter[tuple[Path, Lane]]] = Counter()
_QUEUES_LOCK: Final = threading.Lock()


@contextmanager
def _queue(directory: Path, lane: Lane, most: int) -> Iterator[None]:
    """A place among the questions of this process; StoreBusy where there are too many."""
    with _QUEUES_LOCK:
        if _QUEUES[directory, lane] >= most:
            raise StoreBusy(QUEUE_FULL)
        _QUEUES[directory, lane] += 1
    try:
        yield
    finally:
        with _QUEUES_LOCK:
            _QUEUES[directory, lane] -= 1
            if not _QUEUES[directory, lane]:
                del _QUEUES[directory, lane]


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
