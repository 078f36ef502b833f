"""Questions and answers as datagrams, between real processes."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from designata.errors import ClientLeft, QueryTooLarge, ResultTooLarge
from designata.store import wire
from designata.store.board import Board
from designata.store.departure import Departure
from designata.store.pool import Pool, open_pool
from designata.store.post import Post
from designata.store.query import Answer, Lane, Query

pytestmark = pytest.mark.alone

CHEAP = Query("ASK { ?s ?p ?o }")
MANY = (
    "{ "
    + " ".join(f"VALUES ?{name} {{ 0 1 2 3 4 5 6 7 8 9 }}" for name in "abcd")
    + " BIND(?a * 1000 + ?b * 100 + ?c * 10 + ?d AS ?n) } "
)
NEVER = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14)) + " }"
Result = TypeVar("Result")
FORMATS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)


def ask_from_a_loop(pool: Pool, *queries: Query) -> list[Answer | BaseException]:
    async def ask() -> list[Answer | BaseException]:
        with ThreadPoolExecutor(1) as threads:
            asked = [pool.ask(one, Departure(), threads) for one in queries]
            return await asyncio.gather(*asked, return_exceptions=True)

    return in_a_thread(asyncio.run, ask())


def in_a_thread(work: Callable[..., Result], *arguments: Any) -> Result:
    """A browser of other tests may have a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *arguments).result()


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_result_in_many_pieces_is_whole(pool: Pool, media_type: str) -> None:
    text = f"SELECT ?n (REPEAT) {MANY}".replace("(REPEAT)", "(CONCAT('number ', STR(?n)) AS ?text)")
    query = Query(text, media_type)
    found = pool.query(query)
    assert len(found.body) > 150_000
    assert all(f"number {number}".encode() in found.body for number in (0, 4_999, 9_999))
    assert found.body.count(b"number") == 10_000
    assert ask_from_a_loop(pool, query) == [found]


def test_one_value_may_be_longer_than_a_datagram(pool: Pool) -> None:
    times = "CONCAT(" + ", ".join(["?{0}"] * 10) + ")"
    binds = " ".join(f"BIND({times.format(f'v{step}')} AS ?v{step + 1})" for step in range(6))
    query = Query(f"SELECT ?v6 {{ BIND('x' AS ?v0) {binds} }}", "text/csv")
    found = pool.query(query)
    assert found.body == b"v6\r\n" + b"x" * 1_000_000 + b"\r\n"
    assert ask_from_a_loop(pool, query) == [found]


def test_a_refusal_after_many_pieces_leaves_nothing_of_them(pool: Pool) -> None:
    query = Query(f"SELECT ?n ?m {MANY} VALUES ?m {{ {' '.join(map(str, range(40)))} }}")
    refused, found = ask_from_a_loop(pool, query, CHEAP)
    assert isinstance(refused, ResultTooLarge)
    assert isinstance(found, Answer)
    assert b"true" in found.body
    with pytest.raises(ResultTooLarge):
        pool.query(query, lane="pages")
    assert b"true" in pool.query(CHEAP, lane="pages").body


def test_many_more_wait_in_a_loop_than_the_system_keeps(pool: Pool) -> None:
    queries = [Query(f"SELECT ?x {{ BIND({number} AS ?x) }}", "text/csv") for number in range(300)]
    found = ask_from_a_loop(pool, *queries)
    assert [one.body for one in found if isinstance(one, Answer)] == [
        f"x\r\n{number}\r\n".encode() for number in range(300)
    ]


def test_who_leaves_a_loop_frees_the_processes(pool: Pool) -> None:
    async def ask() -> float:
        with ThreadPoolExecutor(1) as threads:
            departures = [Departure() for _ in range(12)]
            tasks = [
                asyncio.ensure_future(pool.ask(Query(NEVER), one, threads)) for one in departures
            ]
            await asyncio.sleep(0.2)
            for departure in departures:
                departure.leave()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, ClientLeft) for one in outcomes)
            started = time.monotonic()
            await pool.ask(CHEAP, Departure(), threads)
            return time.monotonic() - started

    assert in_a_thread(asyncio.run, ask()) < 0.25


AWAKE = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="a process stays awake only where there are two processors",
)


def ask_alone(
    pool: Pool, times: int, between: Callable[[int], object] = lambda _: None
) -> tuple[list[bytes], list[bool]]:
    """The answers to questions that follow each other, and whether each went to one alone."""
    bodies, directly = [], []

    async def ask() -> None:
        with ThreadPoolExecutor(1) as threads:
            for number in range(times):
                query = Query(f"SELECT ?x {{ BIND({number} AS ?x) }}", "text/csv")
                bodies.append((await pool.ask(query, Departure(), threads)).body)
                between(number)

    def send(post: Post, lane: Lane, question: wire.Question, *, wait: bool) -> bool:
        directly.append(really(post, lane, question, wait=wait))
        return directly[-1]

    really = Post.send
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Post, "send", send)
        in_a_thread(asyncio.run, ask())
    return bodies, directly


