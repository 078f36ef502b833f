"""What was sent over a socket and has not arrived."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
from typing import Final

_COUNT: Final = struct.Struct("i")


def unread(connection: socket.socket | int) -> int:
    """How many bytes the system keeps because the other side has not taken them.

    Over a UNIX socket of Linux that means read; over TCP, acknowledged. OSError where nobody knows.
    """
    count: int = _COUNT.unpack(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(_COUNT.size)))[0]
    return count
