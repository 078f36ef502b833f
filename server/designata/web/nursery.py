"""The process that makes the application once, and forks those that answer requests.

A program of its own, so that it has one thread: a fork would copy the locks that others hold. What
is forked shares its memory, and answers at once. Its arguments are the process that it ends with,
the private folder of the server, and the numbers of what it inherits: a connection for its reports,
and the listeners. It forks when a line comes to its standard input, and ends when that ends.

Reports are pairs of texts: `begun` from a process that answers, `ended` and how for one that does
no more, `failed` and why where none can be forked.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from designata.store import sandbox
from designata.store.signals import heard, read
from designata.web import ledger, spool
from designata.web.app import make_ready
from designata.web.connections import STOP_SECONDS
from designata.web.process import run

_INPUT: Final = 0
_PAUSE_SECONDS: Final = 0.1
_FAILED_SECONDS: Final = 1.0
_YOUNG_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 2.0


class Nursery:
    """A process for each listener: forked again when it ends."""

    def __init__(self, listeners: Sequence[socket.socket], reports: Connection) -> None:
        self._listeners = listeners
        self._reports = reports
        # By their numbers: the listener that each has, and when it was forked.
        self._children: dict[int, tuple[socket.socket, float]] = {}
        self._wanted: Sequence[socket.socket] = ()
        self._hearing = -1

    def run(self) -> socket.socket | None:
        """None when all has ended; in a process that has been forked, the listener that it has."""
        with heard(signal.SIGTERM, signal.SIGCHLD) as self._hearing:
            pause: float | None = None
            while self._goes_on(pause):
                # Not without a pause: what ended one process may end the next.
                pause = self._bury()
                if pause is None:
                    try:
                        for listener in self._missing():
                            if self._fork(listener):
                                return listener
                    except OSError as error:
                        self._report("failed", str(error))
                        pause = _FAILED_SECONDS
            self._end()
        return None

    def has_begun(self) -> None:
        """Tell the main process that this one answers; whoever forked it tells the rest."""
        self._report("begun")
        self._reports.close()

    def leave(self, mine: socket.socket) -> None:
        """Give up what belongs to the others."""
        for listener in self._listeners:
            if listener is not mine:
                listener.close()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, _INPUT)
        os.close(null)

    def _report(self, what: str, how: str = "") -> None:
        # Where there is no main process any more, this one ends, too.
        with suppress(OSError):
            self._reports.send((what, how))

    def _missing(self) -> Iterable[socket.socket]:
        """The listeners that are to have a process and have none."""
        served = [listener for listener, _ in self._children.values()]
        return [one for one in self._wanted if one not in served]

    def _goes_on(self, seconds: float | None) -> bool:
        """Wait until there is something to do, or for so long; take in what was asked for."""
        ready, _, _ = select.select([_INPUT, self._hearing], [], [], seconds)
        if _INPUT in ready:
            if not os.read(_INPUT, 100):
                return False
            self._wanted = self._listeners
        return self._hearing not in ready or signal.SIGTERM not in read(self._hearing)

    def _fork(self, listener: socket.socket) -> bool:
        """Whether this is the new process; it hears SIGTERM as soon as it can heed it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        child = -1
        try:
            child = os.fork()
        finally:
            if child:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if child:
            self._children[child] = listener, time.monotonic()
        return not child

    def _bury(self) -> float | None:
        """For how long to wait if any has ended: longer after one that could not even begin."""
        pause = None
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                break
            _, born = self._children.pop(child)
            ledger.inherit(child)
            spool.clear(child)
            self._report("ended", str(os.waitstatus_to_exitcode(status)))
            is_young = time.monotonic() - born < _YOUNG_SECONDS
            pause = _FAILED_SECONDS if is_young else pause or _PAUSE_SECONDS
        return pause

    def _end(self) -> None:
        """Each process lets in who has come to its listener, and no more."""
        for listener in self._listeners:
            listener.close()
        for child in self._children:
            os.kill(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS + _PATIENCE_SECONDS
        while self._children and (left := deadline - time.monotonic()) > 0:
            if select.select([self._hearing], [], [], left)[0]:
                read(self._hearing)
            self._bury()
        for child in self._children:
            os.kill(child, signal.SIGKILL)


def main() -> None:
    """Make, fork, and replace what ends."""
    parent, root, reports, *listeners = sys.argv[1:]
    with suppress(OSError):
        sandbox.end_with_parent(int(parent))
    # The main process says when to end, also where somebody presses a key.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    nursery = Nursery(
        [socket.socket(fileno=int(number)) for number in listeners],
        Connection(int(reports), readable=False),
    )
    ledger.begin()
    here, app = os.getpid(), make_ready()
    gc.collect()
    # What is shared is not looked at again, nor written to.
    gc.freeze()
    mine = nursery.run()
    if mine:
        nursery.leave(mine)
        run(app, mine, here, Path(root), nursery.has_begun)


if __name__ == "__main__":
    main()
