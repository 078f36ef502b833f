"""A newer release takes over while requests run: no answer is lost, wrong or mixed."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from processes import zygotes

from designata.release.publish import File, publish

SERVE = """
import os
from designata.settings import Settings
from designata.store.directory import current
from designata.web.server import serve
settings = Settings.load(os.environ)
serve(settings, release=current(settings.releases))
"""
SWITCHES = 20
ROWS = 300
REMEMBERED = "/sparql?query=" + quote("SELECT ?o { ?s <urn:p> ?o }")
TURTLE = {"Accept": "text/csv", "Accept-Encoding": "identity"}


def put(releases: Path, number: int) -> str:
    """Publish a release whose every value is its number."""
    lines = "".join(f'<urn:s{row}> <urn:p> "{number}" .\n' for row in range(ROWS))
    facts = {"id": f"1.0.{number}-{number:012x}", "triples": ROWS, "quads": ROWS}
    return publish(
        releases, {"designata.nq": File("application/n-quads", lines.encode())}, facts
    ).id


@dataclass
class Load:
    """Clients that ask all the time, and what they got."""

    port: int
    ending: threading.Event = field(default_factory=threading.Event)
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def run(self, client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        number = 0
        while not self.ending.is_set():
            number += 1
            fresh = quote(f"SELECT ?o {{ ?s <urn:p> ?o BIND({client * 10**6 + number} AS ?n) }}")
            self._ask(connection, REMEMBERED if number % 3 == 0 else f"/sparql?query={fresh}")
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, address: str) -> None:
        try:
            connection.request("GET", address, headers=TURTLE)
            reply = connection.getresponse()
            body = reply.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.wrong.append(repr(error))
            connection.close()
            return
        release = reply.headers["Designata-Release"] or ""
        value = release.partition("-")[0].rpartition(".")[2]
        self.seen[release] += 1
        if reply.status != 200 or body != "o\r\n" + f"{value}\r\n" * ROWS:
            self.wrong.append(f"{reply.status} {release}: {body[:80]}")


@contextmanager
def serving(releases: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    environment = {**os.environ, "DESIGNATA_RELEASES": str(releases), "DESIGNATA_PORT": "0"}
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        finally:
            process.terminate()


def served(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request("GET", "/sparql?query=ASK%7B%7D")
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply.headers["Designata-Release"]


def wait_for(port: int, release: str, load: Load | None = None) -> None:
    """Wait until a release is served, and to the load too where one is given."""
    deadline = time.monotonic() + 15
    while served(port) != release or (load and release not in load.seen):
        assert time.monotonic() < deadline, f"{release} was never served"
        time.sleep(0.05)


def test_twenty_switches_under_load(tmp_path: Path) -> None:
    first = put(tmp_path, 0)
    with serving(tmp_path) as (process, port):
        load = Load(port)
        threads = [
            threading.Thread(target=load.run, args=(number,), daemon=True) for number in range(4)
        ]
        for thread in threads:
            thread.start()
        wait_for(port, first, load)
        for number in range(1, SWITCHES + 1):
            release = put(tmp_path, number)
            if number % 4:
                process.send_signal(signal.SIGHUP)
            wait_for(port, release, load)
        load.ending.set()
        for thread in threads:
            thread.join()
        assert load.wrong == []
        assert len(load.seen) == SWITCHES + 1
        assert sum(load.seen.values()) > 200
        deadline = time.monotonic() + 10
        while len(zygotes(process.pid)) > 1:
            assert time.monotonic() < deadline, "a former release is still in memory"
            time.sleep(0.1)


def test_a_release_that_cannot_be_served_changes_nothing(tmp_path: Path) -> None:
    first = put(tmp_path, 0)
    with serving(tmp_path) as (process, port):
        for number, damage in enumerate((b"", b"<urn:s> <urn:p> .\n"), start=1):
            second = put(tmp_path, number)
            link = tmp_path / "current"
            link.unlink()
            (tmp_path / second / "designata.nq").write_bytes(damage)
            link.symlink_to(second)
            process.send_signal(signal.SIGHUP)
            time.sleep(0.7)
            assert served(port) == first
        wait = put(tmp_path, 9)
        process.send_signal(signal.SIGHUP)
        wait_for(port, wait)


def test_a_release_that_is_empty_changes_nothing(tmp_path: Path) -> None:
    first = put(tmp_path, 0)
    facts = {"id": "1.0.1-000000000001", "triples": 0, "quads": 0}
    with serving(tmp_path) as (process, port):
        publish(tmp_path, {"designata.nq": File("application/n-quads", b"")}, facts)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.7)
        assert served(port) == first


def test_loaded_files_are_read_again_after_sighup(tmp_path: Path) -> None:
    path = tmp_path / "mine.ttl"
    path.write_text("<urn:a> <urn:b> 1 .")
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", "--load", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
            before = served(port)
            # As long as before, and no newer: what counts is that it is read again.
            facts = path.stat()
            path.write_text("<urn:a> <urn:b> 2 .")
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
            process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 10
            while served(port) == before:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
            connection.request("GET", "/sparql?format=json&query=" + quote("SELECT * { ?s ?p ?o }"))
            (row,) = json.load(connection.getresponse())["results"]["bindings"]
            assert row["o"]["value"] == "2"
            connection.close()
        finally:
            process.terminate()


pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def test_what_is_there_is_served_without_a_build(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", "--no-build"]
    environment = {**os.environ, "DESIGNATA_RELEASES": str(tmp_path)}
    nothing = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (nothing.returncode, nothing.stdout) == (4, "")
    assert "holds no release; build or pull one first" in nothing.stderr
    release = put(tmp_path, 7)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
            assert served(port) == release
        finally:
            process.terminate()
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {release, "current"}
