"""How many queries one process lets in, so that threads are left for everything else."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from designata.errors import StoreBusy
from designata.settings import Settings

WAITING: Final = 64
_PATIENCE_SECONDS: Final = 1.0


def capacity(settings: Settings) -> int:
    """How many queries of one process may be at work or in the queue of the query processes."""
    return math.ceil((settings.query_workers + settings.queue) / max(1, settings.web_processes))


class Places:
    """So many at the same time, and some more that wait for a moment."""

    def __init__(self, inside: int) -> None:
        self._inside = threading.Semaphore(inside)
        self._present = threading.Semaphore(inside + WAITING)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A place; StoreBusy where none becomes free soon."""
        if not self._present.acquire(blocking=False):
            raise StoreBusy("too many queries wait already")
        try:
            if not self._inside.acquire(timeout=_PATIENCE_SECONDS):
                raise StoreBusy("no place became free in time")
            try:
                yield
            finally:
                self._inside.release()
        finally:
            self._present.release()
