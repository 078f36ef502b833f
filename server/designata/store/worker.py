"""A query process: takes one question after another, and may be killed at any time."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn

from pyoxigraph import Store

from designata.errors import DesignataError, QueryFailed
from designata.store import sandbox, wire
from designata.store.attempts import TRANSFER_SECONDS
from designata.store.board import Board, address_of
from designata.store.evaluate import evaluate
from designata.store.post import sender
from designata.store.query import Query

_KEPT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use."""

    seconds: float
    result_bytes: int
    memory: int


def run(
    parent: int, questions: socket.socket, board: Board, row: int, store: Store, limits: Limits
) -> NoReturn:
    """Answer until the process has grown too large or is killed; the row says what it is at."""
    take = _taker(questions)
    answers = sender()
    sandbox.install(parent, limits.memory)
    at_start = used = sandbox.usage()
    allowed = 0
    while used.memory - at_start.memory < _KEPT_BYTES:
        if used.seconds + limits.seconds > allowed:
            allowed = sandbox.allow_time(used.seconds + limits.seconds + 1)
        token, query = wire.unpack_question(take())
        if board.take(row, token):
            sandbox.end_after(limits.seconds)
            send = partial(_send, answers, f"{board.directory}/{address_of(token)}")
            # Who asked may be gone.
            with suppress(OSError):
                _serve(send, token, query, store, limits)
            sandbox.end_after(0)
        board.done(row)
        used = sandbox.usage()
    os._exit(0)


def _taker(questions: socket.socket) -> Callable[[], bytes]:
    """What waits for the next question.

    Who waits for a socket in `recv` gets its turn after all others, and has cold caches then, which
    made short queries half as slow again. Who waits with EPOLLEXCLUSIVE is woken in a fixed order:
    where one process is enough, it is always the same.
    """
    if not hasattr(select, "epoll"):
        return lambda: questions.recv(wire.LARGEST)
    waiting = select.epoll()
    waiting.register(questions, select.EPOLLIN | select.EPOLLEXCLUSIVE)

    def take() -> bytes:
        while True:
            # Another may have been quicker.
            with suppress(BlockingIOError):
                return questions.recv(wire.LARGEST, socket.MSG_DONTWAIT)
            waiting.poll()

    return take


def _send(answers: socket.socket, address: str, content: bytes) -> None:
    answers.sendto(content, address)


def _serve(
    send: Callable[[bytes], None], token: int, query: Query, store: Store, limits: Limits
) -> None:
    """Answer a question; what is long goes in pieces, the first before the last is found."""

    def spill(content: bytes) -> None:
        for piece in wire.cut(content):
            send(wire.pack_piece(token, piece))

    try:
        answer = evaluate(store, query, limits.result_bytes, spill)
    except DesignataError as error:
        send(wire.pack_refusal(token, error))
        return
    except BaseException as error:
        # A panic of the engine is a BaseException, and it is the query that is to blame.
        send(wire.pack_refusal(token, QueryFailed(f"the engine gave up: {error}")))
        return
    *others, last = wire.cut(answer.body)
    if others:
        sandbox.end_after(TRANSFER_SECONDS)
        for piece in others:
            send(wire.pack_piece(token, piece))
    send(wire.pack_answer(token, answer._replace(body=last)))
