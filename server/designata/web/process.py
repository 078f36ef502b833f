"""A process that answers requests: one loop, one listener, what is served at the moment."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from flask import Flask

from designata.store import sandbox
from designata.web import ledger
from designata.web.app import make_front
from designata.web.connections import BACKLOG, STOP_SECONDS, Connections, room
from designata.web.current import Following
from designata.web.front import Front
from designata.web.http1 import Connection
from designata.web.lines import write_apart

_GARBAGE: Final = 20_000
_TURN_SECONDS: Final = 0.001
_LAST_SECONDS: Final = 0.05
_LAST_TURNS: Final = 20


def run(
    app: Flask, listener: socket.socket, parent: int, root: Path, begun: Callable[[], None]
) -> None:
    """Answer what comes to a listener until SIGTERM; what has been asked is answered first.

    It says when it has begun, and ends with its parent. SIGTERM may be blocked until it is heeded.
    """
    with suppress(OSError):
        sandbox.end_with_parent(parent)
    write_apart()
    ledger.reserve()
    front = make_front(app, Following(root))
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_serve(front, listener, begun))


async def _serve(front: Front, listener: socket.socket, begun: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    connections = Connections(room())
    _settle_down()
    server = await loop.create_server(
        lambda: Connection(front, connections), sock=listener, backlog=BACKLOG
    )
    watch = loop.create_task(connections.watch())
    begun()
    await ending.wait()
    # Who has come already is let in, and heard: in turns, since time passes without any where this
    # process has to wait for the processor.
    for _ in range(_LAST_TURNS):
        await asyncio.sleep(_LAST_SECONDS / _LAST_TURNS)
    server.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(connections.stop(), STOP_SECONDS)
    watch.cancel()
    # When the loop is gone nobody heeds it, and there are lines of the log to be written.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _new_loop() -> asyncio.AbstractEventLoop:
    """The fastest that there is for this system."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _settle_down() -> None:
    """Let no request wait long for the collector of garbage, nor the loop for a thread."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    sys.setswitchinterval(_TURN_SECONDS)
