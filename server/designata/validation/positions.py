"""Where in the files a result has its reason: found in a second reading, only if there are any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Quad

from designata.turtle import Statement, read
from designata.validation.graph import Graph
from designata.validation.loading import Labels
from designata.validation.paths import Predicate, last_triple
from designata.validation.results import Result
from designata.validation.terms import Node, Triple

Place = tuple[Path, int]
Reading = tuple[Path, Iterable[Statement], Labels, bool]
Again = Callable[[Graph], Iterator[Reading]]


def readings(graph: Graph) -> Iterator[Reading]:
    """The files of a graph, once more; the flag says whether they have blank nodes."""
    for path, labels in graph.labels.items():
        yield path, read(path), Labels(labels.start), bool(labels)


def parsed(held: Sequence[tuple[Path, Statement]]) -> Again:
    """The same for statements that the caller holds."""

    def again(_: Graph) -> Iterator[Reading]:
        labels = Labels()
        for path, statement in held:
            labels.enter(path)
            yield path, (statement,), labels, True

    return again


def locate(
    graph: Graph,
    results: Sequence[Result],
    again: Again = readings,
) -> list[Result]:
    """Give each result its triple, file and line; sort them by place."""
    if not results:
        return []
    triples = [_offending(graph, result) for result in results]
    focuses = {result.focus for result in results}
    absent = {node for node in focuses if not any(True for _ in graph.about(node))}
    places = _Places({triple for triple in triples if triple}, focuses, absent)
    for path, found, labels, has_blanks in again(graph):
        places.scan(path, found, labels, has_blanks)
    located = []
    for result, triple in zip(results, triples, strict=True):
        place = places.of(triple, result.focus)
        file, line = place or (None, None)
        located.append(replace(result, triple=triple, file=file, line=line))
    order = {path: number for number, path in enumerate(places.files)}
    return sorted(located, key=lambda each: _order(each, order))


def _order(result: Result, files: dict[Path, int]) -> tuple[object, ...]:
    return (
        len(files) if result.file is None else files[result.file],
        result.line or 0,
        result.rank,
        result.focus,
        result.source_shape,
        result.component,
        result.value or "",
    )


def _offending(graph: Graph, result: Result) -> Triple | None:
    """The triple that a result is about, None where one is missing."""
    focus, path, value = result.focus, result.path, result.value
    if path is None:
        return None
    if value is not None:
        return last_triple(graph, path, focus, value)
    objects = graph.objects(focus, path.iri) if isinstance(path, Predicate) else ()
    return (focus, path.iri, objects[-1]) if objects and isinstance(path, Predicate) else None


def place_of(graph: Graph, node: Node) -> Place | None:
    """Where a node is described for the first time."""
    for path, found, labels, _ in readings(graph):
        labels.enter(path)
        for quad, line in found:
            subject, value = str(quad.subject), str(quad.object)
            subject = labels[subject] if subject[0] == "_" else subject
            value = labels[value] if value[0] == "_" else value
            if node in (subject, value):
                return path, line
    return None


class _Places:
    """The first places of the triples and focus nodes that somebody asks for."""

    def __init__(self, triples: set[Triple], focuses: set[Node], absent: set[Node]) -> None:
        self._triples: dict[Triple, Place | None] = dict.fromkeys(triples)
        self._subjects = {triple[0] for triple in triples} | focuses
        self._absent = absent
        self._blocks: dict[Node, Place] = {}
        self._mentions: dict[Node, Place] = {}
        self.files: dict[Path, None] = {}

    def of(self, triple: Triple | None, focus: Node) -> Place | None:
        found = self._triples[triple] if triple else None
        return found or self._blocks.get(focus) or self._mentions.get(focus)

    def scan(
        self, path: Path, statements: Iterable[Statement], labels: Labels, has_blanks: bool
    ) -> None:
        self.files[path] = None
        labels.enter(path)
        wanted, absent = self._subjects, self._absent
        for quad, line in statements:
            subject = str(quad.subject)
            if has_blanks or absent:
                value = str(quad.object)
                subject = labels[subject] if subject[0] == "_" else subject
                value = labels[value] if value[0] == "_" else value
                if value in absent:
                    self._mentions.setdefault(value, (path, line))
            if subject in wanted:
                self._take(quad, subject, labels, (path, line))

    def _take(self, quad: Quad, subject: Node, labels: Labels, place: Place) -> None:
        self._blocks.setdefault(subject, place)
        value = str(quad.object)
        value = labels[value] if value[0] == "_" else value
        triple = (subject, str(quad.predicate), value)
        if triple in self._triples and self._triples[triple] is None:
            self._triples[triple] = place
