"""Questions and answers as datagrams, between real processes."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from designata.errors import ClientLeft, QueryTooLarge, ResultTooLarge
from designata.store import wire
from designata.store.departure import Departure
from designata.store.pool import Pool, open_pool
from designata.store.query import Answer, Query

CHEAP = Query("ASK { ?s ?p ?o }")
MANY = (
    "{ "
    + " ".join(f"VALUES ?{name} {{ 0 1 2 3 4 5 6 7 8 9 }}" for name in "abcd")
    + " BIND(?a * 1000 + ?b * 100 + ?c * 10 + ?d AS ?n) } "
)
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
    never = Query(
        "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14)) + " }"
    )

    async def ask() -> float:
        with ThreadPoolExecutor(1) as threads:
            departures = [Departure() for _ in range(12)]
            tasks = [asyncio.ensure_future(pool.ask(never, one, threads)) for one in departures]
            await asyncio.sleep(0.2)
            for departure in departures:
                departure.leave()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, ClientLeft) for one in outcomes)
            started = time.monotonic()
            await pool.ask(CHEAP, Departure(), threads)
            return time.monotonic() - started

    assert in_a_thread(asyncio.run, ask()) < 0.25


def test_a_question_has_room_in_a_datagram_or_is_refused(pool: Pool) -> None:
    padding = "#" + "x" * (wire.LARGEST - 1_000)
    assert pool.query(Query(f"ASK {{}} {padding}"), lane="pages").body
    with pytest.raises(QueryTooLarge, match="bytes together"):
        pool.query(Query(f"ASK {{}} {padding}{padding}"), lane="pages")


def test_addresses_go_with_their_threads(pool: Pool) -> None:
    pool.query(CHEAP)
    gc.collect()
    before = sorted(path.name for path in pool.directory.iterdir())
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
        after = sorted(path.name for path in pool.directory.iterdir())
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
    text = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14)) + " }"
    settings = replace(pool.settings, query_seconds=20)
    with open_pool([(towns, None)], settings) as small:
        command = [sys.executable, "-c", ASKER, str(small.directory), text]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as asker:
            assert asker.stdout and asker.stdout.readline()
            time.sleep(0.5)
            os.kill(asker.pid, signal.SIGKILL)
        started = time.monotonic()
        small.query(CHEAP, lane="pages")
        assert time.monotonic() - started < 3
