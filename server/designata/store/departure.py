"""How a query learns that nobody waits for its answer any more."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from designata.errors import ClientLeft


class Departure:
    """Ends what is being asked when whoever asked has left; one for each question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._left = False

    def leave(self) -> None:
        """Nobody waits: cut the connection to the process at work, which ends with it."""
        with self._lock:
            self._left = True
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """ClientLeft where nobody waits any more."""
        if self._left:
            raise ClientLeft("nobody waits for the answer any more")

    def over(self, connection: socket.socket) -> Departure:
        """What is asked over this connection, in a `with`, is cut off by `leave`."""
        with self._lock:
            self.check()
            self._connection = connection
        return self

    def __enter__(self) -> None:
        """The connection is there."""

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._connection = None
