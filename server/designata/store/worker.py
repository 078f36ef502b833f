"""A query process: takes one question after another, and may be killed at any time."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn

from designata.errors import DesignataError, QueryFailed
from designata.store import sandbox, wire
from designata.store.attempts import TRANSFER_SECONDS
from designata.store.board import Board, address_of
from designata.store.evaluate import evaluate
from designata.store.intake import Intake
from designata.store.post import sender
from designata.store.query import Query
from designata.store.summary import Loaded

_TOGETHER: Final = 20
_SHORT_SECONDS: Final = 0.05
_SPARE_SECONDS: Final = 1.0
_KEPT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use."""

    seconds: float
    result_bytes: int
    memory: int


def run(
    parent: int, questions: socket.socket, board: Board, row: int, loaded: Loaded, limits: Limits
) -> NoReturn:
    """Answer until the process has grown too large or is killed; the row says what it is at."""
    intake = Intake(questions, board, row)
    answers = sender()
    sandbox.install(parent, limits.memory)
    most = sandbox.usage().memory + _KEPT_BYTES
    while (used := sandbox.usage()).memory < most:
        sandbox.allow_time(used.seconds + limits.seconds + _SPARE_SECONDS)
        # Short questions add little to what has been used: look again after some of them.
        until = time.monotonic() + _SHORT_SECONDS
        for _ in range(_TOGETHER):
            token, query, _ = intake.take()
            if board.take(row, token):
                sandbox.end_after(limits.seconds)
                # Who asked may be gone.
                with suppress(OSError):
                    _Answering(answers, board, token).give(loaded, query, limits)
            board.done(row)
            if time.monotonic() > until:
                break
    os._exit(0)


class _Answering:
    """The answer to one question, on its way to whoever asked."""

    def __init__(self, answers: socket.socket, board: Board, token: int) -> None:
        self._answers, self._token = answers, token
        self._address = f"{board.directory}/{address_of(token)}"

    def give(self, loaded: Loaded, query: Query, limits: Limits) -> None:
        """Find it and send it; what is long goes in pieces, the first before the last is found."""
        try:
            answer = evaluate(loaded, query, limits.result_bytes, self._spill)
        except DesignataError as error:
            self._send(wire.pack_refusal(self._token, error))
            return
        except BaseException as error:
            # A panic of the engine is a BaseException, and it is the query that is to blame.
            refusal = QueryFailed(f"the engine gave up: {error}")
            self._send(wire.pack_refusal(self._token, refusal))
            return
        if len(answer.body) > wire.PIECE:
            sandbox.end_after(TRANSFER_SECONDS)
            *others, last = wire.cut(answer.body)
            self._send_pieces(others)
            answer = answer._replace(body=last)
        self._send(wire.pack_answer(self._token, answer))

    def _spill(self, content: bytes) -> None:
        self._send_pieces(wire.cut(content))

    def _send_pieces(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._send(wire.pack_piece(self._token, piece))

    def _send(self, content: bytes) -> None:
        self._answers.sendto(content, self._address)
