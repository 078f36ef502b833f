import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from processes import children, kill, zygotes

from designata.errors import (
    ClientLeft,
    DesignataError,
    FederationRefused,
    QueryExhausted,
    QueryTimeout,
    ResultTooLarge,
    StoreBusy,
)
from designata.store.departure import Departure
from designata.store.pool import Pool, open_pool
from designata.store.query import Query

pytestmark = pytest.mark.alone

CHEAP = Query("ASK { ?s ?p ?o }")
NEVER = Query(
    "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14))
    + " FILTER(?a0 != ?a13) }"
)
NESTED = "ASK " + "{" * 2_500 + "}" * 2_500
TENFOLD = "CONCAT(" + ",".join(["?{0}"] * 10) + ")"


def chain(length: int) -> str:
    """A query whose value is ten to the power of `length` letters long."""
    binds = " ".join(
        f"BIND({TENFOLD.format(f'v{step}')} AS ?v{step + 1})" for step in range(length)
    )
    return f"SELECT (STRLEN(?v{length}) AS ?n) {{ BIND('x' AS ?v0) {binds} }}"


def seconds(pool: Pool, query: Query) -> float:
    started = time.monotonic()
    pool.query(query)
    return time.monotonic() - started


def outcome(pool: Pool, query: Query) -> str:
    """The name of the refusal, or `answered`."""
    try:
        pool.query(query)
    except DesignataError as error:
        return type(error).__name__
    return "answered"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port on this machine that must not be called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


def test_a_query_is_stopped_at_its_limit_and_the_next_is_answered(pool: Pool) -> None:
    for _ in range(4):
        started = time.monotonic()
        with pytest.raises(QueryTimeout, match="after 1 seconds"):
            pool.query(NEVER)
        assert 0.9 < time.monotonic() - started < 1.25
        assert seconds(pool, CHEAP) < 0.25


def test_the_pages_are_answered_while_every_query_process_is_at_work(pool: Pool) -> None:
    busy = [threading.Thread(target=outcome, args=(pool, NEVER)) for _ in range(3)]
    for thread in busy:
        thread.start()
    time.sleep(0.2)
    started = time.monotonic()
    pool.query(CHEAP, lane="pages")
    elapsed = time.monotonic() - started
    for thread in busy:
        thread.join()
    assert elapsed < 0.2


def test_a_query_that_eats_memory_is_stopped(pool: Pool) -> None:
    with pytest.raises((QueryExhausted, QueryTimeout)):
        pool.query(Query(chain(10)), lane="pages")
    assert seconds(pool, CHEAP) < 0.25


def test_nesting_ends_the_process_of_the_query_alone(pool: Pool) -> None:
    with pytest.raises(QueryExhausted, match="nested too deep"):
        pool.query(Query(NESTED), lane="pages")
    pool.query(CHEAP, lane="pages")


def test_a_result_past_the_limit_is_refused_whole(pool: Pool) -> None:
    values = " ".join(f"'{number:0999}'" for number in range(20))
    text = f"SELECT * {{ VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} ?s ?p ?o }}"
    with pytest.raises(ResultTooLarge, match="4,194,304 bytes"):
        pool.query(Query(text), lane="pages")


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_service_reaches_nobody_even_past_the_guard(
    pool: Pool, listener: socket.socket, silent: str
) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    query = Query(f"SELECT * {{ SERVICE {silent}<{address}> {{ ?s ?p ?o }} }}")
    if silent:
        pool.query(query, lane="pages")
    else:
        with pytest.raises(FederationRefused):
            pool.query(query, lane="pages")
    assert not called(listener)


def test_the_listener_of_this_test_notices_a_call(listener: socket.socket) -> None:
    socket.create_connection(listener.getsockname()).close()
    assert called(listener)


def test_many_threads_ask_at_once(pool: Pool) -> None:
    answers = []

    def ask(number: int) -> None:
        for _ in range(20):
            text = f"SELECT ?x {{ BIND({number} AS ?x) }}"
            answers.append((number, pool.query(Query(text, "text/csv")).body))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 160
    assert all(body == f"x\r\n{number}\r\n".encode() for number, body in answers)


