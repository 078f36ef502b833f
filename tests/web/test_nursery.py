"""Processes that answer requests are forked, and forked again; where that fails, it is said."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from processes import kill, nurseries, web_processes

from designata.errors import CannotServe
from designata.settings import Settings
from designata.web import nursery, server

if TYPE_CHECKING:
    from conftest import Site

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
NEVER = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14)) + "}"
PATIENCE = 15
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_what_cannot_be_forked_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, asking = os.pipe()
    monkeypatch.setattr(nursery, "_INPUT", asked)
    monkeypatch.setattr(nursery, "_FAILED_SECONDS", 0)
    tried = []

    def fork() -> int:
        tried.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        if len(tried) == 5:
            os.close(asking)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    os.write(asking, b"\n")
    told, telling = Pipe(duplex=False)
    with told, telling, socket.socket() as listener:
        assert nursery.Nursery([listener], telling).run() is None
        reports = [told.recv() for _ in tried]
        assert not told.poll()
    os.close(asked)
    assert reports == [("failed", "[Errno 11] Resource temporarily unavailable")] * 5
    assert signal.SIGTERM in tried[0]
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[tuple[server._Server, Connection]]:
    """A server of one process that answers, and what it hears reports from."""
    told, telling = Pipe(duplex=False)
    with told, telling, socket.create_server(("127.0.0.1", 0)) as listener:
        one = server._Server(Settings(), [listener], tmp_path)
        one._reports = told
        telling.send(("begun", ""))
        one._take_report()
        yield one, telling


def test_a_server_that_can_start_nothing_for_long_ends(
    telling: tuple[server._Server, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, reports = telling
    now = 1_000.0
    monkeypatch.setattr(server.time, "monotonic", lambda: now)
    for what in ("failed", "ended", "begun", "failed", "ended"):
        reports.send((what, "no room"))
        one._take_report()
        now += server._MOST_SECONDS * 0.6
    reports.send(("failed", "no room"))
    with pytest.raises(CannotServe, match="can be started: no room"):
        one._take_report()


def test_a_server_whose_processes_end_at_once_says_so(tmp_path: Path) -> None:
    told, telling = Pipe(duplex=False)
    with told, telling, socket.create_server(("127.0.0.1", 0)) as listener:
        one = server._Server(Settings(), [listener], tmp_path)
        one._reports = told
        telling.send(("ended", "-9"))
        with pytest.raises(CannotServe, match=r"ended \(-9\)"):
            one._take_report()


@contextmanager
def started(*options: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", *options]
    with subprocess.Popen(command, text=True, **more) as process:
        try:
            yield process
        finally:
            process.kill()


@linux
def test_a_nursery_that_is_killed_while_data_is_loaded_is_told(tmp_path: Path) -> None:
    data = tmp_path / "large.nt"
    data.write_text("".join(f'<http://e/{n}> <http://e/p> "{n}" .\n' for n in range(200_000)))
    with started("--load", str(data), stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE
        while not (found := nurseries(process.pid)):
            assert time.monotonic() < deadline
        kill(found)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert "the processes that answer requests ended (-9)" in said


@linux
@pytest.mark.parametrize("place", ["full", "unread"])
def test_where_it_is_said_may_be_full_or_unread(place: str) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while place == "unread":
            os.write(writing, b"x")
    os.set_blocking(writing, True)
    with (
        open("/dev/full", "wb") as full,
        started("--load", str(TOWNS), stdout=full if place == "full" else writing) as process,
    ):
        deadline = time.monotonic() + PATIENCE
        while len(web_processes(process.pid)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.5)
        assert process.poll() is None
        process.terminate()
        assert process.wait(PATIENCE) == 0
    os.close(reading)
    os.close(writing)


@linux
def test_whoever_waits_for_the_last_answer_takes_no_processor(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    limits = {"DESIGNATA_QUERY_SECONDS": "2"}
    with serving("--load", str(TOWNS), environment=limits) as site:
        (process,) = nurseries(site.process)
        thread = threading.Thread(target=ask, args=(site.port, f"/sparql?query={quote(NEVER)}"))
        thread.start()
        time.sleep(0.3)
        before = processor_seconds(process)
        os.kill(site.process, signal.SIGTERM)
        time.sleep(1)
        assert processor_seconds(process) - before < 0.2
        thread.join()


def processor_seconds(process: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@linux
def test_a_nursery_that_is_told_to_end_lets_all_be_answered_and_another_follows(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    statuses: list[int] = []
    limits = {"DESIGNATA_QUERY_SECONDS": "1"}
    with serving("--load", str(TOWNS), environment=limits) as site:
        former = nurseries(site.process)
        path = f"/sparql?query={quote(NEVER)}"
        thread = threading.Thread(target=lambda: statuses.append(ask(site.port, path)))
        thread.start()
        time.sleep(0.3)
        os.kill(former[0], signal.SIGTERM)
        thread.join()
        assert statuses == [504]
        assert ask(site.port, "/healthz") == 200
        assert len(nurseries(site.process)) == 1
        assert nurseries(site.process) != former
        deadline = time.monotonic() + PATIENCE
        while len(web_processes(site.process)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
