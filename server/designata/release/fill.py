"""Fill an engine with a release: into graphs of its own, counted, and only then listed as there.

Readers of other releases never notice: no graph that they read is touched. A reader of this one
finds it when the graph that lists its graphs is written, in one request, as the last step.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from designata.errors import PublicationFailed, StoreUnavailable
from designata.store.catalogue import Record, count, find, graphs_of, record_name
from designata.store.client import Expired, Limits, Reply, TooLong, Unreachable, send
from designata.store.credentials import Credentials
from designata.store.disguise import hide
from designata.store.engine import FORM, N_TRIPLES, Engine

Progress = Callable[[str], None]
Graph = str | None

_LARGEST_PART: Final = 4_000_000
_LARGEST_UPDATE: Final = 250_000
_LIMITS: Final = Limits(seconds=300, body_bytes=1_000_000, patience=10)
_DONE: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an engine takes data: by the Graph Store Protocol, else by SPARQL update."""

    update: str
    graph_store: str | None
    credentials: Credentials | None

    def put(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make the triples the content of a graph, in portions."""
        self.drop(graph)
        most = _LARGEST_PART if self.graph_store else _LARGEST_UPDATE
        for portion in _portions(triples, most):
            self.add(graph, portion)

    def add(self, graph: str, content: bytes) -> None:
        """Add N-Triples to a graph."""
        if self.graph_store:
            self._graph_store("POST", graph, content)
        else:
            self._update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{content.decode()}}} }}")

    def drop(self, graph: str) -> None:
        """Remove a graph, whether it is there or not."""
        if self.graph_store:
            self._graph_store("DELETE", graph, None)
        else:
            self._update(f"DROP SILENT GRAPH <{graph}>")

    def _graph_store(self, method: str, graph: str, content: bytes | None) -> None:
        assert self.graph_store
        mark = "&" if "?" in self.graph_store else "?"
        url = f"{self.graph_store}{mark}graph={quote(graph, safe='')}"
        reply = self._send(method, url, content, N_TRIPLES)
        if reply.status not in _DONE and not (method == "DELETE" and reply.status == 404):
            raise _failure(self.graph_store, reply)

    def _update(self, text: str) -> None:
        reply = self._send("POST", self.update, urlencode({"update": text}).encode(), FORM)
        if reply.status not in _DONE:
            raise _failure(self.update, reply)

    def _send(self, method: str, url: str, content: bytes | None, media_type: str) -> Reply:
        headers = {"Accept": "*/*"} | ({"Content-Type": media_type} if content is not None else {})
        try:
            return send(
                method, url, _LIMITS, headers=headers, body=content, credentials=self.credentials
            )
        except (Expired, TooLong, Unreachable) as error:
            reason = str(error) or "no whole answer in time"
            raise StoreUnavailable(f"{url.partition('?')[0]} does not answer: {reason}") from None


def fill(
    engine: Engine, target: Target, release_id: str, dataset: Path, progress: Progress
) -> Record:
    """Load the quads of a file as a release, unless the engine holds all of it already.

    PublicationFailed where the engine counts other than was sent; nothing lists the release then.
    """
    contents = _contents(dataset)
    places = {
        name: f"{record_name(release_id)}#{number}"
        for number, name in enumerate(sorted(filter(None, contents)), start=1)
    }
    graphs = graphs_of(release_id, places)
    union = dict.fromkeys(triple for content in contents.values() for triple in content)
    parts = {graphs.union: union, graphs.default: contents.get(None, {})}
    parts |= {place: contents[name] for name, place in places.items()}
    record = Record(graphs.union.partition("#")[0], graphs, {g: len(t) for g, t in parts.items()})
    if find(engine, release_id) == record and _differences(engine, record) == {}:
        return record
    target.drop(record.release)
    for graph, triples in parts.items():
        progress(f"loading {len(triples):,} triples into {graph}")
        target.put(graph, triples)
    progress("counting")
    different = _differences(engine, record)
    if different:
        told = "; ".join(f"{graph}: {text}" for graph, text in different.items())
        raise PublicationFailed(f"the engine does not hold what was sent ({told})")
    target.put(record.release, record.triples())
    if find(engine, release_id) != record:
        raise PublicationFailed(f"{record.release}: the list of graphs was not kept by the engine")
    # Another publisher may have begun with the same release in between.
    if _differences(engine, record):
        target.drop(record.release)
        raise PublicationFailed(f"{record.release} was changed by somebody else; publish it again")
    return record


def remove(target: Target, record: Record) -> None:
    """Take a release out of the engine: first the list of its graphs, then the graphs."""
    for graph in (record.release, *record.sizes):
        target.drop(graph)


def _contents(dataset: Path) -> Mapping[Graph, dict[Triple, None]]:
    """The triples of each graph, None for the default one."""
    found: dict[Graph, dict[Triple, None]] = {}
    for quad in parse(path=dataset, format=RdfFormat.N_QUADS):
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else None
        triple = Triple(quad.subject, quad.predicate, quad.object)
        found.setdefault(name, {})[triple] = None
    return found


def _differences(engine: Engine, record: Record) -> dict[str, str]:
    """The graphs that have another size in the engine than in the record."""
    counted = {graph: count(engine, graph) for graph in record.sizes}
    return {
        graph: f"{counted[graph]} triples instead of {size}"
        for graph, size in record.sizes.items()
        if counted[graph] != size
    }


def _portions(triples: Iterable[Triple], most: int) -> Iterator[bytes]:
    """The triples as N-Triples, cut between lines into parts of about so many bytes."""
    part = io.BytesIO()
    for triple in triples:
        line = serialize([hide(triple)], format=RdfFormat.N_TRIPLES)
        assert line is not None
        part.write(line)
        if part.tell() >= most:
            yield part.getvalue()
            part = io.BytesIO()
    if part.tell():
        yield part.getvalue()


def _failure(url: str, reply: Reply) -> PublicationFailed:
    if reply.status in (401, 403):
        return PublicationFailed(
            f"{url} refuses to be written; set DESIGNATA_STORE_USER and DESIGNATA_STORE_PASSWORD"
        )
    return PublicationFailed(f"{url} answered with status {reply.status}: {reply.line}")
