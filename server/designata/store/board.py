"""Which query process has which question, in memory that all see who ask.

A file beside the sockets: who forks the processes, how often that has begun anew, and the row of
one that is awake for a question; questions that nobody waits for any more, by their tokens; and a
row for each process: its number, when it was seen to have ended (`time.monotonic`), when it took a
question, and that question's token. The row of a process that has ended has no number, and keeps
the token of what it had; it is used again late.

Every field is written by one process at a time; nobody minds to see it empty for a moment.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

NAME: Final = "board"
_NUMBER: Final = struct.Struct("Q")
_HEAD: Final = struct.Struct("QQQ")
_LISTENS_AT: Final = 2 * _NUMBER.size
_ROW: Final = struct.Struct("QddQ")
_ENDED: Final = struct.Struct("Qd")
_TAKEN: Final = struct.Struct("dQ")
# A prime, so that the tokens of several who ask fall on different places.
_LEFT: Final = 4_093
_ROWS_AT: Final = _HEAD.size + _LEFT * _NUMBER.size
_SPARE_ROWS: Final = 64


class Taken(NamedTuple):
    """By which process a question was taken, and for how many seconds until now or its end.

    The process is 0 where it has ended.
    """

    process: int
    seconds: float


class Board:
    """What is shared by those who ask, the processes that answer, and the one that forks them."""

    def __init__(self, directory: Path) -> None:
        self.directory = str(directory)
        with (directory / NAME).open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        self._places = range(_ROWS_AT, len(self._memory), _ROW.size)
        self._last = -1

    # Who forks

    @classmethod
    def begin(cls, directory: Path, processes: int) -> Board:
        """A board on which nothing stands; those who have the former one in memory see it too."""
        path = directory / NAME
        if not path.exists():
            rows = processes + _SPARE_ROWS
            path.write_bytes(bytes(_ROWS_AT + rows * _ROW.size))
        board = cls(directory)
        board._memory[_ROWS_AT:] = bytes(len(board._memory) - _ROWS_AT)
        _HEAD.pack_into(board._memory, 0, os.getpid(), board.begun + 1, 0)
        return board

    def row(self) -> int:
        """Where a process that is going to be forked has its row: the next without one."""
        for _ in self._places:
            self._last = (self._last + 1) % len(self._places)
            place = self._places[self._last]
            if not _NUMBER.unpack_from(self._memory, place)[0]:
                return place
        raise OSError("every row of the board is in use")

    def enter(self, row: int, process: int) -> None:
        """A process has begun."""
        _ROW.pack_into(self._memory, row, process, 0.0, 0.0, 0)

    def bury(self, process: int) -> None:
        """A process has ended."""
        for place, (found, _, _, _) in zip(self._places, self._rows(), strict=True):
            if found == process:
                _ENDED.pack_into(self._memory, place, 0, time.monotonic())
                self.stop_listening(place)

    def orphans(self) -> list[int]:
        """The processes at work for somebody who has ended."""
        return [
            process
            for process, _, _, token in self._rows()
            if process and token and not is_there(asker_of(token))
        ]

    # Who answers

    def take(self, row: int, token: int) -> bool:
        """A process takes a question: whether anybody still waits for the answer."""
        _TAKEN.pack_into(self._memory, row + _ENDED.size, time.monotonic(), token)
        found: int = _NUMBER.unpack_from(self._memory, _place_of_left(token))[0]
        return found != token

    def done(self, row: int) -> None:
        """The process has nothing to do."""
        _NUMBER.pack_into(self._memory, row + _ROW.size - _NUMBER.size, 0)

    def others_work(self, row: int) -> bool:
        """Whether any other process has a question."""
        return any(
            process and token and place != row
            for place, (process, _, _, token) in zip(self._places, self._rows(), strict=True)
        )

    def listen(self, row: int) -> None:
        """The process is awake, and takes the next question at its own address at once."""
        _NUMBER.pack_into(self._memory, _LISTENS_AT, row)

    def stop_listening(self, row: int) -> None:
        """It is no more; it may not have been called."""
        if _NUMBER.unpack_from(self._memory, _LISTENS_AT)[0] == row:
            _NUMBER.pack_into(self._memory, _LISTENS_AT, 0)

    # Who asks

    def listener(self) -> int | None:
        """The row of a process that is awake; it is called once."""
        row: int = _NUMBER.unpack_from(self._memory, _LISTENS_AT)[0]
        if row:
            _NUMBER.pack_into(self._memory, _LISTENS_AT, 0)
        return row or None

    @property
    def begun(self) -> int:
        """How often forking has begun anew."""
        found: int = _HEAD.unpack_from(self._memory)[1]
        return found

    @property
    def is_kept(self) -> bool:
        """Whether the process that forks the others is there."""
        return is_there(_HEAD.unpack_from(self._memory)[0])

    def taken(self, token: int) -> Taken | None:
        """Who has a question; None where nobody has taken it yet, or somebody is done with it."""
        for process, ended, since, found in self._rows():
            if found == token:
                by = process if process and is_there(process) else 0
                return Taken(by, (ended or time.monotonic()) - since)
        return None

    def leave(self, token: int) -> None:
        """Nobody waits for the answer any more: who has the question ends, who takes it drops it.

        Where that process is quicker and has the next question already, it ends nevertheless; that
        question is asked again by whoever asked it.
        """
        _NUMBER.pack_into(self._memory, _place_of_left(token), token)
        found = self.taken(token)
        if found and found.process:
            with suppress(ProcessLookupError):
                os.kill(found.process, signal.SIGKILL)

    def close(self) -> None:
        """Look at it no more."""
        self._memory.close()

    def _rows(self) -> list[tuple[int, float, float, int]]:
        return list(_ROW.iter_unpack(self._memory[_ROWS_AT:]))


def token_of(asker: int, question: int) -> int:
    """The token of a question: the process that asks, which of its addresses, and a number."""
    return asker << 32 | question & 0xFFFF_FFFF


def address_of(token: int) -> str:
    """The name of the socket to which the answer goes."""
    return f"{token >> 32:x}"


def listener_name(row: int) -> str:
    """The name of the socket at which the process with that row can be asked alone."""
    return f"row-{row}"


def asker_of(token: int) -> int:
    """The process that asks."""
    return token >> 42


def _place_of_left(token: int) -> int:
    return _HEAD.size + token % _LEFT * _NUMBER.size


def is_there(process: int) -> bool:
    """Whether a process has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
