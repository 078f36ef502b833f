"""What is told of each request: a line of JSON, and the counts for Prometheus."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import sys
import threading
import time
from collections import deque
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from designata.settings import Settings
from designata.web.current import COUNTS_VARIABLE
from designata.web.exchange import CLIENT

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_FLUSH_SECONDS: Final = 0.2
_MOST_LINES: Final = 20_000
_KINDS: Final = ("sparql", "doc", "id", "release", "ldf", "rdf-graph-store", "search", "static")
_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_REQUESTS: Final = Counter(
    "designata_requests",
    "Requests by kind of address, status and origin.",
    ("kind", "status", "by"),
)
_SECONDS: Final = Histogram(
    "designata_request_seconds", "Time to answer, by kind of address.", ("kind",), buckets=_BUCKETS
)


def kind_of(path: str) -> str:
    """One of a few words for an address."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in _KINDS else "page" if path == "/" else "other"


def exposition() -> bytes:
    """The counts of all processes together, as Prometheus reads them."""
    if COUNTS_VARIABLE not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class Log:
    """Writes lines from a thread of its own: nobody waits for whoever reads them.

    Where they are read too slowly, lines are left out, and a line says how many.
    """

    def __init__(self, settings: Settings) -> None:
        self._wanted = settings.access_log
        self._with_queries = settings.log_queries
        self._lines: deque[dict[str, Any]] = deque(maxlen=_MOST_LINES)
        self._dropped = 0
        if self._wanted:
            threading.Thread(target=self._run, name="log", daemon=True).start()
            atexit.register(self._flush)

    def write(
        self, environ: dict[str, Any], status: int, size: int, seconds: float, by: str
    ) -> None:
        """Take note of a request that has been answered."""
        kind = kind_of(environ["PATH_INFO"])
        _REQUESTS.labels(kind, str(status), by).inc()
        _SECONDS.labels(kind).observe(seconds)
        if not self._wanted:
            return
        if len(self._lines) == _MOST_LINES:
            self._dropped += 1
        self._lines.append(
            {
                "time": time.time(),
                "client": environ.get(CLIENT),
                "method": environ["REQUEST_METHOD"],
                "path": environ["PATH_INFO"],
                "query": environ.get("QUERY_STRING", ""),
                "status": status,
                "bytes": size,
                "seconds": round(seconds, 6),
                "by": by,
                "agent": environ.get("HTTP_USER_AGENT", "")[:200],
            }
        )

    def _run(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        lines = []
        while self._lines:
            lines.append(self._format(self._lines.popleft()))
        if self._dropped:
            lines.append(json.dumps({"time": _clock(time.time()), "dropped": self._dropped}))
            self._dropped = 0
        if lines:
            sys.stderr.write("\n".join(lines) + "\n")
            sys.stderr.flush()

    def _format(self, line: dict[str, Any]) -> str:
        line["time"] = _clock(line["time"])
        query = line.pop("query")
        if query:
            line["digest"] = hashlib.sha256(query.encode()).hexdigest()[:16]
            if self._with_queries:
                line["query"] = query[:4_000]
        return json.dumps(line)


def _clock(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03}Z"
