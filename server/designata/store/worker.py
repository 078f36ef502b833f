"""A query process: takes one connection after another, and may be killed at any time."""

from __future__ import annotations

import json
import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn

from pyoxigraph import Store

from designata.errors import DesignataError, QueryFailed
from designata.store import sandbox, wire
from designata.store.attempts import TRANSFER_SECONDS
from designata.store.evaluate import evaluate
from designata.store.query import Query

_KEPT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use."""

    seconds: float
    result_bytes: int
    memory: int


def run(parent: int, listener: socket.socket, store: Store, limits: Limits) -> NoReturn:
    """Answer until the process has grown too large or is killed."""
    accept = _acceptor(listener)
    sandbox.install(parent, limits.memory)
    at_start = used = sandbox.usage()
    allowed = 0
    while used.memory - at_start.memory < _KEPT_BYTES:
        if used.seconds + limits.seconds > allowed:
            allowed = sandbox.allow_time(used.seconds + limits.seconds + 1)
        with accept() as connection:
            sandbox.end_after(limits.seconds)
            with suppress(wire.Ended, ConnectionError):
                _serve(connection, store, limits)
            sandbox.end_after(0)
        used = sandbox.usage()
    os._exit(0)


def _acceptor(listener: socket.socket) -> Callable[[], socket.socket]:
    """What waits for the next connection.

    Who waits for a socket in `accept` gets its turn after all others, and has cold caches then,
    which made short queries half as slow again. Who waits with EPOLLEXCLUSIVE is woken in a fixed
    order: where one process is enough, it is always the same.
    """
    if not hasattr(select, "epoll"):
        return lambda: listener.accept()[0]
    listener.setblocking(False)
    waiting = select.epoll()
    waiting.register(listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)

    def accept() -> socket.socket:
        while True:
            waiting.poll()
            # Another may have been quicker.
            with suppress(BlockingIOError):
                return listener.accept()[0]

    return accept


def _serve(connection: socket.socket, store: Store, limits: Limits) -> None:
    query = wire.unpack_query(_read(connection))
    sandbox.end_with(connection)
    frame = _answer(store, query, limits)
    sandbox.outlive(connection)
    if not frame.is_short:
        sandbox.end_after(TRANSFER_SECONDS)
    frame.send(connection)


def _read(connection: socket.socket) -> wire.Frame:
    """What was sent, which mostly is there already.

    Who wakes this process by sending more is not yet back from the call that does it, and would end
    this process at the end of that call: it gets the processor first, where this process took it.
    """
    incoming = wire.Incoming(connection)
    with suppress(BlockingIOError):
        frame = incoming.more(socket.MSG_DONTWAIT)
        if frame:
            return frame
    frame = incoming.receive()
    os.sched_yield()
    return frame


def _answer(store: Store, query: Query, limits: Limits) -> wire.Frame:
    try:
        return wire.pack_answer(evaluate(store, query, limits.result_bytes))
    except DesignataError as error:
        return wire.Frame(json.dumps(wire.pack_error(error)).encode())
    except BaseException as error:
        # A panic of the engine is a BaseException, and it is the query that is to blame.
        refusal = QueryFailed(f"the engine gave up: {error}")
        return wire.Frame(json.dumps(wire.pack_error(refusal)).encode())
