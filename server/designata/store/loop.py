"""Asking the query processes from a loop, where nothing may wait and no thread is needed."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

from designata.errors import ClientLeft, DesignataError
from designata.store import processors, wire
from designata.store.attempts import LOOK_SECONDS, Course, NotStarted
from designata.store.departure import Departure, departed
from designata.store.post import Post
from designata.store.query import Answer, Query

_PARTS: Final = 16
_KEPT_PARTS: Final = 1_024
_AWAKE_SECONDS: Final = 0.0003
_LATE_SECONDS: Final = 0.0003
_IN_A_ROW: Final = 3
_RELIEF: Final = 100


class _Expected:
    """An answer that is to come."""

    def __init__(self, query: Query, course: Course, answer: asyncio.Future[Answer]) -> None:
        self.query, self.course, self.answer = query, course, answer
        self.is_sent = self.has_come = False
        self._pieces: list[bytes] = []

    def take(self, part: wire.Part) -> None:
        """A part has come."""
        if not part.header:
            self._pieces.append(part.piece)
            self.course.arriving()
            return
        self.has_come = True
        if not self.answer.done():
            body = b"".join((*self._pieces, part.piece)) if self._pieces else part.piece
            try:
                self.answer.set_result(wire.answer_of(part.header, body))
            except DesignataError as refusal:
                self.answer.set_exception(refusal)

    def end(self, error: Exception) -> None:
        """None will come."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Asker:
    """All questions of one loop to the processes of one directory.

    At most so many are sent ahead; the others wait here, where who leaves is easily forgotten.
    """

    def __init__(self, directory: Path, ahead: int) -> None:
        self.loop = asyncio.get_running_loop()
        self._post = Post(directory)
        self.loop.add_reader(self._post.socket.fileno(), self._read)
        self._ahead = ahead
        self._expected: dict[int, _Expected] = {}
        self._waiting: deque[_Expected] = deque()
        self._looking = False
        # So many questions have followed each other without another beside them; until that time
        # none is counted.
        self._in_a_row = 0
        self._asleep_until = 0.0

    async def ask(self, query: Query, limit: float, departure: Departure) -> Answer:
        """The answer, or why there will be none."""
        loop, token = self.loop, self._post.token()
        course = Course(self._post.board, token, limit, departure)
        one = _Expected(query, course, loop.create_future())
        with departure.cuts(lambda: loop.call_soon_threadsafe(one.end, departed())):
            self._expected[token] = one
            self._waiting.append(one)
            self._send()
            if not self._looking:
                self._looking = True
                loop.call_later(LOOK_SECONDS, self._look)
            try:
                return await one.answer
            finally:
                del self._expected[token]
                if one.is_sent:
                    self._ahead += 1
                    if not one.has_come:
                        self._post.board.leave(token)
                if self._waiting:
                    self._send()

    def _send(self) -> None:
        """Send as many ahead as may be."""
        while self._waiting and self._ahead:
            one = self._waiting[0]
            if not one.answer.done():
                try:
                    self._give(one)
                except BlockingIOError:
                    return
                except (DesignataError, NotStarted) as error:
                    one.end(error)
            self._waiting.popleft()

    def _give(self, one: _Expected) -> None:
        """Send one; BlockingIOError where there is no room."""
        is_alone = len(self._expected) == 1 and time.monotonic() > self._asleep_until
        self._in_a_row = self._in_a_row + 1 if is_alone else 0
        next_from = processors.current() if self._in_a_row > _IN_A_ROW else 0
        question = wire.Question(one.course.token, one.query, next_from)
        one.course.sent(direct=self._post.send("queries", question, wait=False))
        one.is_sent = True
        self._ahead -= 1
        is_over = self._in_a_row > _IN_A_ROW + 1 and not one.course.is_direct
        if is_over or (next_from and one.course.is_direct and not self._awaits(one)):
            # Nobody is awake for these questions any more, or they take longer: some more, then.
            self._in_a_row = 1

    def _awaits(self, one: _Expected) -> bool:
        """Stay awake for the answer: the process that has the question is, and mostly quick."""
        now = time.monotonic()
        until = now + _AWAKE_SECONDS
        while not one.answer.done() and now < until:
            try:
                self._take()
            except BlockingIOError:
                os.sched_yield()
            now = time.monotonic()
        late = now - until
        if late > _LATE_SECONDS:
            # Others want the processors: who yields gets them back late, and who sleeps does not.
            self._asleep_until = now + late * _RELIEF
        return one.answer.done()

    def _read(self) -> None:
        """Take what has come, mostly an answer in one part; after some it is the turn of others."""
        with suppress(BlockingIOError):
            for _ in range(_PARTS):
                if self._take():
                    return

    def _take(self) -> bool:
        """Take a part; whether it was the last of its answer."""
        part = self._post.receive()
        one = self._expected.get(part.token)
        if one:
            one.take(part)
        return bool(part.header)

    def _look(self) -> None:
        """Look at all now and then, as long as there are any."""
        self._send()
        lost = [one for one in self._expected.values() if not one.course.look()]
        if lost:
            # What they wait for may have come now. The system keeps fewer parts than this.
            with suppress(BlockingIOError):
                for _ in range(_KEPT_PARTS):
                    self._take()
            for one in lost:
                if not one.answer.done():
                    try:
                        one.end(one.course.end())
                    except ClientLeft as left:
                        one.end(left)
        self._looking = bool(self._expected)
        if self._looking:
            self.loop.call_later(LOOK_SECONDS, self._look)

    def close(self, directory: Path) -> bool:
        """Give the address up, where nobody waits for an answer; whether it has been done."""
        if self.loop.is_running():
            if self._expected or directory.exists():
                return False
            self.loop.remove_reader(self._post.socket.fileno())
        self._post.close()
        return True


class _Here(threading.local):
    """The askers of the loop of a thread."""

    def __init__(self) -> None:
        self.askers: dict[Path, Asker] = {}


_HERE: Final = _Here()


def asker(directory: Path, ahead: int) -> Asker:
    """The one of this loop; those of other loops, and of directories that are gone, are closed."""
    found = _HERE.askers.get(directory)
    # To ask which loop runs is a call of the system.
    if found and found.loop.is_running():
        return found
    for path, former in tuple(_HERE.askers.items()):
        if former.close(path):
            del _HERE.askers[path]
    found = _HERE.askers[directory] = Asker(directory, ahead)
    return found
