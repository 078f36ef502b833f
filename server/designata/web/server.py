"""The server: one main process, and the processes that answer requests over one socket."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer

from designata.errors import CannotServe
from designata.settings import Settings
from designata.store import sandbox
from designata.store.allocator import preload
from designata.store.directory import Release
from designata.web.current import COUNTS_VARIABLE as FOLDER
from designata.web.spool import VARIABLE as SPOOL
from designata.web.switching import Files, Switch

BACKLOG: Final = 1024
_MOST_CONNECTIONS: Final = 4_096
_FEWEST_CONNECTIONS: Final = 64
_OTHER_FILES: Final = 256
_STOP_SECONDS: Final = 15
_POLL_SECONDS: Final = 0.02
_PAUSE_SECONDS: Final = 0.1
_STILL_SECONDS: Final = 10.0
_HEADER_MILLISECONDS: Final = 10_000
_HEADER_BYTES: Final = 98_304
_GARBAGE: Final = 20_000
_TURN_SECONDS: Final = 0.001


def serve(settings: Settings, *, release: Release | None = None, files: Files = ()) -> None:
    """Serve a release, or RDF files with their graphs, until SIGTERM or SIGINT.

    Requests that are being answered are finished. CannotServe where the address is taken. After
    SIGHUP, or when another release has become the current one, that is served.
    """
    # A fork would copy locks that threads of this process hold at that moment.
    multiprocessing.set_start_method("spawn", force=True)
    os.environ.update(preload(settings.allocator))
    with _listening(settings) as listeners, Switch(settings, release, files) as switch:
        os.environ[FOLDER] = str(switch.counts)
        os.environ[SPOOL] = str(switch.spool)
        server = _Server(settings, switch)
        address = listeners[0].getsockname()
        said = threading.Thread(target=server.announce, args=(address, settings.host), daemon=True)
        said.start()
        server.serve(
            spawn_target=partial(_run, listeners),
            target_loader=partial(_load, os.getpid(), switch.root),
            wrap_loader=False,
        )


class _Server(MPServer):
    """Keeps the processes that answer requests."""

    def __init__(self, settings: Settings, switch: Switch) -> None:
        super().__init__(
            "designata",
            port=0,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_HEADER_BYTES
            ),
            websockets=False,
            workers=settings.web_processes,
            backlog=BACKLOG,
            backpressure=_most_connections(),
            workers_kill_timeout=_STOP_SECONDS,
            log_level=LogLevels.error,
        )
        self._switch = switch

    def announce(self, address: tuple[Any, ...], host: str) -> None:
        """Say where, as soon as somebody answers there; from then on a process is started again."""
        while not _answers(address):
            time.sleep(_POLL_SECONDS)
        self.respawn_failed_workers = True
        print(f"Serving Designata at http://{_address(host, address[1])}/", flush=True)

    def signal_handler_reload(self, *_: object) -> None:
        """SIGHUP: another release, the same processes."""
        self._switch.reload()

    def _respawn_workers(self, *arguments: Any, **more: Any) -> None:
        """Again and again, but not without a pause: what killed one process may kill the next."""
        time.sleep(_PAUSE_SECONDS)
        super()._respawn_workers(*arguments, **more)
        self.respawned_wrks.clear()
        for worker in self.wrks:
            # One that died while another was started again may have been overlooked.
            alive = worker.is_alive()  # type: ignore[no-untyped-call]
            if not alive and worker.idx not in self.interrupt_children:
                self.interrupt_children.append(worker.idx)
                self.main_loop_interrupt.set()


def _run(
    listeners: Sequence[socket.socket],
    number: int,
    name: str | None,
    load: Callable[[], Any],
    _: object,
    *rest: Any,
) -> None:
    """Answer requests that come to one listener, which the main process holds too."""
    listener = listeners[(number - 1) % len(listeners)]
    shared = (None, SocketHolder(listener.fileno(), False, BACKLOG))  # type: ignore[call-arg]
    MPServer._spawn_rsgi_worker(number, name, load, (shared, None), *rest)


def _load(parent: int, root: Path) -> Any:
    """The application, made in the process that runs it, which ends with the main one."""
    from designata.web.app import make_front
    from designata.web.connections import Reaper
    from designata.web.current import Following
    from designata.web.rsgi import Rsgi

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(OSError):
        sandbox.end_with_parent(parent)
    source = Following(root)
    Reaper(2 * source.served.settings.query_seconds + _STILL_SECONDS).start()
    application = Rsgi(make_front(source))
    _settle_down()
    return application


def _settle_down() -> None:
    """Let no request wait long for the collector of garbage, nor the loop for a thread."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    sys.setswitchinterval(_TURN_SECONDS)


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


def _most_connections() -> int:
    """How many connections one process keeps; each needs a descriptor, and so do other things."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    files = _MOST_CONNECTIONS if most == resource.RLIM_INFINITY else most - _OTHER_FILES
    return max(_FEWEST_CONNECTIONS, min(files, _MOST_CONNECTIONS))


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _answers(address: tuple[Any, ...]) -> bool:
    with suppress(OSError), socket.create_connection(address[:2], timeout=5) as connection:
        connection.sendall(b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return bool(connection.recv(1))
    return False
