"""What is served, and the server that serves it."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from flask import current_app
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from designata.errors import CannotServe
from designata.settings import Settings
from designata.store import sandbox
from designata.store.directory import Release
from designata.store.pool import Pool, open_pool

EXTENSION: Final = "designata"
DATASET: Final = "designata.nq"
_SPARE_THREADS: Final = 8
_STOP_SECONDS: Final = 15
_POLL_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Served:
    """What an application answers from; the release is None where other files were loaded."""

    settings: Settings
    pool: Pool
    release: Release | None


def served() -> Served:
    """What the application of the current request answers from."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Served)
    return found


def serve(
    settings: Settings,
    *,
    release: Release | None = None,
    files: Sequence[tuple[Path, str | None]] = (),
) -> None:
    """Serve a release, or RDF files with their graphs, until SIGTERM or SIGINT.

    Requests that are being answered are finished. CannotServe where the address is taken.
    """
    # A fork would copy locks that threads of this process hold at that moment.
    multiprocessing.set_start_method("spawn", force=True)
    settings = replace(settings, port=_free_port(settings))
    loaded = files if release is None else ((release.file(DATASET), None),)
    with open_pool(loaded, settings) as pool:
        server = Server(
            "designata",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=settings.query_workers + settings.queue + _SPARE_THREADS,
            respawn_failed_workers=True,
            workers_kill_timeout=_STOP_SECONDS,
            log_level=LogLevels.error,
        )
        threading.Thread(target=_announce, args=(settings,), daemon=True).start()
        server.serve(
            target_loader=partial(_load, os.getpid(), settings, pool, release), wrap_loader=False
        )


def _load(
    parent: int, settings: Settings, pool: Pool, release: Release | None
) -> Callable[..., Any]:
    """The application, made in the process that runs it, which ends with this one."""
    from designata.web.app import create_app

    with suppress(OSError):
        sandbox.end_with_parent(parent)
    return create_app(settings, pool, release)


def _free_port(settings: Settings) -> int:
    """The port to listen on, chosen by the system where it is 0.

    Tried out first, because the server would share a taken port with whoever has it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((settings.host, settings.port))
            port: int = trial.getsockname()[1]
            return port
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotServe(
            f"{_address(settings)} cannot be used: {reason}; choose another with --port or --host"
        ) from None


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _announce(settings: Settings) -> None:
    """Say where, as soon as somebody answers there."""
    while True:
        try:
            socket.create_connection((settings.host, settings.port), timeout=1).close()
        except OSError:
            time.sleep(_POLL_SECONDS)
        else:
            print(f"Serving Designata at http://{_address(settings)}/", flush=True)
            return
