"""Processes are killed under load: what is answered is right, and what died comes back."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from processes import children, kill, nurseries, web_processes, zygotes

if TYPE_CHECKING:
    from conftest import Site

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
KINDS = ("worker", "zygote", "web", "nursery")
KILLS_OF_EACH = 8
RIGHT_BETWEEN_KILLS = 4
ROWS = " ".join(f"({row})" for row in range(400))
PATIENCE = 15


def victims(main: int, kind: str) -> list[int]:
    """The processes of one kind: `zygote`, `worker`, `nursery` or `web`."""
    if kind == "zygote":
        return zygotes(main)
    if kind == "nursery":
        return nurseries(main)
    if kind == "worker":
        return [child for zygote in zygotes(main) for child in children(zygote)]
    return web_processes(main)


def find_victim(main: int, kind: str) -> int:
    """One process of a kind; where the last has just been killed, the next."""
    deadline = time.monotonic() + PATIENCE
    while not (found := victims(main, kind)):
        assert time.monotonic() < deadline, f"there is no {kind} any more"
        time.sleep(0.01)
    return found[0]


def ask(port: int, path: str, timeout: float = PATIENCE) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Accept": "text/csv"})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def wait_until_ready(port: int) -> float:
    """How long it took."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        with suppress(OSError, http.client.HTTPException):
            if ask(port, "/readyz", timeout=3)[0] == 200:
                return time.monotonic() - started
        time.sleep(0.02)
    pytest.fail("the server is not ready again")


class Load:
    """Clients that ask new questions all the time, and what became of them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.ending = threading.Event()
        self.outcomes: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self, client: int) -> None:
        number = client * 10**6
        while not self.ending.is_set():
            number += 1
            text = f"SELECT ?a (({number}) AS ?n) {{ VALUES (?a) {{ {ROWS} }} }}"
            try:
                status, body = ask(self.port, f"/sparql?query={quote(text)}")
            except (OSError, http.client.HTTPException) as error:
                self.outcomes[type(error).__name__] += 1
                continue
            self.outcomes[str(status)] += 1
            expected = "a,n\r\n" + "".join(f"{row},{number}\r\n" for row in range(400))
            if status == 200 and body.decode() != expected:
                self.wrong.append(f"{len(body)} bytes instead of {len(expected)}")

    def wait_for_answers(self, count: int) -> None:
        """So many more than there were: each process that dies has work before it dies."""
        enough = self.outcomes["200"] + count
        deadline = time.monotonic() + PATIENCE
        while self.outcomes["200"] < enough:
            assert time.monotonic() < deadline, f"no {count} answers: {self.outcomes}"
            time.sleep(0.005)


def test_kills_of_each_kind_under_load(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    with serving("--load", str(TOWNS), environment={"DESIGNATA_ACCESS_LOG": "no"}) as site:
        load = Load(site.port)
        open_files = len(os.listdir(f"/proc/{site.process}/fd"))
        threads = [threading.Thread(target=load.run, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        killed: Counter[str] = Counter()
        for kind in KINDS * KILLS_OF_EACH:
            load.wait_for_answers(RIGHT_BETWEEN_KILLS)
            os.kill(find_victim(site.process, kind), signal.SIGKILL)
            killed[kind] += 1
            wait_until_ready(site.port)
        load.ending.set()
        for thread in threads:
            thread.join()
        assert killed == {"worker": 8, "zygote": 8, "web": 8, "nursery": 8}
        assert load.wrong == []
        assert load.outcomes["200"] >= killed.total() * RIGHT_BETWEEN_KILLS
        assert load.outcomes.keys() <= {
            "200",
            "503",
            "504",
            "ConnectionResetError",
            "RemoteDisconnected",
            "IncompleteRead",
        }
        for _ in range(6):
            assert ask(site.port, "/sparql?query=ASK%7B%7D")[0] in (200, 406)
        assert len(victims(site.process, "worker")) == 4
        assert len(victims(site.process, "nursery")) == 1
        assert len(victims(site.process, "web")) == 2
        assert len(os.listdir(f"/proc/{site.process}/fd")) == open_files


def test_without_query_processes_it_says_that_it_is_not_ready(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    with serving("--load", str(TOWNS), environment={}) as site:
        assert ask(site.port, "/readyz")[0] == 200
        (zygote,) = victims(site.process, "zygote")
        os.kill(zygote, signal.SIGSTOP)
        kill(victims(site.process, "worker"))
        try:
            assert ask(site.port, "/readyz")[0] == 503
            assert ask(site.port, "/healthz") == (200, b"alive\n")
        finally:
            os.kill(zygote, signal.SIGCONT)
        assert wait_until_ready(site.port) < 2


def test_after_a_flood_the_next_is_answered_soon_and_meanwhile_pages_are(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    never = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14))
    limits = {"DESIGNATA_QUERY_SECONDS": "1", "DESIGNATA_ACCESS_LOG": "no"}
    statuses: Counter[int] = Counter()

    def flood(port: int, number: int) -> None:
        text = quote(f"{never} FILTER(?a0 != {number}) }}")
        with suppress(OSError, http.client.HTTPException):
            statuses[ask(port, f"/sparql?query={text}")[0]] += 1

    with serving("--load", str(TOWNS), environment=limits) as site:
        ask(site.port, "/query")
        threads = [threading.Thread(target=flood, args=(site.port, n)) for n in range(60)]
        for thread in threads:
            thread.start()
        slowest = 0.0
        while any(thread.is_alive() for thread in threads):
            for path in ("/healthz", "/query", "/static/style.css"):
                started = time.monotonic()
                ask(site.port, path)
                slowest = max(slowest, time.monotonic() - started)
            time.sleep(0.1)
        started = time.monotonic()
        assert ask(site.port, "/sparql?query=SELECT%20%2A%20%7B%7D")[0] == 200
        assert time.monotonic() - started < 1
        assert slowest < 1
        assert statuses.keys() <= {503, 504}
        assert statuses[504] >= 2


def test_a_key_pressed_while_data_is_loaded_ends_all_in_silence(tmp_path: Path) -> None:
    data = tmp_path / "large.nt"
    data.write_text("".join(f'<http://e/{n}> <http://e/p> "{n}" .\n' for n in range(200_000)))
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", "--load", str(data)]
    # What a shell starts in the background ignores the key, and so does all that it starts.
    hearing = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hearing) as server:
        try:
            find_victim(server.pid, "zygote")
            server.send_signal(signal.SIGINT)
            # Whatever still runs keeps this open.
            _, said = server.communicate(timeout=PATIENCE)
        finally:
            server.kill()
    assert (server.returncode, said) == (130, "\n")
