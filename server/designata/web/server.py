"""The server: the main process, and the nursery of those that answer requests."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final, Self

from designata.errors import CannotServe, UsageError
from designata.settings import Settings
from designata.store.allocator import preload
from designata.store.directory import Release
from designata.store.folders import Folder
from designata.store.signals import heard, leave_when_told, read
from designata.web.connections import BACKLOG, STOP_SECONDS
from designata.web.layout import lay_out
from designata.web.lines import put, write_apart
from designata.web.manager import READY, STOPPING, tell
from designata.web.switching import Files, Switch

_PATIENCE_SECONDS: Final = 4.0
_PAUSE_SECONDS: Final = 0.1
_FAILED_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 30.0
_LOG: Final = logging.getLogger(__name__)


def serve(settings: Settings, *, release: Release | None = None, files: Files = ()) -> None:
    """Serve a release, or RDF files with their graphs, until SIGTERM or SIGINT.

    Requests that are being answered are finished. CannotServe where the address is taken. After
    SIGHUP, or when another release has become the current one, that is served.
    """
    write_apart()
    # There is nothing to go over to yet.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    leave_when_told()
    with (
        _listening(settings) as listeners,
        _private_folder() as root,
        # Made while the data is loaded.
        _Server(settings, listeners, root) as server,
        Switch(settings, root, release, files) as switch,
    ):
        server.run(switch)
        if switch.lost:
            raise CannotServe(switch.lost)


class _Server:
    """Keeps the nursery, and hears from it and from the system."""

    def __init__(self, settings: Settings, listeners: Sequence[socket.socket], root: Path) -> None:
        self._listeners = listeners
        self._address = _address(settings.host, listeners[0].getsockname()[1])
        self._root = root
        self._environment = {**os.environ, **preload(settings.allocator), **lay_out(root)}
        self._ending = False
        self._begun = 0
        self._failing_since: float | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end_nursery()

    def run(self, switch: Switch) -> None:
        """Until a signal says that it is enough; CannotServe where no process ever answers."""
        with heard(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as hearing:
            try:
                self._ask_for_processes()
                while not self._ending:
                    found = wait([hearing, self._reports])
                    if hearing in found:
                        self._listen_to(read(hearing), switch)
                    else:
                        self._take_report()
            finally:
                tell(STOPPING)
                # Only the processes listen from here on.
                for listener in self._listeners:
                    listener.close()
                self._end_nursery()

    def _listen_to(self, signals: Sequence[int], switch: Switch) -> None:
        """SIGHUP: another release, the same processes; any other: the end."""
        for number in signals:
            if number == signal.SIGHUP:
                switch.reload()
            else:
                self._ending = True

    def _take_report(self) -> None:
        try:
            what, how = self._reports.recv()
        except EOFError:
            self._replace()
            return
        if what == "begun":
            self._failing_since = None
            self._begun += 1
            if self._begun == len(self._listeners):
                # Whoever reads that may be slow, or gone.
                threading.Thread(target=self._announce, daemon=True).start()
        elif what == "failed":
            self._note_failure(f"no process that answers requests can be started: {how}")
        else:
            self._note_failure(f"a process that answers requests ended ({how})")

    def _announce(self) -> None:
        """Say where, now that every process answers there."""
        tell(READY)
        with suppress(OSError, ValueError):
            put(f"Serving Designata at http://{self._address}/\n", sys.stdout)

    def _replace(self) -> None:
        """The nursery has ended, and all that it had with it."""
        self._end_nursery()
        is_first = self._failing_since is None
        self._note_failure(f"the processes that answer requests ended ({self._nursery.returncode})")
        time.sleep(_PAUSE_SECONDS if is_first else _FAILED_SECONDS)
        # Where that fails, there is still the end of the former reports to be seen.
        with suppress(OSError):
            self._start()
            self._ask_for_processes()

    def _note_failure(self, text: str) -> None:
        """Where nothing begins for long, or at first, the server ends, and may be started anew."""
        now, since = time.monotonic(), self._failing_since
        if self._begun < len(self._listeners) or (since and now - since > _MOST_SECONDS):
            raise CannotServe(text)
        if since is None:
            self._failing_since = now
            _LOG.warning(text)

    def _start(self) -> None:
        self._reports, reports = Pipe(duplex=False)
        numbers = [reports.fileno(), *(one.fileno() for one in self._listeners)]
        with reports:
            self._nursery = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "designata.web.nursery"),
                    *(str(one) for one in (os.getpid(), self._root, *numbers)),
                ],
                stdin=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                pass_fds=numbers,
                env=self._environment,
            )

    def _ask_for_processes(self) -> None:
        # If it has ended, that is the next report.
        with suppress(OSError):
            assert self._nursery.stdin
            self._nursery.stdin.write(b"\n")

    def _end_nursery(self) -> None:
        assert self._nursery.stdin
        self._nursery.stdin.close()
        self._nursery.terminate()
        try:
            self._nursery.wait(STOP_SECONDS + _PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait()


@contextmanager
def _private_folder() -> Iterator[Path]:
    """What only the processes of this server share."""
    try:
        folder = Folder("web-")
    except OSError as error:
        raise CannotServe(
            f"there is no folder for temporary files ({error.strerror}); "
            "let /tmp be written, or name another in TMPDIR"
        ) from None
    try:
        yield folder.path
    finally:
        folder.remove()


@contextmanager
def _listening(settings: Settings) -> Iterator[Sequence[socket.socket]]:
    """A listener for each process that answers requests; nobody else can listen there too.

    The kernel deals connections out among them. What waits at one whose process has ended waits
    for the next process. CannotServe where the address is taken, UsageError where it is none.
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
        except TypeError:
            raise UsageError(f"{settings.host!r} is not an address to listen on") from None
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
