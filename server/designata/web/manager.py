"""What the manager of services is told, where one has started us and waits to hear it."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from typing import Final

READY: Final = b"READY=1"
STOPPING: Final = b"STOPPING=1"
_VARIABLE: Final = "NOTIFY_SOCKET"


def tell(state: bytes) -> None:
    """A datagram to the socket that it has named, as in sd_notify(3)."""
    address = os.environ.get(_VARIABLE, "")
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state, re.sub("^@", "\0", address))
