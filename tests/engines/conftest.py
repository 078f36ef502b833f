"""Virtuoso and Fuseki, on free ports of the loopback, each with a folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
START_SECONDS = 120
MOST_ROWS = 50_000
PASSWORD = "correct horse"


@dataclass(frozen=True)
class Engine:
    """An engine that runs: where it is asked, filled and as whom."""

    kind: str
    url: str
    update: str
    graph_store: str
    user: str
    password: str
    process: int

    def options(self) -> list[str]:
        """How `designata publish` is told of it."""
        user = ["--user", self.user] if self.user else []
        return ["--to", self.url, "--graph-store", self.graph_store, *user]

    def environment(self) -> dict[str, str]:
        """What `designata publish` takes from the environment."""
        return {"DESIGNATA_STORE_PASSWORD": self.password} if self.password else {}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}?query=ASK%20%7B%7D", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@contextmanager
def process(
    command: Sequence[str], folder: Path, url: str, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A program until its address answers, and then until the end of the block."""
    log = folder / "output"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        ) as running,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(url):
                assert running.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield running.pid
        finally:
            running.kill()
            running.wait(20)


@contextmanager
def virtuoso(folder: Path, require: Callable[[str], str]) -> Iterator[Engine]:
    """Virtuoso as Debian has it, with a password of its own; anybody may read, only dba write."""
    program, client = require("virtuoso-t"), require("isql-vt")
    sql, http = free_port(), free_port()
    text = (HERE / "virtuoso.ini").read_text(encoding="utf-8")
    text = text.replace("@SQL@", str(sql)).replace("@HTTP@", str(http))
    (folder / "virtuoso.ini").write_text(text.replace("@ROWS@", str(MOST_ROWS)), encoding="utf-8")
    url = f"http://127.0.0.1:{http}/sparql"
    with process([program, "+foreground", "+configfile", "virtuoso.ini"], folder, url) as pid:
        subprocess.run(
            [client, str(sql), "dba", "dba", f'exec=set password dba "{PASSWORD}"'],
            check=True,
            capture_output=True,
        )
        store = f"http://127.0.0.1:{http}/sparql-graph-crud-auth"
        yield Engine("virtuoso", url, f"{url}-auth", store, "dba", PASSWORD, pid)


@contextmanager
def fuseki(folder: Path, require: Callable[[str], str]) -> Iterator[Engine]:
    """Fuseki over a TDB2 database, from the jar that DESIGNATA_FUSEKI names."""
    java = require("java")
    jar = os.environ.get("DESIGNATA_FUSEKI", "")
    if not jar:
        everything = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
        (pytest.fail if everything else pytest.skip)("DESIGNATA_FUSEKI names no jar of Fuseki")
    (folder / "database").mkdir()
    port = free_port()
    place = ["--localhost", "--port", str(port), "--update", "--tdb2", "--loc", "database", "/ds"]
    url = f"http://127.0.0.1:{port}/ds"
    with process([java, "-Xmx1g", "-jar", jar, *place], folder, url) as pid:
        yield Engine("fuseki", f"{url}/query", f"{url}/update", f"{url}/data", "", "", pid)


STARTS = {"virtuoso": virtuoso, "fuseki": fuseki}


@pytest.fixture(scope="session", params=sorted(STARTS))
def engine(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    require: Callable[[str], str],
) -> Iterator[Engine]:
    """Each engine once for all tests."""
    with STARTS[request.param](tmp_path_factory.mktemp(request.param), require) as running:
        yield running


@pytest.fixture(params=sorted(STARTS))
def kind(request: pytest.FixtureRequest) -> str:
    """The name of each engine, for a test that starts its own."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def start() -> Callable[..., object]:
    """How an engine of one's own is started."""
    return lambda kind, folder, require: STARTS[kind](folder, require)
