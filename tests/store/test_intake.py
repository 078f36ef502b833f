"""What a process takes first, where it waits, and how long it has for a question of its own."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from designata.store import processors, wire
from designata.store.attempts import LOOK_SECONDS, Course, NotStarted
from designata.store.board import Board, listener_name
from designata.store.departure import Departure
from designata.store.intake import Intake
from designata.store.post import bound, sender
from designata.store.query import Query

Ask = Callable[[str, int, int], None]
SEVERAL = pytest.mark.skipif(processors.current() == 0, reason="there is one processor only")


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board.begin(tmp_path, processes=1)


@pytest.fixture
def row(board: Board) -> int:
    row = board.row()
    board.enter(row, os.getpid())
    return row


@pytest.fixture
def lane(tmp_path: Path) -> Iterator[socket.socket]:
    with bound(tmp_path / "queries") as lane:
        yield lane


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    with sender() as found:

        def ask(address: str, token: int, next_from: int) -> None:
            question = wire.Question(token, Query("ASK {}"), next_from)
            found.sendto(wire.pack_question(question), str(tmp_path / address))

        yield ask


@pytest.fixture
def intake(board: Board, row: int, lane: socket.socket) -> Iterator[Intake]:
    intake = Intake(lane, board, row)
    yield intake
    intake._own.close()


def test_the_lane_goes_before_what_is_for_one_alone(intake: Intake, row: int, ask: Ask) -> None:
    ask(listener_name(row), 1, 0)
    ask("queries", 2, 0)
    assert [intake.take().token for _ in range(2)] == [2, 1]


def test_nobody_waits_for_the_next_where_one_has_come(
    board: Board, row: int, intake: Intake, ask: Ask
) -> None:
    ask("queries", 1, processors.current())
    intake.take()
    ask(listener_name(row), 2, processors.current())
    ask("queries", 3, 0)
    assert [intake.take().token for _ in range(2)] == [3, 2]
    assert board.listener() is None


@SEVERAL
def test_who_has_waited_in_vain_sleeps_and_is_woken_at_either_place(
    board: Board, row: int, intake: Intake, ask: Ask
) -> None:
    for address in (listener_name(row), "queries"):
        ask("queries", 1, processors.current())
        intake.take()
        later = threading.Timer(0.1, ask, (address, 2, 0))
        later.start()
        started = time.monotonic()
        assert intake.take().token == 2
        assert time.monotonic() - started > 0.05
        assert board.listener() is None
        later.join()


@SEVERAL
def test_a_process_keeps_off_a_processor_for_a_moment() -> None:
    before = os.sched_getaffinity(0)
    for _ in range(20):
        here = processors.current()
        with processors.kept_off(here):
            assert processors.current() != here
        assert os.sched_getaffinity(0) == before
    with pytest.raises(KeyError), processors.kept_off(processors.current()):
        raise KeyError
    assert os.sched_getaffinity(0) == before


def test_a_question_for_one_alone_has_its_time_from_when_it_was_sent(board: Board) -> None:
    course = Course(board, 1, 1.0, Departure())
    time.sleep(LOOK_SECONDS * 1.5)
    course.sent(direct=True)
    assert course.look()
    time.sleep(LOOK_SECONDS * 1.5)
    assert not course.look()
    assert isinstance(course.end(), NotStarted)


def test_a_question_for_all_may_wait_as_long_as_it_may_take(board: Board) -> None:
    course = Course(board, 1, 1.0, Departure())
    course.sent(direct=False)
    time.sleep(LOOK_SECONDS * 1.5)
    assert course.look()
