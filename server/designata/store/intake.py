"""How a query process comes by its questions."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from designata.store import processors, sandbox, wire
from designata.store.board import Board, listener_name
from designata.store.post import bound

_LISTENING_SECONDS: Final = 0.001


class Intake:
    """Takes questions from the lane of a process, and those that are for it alone.

    Where one client asks one question after another, to fall asleep and be woken takes longer than
    most answers. So where the next is expected soon, the process stays awake for a moment, and says
    so on the board; whoever asks then sends the question to it alone, and wakes no other.
    """

    def __init__(self, lane: socket.socket, board: Board, row: int) -> None:
        self._lane, self._board, self._row = lane, board, row
        self._own = bound(Path(board.directory) / listener_name(row))
        self._wait = _waiting_for(lane, self._own)
        self._next_from = 0

    def take(self) -> wire.Question:
        """The next question."""
        question = wire.unpack_question(self._receive())
        self._next_from = question.next_from
        return question

    def _receive(self) -> bytes:
        # What is in the lane has come first, and where others have work, the processor is theirs.
        if self._next_from and not self._board.others_work(self._row):
            found = self._waiting() or self._listen()
            if found:
                return found
        while True:
            found = self._waiting()
            if found:
                return found
            sandbox.end_after(0)
            self._wait()

    def _waiting(self) -> bytes | None:
        """What has come; the lane first, since whoever asks one process asks others in time."""
        for questions in (self._lane, self._own):
            # There is none, or another was quicker.
            with suppress(BlockingIOError):
                return questions.recv(wire.LARGEST, socket.MSG_DONTWAIT)
        return None

    def _listen(self) -> bytes | None:
        sandbox.end_after(0)
        receive, until = self._own.recv, time.monotonic() + _LISTENING_SECONDS
        self._board.listen(self._row)
        try:
            # Whoever asks needs a processor too.
            with processors.kept_off(self._next_from):
                while time.monotonic() < until:
                    with suppress(BlockingIOError):
                        return receive(wire.LARGEST, socket.MSG_DONTWAIT)
                    os.sched_yield()
        finally:
            self._board.stop_listening(self._row)
        return None


def _waiting_for(lane: socket.socket, own: socket.socket) -> Callable[[], object]:
    """What waits for the next question.

    Who waits for a socket in `recv` gets its turn after all others, and has cold caches then, which
    made short queries half as slow again. Who waits with EPOLLEXCLUSIVE is woken in a fixed order:
    where one process is enough, it is always the same.
    """
    if not hasattr(select, "epoll"):
        return partial(select.select, [lane, own], [], [])
    waiting = select.epoll()
    waiting.register(lane, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    waiting.register(own, select.EPOLLIN)
    return waiting.poll
