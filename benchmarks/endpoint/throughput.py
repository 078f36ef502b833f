"""What is asked by many at once: the cheap query in each manner, a large one, and the dump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.endpoint.client import Client
from benchmarks.endpoint.load import Load, fresh, run
from benchmarks.endpoint.peers import OURS
from benchmarks.endpoint.queries import LARGE, POINT, Question
from benchmarks.endpoint.stage import Server

CONNECTIONS = (1, 8, 64)
SEVERAL = 8
DUMP = "dump"
TURTLE = "text/turtle"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to ask of a server: in new texts, or always the same; None: a plain address."""

    server: Server
    manner: str
    question: Question | None
    target: str = ""

    @property
    def row(self) -> str:
        """How it is called in the table."""
        return f"{self.server.name}, {self.manner}"


def entries(servers: Sequence[Server], cache: Server | None) -> Iterator[Entry]:
    """What is asked of whom, apart from the dump."""
    for server in servers:
        yield Entry(server, "uncached", POINT)
        yield Entry(server, "550 kB uncached", LARGE)
        if server.name == OURS:
            yield Entry(server, "repeated", POINT)
            yield Entry(server, "304", POINT)
            yield Entry(server, "550 kB repeated", LARGE)
    if cache:
        yield Entry(cache, "cache before designata", POINT)
        yield Entry(cache, "550 kB, cache before designata", LARGE)


def connections_for(entry: Entry, chosen: Sequence[int]) -> Sequence[int]:
    """The large answers and the dump are measured with several connections only."""
    return chosen if entry.question is POINT else (SEVERAL,)


def measure(
    entry: Entry, connections: int, seconds: float, constants: Mapping[str, str], load: Load
) -> None:
    """One round of one entry."""
    accept = entry.question.accept if entry.question else TURTLE
    headers = [f"Accept: {accept}", "Accept-Encoding: identity"]
    parts = _parts(entry, constants)
    if "uncached" not in entry.manner:
        # Not measured: it makes the server remember the answer, and tells its tag.
        client = Client(entry.server.port)
        etag = client.get(parts[0], accept).etag
        client.close()
        if entry.manner == "304":
            headers.append(f"If-None-Match: {etag}")
    load.add(run(entry.server.port, parts, headers, connections, seconds))


def _parts(entry: Entry, constants: Mapping[str, str]) -> Sequence[str]:
    if entry.question is None:
        return entry.target, "", "0"
    if "uncached" in entry.manner:
        return fresh(entry.server.path, entry.question, constants)
    return entry.question.target(entry.server.path, constants, 0), "", "0"
