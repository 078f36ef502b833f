"""Asking the query processes from a loop, where nothing may wait and no thread is needed."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from designata.errors import ClientLeft, DesignataError
from designata.store import wire
from designata.store.attempts import LOOK_SECONDS, Attempts, Course, NotStarted, Stopped
from designata.store.departure import Departure
from designata.store.post import Post
from designata.store.query import Answer, Query

_PAUSE_SECONDS: Final = 0.01


async def ask(
    directory: Path, query: Query, limit: float, ahead: int, departure: Departure
) -> Answer:
    """The whole answer of a query process, or a refusal.

    At most so many questions of this loop are sent ahead; the others wait here, where who leaves
    is easily forgotten.
    """
    attempts = Attempts(departure)
    while True:
        try:
            return await _asker(directory, ahead).ask(query, limit, departure)
        except (NotStarted, Stopped) as failure:
            attempts.after(failure)
            if isinstance(failure, NotStarted):
                await asyncio.sleep(_PAUSE_SECONDS)


class _Expected:
    """An answer that is to come."""

    def __init__(self, query: Query, course: Course, departure: Departure) -> None:
        self.query, self.course, self.departure = query, course, departure
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
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


class _Asker:
    """All questions of one loop to the processes of one directory."""

    def __init__(self, directory: Path, ahead: int) -> None:
        self._post = Post(directory)
        # The loop knows the asker; were it the other way round too, neither would ever go.
        asyncio.get_running_loop().add_reader(self._post.socket.fileno(), self._read)
        self._ahead = ahead
        self._expected: dict[int, _Expected] = {}
        self._waiting: deque[_Expected] = deque()
        self._looking = False

    async def ask(self, query: Query, limit: float, departure: Departure) -> Answer:
        """The answer, or why there will be none."""
        loop, token = asyncio.get_running_loop(), self._post.token()
        one = _Expected(query, Course(self._post.board, token, limit, departure), departure)
        with departure.cuts(lambda: loop.call_soon_threadsafe(one.end, _left())):
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
                    self._post.send("queries", one.course.token, one.query, wait=False)
                except BlockingIOError:
                    return
                except (DesignataError, NotStarted) as error:
                    one.end(error)
                else:
                    one.is_sent = True
                    self._ahead -= 1
            self._waiting.popleft()

    def _read(self) -> None:
        """Take what has come: mostly an answer in one part."""
        with suppress(BlockingIOError):
            while not self._take():
                pass

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
            with suppress(BlockingIOError):
                while True:
                    self._take()
            for one in lost:
                if not one.answer.done():
                    try:
                        one.end(one.course.end())
                    except ClientLeft as left:
                        one.end(left)
        self._looking = bool(self._expected)
        if self._looking:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def close(self) -> bool:
        """Give the address up, where nobody waits for an answer; whether it has been done."""
        if self._expected:
            return False
        asyncio.get_running_loop().remove_reader(self._post.socket.fileno())
        self._post.close()
        return True


def _left() -> ClientLeft:
    return ClientLeft("nobody waits for the answer any more")


_ASKERS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Path, _Asker]]] = (
    WeakKeyDictionary()
)


def _asker(directory: Path, ahead: int) -> _Asker:
    """The one of this loop; those of directories that are gone are closed."""
    loop = asyncio.get_running_loop()
    askers = _ASKERS.get(loop)
    if askers is None:
        askers = _ASKERS[loop] = {}
    found = askers.get(directory)
    if found is None:
        for former in [path for path in askers if not path.exists()]:
            if askers[former].close():
                del askers[former]
        found = askers[directory] = _Asker(directory, ahead)
    return found
