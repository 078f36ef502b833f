"""Who has which question, as all can see it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from designata.store.board import Board, Taken, address_of, asker_of, token_of

TOKEN = token_of(os.getpid() << 10 | 3, 7)
OTHER = token_of(os.getpid() << 10 | 4, 7)


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board.begin(tmp_path, processes=2)


def test_a_token_says_who_asks_and_from_where() -> None:
    assert asker_of(TOKEN) == os.getpid()
    assert address_of(TOKEN) == address_of(token_of(os.getpid() << 10 | 3, 8))
    assert address_of(TOKEN) != address_of(OTHER)


def test_who_asks_sees_who_has_taken_a_question_and_when(board: Board, tmp_path: Path) -> None:
    asker = Board(tmp_path)
    row = board.row()
    board.enter(row, os.getpid())
    assert asker.taken(TOKEN) is None
    before = time.monotonic()
    assert board.take(row, TOKEN)
    found = asker.taken(TOKEN)
    assert found and found.process == os.getpid()
    assert 0 <= found.seconds <= time.monotonic() - before
    board.done(row)
    assert asker.taken(TOKEN) is None


def test_what_a_process_had_that_has_ended_is_still_to_be_seen(board: Board) -> None:
    row = board.row()
    board.enter(row, os.getpid())
    board.take(row, TOKEN)
    board.bury(os.getpid())
    found = board.taken(TOKEN)
    assert found and found.process == 0
    rows = {board.row() for _ in range(10)}
    assert row not in rows
    assert board.taken(TOKEN) == Taken(0, found.seconds)
    assert 0 <= found.seconds < 5


def test_a_question_that_nobody_waits_for_is_dropped(board: Board) -> None:
    row = board.row()
    board.enter(row, os.getpid())
    board.leave(TOKEN)
    assert not board.take(row, TOKEN)
    board.done(row)
    # Another with the same number of another address, and the next one, are not meant.
    assert board.take(row, OTHER)
    assert board.take(row, TOKEN + 1)


def test_who_leaves_ends_the_process_that_has_the_question(board: Board) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        row = board.row()
        board.enter(row, process.pid)
        board.take(row, TOKEN)
        board.leave(OTHER)
        assert process.poll() is None
        board.leave(TOKEN)
        assert process.wait(5) == -signal.SIGKILL


def test_work_for_somebody_who_has_ended_is_found(board: Board) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        gone = token_of(process.pid << 10, 1)
    mine, theirs = board.row(), board.row()
    board.enter(mine, os.getpid())
    board.enter(theirs, os.getppid())
    board.take(mine, TOKEN)
    assert board.orphans() == []
    board.take(theirs, gone)
    assert board.orphans() == [os.getppid()]
    board.done(theirs)
    assert board.orphans() == []


def test_those_who_ask_see_that_all_has_begun_anew(board: Board, tmp_path: Path) -> None:
    asker = Board(tmp_path)
    begun = asker.begun
    row = board.row()
    board.enter(row, os.getpid())
    board.take(row, TOKEN)
    assert asker.is_kept
    Board.begin(tmp_path, processes=2)
    assert asker.begun == begun + 1
    assert asker.taken(TOKEN) is None


def test_rows_do_not_run_out(board: Board) -> None:
    for _ in range(1_000):
        row = board.row()
        board.enter(row, os.getpid())
        board.bury(os.getpid())
    for _ in range(66):
        board.enter(board.row(), os.getpid())
    with pytest.raises(OSError, match="every row"):
        board.row()


def test_a_process_that_is_awake_is_called_once(board: Board, tmp_path: Path) -> None:
    asker = Board(tmp_path)
    first, second = board.row(), board.row()
    assert asker.listener() is None
    board.listen(first)
    assert asker.listener() == first
    assert asker.listener() is None
    board.listen(first)
    board.listen(second)
    board.stop_listening(first)
    assert asker.listener() == second
    board.listen(second)
    board.stop_listening(second)
    assert asker.listener() is None
    board.enter(first, os.getpid())
    board.listen(first)
    board.bury(os.getpid())
    assert asker.listener() is None


def test_a_process_sees_whether_others_have_work(board: Board) -> None:
    mine, theirs = board.row(), board.row()
    board.enter(mine, os.getpid())
    board.enter(theirs, os.getppid())
    board.take(mine, TOKEN)
    assert not board.others_work(mine)
    assert board.others_work(theirs)
    board.done(mine)
    assert not board.others_work(theirs)
