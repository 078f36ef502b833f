"""How questions go to the query processes, and answers come back, without a connection.

Every lane is a datagram socket that all processes of the lane read from: the kernel gives each
question to one of them. The answer goes to the address of whoever asked, in one datagram or more.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final
from weakref import finalize

from designata.errors import QueryTooLarge, StoreBusy
from designata.store import wire
from designata.store.attempts import NotStarted
from designata.store.board import Board, address_of, is_there, listener_name, token_of
from designata.store.query import Lane

QUEUE_FULL: Final = "every query process is at work, and the queue is full"
_ADDRESSES_BITS: Final = 10
# Two seconds, as a `timeval`.
_PATIENCE: Final = struct.pack("@ll", 2, 0)
_numbers = count()


class Post:
    """An address to which the query processes of a directory answer, for one thread or loop."""

    def __init__(self, directory: Path) -> None:
        """NotStarted where there are none, or none any more."""
        number = next(_numbers) % (1 << _ADDRESSES_BITS)
        self._asker = os.getpid() << _ADDRESSES_BITS | number
        self._questions = count(1)
        self._directory = str(directory)
        path = directory / address_of(token_of(self._asker, 0))
        self._buffer = memoryview(bytearray(wire.LARGEST))
        try:
            self.board = Board(directory)
            self.socket = bound(path)
        except (FileNotFoundError, ValueError):
            raise NotStarted from None
        # Whoever drops it gives the address up.
        self.close = finalize(self, _close, self.socket, self.board, path, os.getpid())
        # When all ends, a thread may still be waiting here; the address goes with the directory.
        self.close.atexit = False

    def token(self) -> int:
        """The token of the next question."""
        return token_of(self._asker, next(self._questions))

    def send(self, lane: Lane, question: wire.Question, *, wait: bool) -> bool:
        """Ask; wait for a place in the queue, or BlockingIOError where there is none.

        Whether one process alone was asked, which may have begun with something else.
        """
        content = wire.pack_question(question)
        if len(content) > wire.LARGEST:
            raise QueryTooLarge(f"a query and its graphs may have {wire.LARGEST:,} bytes together")
        listener = self.board.listener() if lane == "queries" else None
        if listener:
            address = f"{self._directory}/{listener_name(listener)}"
            # It has ended, or has been asked too much.
            with suppress(OSError):
                self.socket.sendto(content, socket.MSG_DONTWAIT, address)
                return True
        try:
            flags = 0 if wait else socket.MSG_DONTWAIT
            self.socket.sendto(content, flags, f"{self._directory}/{lane}")
        except BlockingIOError:
            if not wait:
                raise
            raise StoreBusy(QUEUE_FULL) from None
        except OSError:
            raise NotStarted from None
        return False

    def receive(self) -> wire.Part:
        """A part of an answer that has come; BlockingIOError where there is none."""
        size = self.socket.recv_into(self._buffer, 0, socket.MSG_DONTWAIT)
        return wire.unpack_part(self._buffer[:size])


def clear(directory: Path) -> None:
    """Remove the addresses of processes that have ended without giving them up."""
    for path in directory.iterdir():
        # Other files have names that are no numbers.
        with suppress(ValueError, OSError):
            if not is_there(int(path.name, 16) >> _ADDRESSES_BITS):
                path.unlink()


def _close(found: socket.socket, board: Board, path: Path, process: int) -> None:
    """Close both, and remove the address where this process has made it, not its parent."""
    if os.getpid() == process:
        with suppress(OSError):
            path.unlink()
    found.close()
    board.close()


def sender() -> socket.socket:
    """What a process answers with: it has no address, and waits where nobody reads."""
    return _roomy(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))


def bound(path: Path) -> socket.socket:
    """A lane, or the address of one who asks."""
    path.unlink(missing_ok=True)
    found = _roomy(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    try:
        found.bind(str(path))
    except BaseException:
        found.close()
        raise
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)
    return found


def _roomy(found: socket.socket) -> socket.socket:
    """With as much room for what is sent as the system grants."""
    for kind in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        found.setsockopt(socket.SOL_SOCKET, kind, wire.LARGEST * 2)
    return found
