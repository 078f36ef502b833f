"""What is on its way to a client: files without a copy here, and how much it has not got yet."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import termios
from collections.abc import AsyncIterator
from typing import BinaryIO, Final

_PIECE: Final = 1_048_576
_COUNT: Final = struct.Struct("i")
# TCP_CLOSE and TCP_CLOSE_WAIT
_ENDED: Final = (7, 8)


async def send_file(
    transport: asyncio.Transport, file: BinaryIO, start: int, stop: int
) -> AsyncIterator[int]:
    """Send the bytes from `start` to before `stop`; after each piece, how many are left.

    Nothing else may be written to the transport meanwhile. EOFError where the file has fewer.
    """
    # The loop keeps the socket of the transport for itself; another handle of it is ours.
    out = os.dup(transport.get_extra_info("socket").fileno())
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
            yield stop - start
            await asyncio.sleep(0)
    finally:
        os.close(out)


def untaken(transport: asyncio.Transport) -> int:
    """How many bytes the system keeps because the client has not acknowledged them."""
    try:
        handle = transport.get_extra_info("socket").fileno()
        count: int = _COUNT.unpack(fcntl.ioctl(handle, termios.TIOCOUTQ, bytes(_COUNT.size)))[0]
    except OSError:
        return 0
    return count


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