def rows(board: Board) -> Iterable[tuple[int, tuple[int, float, float, int]]]:
    """The place of each row, and the process, its end, since when it has a question, and which."""
    return zip(board._places, board._rows(), strict=True)


def numbers(times: int) -> list[bytes]:
    return [f"x\r\n{number}\r\n".encode() for number in range(times)]


@AWAKE
def test_a_process_stays_awake_for_who_asks_one_question_after_another(pool: Pool) -> None:
    patience = time.monotonic() + 30
    awake = 0
    # Not where all processors are wanted by others.
    while awake < 50 and time.monotonic() < patience:
        # Nobody is awake any more.
        time.sleep(0.01)
        bodies, directly = ask_alone(pool, 300)
        assert bodies == numbers(300)
        assert not any(directly[:4])
        awake += sum(directly)
    assert awake >= 50


@AWAKE
def test_nobody_is_called_long_after_a_question(pool: Pool) -> None:
    Board(pool.directory).listener()
    bodies, directly = ask_alone(pool, 40, lambda _: time.sleep(0.01))
    assert bodies == numbers(40)
    assert not any(directly)


@AWAKE
def test_a_process_that_is_awake_may_be_killed(pool: Pool) -> None:
    board = Board(pool.directory)
    killed = 0

    def kill(number: int) -> None:
        nonlocal killed
        row = board.listener() if number > 20 and killed < 5 else None
        if row:
            board.listen(row)
            (process,) = (found[0] for place, found in rows(board) if place == row)
            os.kill(process, signal.SIGKILL)
            killed += 1

    patience = time.monotonic() + 30
    while killed < 5 and time.monotonic() < patience:
        bodies, _ = ask_alone(pool, 400, kill)
        assert bodies == numbers(400)
    assert killed


def test_a_question_for_one_that_is_at_work_is_given_to_another(pool: Pool) -> None:
    board = Board(pool.directory)
    taken: list[float] = []

    async def ask() -> None:
        with ThreadPoolExecutor(1) as threads:
            leaving = Departure()
            task = asyncio.ensure_future(pool.ask(Query(NEVER), leaving, threads))
            await asyncio.sleep(0.2)
            (busy,) = (at for at, (process, _, _, token) in rows(board) if process and token)
            for _ in range(3):
                board.listen(busy)
                started = time.monotonic()
                assert (await pool.ask(CHEAP, Departure(), threads)).body
                taken.append(time.monotonic() - started)
            leaving.leave()
            with pytest.raises(ClientLeft):
                await task

    in_a_thread(asyncio.run, ask())
    assert max(taken) < 0.3
    assert board.listener() is None


def test_a_question_has_room_in_a_datagram_or_is_refused(pool: Pool) -> None:
    padding = "#" + "x" * (wire.LARGEST - 1_000)
    assert pool.query(Query(f"ASK {{}} {padding}"), lane="pages").body
    with pytest.raises(QueryTooLarge, match="bytes together"):
        pool.query(Query(f"ASK {{}} {padding}{padding}"), lane="pages")


def addresses(pool: Pool) -> list[str]:
    """Of all but the processes, one of which may begin at any time."""
    names = [path.name for path in pool.directory.iterdir()]
    return sorted(name for name in names if not name.startswith("row-"))


def test_addresses_go_with_their_threads(pool: Pool) -> None:
    pool.query(CHEAP)
    gc.collect()
    before = addresses(pool)
    threads = [threading.Thread(target=pool.query, args=(CHEAP,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ask_from_a_loop(pool, CHEAP)
    del threads, thread
    gc.collect()
    patience = time.monotonic() + 5
    while time.monotonic() < patience:
        after = addresses(pool)
        if after == before:
            break
        gc.collect()
        time.sleep(0.05)
    assert after == before


ASKER = """
import sys
from pathlib import Path
from typing import Any, TypeVar
from designata.settings import Settings
from designata.store.pool import Pool
from designata.store.query import Query
pool = Pool(Path(sys.argv[1]), Settings(query_seconds=20))
print("asks", flush=True)
pool.query(Query(sys.argv[2]), lane="pages")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nobody_works_for_long_for_one_who_was_killed(towns: Path, pool: Pool) -> None:
    settings = replace(pool.settings, query_seconds=20)
    with open_pool([(towns, None)], settings) as small:
        command = [sys.executable, "-c", ASKER, str(small.directory), NEVER]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as asker:
            assert asker.stdout and asker.stdout.readline()
            time.sleep(0.5)
            os.kill(asker.pid, signal.SIGKILL)
        started = time.monotonic()
        small.query(CHEAP, lane="pages")
        assert time.monotonic() - started < 3
