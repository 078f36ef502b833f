"""Processes that answer requests are forked, and forked again; where that fails, it is said."""

import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from processes import nurseries, web_processes

from designata.errors import CannotServe
from designata.settings import Settings
from designata.web import nursery, server

if TYPE_CHECKING:
    from conftest import Site

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
NEVER = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14)) + "}"
PATIENCE = 15


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


def test_a_server_that_can_start_nothing_for_long_ends(tmp_path: Path) -> None:
    told, telling = Pipe(duplex=False)
    with told, telling, socket.create_server(("127.0.0.1", 0)) as listener:
        one = server._Server(Settings(), [listener], tmp_path)
        one._reports = told
        for _ in range(server._MOST_FAILURES - 1):
            telling.send(("failed", "no room"))
            one._take_report()
        telling.send(("begun", ""))
        one._take_report()
        with pytest.raises(CannotServe, match="can be started: no room"):
            for _ in range(server._MOST_FAILURES):
                telling.send(("failed", "no room"))
                one._take_report()


def test_a_server_whose_processes_end_at_once_says_so(tmp_path: Path) -> None:
    told, telling = Pipe(duplex=False)
    with told, telling, socket.create_server(("127.0.0.1", 0)) as listener:
        one = server._Server(Settings(), [listener], tmp_path)
        one._reports = told
        telling.send(("ended", "1"))
        with pytest.raises(CannotServe, match="has ended"):
            one._take_report()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_nursery_that_is_told_to_end_lets_all_be_answered_and_another_follows(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    statuses: list[int] = []

    def ask(port: int, path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path)
        statuses.append(connection.getresponse().status)
        connection.close()

    limits = {"DESIGNATA_QUERY_SECONDS": "1"}
    with serving("--load", str(TOWNS), environment=limits) as site:
        former = nurseries(site.process)
        path = f"/sparql?query={quote(NEVER)}"
        thread = threading.Thread(target=ask, args=(site.port, path))
        thread.start()
        time.sleep(0.3)
        os.kill(former[0], signal.SIGTERM)
        thread.join()
        assert statuses == [504]
        ask(site.port, "/healthz")
        assert statuses == [504, 200]
        assert len(nurseries(site.process)) == 1
        assert nurseries(site.process) != former
        deadline = time.monotonic() + PATIENCE
        while len(web_processes(site.process)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
