"""What can become of a query that is given to a process which may end at any time.

That process says nothing before it has an answer. Whether it has begun stands on the board.
"""

from __future__ import annotations

import time
from typing import Final

from designata.errors import DesignataError, QueryExhausted, QueryTimeout, StoreBusy
from designata.store.board import Board
from designata.store.departure import Departure

LOOK_SECONDS: Final = 0.02
TRANSFER_SECONDS: Final = 10.0
_GRACE_SECONDS: Final = 0.1
_EARLY_SECONDS: Final = 0.05
_NEARLY: Final = 0.8
_START_SECONDS: Final = 2.0


class NotStarted(Exception):
    """Nobody has begun with the query, so that it can be given again."""


class Stopped(Exception):
    """The process ended with time left: the query was too much for it, or somebody killed it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()


class Attempts:
    """How often one query is given again, and when that ends in a refusal."""

    def __init__(self, departure: Departure) -> None:
        self._departure = departure
        self._patience = time.monotonic() + _START_SECONDS
        self._stopped = False

    def after(self, failure: NotStarted | Stopped) -> None:
        """Return where the query is to be given again; a refusal where it is not."""
        self._departure.check()
        if isinstance(failure, NotStarted):
            if time.monotonic() > self._patience:
                raise StoreBusy("the query processes are starting; try again soon")
            return
        if self._stopped or failure.seconds > _EARLY_SECONDS:
            raise QueryExhausted(
                "the query was stopped: it needs more memory than one query may use, "
                "or it is nested too deep"
            )
        self._stopped = True


class Course:
    """How far a query has come that was given under a token; it may run so many seconds."""

    def __init__(self, board: Board, token: int, limit: float, departure: Departure) -> None:
        self.token = token
        self._board = board
        self._begun = board.begun
        self._departure = departure
        self._limit = limit
        self._given = time.monotonic()
        self._seconds = 0.0
        # When one process alone was asked.
        self._sent: float | None = None
        self._transfer = 0.0

    @property
    def is_direct(self) -> bool:
        """Whether one process alone was asked, which may have begun with something else."""
        return self._sent is not None

    def sent(self, *, direct: bool) -> None:
        """The query is on its way, to one process alone or to all."""
        self._sent = time.monotonic() if direct else None

    def look(self) -> bool:
        """Whether it is worth waiting on; to be asked again after LOOK_SECONDS.

        Where it is not, the answer may have come in this moment.
        """
        found = self._board.taken(self.token)
        if found:
            self._seconds = found.seconds
            most = self._limit + _GRACE_SECONDS + self._transfer
            return bool(found.process) and found.seconds < most
        if self._seconds or self._is_anew:
            return False
        if self._sent is not None:
            return time.monotonic() - self._sent < LOOK_SECONDS
        return time.monotonic() - self._given < self._limit

    @property
    def _is_anew(self) -> bool:
        """Whether all processes have ended since, through no fault of the query."""
        return not self._board.is_kept or self._board.begun != self._begun

    def arriving(self) -> None:
        """The answer has begun to come."""
        self._transfer = TRANSFER_SECONDS

    def end(self) -> DesignataError | NotStarted | Stopped:
        """Why there is no answer, when it is not worth waiting on; nobody waits from here on."""
        self._board.leave(self.token)
        self._departure.check()
        if self._is_anew or (self.is_direct and not self._seconds):
            return NotStarted()
        if not self._seconds:
            return StoreBusy("no query process became free in time")
        if self._seconds < self._limit * _NEARLY - _EARLY_SECONDS:
            return Stopped(self._seconds)
        return QueryTimeout(
            f"the query was stopped after {self._limit:g} seconds; ask for less, "
            "for example with a tighter pattern or a LIMIT"
        )
