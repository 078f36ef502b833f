"""Switches of release under load, through the proxy that keeps answers: none is wrong or mixed."""

import http.client
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

ROWS = 200
SWITCHES = 10
ASKED = "/sparql?query=" + quote("SELECT ?o { ?s <urn:p> ?o }")


@dataclass
class Client:
    """Asks the same and new things all the time."""

    port: int
    number: int
    ending: threading.Event
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        count = 0
        while not self.ending.is_set():
            count += 1
            fresh = f"SELECT ?o {{ ?s <urn:p> ?o BIND({self.number * 10**6 + count} AS ?n) }}"
            self.ask(connection, "/sparql?query=" + quote(fresh) if count % 4 == 0 else ASKED)
        connection.close()

    def ask(self, connection: http.client.HTTPConnection, path: str) -> None:
        try:
            connection.request("GET", path, headers={"Accept": "text/csv"})
            reply = connection.getresponse()
            body = reply.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.wrong.append(repr(error))
            connection.close()
            return
        release = reply.headers["Designata-Release"] or ""
        value = release.partition("-")[0].rpartition(".")[2]
        self.seen[release, reply.headers["X-Cache"] or ""] += 1
        if reply.status != 200 or body != "o\r\n" + f"{value}\r\n" * ROWS:
            self.wrong.append(f"{reply.status} {release}: {body[:80]}")


@pytest.mark.slow
def test_ten_switches_under_load(
    nginx: Callable[[int, Path], Any],
    serving_release: Callable[[Path], Any],
    put: Callable[[Path, int], str],
    tmp_path: Path,
) -> None:
    first = put(tmp_path, 0)
    ending = threading.Event()
    with serving_release(tmp_path) as server, nginx(server.port, tmp_path) as proxy:
        clients = [Client(proxy.port, number, ending) for number in range(4)]
        threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        for number in range(SWITCHES + 1):
            release = put(tmp_path, number) if number else first
            os.kill(server.process, signal.SIGHUP)
            deadline = time.monotonic() + 20
            while not any((release, "HIT") in client.seen for client in clients):
                assert time.monotonic() < deadline, f"{release} was never kept"
                time.sleep(0.05)
            time.sleep(0.2)
        ending.set()
        for thread in threads:
            thread.join()
    seen: Counter[tuple[str, str]] = sum((client.seen for client in clients), Counter())
    assert [wrong for client in clients for wrong in client.wrong] == []
    assert len({release for release, _ in seen}) == SWITCHES + 1
    assert len({release for release, state in seen if state == "HIT"}) == SWITCHES + 1
