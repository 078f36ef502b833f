"""The store as an engine over HTTP: the same questions and answers as with query processes here.

A query is parsed first by a query process over no data. What is malformed, too large, or reaches
for SERVICE or an engine's own functions is refused there, in the same words as ever; from that
process also come the form and the columns. Only then the engine is asked, for JSON or N-Triples,
and its whole answer is written here in the type that was wanted.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, ClassVar, Final

from pyoxigraph import QueryResultsFormat, RdfFormat, Triple, parse, parse_query_results

from designata.errors import QueryFailed, QueryTimeout, StoreBusy, StoreUnavailable
from designata.settings import Settings
from designata.store.catalogue import find_whole, is_listed
from designata.store.clauses import limit_of
from designata.store.departure import Departure
from designata.store.disguise import show, show_term
from designata.store.engine import N_TRIPLES, Engine, document, engine_of, refuse_cut
from designata.store.formats import FORMATS, write
from designata.store.pool import Pool, open_pool
from designata.store.query import JSON_RESULTS, Answer, Lane, Query
from designata.store.translate import Graphs, Translated, solutions_of, translate
from designata.vocabulary import PREFIXES, is_iri

_BOOLEAN: Final = PREFIXES["xsd"] + "boolean"
# What is met on the way through a document in which anything may be anything.
_MALFORMED: Final = (SyntaxError, ValueError, LookupError, TypeError, AttributeError)
# A literal as subject; a literal or a blank node as predicate.
_GENERALISED: Final = re.compile(rb'\s*(?:"|(?:<[^>]*>|_:\S+)\s+(?:"|_:))')
_LEAST_SECONDS: Final = 0.5
_TRUTHS: Final = {"1": "true", "0": "false"}


@dataclass(frozen=True, slots=True, eq=False)
class RemotePool(Pool):
    """Query processes over no data, and the engine that holds it; can be copied likewise.

    Two are the same where their query processes are.
    """

    embedded: ClassVar[bool] = False
    engine: Engine
    graphs: Graphs
    release_id: str

    def query(
        self, query: Query, *, lane: Lane = "queries", departure: Departure | None = None
    ) -> Answer:
        """The whole answer, or a refusal; StoreUnavailable where the engine has none."""
        if query.blank_nodes:
            raise QueryFailed("an engine over HTTP cannot be asked for one of its blank nodes")
        seen = Pool.query(self, _for_columns(query), lane=lane, departure=departure)
        asked = translate(query, self.graphs)
        with _place(self.settings, lane):
            if departure:
                departure.check()
            started = time.monotonic()
            if seen.form == "graph":
                answer = self._graph(asked, seen.media_type)
            else:
                answer = self._table(asked, seen, query)
            # A release is taken out from its record on: what was asked before that was whole.
            self._look(self.engine.limits.seconds - (time.monotonic() - started))
            return answer

    def _look(self, left: float) -> None:
        """StoreUnavailable where the engine does not say in time that it holds the release."""
        limits = replace(self.engine.limits, seconds=max(left, _LEAST_SECONDS))
        try:
            if is_listed(replace(self.engine, limits=limits), self.release_id):
                return
        except QueryTimeout:
            raise StoreUnavailable(
                f"the engine did not say in time that it holds release {self.release_id}"
            ) from None
        raise StoreUnavailable(f"the engine does not hold release {self.release_id} now")

    def within(self, seconds: float) -> RemotePool:
        """The same in less time."""
        limits = replace(self.engine.limits, seconds=seconds)
        engine = replace(self.engine, limits=limits)
        return replace(self, settings=replace(self.settings, query_seconds=seconds), engine=engine)

    async def ask(self, query: Query, departure: Departure, threads: Executor) -> Answer:
        """The same from a loop; a thread waits for the engine."""
        work = partial(self.query, query, departure=departure)
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _table(self, asked: Translated, seen: Answer, query: Query) -> Answer:
        """A table or a truth, its columns as in the query."""
        found = self._document(asked)
        wanted = query.wanted(seen.form)
        assert wanted is not None
        if ("boolean" in found) != (seen.form == "ask"):
            raise StoreUnavailable("the engine answered another kind of query")
        try:
            if seen.form == "select":
                found = _normal(found, json.loads(seen.body)["head"]["vars"])
            try:
                body = self._written(found, wanted)
            except (SyntaxError, ValueError):
                body = self._written(_without_odd_iris(found), wanted)
        except _MALFORMED as error:
            raise StoreUnavailable(f"the engine's answer is not SPARQL results: {error}") from None
        return Answer(seen.form, wanted, body)

    def _written(self, found: Any, wanted: str) -> bytes:
        results = parse_query_results(json.dumps(found).encode(), QueryResultsFormat.JSON)
        return write(results, wanted, self.settings.result_bytes)

    def _document(self, asked: Translated) -> Any:
        """The result of a SELECT or ASK query as the engine writes it, if it is whole."""
        reply = self.engine.ask(*asked, JSON_RESULTS)
        found = document(reply)
        if "results" in found:
            refuse_cut(reply, len(found["results"]["bindings"]), limit_of(asked.text))
        return found

    def _graph(self, asked: Translated, wanted: str) -> Answer:
        """Triples, each once."""
        reply = self.engine.ask(*asked, N_TRIPLES)
        if "virtuoso" in reply.headers.get("server", "").lower():
            self._count_solutions(asked)
        try:
            triples = dict.fromkeys(_triples(reply.body))
        except SyntaxError:
            triples = dict.fromkeys(_sound(reply.body))
        return Answer("graph", wanted, write(triples, wanted, self.settings.result_bytes))

    def _count_solutions(self, asked: Translated) -> None:
        """Refuse what Virtuoso has cut: of a table it says so, of triples it does not."""
        self._document(asked._replace(text=solutions_of(asked.text)))


def _for_columns(query: Query) -> Query:
    """The query as it is parsed here: a table in any type is looked at as JSON."""
    if query.select in FORMATS["select"]:
        return query._replace(select=JSON_RESULTS)
    return query


def _triples(content: bytes) -> Iterator[Triple]:
    for quad in parse(content, RdfFormat.N_TRIPLES):
        yield show(Triple(quad.subject, quad.predicate, quad.object))


def _sound(content: bytes) -> Iterator[Triple]:
    """The same without the triples that RDF does not have, which a template may make."""
    lines = content.splitlines(keepends=True)
    try:
        yield from _triples(b"".join(line for line in lines if not _GENERALISED.match(line)))
    except SyntaxError as error:
        raise StoreUnavailable(f"the engine's answer is not N-Triples: {error}") from None


def _normal(found: Any, columns: Sequence[str]) -> dict[str, Any]:
    """The document as SPARQL 1.1 has it, with only the columns of the query."""
    missing = {*columns} - {*found["head"]["vars"]}
    if missing:
        raise ValueError(f"it has no column {min(missing)}")
    if not all(isinstance(row, dict) for row in found["results"]["bindings"]):
        raise TypeError("it has a row that is none")
    labels: dict[str, str] = {}
    bindings = [
        {name: _term(row[name], labels) for name in columns if name in row}
        for row in found["results"]["bindings"]
    ]
    return {"head": {"vars": columns}, "results": {"bindings": bindings}}


def _without_odd_iris(found: Any) -> Any:
    """The document without what functions have made that is no IRI: that is no value."""
    bindings = found.get("results", {}).get("bindings", ())
    for row in bindings:
        for name, term in tuple(row.items()):
            if term.get("type") == "uri" and not is_iri(term.get("value")):
                del row[name]
    return found


def _term(term: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """A term as Virtuoso, too, should write it."""
    term = show_term(term)
    match term:
        case {"type": "bnode", "value": str(label)}:
            return {"type": "bnode", "value": labels.setdefault(label, f"b{len(labels)}")}
        case {"type": "literal" | "typed-literal", "datatype": datatype, "value": value}:
            if datatype == _BOOLEAN:
                value = _TRUTHS.get(value, value)
            return {"type": "literal", "datatype": datatype, "value": value}
    return term


class _Lane:
    """So many queries at the same time, and so many that wait."""

    def __init__(self, working: int, waiting: int) -> None:
        self.working = threading.BoundedSemaphore(working)
        self.present = threading.BoundedSemaphore(working + waiting)


@cache
def _lane(process: int, lane: Lane, working: int, waiting: int) -> _Lane:
    return _Lane(working, waiting)


@contextmanager
def _place(settings: Settings, lane: Lane) -> Iterator[None]:
    """A place at the engine; StoreBusy where none becomes free in time."""
    working = settings.query_workers if lane == "queries" else settings.page_workers
    places = _lane(os.getpid(), lane, working, settings.queue)
    if not places.present.acquire(blocking=False):
        raise StoreBusy("every place at the engine is taken, and the queue is full")
    try:
        if not places.working.acquire(timeout=settings.query_seconds):
            raise StoreBusy("no place at the engine became free in time")
        try:
            yield
        finally:
            places.working.release()
    finally:
        places.present.release()


@contextmanager
def open_remote(release_id: str, settings: Settings) -> Iterator[RemotePool]:
    """A release in the engine of the settings; NoRelease where that does not hold it."""
    engine = engine_of(settings)
    graphs = find_whole(engine, release_id).graphs
    with open_pool((), settings) as pool:
        yield RemotePool(pool.directory, settings, engine, graphs, release_id)
