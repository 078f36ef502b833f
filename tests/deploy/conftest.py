"""The proxies as they are shipped, on loopback ports, in front of a server of the real data."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from designata.release.publish import File, publish
from designata.settings import CHECKOUT
from designata.store.directory import Release

ROWS = 200
DEPLOY = CHECKOUT / "deploy"
SERVE = """
import os
from designata.settings import Settings
from designata.store.directory import current
from designata.web.server import serve
settings = Settings.load(os.environ)
serve(settings, release=current(settings.releases))
"""
LIMITS = {
    "DESIGNATA_QUERY_SECONDS": "2",
    "DESIGNATA_WEB_PROCESSES": "1",
    "DESIGNATA_CLIENT_SECONDS": "1",
    "DESIGNATA_CLIENT_REFILL": "0.01",
    "DESIGNATA_TRUSTED_PROXIES": "127.0.0.1",
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return self.headers[name]


@dataclass(frozen=True)
class Place:
    """Somebody who answers on a loopback port."""

    port: int
    process: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """One request with the header fields given, for kb.example."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=20, source_address=(source, 0)
        )
        connection.putrequest(method, path, skip_accept_encoding=True, skip_host=True)
        for name, value in ({"Host": "kb.example"} | dict(headers or {})).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        with connection.getresponse() as reply:
            answer = Answer(reply.status, reply.headers, reply.read())
        connection.close()
        return answer


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


@contextmanager
def started(
    command: list[str], environment: Mapping[str, str], folder: Path, port: int
) -> Iterator[Place]:
    """A proxy, from when it listens; what it says is in the folder."""
    with (
        (folder / "said").open("wb") as said,
        subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=said, stderr=said
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 20
            while not listens(port):
                text = (folder / "said").read_text()
                assert process.poll() is None, text
                assert time.monotonic() < deadline, text
                time.sleep(0.05)
            yield Place(port, process.pid)
        finally:
            process.terminate()
            process.wait(20)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def run_designata(*arguments: str, environment: Mapping[str, str]) -> Iterator[Place]:
    """`designata` with arguments, on a port of its own choice."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line.startswith("Serving"), line
            yield Place(int(line.rstrip("/\n").rpartition(":")[2]), process.pid)
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def run_release(releases: Path) -> Iterator[Place]:
    """The current release of a folder, and no other is built."""
    environment = {**LIMITS, "DESIGNATA_RELEASES": str(releases), "DESIGNATA_PORT": "0"}
    with run_designata("-c", SERVE, environment=environment) as place:
        yield place


def write_nginx(folder: Path, port: int, upstream: int, releases: Path) -> Path:
    """The shipped configuration, filled in; the main file."""
    names = re.findall(r"^(NGINX_\w+)=", (DEPLOY / "nginx/debian.env").read_text(), re.M)
    values = {
        "NGINX_LISTEN": f"127.0.0.1:{port}",
        "NGINX_NAME": "kb.example",
        "NGINX_UPSTREAM": f"127.0.0.1:{upstream}",
        "NGINX_RELEASES": str(releases),
        "NGINX_CACHE": str(folder / "cache"),
        "NGINX_CACHE_SIZE": "100m",
        "NGINX_TRUSTED": "127.0.0.9",
        "NGINX_LOG": str(folder / "access.log"),
    }
    assert set(names) == set(values)
    text = (DEPLOY / "nginx/designata.conf.template").read_text()
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    assert "NGINX_" not in re.sub(r"#.*", "", text)
    (folder / "conf.d").mkdir(parents=True)
    (folder / "conf.d" / "designata.conf").write_text(text)
    main = (DEPLOY / "nginx/nginx.conf").read_text()
    main = main.replace("/tmp/", f"{folder}/").replace("/etc/nginx/conf.d", f"{folder}/conf.d")
    (folder / "nginx.conf").write_text(main)
    return folder / "nginx.conf"


@pytest.fixture(scope="session")
def nginx(
    require: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int, Path], Any]:
    """nginx in front of a server."""
    program = require("nginx")

    @contextmanager
    def run(upstream: int, releases: Path) -> Iterator[Place]:
        folder, port = tmp_path_factory.mktemp("nginx"), find_port()
        main = write_nginx(folder, port, upstream, releases)
        # The folders of pytest are for their owner alone.
        more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        command = [program, "-p", str(folder), "-c", str(main), "-g", more]
        with started(command, {}, folder, port) as place:
            yield place

    return run


@pytest.fixture(scope="session")
def caddy(
    require: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int, Path], Any]:
    """Caddy in front of a server."""
    program = require("caddy")

    @contextmanager
    def run(upstream: int, releases: Path) -> Iterator[Place]:
        folder, port = tmp_path_factory.mktemp("caddy"), find_port()
        environment = {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "CADDY_SITE": f"http://kb.example:{port}",
            "CADDY_UPSTREAM": f"127.0.0.1:{upstream}",
            "CADDY_RELEASES": str(releases),
        }
        text = (DEPLOY / "caddy/Caddyfile").read_text()
        file = folder / "Caddyfile"
        file.write_text(text.replace("{\n", "{\n\tdefault_bind 127.0.0.1\n", 1))
        command = [program, "run", "--adapter", "caddyfile", "--config", str(file)]
        with started(command, environment, folder, port) as place:
            yield place

    return run


def publish_number(releases: Path, number: int) -> str:
    """Publish a release whose every value is its number."""
    lines = "".join(f'<urn:s{row}> <urn:p> "{number}" .\n' for row in range(ROWS))
    files = {
        "designata.nq": File("application/n-quads", lines.encode()),
        "designata.nt": File("application/n-triples", lines.encode()),
    }
    facts = {"id": f"1.0.{number}-{number:012x}", "triples": ROWS, "quads": ROWS}
    return publish(releases, files, facts).id


@pytest.fixture(scope="session")
def put() -> Callable[[Path, int], str]:
    """Publishes a release whose every value is a number; its name."""
    return publish_number


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Finds a port on which nobody listens."""
    return find_port


@pytest.fixture(scope="session")
def serving() -> Callable[..., Any]:
    """How a server of one's own is run."""
    return run_designata


@pytest.fixture(scope="session")
def serving_release() -> Callable[[Path], Any]:
    """How the current release of a folder is served."""
    return run_release


@pytest.fixture(scope="session")
def direct(release: Release) -> Iterator[Place]:
    """The server itself, with the release of the real data."""
    with run_release(release.path.parent) as place:
        yield place


@pytest.fixture(scope="session", params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, direct: Place, release: Release) -> Iterator[Place]:
    """Each of the proxies, in front of it."""
    run = request.getfixturevalue(request.param)
    with run(direct.port, release.path.parent) as place:
        yield place


@pytest.fixture(scope="session")
def cached(nginx: Callable[[int, Path], Any], direct: Place, release: Release) -> Iterator[Place]:
    """The proxy that has a cache."""
    with nginx(direct.port, release.path.parent) as place:
        yield place
