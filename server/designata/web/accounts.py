"""What is told of each request: a line of JSON, and the counts for Prometheus."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import sys
import threading
import time
from bisect import bisect_left
from collections import Counter as Counted
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Final, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from designata.settings import Settings
from designata.web.cache import Reply
from designata.web.exchange import CLIENT, TAG, Environ
from designata.web.layout import COUNTS
from designata.web.lines import Writer

Noted = TypeVar("Noted")
# Who made a reply.
By = Literal["memory", "store", "application", "probe", "gate"]
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_FLUSH_SECONDS: Final = 0.2
_LAST_SECONDS: Final = 1.0
_MOST_LINES: Final = 20_000
_SHORT: Final = 1_000
_KINDS: Final = (
    "sparql",
    "doc",
    "id",
    "release",
    "ldf",
    "rdf-graph-store",
    "search",
    "all",
    "static",
)
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


class _Counts:
    """What this process has counted and not yet added to the counts that all processes share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counted[tuple[str, int, str]] = Counted()
        self._times: Counted[tuple[str, int]] = Counted()
        self._sums: defaultdict[str, float] = defaultdict(float)

    def add(self, kind: str, status: int, by: By, seconds: float) -> None:
        """One more request."""
        with self._lock:
            self._requests[kind, status, by] += 1
            if by != "memory":
                self._times[kind, bisect_left(_BUCKETS, seconds)] += 1
                self._sums[kind] += seconds

    def settle(self) -> None:
        """Add what has been counted since the last time."""
        with self._lock:
            requests, self._requests = self._requests, Counted()
            times, self._times = self._times, Counted()
            sums, self._sums = self._sums, defaultdict(float)
        for (kind, status, by), count in requests.items():
            _REQUESTS.labels(kind, str(status), by).inc(count)
        # `observe` takes one time after the other, and longer than a request takes in memory.
        for (kind, bucket), count in times.items():
            _SECONDS.labels(kind)._buckets[bucket].inc(count)
        for kind, seconds in sums.items():
            _SECONDS.labels(kind)._sum.inc(seconds)


_COUNTS: Final = _Counts()


def kind_of(path: str) -> str:
    """One of a few words for an address."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in _KINDS else "page" if path == "/" else "other"


def exposition() -> bytes:
    """The counts of all processes together, as Prometheus reads them."""
    _COUNTS.settle()
    if COUNTS not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    while True:
        # A process may end, and its counts go to those of all that have, while they are read.
        with suppress(FileNotFoundError):
            return generate_latest(registry)


class Log:
    """Takes note of each request, and writes from a thread of its own: nobody waits for readers.

    Where they read too slowly, or a disk is full, lines are left out, and a line says how many.
    """

    def __init__(self, settings: Settings) -> None:
        self._wanted = settings.access_log
        self._with_queries = settings.log_queries
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._dropped = 0
        self._writer = Writer()
        self._ending, self._ended = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self._end)

    def write(self, environ: Environ, reply: Reply, seconds: float, by: By) -> None:
        """Take note of a request that has been answered."""
        path = environ["PATH_INFO"]
        kind = kind_of(path)
        _COUNTS.add(kind, reply.status, by, seconds)
        if not self._wanted:
            return
        if len(self._lines) == _MOST_LINES:
            self._dropped += 1
        query, tag = environ["QUERY_STRING"], environ.get(TAG)
        if tag is None and by == "memory" and kind == "sparql":
            tag = reply.etag
        # Equal questions have equal tags.
        digest = tag[1:17] if tag else _digest(query) if query else None
        more = f', "digest": "{digest}"' if digest else ""
        if query and self._with_queries:
            more += f', "query": {json.dumps(query[:4_000])}'
        who = (_who if len(path) < _SHORT else _who.__wrapped__)(
            environ.get(CLIENT), environ["REQUEST_METHOD"], path
        )
        agent = _agent(environ.get("HTTP_USER_AGENT", "")[:200])
        self._lines.append(
            f'{{"time": "{_clock(time.time())}", {who}, "status": {reply.status}, '
            f'"bytes": {reply.size}, "seconds": {seconds:.6f}, "by": "{by}", {agent}{more}}}\n'
        )

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._ending.wait(_FLUSH_SECONDS)
            # Whoever reads the lines may be gone, and may come back.
            with suppress(OSError, ValueError):
                self._flush()
        self._ended.set()

    def _end(self) -> None:
        """Wait for the last lines, if somebody reads them."""
        self._ending.set()
        self._ended.wait(_LAST_SECONDS)

    def _flush(self) -> None:
        _COUNTS.settle()
        lines, dropped = [*_taken(self._lines)], self._dropped
        if dropped:
            lines.insert(0, f'{{"time": "{_clock(time.time())}", "dropped": {dropped}}}\n')
        lost = len(lines) - self._writer.write(lines, sys.stderr)
        if dropped:
            # If nothing was written, that line was not, either.
            self._dropped -= dropped if lost < len(lines) else 1
        self._dropped += lost


def _taken(noted: deque[Noted]) -> Iterator[Noted]:
    """What has been noted down so far, each to one thread alone."""
    with suppress(IndexError):
        for _ in range(len(noted)):
            yield noted.popleft()


@lru_cache(maxsize=4096)
def _who(client: str | None, method: str, path: str) -> str:
    """Who asked how for what, as in a line; most do so again."""
    path = path.encode("latin-1").decode("utf-8", "replace")
    return ", ".join(
        f'"{name}": {json.dumps(value)}'
        for name, value in (("client", client), ("method", method), ("path", path))
    )


@lru_cache(maxsize=4096)
def _agent(text: str) -> str:
    return f'"agent": {json.dumps(text)}'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _clock(seconds: float) -> str:
    return f"{_second(int(seconds))}.{int(seconds % 1 * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
