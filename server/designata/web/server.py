"""The server: one main process, and the processes that answer requests over one socket."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
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
from designata.store.directory import Release
from designata.web.switching import Files, Switch

BACKLOG: Final = 1024
_SPARE_THREADS: Final = 8
_STOP_SECONDS: Final = 15
_POLL_SECONDS: Final = 0.02
_PAUSE_SECONDS: Final = 0.1
_HEADER_MILLISECONDS: Final = 10_000


def serve(settings: Settings, *, release: Release | None = None, files: Files = ()) -> None:
    """Serve a release, or RDF files with their graphs, until SIGTERM or SIGINT.

    Requests that are being answered are finished. CannotServe where the address is taken. After
    SIGHUP, or when another release has become the current one, that is served.
    """
    # A fork would copy locks that threads of this process hold at that moment.
    multiprocessing.set_start_method("spawn", force=True)
    with _listen(settings) as listener, Switch(settings, release, files) as switch:
        server = _Server(settings, switch)
        address = listener.getsockname()
        said = threading.Thread(target=server.announce, args=(address, settings.host), daemon=True)
        said.start()
        server.serve(
            spawn_target=partial(_run, listener),
            target_loader=partial(_load, os.getpid(), switch.root),
            wrap_loader=False,
        )


class _Server(MPServer):
    """Keeps the processes that answer requests."""

    def __init__(self, settings: Settings, switch: Switch) -> None:
        super().__init__(
            "designata",
            port=0,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
            websockets=False,
            workers=settings.web_processes,
            backlog=BACKLOG,
            blocking_threads=settings.query_workers + settings.queue + _SPARE_THREADS,
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


def _run(
    listener: socket.socket,
    number: int,
    name: str | None,
    load: Callable[[], Any],
    _: object,
    *rest: Any,
) -> None:
    """Answer requests that come to the listener, which all these processes share."""
    shared = (None, SocketHolder(listener.fileno(), False, BACKLOG))  # type: ignore[call-arg]
    MPServer._spawn_wsgi_worker(number, name, load, (shared, None), *rest)


def _load(parent: int, root: Path) -> Callable[..., Any]:
    """The application, made in the process that runs it, which ends with the main one."""
    from designata.web.app import make_app
    from designata.web.current import Following

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(OSError):
        sandbox.end_with_parent(parent)
    source = Following(root)
    return make_app(source.served, source).wsgi_app


def _listen(settings: Settings) -> socket.socket:
    """The socket to listen on; nobody else can listen there too."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
        return listener
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise CannotServe(
            f"{_address(settings.host, settings.port)} cannot be used: {reason}; "
            "choose another with --port or --host"
        ) from None


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _answers(address: tuple[Any, ...]) -> bool:
    with suppress(OSError), socket.create_connection(address[:2], timeout=5) as connection:
        connection.sendall(b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return bool(connection.recv(1))
    return False
