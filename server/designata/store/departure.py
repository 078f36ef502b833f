"""How a query learns that nobody waits for its answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable

from designata.errors import ClientLeft


def departed() -> ClientLeft:
    """Why there is no answer for one who has left."""
    return ClientLeft("nobody waits for the answer any more")


class Departure:
    """Ends what is being asked when whoever asked has left; one for each question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut: Callable[[], object] | None = None
        self._left = False

    def leave(self) -> None:
        """Nobody waits: cut off what is being done for it."""
        with self._lock:
            self._left = True
            if self._cut is not None:
                self._cut()

    def check(self) -> None:
        """ClientLeft where nobody waits any more."""
        if self._left:
            raise departed()

    def cuts(self, cut: Callable[[], object]) -> Departure:
        """What is done in a `with` is cut off by `leave`, in whichever thread that is called."""
        with self._lock:
            self.check()
            self._cut = cut
        return self

    def __enter__(self) -> None:
        """It has begun."""

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._cut = None
