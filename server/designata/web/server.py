"""The server: one main process, and the processes that answer requests over one socket."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from designata.errors import CannotServe
from designata.settings import Settings
from designata.store.allocator import preload
from designata.store.directory import Release
from designata.web.connections import BACKLOG, STOP_SECONDS
from designata.web.current import COUNTS_VARIABLE as FOLDER
from designata.web.lines import write_apart
from designata.web.manager import READY, STOPPING, tell
from designata.web.spool import VARIABLE as SPOOL
from designata.web.switching import Files, Switch

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PATIENCE_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 0.1
_FAILED_SECONDS: Final = 1.0
_MOST_FAILURES: Final = 30
_LOG: Final = logging.getLogger(__name__)


def serve(settings: Settings, *, release: Release | None = None, files: Files = ()) -> None:
    """Serve a release, or RDF files with their graphs, until SIGTERM or SIGINT.

    Requests that are being answered are finished. CannotServe where the address is taken. After
    SIGHUP, or when another release has become the current one, that is served.
    """
    os.environ.update(preload(settings.allocator))
    write_apart()
    # There is nothing to go over to yet.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with _listening(settings) as listeners, Switch(settings, release, files) as switch:
        os.environ[FOLDER] = str(switch.counts)
        os.environ[SPOOL] = str(switch.spool)
        address = _address(settings.host, listeners[0].getsockname()[1])
        _Server(listeners, switch, address).run()
        if switch.lost:
            raise CannotServe(switch.lost)


class _Server:
    """Keeps a process for each listener."""

    def __init__(self, listeners: Sequence[socket.socket], switch: Switch, address: str) -> None:
        self._listeners = listeners
        self._switch = switch
        self._address = address
        self._processes: dict[int, SpawnProcess] = {}
        self._begun, self._say_begun = get_context("spawn").Pipe(duplex=False)
        self._ending = self._announced = False
        self._failures = 0

    def run(self) -> None:
        """Until a signal says that it is enough; CannotServe where no process ever answers."""
        with _signals() as heard:
            for number in range(len(self._listeners)):
                self._start(number)
            announcing = threading.Thread(target=self._announce, daemon=True)
            announcing.start()
            while not self._ending:
                found = wait([heard, *(one.sentinel for one in self._processes.values())])
                if heard in found:
                    self._listen_to(os.read(heard, 1_024))
                elif not self._announced:
                    self._end()
                    raise CannotServe("the process that answers requests has ended")
                else:
                    self._replace()
            self._end()

    def _listen_to(self, signals: bytes) -> None:
        """SIGHUP: another release, the same processes; any other: the end."""
        for number in signals:
            if number == signal.SIGHUP:
                self._switch.reload()
            else:
                self._ending = True

    def _start(self, number: int) -> None:
        # A fork would copy locks that threads of this process hold at that moment.
        process = get_context("spawn").Process(
            target=_run,
            args=(self._listeners[number], os.getpid(), self._switch.root, self._say_begun),
        )
        process.start()
        self._processes[number] = process

    def _replace(self) -> None:
        """Not without a pause: what ended one process may end the next."""
        time.sleep(_PAUSE_SECONDS)
        for number, process in tuple(self._processes.items()):
            if not process.is_alive():
                if not self._failures:
                    _LOG.warning("a process that answers requests ended (%s)", process.exitcode)
                self._try_again(number)

    def _try_again(self, number: int) -> None:
        """Start a process; where that fails for long, the server ends, and may be started anew."""
        try:
            self._start(number)
            self._failures = 0
        except OSError as error:
            self._failures += 1
            if self._failures == 1:
                _LOG.error("no process that answers requests can be started: %s", error)
            if self._failures == _MOST_FAILURES:
                self._end()
                raise CannotServe(f"no process can be started: {error}") from None
            time.sleep(_FAILED_SECONDS)

    def _end(self) -> None:
        tell(STOPPING)
        # Only the processes listen from here on: each lets in who has come to it, and no more.
        for listener in self._listeners:
            listener.close()
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS + _PATIENCE_SECONDS
        for process in self._processes.values():
            process.join(max(0.0, deadline - time.monotonic()))
            process.kill()

    def _announce(self) -> None:
        """Say where, as soon as every process answers there."""
        for begun in count(1):
            self._begun.recv()
            if begun == len(self._listeners):
                self._announced = True
                print(f"Serving Designata at http://{self._address}/", flush=True)
                tell(READY)


def _run(listener: socket.socket, parent: int, root: Path, begun: Connection) -> None:
    """What it takes to answer requests is loaded in the process that does it."""
    from designata.web.process import run

    run(listener, parent, root, lambda: begun.send(None))


@contextmanager
def _signals() -> Iterator[int]:
    """Where the numbers of signals are read that ask for something."""
    heard, said = os.pipe()
    os.set_blocking(said, False)
    former = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    before = signal.set_wakeup_fd(said)
    try:
        yield heard
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in former.items():
            signal.signal(number, handler)
        os.close(heard)
        os.close(said)


@contextmanager
def _listening(settings: Settings) -> Iterator[Sequence[socket.socket]]:
    """A listener for each process that answers requests; nobody else can listen there too.

    The kernel deals connections out among them. What waits at one whose process has ended waits
    for the next process. CannotServe where the address is taken.
    """
    with ExitStack() as stack:
        try:
            with _bound(settings.host, settings.port) as trial:
                port = trial.getsockname()[1]
            together = sys.platform == "linux"
            listeners = [
                stack.enter_context(_bound(settings.host, port, together=together))
                for _ in range(settings.web_processes if together else 1)
            ]
            for listener in listeners:
                listener.listen(BACKLOG)
                listener.setblocking(False)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CannotServe(
                f"{_address(settings.host, settings.port)} cannot be used: {reason}; "
                "choose another with --port or --host"
            ) from None
        yield listeners


def _bound(host: str, port: int, *, together: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if together:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((host, port))
    except BaseException:
        found.close()
        raise
    return found


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
