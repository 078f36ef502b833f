"""Servers that are up, and which could not be had."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.endpoint import nginx
from benchmarks.endpoint.client import Client
from benchmarks.endpoint.peers import Job, Peer
from benchmarks.endpoint.processes import (
    NotStarted,
    await_port,
    end,
    free_port,
    memory,
    start,
)
from benchmarks.endpoint.queries import ASK

START_SECONDS = 600.0
PAUSE_SECONDS = 0.05
Say = Callable[[str], None]


@dataclass(slots=True)
class Server:
    """One that answers; how long it took to get there, and how much memory it had then, in MB."""

    name: str
    version: str
    port: int
    path: str
    process: subprocess.Popen[bytes]
    load_seconds: float = 0.0
    loaded_memory: float = 0.0


@contextmanager
def running(
    peers: Sequence[Peer],
    data: Path,
    folder: Path,
    constants: Mapping[str, str],
    say: Say,
    *,
    release: bool,
) -> Iterator[tuple[list[Server], dict[str, str]]]:
    """All the servers that can be had, and why the others cannot."""
    found, missing = [], {}
    with ExitStack() as stack:
        for peer in peers:
            program = peer.find()
            if program is None:
                missing[peer.name] = "not installed"
                continue
            say(f"loading {peer.name}")
            place = folder / peer.name.replace(", ", "-")
            place.mkdir()
            job = Job(data, place, program, release)
            try:
                found.append(_start(peer, job, constants, stack))
            except (NotStarted, OSError, subprocess.CalledProcessError) as error:
                missing[peer.name] = f"did not start: {error}"
        yield found, missing


def _start(peer: Peer, job: Job, constants: Mapping[str, str], stack: ExitStack) -> Server:
    began = time.perf_counter()
    peer.prepare(job)
    process = start(peer.command(job), job.folder / "log")
    stack.callback(end, process)
    server = Server(peer.name, peer.version(job.program), job.port, peer.path, process)
    await_port(process, job.port, START_SECONDS)
    peer.fill(job)
    _await_answer(server, constants)
    server.load_seconds = time.perf_counter() - began
    server.loaded_memory = memory(process)
    return server


def _await_answer(server: Server, constants: Mapping[str, str]) -> None:
    """Return when a query is answered from the data; NotStarted where that never happens."""
    deadline = time.monotonic() + START_SECONDS
    target = ASK.target(server.path, constants, 0)
    while time.monotonic() < deadline and server.process.poll() is None:
        client = Client(server.port)
        answer = client.get(target, ASK.accept)
        client.close()
        if answer.status == 200 and b"true" in answer.body:
            return
        time.sleep(PAUSE_SECONDS)
    raise NotStarted("it does not answer from the data")


@contextmanager
def behind_cache(inner: Server, folder: Path) -> Iterator[Server]:
    """nginx with a cache before a server."""
    port, place = free_port(), folder / "nginx-cache"
    place.mkdir()
    with _nginx(nginx.proxy(place, port, inner.port), place, port, inner.path) as server:
        yield server


@contextmanager
def serving_files(root: Path, folder: Path) -> Iterator[Server]:
    """nginx with the files of a folder."""
    port, place = free_port(), folder / "nginx-files"
    place.mkdir()
    with _nginx(nginx.files(place, port, root), place, port, "/") as server:
        yield server


@contextmanager
def _nginx(command: Sequence[str], place: Path, port: int, path: str) -> Iterator[Server]:
    process = start(command, place / "log")
    try:
        await_port(process, port, START_SECONDS)
        yield Server("nginx", "", port, path, process)
    finally:
        end(process)
