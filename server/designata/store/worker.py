"""A query process: takes one connection after another, and may be killed at any time."""

from __future__ import annotations

import os
import select
import signal
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
    at_start = sandbox.peak_memory()
    while sandbox.peak_memory() - at_start < _KEPT_BYTES:
        with accept() as connection:
            signal.setitimer(signal.ITIMER_REAL, TRANSFER_SECONDS)
            try:
                _serve(connection, store, limits)
            except (wire.Ended, ConnectionError):
                continue
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
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
    query = wire.unpack_query(*wire.Incoming(connection).receive())
    with sandbox.limited(limits.seconds), sandbox.ending_with(connection):
        header, body = _answer(store, query, limits)
    signal.setitimer(signal.ITIMER_REAL, TRANSFER_SECONDS)
    wire.send(connection, header, body)


def _answer(store: Store, query: Query, limits: Limits) -> tuple[dict[str, object], bytes]:
    try:
        answer = evaluate(store, query, limits.result_bytes)
        return {"form": answer.form, "media_type": answer.media_type}, answer.body
    except DesignataError as error:
        return wire.pack_error(error), b""
    except BaseException as error:
        # A panic of the engine is a BaseException, and it is the query that is to blame.
        return wire.pack_error(QueryFailed(f"the engine gave up: {error}")), b""