def test_a_full_queue_is_said_at_once(towns: Path, pool: Pool) -> None:
    settings = replace(pool.settings, query_workers=1, queue=1)
    outcomes: list[str] = []
    with open_pool([(towns, None)], settings) as small:
        threads = [
            threading.Thread(target=lambda: outcomes.append(outcome(small, NEVER)))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
        with pytest.raises(StoreBusy, match="queue is full"):
            small.query(CHEAP)
        for thread in threads:
            thread.join()
        assert set(outcomes) == {"QueryTimeout", "StoreBusy"}
        small.query(CHEAP)


def test_who_gave_up_waiting_takes_no_place_of_others(towns: Path, pool: Pool) -> None:
    settings = replace(pool.settings, query_workers=1, queue=4)
    with open_pool([(towns, None)], settings) as small, ThreadPoolExecutor(12) as clients:
        first = [clients.submit(outcome, small, NEVER) for _ in range(6)]
        # One is stopped, one is at work now, the others have waited for too long.
        time.sleep(settings.query_seconds * 1.5)
        second = [clients.submit(outcome, small, CHEAP) for _ in range(4)]
        assert [one.result() for one in second] == ["answered"] * 4
        assert {one.result() for one in first} == {"QueryTimeout", "StoreBusy"}


def test_who_has_left_is_not_worked_for(pool: Pool) -> None:
    departures = [Departure() for _ in range(12)]
    outcomes: list[str] = []

    def ask(departure: Departure) -> None:
        try:
            pool.query(NEVER, departure=departure)
        except DesignataError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=ask, args=(one,)) for one in departures]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    for departure in departures:
        departure.leave()
    elapsed = seconds(pool, CHEAP)
    for thread in threads:
        thread.join()
    assert elapsed < 0.5
    assert outcomes == ["ClientLeft"] * 12
    with pytest.raises(ClientLeft):
        pool.query(CHEAP, departure=departures[0])


def test_a_query_is_asked_where_more_than_a_thousand_files_are_open(pool: Pool) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2_000:
        pytest.skip("so many files may not be opened here")
    with open(os.devnull) as null, ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1_100):
            stack.callback(os.close, os.dup(null.fileno()))
        assert outcome(pool, CHEAP) == "answered"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_processes_are_replaced(towns: Path, pool: Pool) -> None:
    before = set(zygotes(os.getpid()))
    with open_pool([(towns, None)], pool.settings) as other:
        (zygote,) = set(zygotes(os.getpid())) - before
        for _ in range(5):
            kill(children(zygote))
            assert seconds(other, CHEAP) < 0.5
        old = children(zygote)
        os.kill(zygote, signal.SIGKILL)
        for _ in range(20):
            assert seconds(other, CHEAP) < 2
        # One that was being forked then has to notice it first.
        patience = time.monotonic() + 2
        while any(map(alive, old)) and time.monotonic() < patience:
            time.sleep(0.01)
        assert not any(map(alive, old))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_blank_nodes_are_the_same_after_the_process_with_the_data_was_killed(
    pool: Pool, tmp_path: Path
) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("".join(f"[] <x:a> [ <x:b> {number} ] .\n" for number in range(100)))
    every = Query("SELECT * { ?s ?p ?o }")
    before = set(zygotes(os.getpid()))
    with open_pool([(path, None)], pool.settings) as other:
        (zygote,) = set(zygotes(os.getpid())) - before
        first = other.query(every).body
        os.kill(zygote, signal.SIGKILL)
        kill(children(zygote))
        patience = time.monotonic() + 10
        while set(zygotes(os.getpid())) <= {*before, zygote} and time.monotonic() < patience:
            time.sleep(0.01)
        assert other.query(every).body == first


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_queries_yield_the_processor_to_pages(towns: Path, pool: Pool) -> None:
    before = set(zygotes(os.getpid()))
    with open_pool([(towns, None)], pool.settings) as other:
        (zygote,) = set(zygotes(os.getpid())) - before
        usual = os.getpriority(os.PRIO_PROCESS, zygote)
        expected = [usual] + [min(usual + 10, 19)] * other.settings.query_workers
        # Each sets its own when it begins.
        patience = time.monotonic() + 5
        while priorities(zygote) != expected and time.monotonic() < patience:
            time.sleep(0.01)
        assert priorities(zygote) == expected


def priorities(zygote: int) -> list[int]:
    return sorted(os.getpriority(os.PRIO_PROCESS, worker) for worker in children(zygote))


OWNER = """
import sys, time
from pathlib import Path
from designata.settings import Settings
from designata.store.departure import Departure
from designata.store.pool import open_pool
with open_pool([(Path(sys.argv[1]), None)], Settings()) as pool:
    print(pool.directory, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_everything_ends_with_the_process_that_opened_the_pool(towns: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(towns)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        directory = Path(owner.stdout.readline().strip())
        (zygote,) = children(owner.pid)
        processes = [zygote, *children(zygote)]
        assert len(processes) == 5
        owner.kill()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and (directory.exists() or any(map(alive, processes))):
        time.sleep(0.05)
    assert not any(map(alive, processes))
    assert not directory.exists()


def alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
