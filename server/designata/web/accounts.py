"""What is told of each request: a line of JSON, and the counts for Prometheus."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import sys
import threading
import time
from collections import Counter as Counted
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from designata.settings import Settings
from designata.web.current import COUNTS_VARIABLE
from designata.web.exchange import CLIENT, Environ

Noted = TypeVar("Noted")
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_FLUSH_SECONDS: Final = 0.2
_MOST_LINES: Final = 20_000
_TOGETHER: Final = 32
_SHORT: Final = 1_000
_KINDS: Final = ("sparql", "doc", "id", "release", "ldf", "rdf-graph-store", "search", "static")
_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_REQUESTS: Final = Counter(
    "designata_requests",
    "Requests by kind of address, status and origin.",
    ("kind", "status", "by"),
)
_SECONDS: Final = Histogram(
    "designata_request_seconds",
    "Time to answer what was not remembered, by kind of address.",
    ("kind",),
    buckets=_BUCKETS,
)
# What this process has counted and not yet added to the counts that are shared.
_PENDING: Final[deque[tuple[str, int, str]]] = deque()
_TIMES: Final[deque[tuple[str, float]]] = deque()


def kind_of(path: str) -> str:
    """One of a few words for an address."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in _KINDS else "page" if path == "/" else "other"


def exposition() -> bytes:
    """The counts of all processes together, as Prometheus reads them."""
    _settle()
    if COUNTS_VARIABLE not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class Log:
    """Takes note of each request, and writes from a thread of its own: nobody waits for readers.

    Where they read too slowly, lines are left out, and a line says how many.
    """

    def __init__(self, settings: Settings) -> None:
        self._wanted = settings.access_log
        self._with_queries = settings.log_queries
        self._noted: deque[tuple[float, Environ, int, int, float, str]] = deque()
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._dropped = 0
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self._flush)

    def write(self, environ: Environ, status: int, size: int, seconds: float, by: str) -> None:
        """Take note of a request that has been answered."""
        path = environ["PATH_INFO"]
        kind = kind_of(path)
        _PENDING.append((kind, status, by))
        if by != "memory":
            _TIMES.append((kind, seconds))
        if self._wanted:
            self._noted.append((time.time(), environ, status, size, seconds, by))
            # Many lines at once are written several times as fast as one now and then.
            if len(self._noted) >= _TOGETHER:
                self._write_down()

    def _write_down(self) -> None:
        """Make lines of what has been noted."""
        for noted in _taken(self._noted):
            if len(self._lines) == _MOST_LINES:
                self._dropped += 1
            self._lines.append(self._line(*noted))

    def _line(
        self, now: float, environ: Environ, status: int, size: int, seconds: float, by: str
    ) -> str:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        more = f', "digest": "{_digest(query)}"' if query else ""
        if query and self._with_queries:
            more += f', "query": {json.dumps(query[:4_000])}'
        who = (_who if len(path) < _SHORT else _who.__wrapped__)(
            environ.get(CLIENT), environ["REQUEST_METHOD"], path
        )
        agent = _agent(environ.get("HTTP_USER_AGENT", "")[:200])
        return (
            f'{{"time": "{_clock(now)}", {who}, "status": {status}, "bytes": {size}, '
            f'"seconds": {seconds:.6f}, "by": "{by}", {agent}{more}}}\n'
        )

    def _run(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            # Whoever reads the lines may be gone, and may come back.
            with suppress(OSError, ValueError):
                self._flush()

    def _flush(self) -> None:
        _settle()
        self._write_down()
        lines = [*_taken(self._lines)]
        if self._dropped:
            lines.append(f'{{"time": "{_clock(time.time())}", "dropped": {self._dropped}}}\n')
            self._dropped = 0
        if lines:
            sys.stderr.write("".join(lines))
            sys.stderr.flush()


def _settle() -> None:
    """Add to the counts that all processes share what has been counted here since the last time."""
    for (kind, status, by), count in Counted(_taken(_PENDING)).items():
        _REQUESTS.labels(kind, str(status), by).inc(count)
    for kind, seconds in _taken(_TIMES):
        _seconds_of(kind).observe(seconds)


@cache
def _seconds_of(kind: str) -> Histogram:
    return _SECONDS.labels(kind)


def _taken(noted: deque[Noted]) -> Iterator[Noted]:
    """What has been noted down so far, each to one thread alone."""
    with suppress(IndexError):
        for _ in range(len(noted)):
            yield noted.popleft()


def _cached(function: Callable[[Any], str]) -> Callable[[Any], str]:
    """The same function, which remembers what it gave for short texts."""
    remembering = lru_cache(maxsize=4096)(function)
    return lambda text: (function if text and len(text) > _SHORT else remembering)(text)


@lru_cache(maxsize=4096)
def _who(client: str | None, method: str, path: str) -> str:
    """Who asked how for what, as in a line; most do so again."""
    return ", ".join(
        f'"{name}": {json.dumps(value)}'
        for name, value in (("client", client), ("method", method), ("path", path))
    )


@lru_cache(maxsize=4096)
def _agent(text: str) -> str:
    return f'"agent": {json.dumps(text)}'


@_cached
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _clock(seconds: float) -> str:
    return f"{_second(int(seconds))}.{int(seconds % 1 * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
