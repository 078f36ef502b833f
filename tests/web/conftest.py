"""Servers on real sockets, and the application without one."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool, open_pool
from designata.web.app import create_app

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
LIMITS = {"DESIGNATA_QUERY_SECONDS": "1", "DESIGNATA_RESULT_BYTES": "4194304"}


@dataclass(frozen=True)
class Reply:
    """What came back from a server."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type()


@dataclass(frozen=True)
class Site:
    """A server in a process of its own."""

    url: str
    process: int
    port: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "port", int(self.url.rstrip("/").rpartition(":")[2]))

    def send(
        self,
        path: str,
        *,
        method: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10,
    ) -> Reply:
        """One request; a refusal is a reply like any other."""
        request = urllib.request.Request(self.url + path.lstrip("/"), body, dict(headers or {}))
        request.method = method or ("GET" if body is None else "POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return Reply(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())


@contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[Site]:
    """`designata serve` with arguments, on a port of its own choice."""
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        try:
            line = server.stdout.readline()
            assert line.startswith("Serving"), line
            yield Site(line.split()[-1], server.pid)
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[Site]]:
    """How a server of one's own is run."""
    return running


@pytest.fixture(scope="session")
def server() -> Iterator[Site]:
    """Four towns, served over a real socket; a query has one second and 4 MB of result."""
    with running("--load", str(TOWNS), environment=LIMITS) as site:
        yield site


@pytest.fixture(scope="session")
def release_pool(release: Release) -> Iterator[Pool]:
    """What answers questions about the release of the real data."""
    files: Sequence[tuple[Path, str | None]] = [(release.file("designata.nq"), None)]
    with open_pool(files, Settings()) as pool:
        yield pool


@pytest.fixture(scope="session")
def site(release: Release, release_pool: Pool) -> FlaskClient:
    """A client of the application over the release of the real data, without a socket."""
    return create_app(Settings(), release_pool, release).test_client()
