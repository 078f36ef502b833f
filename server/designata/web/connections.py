"""The connections of this process: who gets no byte any more for long has to go.

The server ends a connection whose header comes too slowly. It would wait for ever for a body that
drips, and for a client that does not take its answer: here the kernel is asked what each took.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

_FOLDER: Final = "/proc/self/fd"
_LOOK_SECONDS: Final = 2.0
_ACKNOWLEDGED: Final = struct.Struct("=120xQ")
Peer = tuple[object, ...]


class Reaper:
    """Ends the connections whose clients have taken nothing for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[Peer, tuple[int, float]] = {}

    def start(self) -> None:
        """Look again and again, where the system tells what is asked here."""
        if os.path.isdir(_FOLDER) and hasattr(socket, "TCP_INFO"):
            threading.Thread(target=self._run, name="connections", daemon=True).start()

    def look(self) -> None:
        """End what has stood still for too long since it was seen first."""
        now = time.monotonic()
        seen: dict[Peer, tuple[int, float]] = {}
        for peer, taken, copy in _clients():
            before = self._seen.get(peer)
            since = before[1] if before and before[0] == taken else now
            seen[peer] = (taken, since)
            if now - since > self._seconds:
                with suppress(OSError):
                    copy.shutdown(socket.SHUT_RDWR)
        self._seen = seen

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            # Without a free descriptor nobody can look; there will be one again.
            with suppress(OSError):
                self.look()


def _clients() -> Iterator[tuple[Peer, int, socket.socket]]:
    """Who is connected, how many bytes it has taken, and a copy of the socket."""
    for name in os.listdir(_FOLDER):
        with suppress(OSError, ValueError):
            if not os.readlink(f"{_FOLDER}/{name}").startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(name))) as copy:
                if copy.family in (socket.AF_INET, socket.AF_INET6):
                    facts = copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 128)
                    yield copy.getpeername(), _ACKNOWLEDGED.unpack(facts)[0], copy
