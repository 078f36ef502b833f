"""What is on its way to a client: replies in memory, and files without a copy here."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import sys
import termios
from contextlib import suppress
from typing import BinaryIO, Final

from designata.web import heads
from designata.web.cache import Reply

STILL_SECONDS: Final = 30.0
# Bytes and seconds: who takes less in that time, and has more to take, is left. At first nothing at
# all, then 240 bytes a second, as IIS and Kestrel have it; for long enough, since a receiver says
# only now and then what it has taken.
PACES: Final = ((1, STILL_SECONDS), (28_800, 120.0))

_PIECE: Final = 1_048_576
_TOGETHER: Final = 65_536
_COUNT: Final = struct.Struct("i")
_AT_ONCE: Final = struct.pack("ii", 1, 0)
# TCP_CLOSE and TCP_CLOSE_WAIT
_ENDED: Final = (7, 8)


class Pace:
    """How much a client takes at least of what is sent to it."""

    def __init__(self, least: int, seconds: float) -> None:
        self._least, self._seconds = least, seconds
        self._left, self._since = 0, 0.0

    def is_kept(self, left: int, now: float) -> bool:
        """Whether it goes on like that; so many bytes are left to be taken."""
        if not (left and 0 <= self._left - left < self._least):
            self._left, self._since = left, now
        return now - self._since <= self._seconds


class Outlet:
    """What goes out on one connection, and how much of it the client has not got yet."""

    def __init__(self, transport: asyncio.Transport) -> None:
        # The client takes less than is sent.
        self.is_full = False
        # How much of a file has not been sent.
        self.left = 0
        self._transport = transport
        self._keeper: object = None

    def write(self, reply: Reply, field: bytes) -> None:
        """Send a reply but for a file that is its body, with one more field of the connection."""
        body = reply.body if isinstance(reply.body, bytes) else b""
        head = b"".join((reply.head, heads.date_field(), field, b"\r\n"))
        if len(body) < _TOGETHER:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        self._keeper = reply.keeper if self.is_full else None

    def begin_file(self, reply: Reply, field: bytes, length: int) -> None:
        """Send the head of a reply; until that has gone, the outlet is full."""
        self._transport.set_write_buffer_limits(high=0)
        self.left = length
        self.write(reply, field)

    async def send_file(self, file: BinaryIO, start: int, stop: int) -> None:
        """Send the bytes from `start` to before `stop`, and nothing else meanwhile.

        EOFError where the file has fewer.
        """
        self._transport.set_write_buffer_limits()
        # The loop keeps the socket of the transport for itself; another handle of it is ours.
        out = os.dup(self._transport.get_extra_info("socket").fileno())
        try:
            while start < stop:
                try:
                    sent = os.sendfile(out, file.fileno(), start, min(stop - start, _PIECE))
                except BlockingIOError:
                    await _writable(out)
                    continue
                if not sent:
                    raise EOFError(f"{file.name} is shorter than it was")
                start += sent
                self.left = stop - start
                await asyncio.sleep(0)
        finally:
            os.close(out)

    def drained(self) -> None:
        """The client has taken what was sent, or will never."""
        self.is_full = False
        self._keeper = None

    def close(self) -> None:
        """End the connection; the system keeps what is sent while the client takes it."""
        if sys.platform == "linux":
            patience = int(STILL_SECONDS * 1000)
            self._set(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)
        self._transport.close()

    def abandon(self) -> None:
        """End the connection; what is kept for it, here or in the system, goes at once."""
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()

    def _set(self, level: int, option: int, value: int | bytes) -> None:
        with suppress(OSError):
            self._transport.get_extra_info("socket").setsockopt(level, option, value)

    def untaken(self) -> int:
        """How many bytes are left here, and kept by the system as long as they are not received."""
        try:
            handle = self._transport.get_extra_info("socket").fileno()
            kept = fcntl.ioctl(handle, termios.TIOCOUTQ, bytes(_COUNT.size))
        except OSError:
            kept = bytes(_COUNT.size)
        return self.left + self._transport.get_write_buffer_size() + int(_COUNT.unpack(kept)[0])


def has_left(transport: asyncio.Transport) -> bool:
    """Whether the client has ended its side; asked while nothing is read, and so nobody says it.

    It is known on Linux alone.
    """
    try:
        found = transport.get_extra_info("socket").getsockopt(
            socket.IPPROTO_TCP, socket.TCP_INFO, 1
        )
    except (OSError, AttributeError):
        return False
    return found[0] in _ENDED


async def _writable(handle: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_writer(handle, ready.set_result, None)
    try:
        await ready
    finally:
        loop.remove_writer(handle)
