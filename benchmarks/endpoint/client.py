"""One client for all servers: a kept connection, one request after another."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import RdfFormat, parse

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer and how long it took, in seconds; status 0: there was none."""

    status: int
    seconds: float
    body: bytes = b""
    media_type: str = ""
    etag: str | None = None


class Client:
    """A connection to one server, opened again where the server has closed it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def get(self, target: str, accept: str, more: Mapping[str, str] | None = None) -> Answer:
        """The answer to GET, read to its end."""
        headers = {"Accept": accept, **(more or {})}
        start = time.perf_counter()
        try:
            self._connection.request("GET", target, headers=headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(0, time.perf_counter() - start)
        seconds = time.perf_counter() - start
        media_type = response.headers.get_content_type()
        return Answer(response.status, seconds, body, media_type, response.headers["ETag"])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def values(answer: Answer) -> list[tuple[str, ...]]:
    """What an answer says, a row or triple each, sorted; without datatypes and languages."""
    if answer.media_type == "application/sparql-results+json":
        return sorted(_rows(json.loads(answer.body)))
    form = RdfFormat.from_media_type(answer.media_type) or RdfFormat.TURTLE
    return sorted({tuple(map(str, quad)) for quad in _triples(answer.body, form)})


def _triples(body: bytes, form: RdfFormat) -> Iterator[tuple[object, object, object]]:
    for quad in parse(body, format=form):
        yield quad.subject, quad.predicate, getattr(quad.object, "value", quad.object)


def _rows(found: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    if "boolean" in found:
        yield (str(found["boolean"]),)
        return
    names = sorted(found["head"]["vars"])  # type: ignore[index]
    for row in found["results"]["bindings"]:  # type: ignore[index]
        yield tuple(row[name]["value"] if name in row else "" for name in names)
