"""Files and statements into a graph, as fast as Python allows, every literal as written."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, RdfFormat, parse, serialize
from pyoxigraph import Triple as OxTriple

from designata.errors import UnreadableFile
from designata.turtle import Statement, format_of, read
from designata.validation.graph import Graph, Row
from designata.validation.terms import Node

_CHUNK: Final = 50_000


class Labels:
    """New names for blank nodes, in the order in which they are met; each file has its own."""

    def __init__(self, start: int = 0) -> None:
        self.count = start
        self._files: dict[Path, dict[Node, Node]] = {}
        self._names: dict[Node, Node] = {}

    def enter(self, path: Path) -> None:
        """Name the nodes of this file from now on."""
        self._names = self._files.setdefault(path, {})

    def __getitem__(self, label: Node) -> Node:
        found = self._names.get(label)
        if found is None:
            found = self._names[label] = f"_:b{self.count}"
            self.count += 1
        return found


def load(paths: Iterable[Path], contents: Mapping[Path, bytes] | None = None) -> Graph:
    """Read files into one graph; named graphs are taken together.

    `contents` gives what to read in place of some of the files.
    Raises UnreadableFile with the line for whatever cannot be read.
    """
    graph, labels = Graph(), Labels()
    with _Indexer(graph) as indexer:
        for path in dict.fromkeys(paths):
            start = labels.count
            labels.enter(path)
            given = (contents or {}).get(path)
            indexer.add(_lines(path, given, graph.prefixes), labels)
            graph.labels[path] = range(start, labels.count)
    return graph


def from_statements(statements: Iterable[tuple[Path, Statement]]) -> Graph:
    """Index what was read already; equal labels in one file are one node."""
    graph, labels, last = Graph(), Labels(), None
    with _Indexer(graph) as indexer:
        for path, (quad, _) in statements:
            if path != last:
                labels.enter(path)
                last = path
            indexer.add((f"{quad.subject} {quad.predicate} {quad.object} .",), labels)
    return graph


def from_quads(quads: Iterable[Quad | OxTriple]) -> Graph:
    """Index quads; equal labels are one node."""
    graph = Graph()
    lines = (f"{quad.subject} {quad.predicate} {quad.object} ." for quad in quads)
    with _Indexer(graph) as indexer:
        indexer.add(lines, Labels())
    return graph


class _Indexer:
    """Adds N-Triples lines to a graph; values that occur twice are dropped at the end."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._several: list[tuple[Row, Node]] = []
        self._terms: dict[Node, Node] = {}
        self._collects = gc.isenabled()

    def __enter__(self) -> _Indexer:
        gc.disable()
        return self

    def __exit__(self, *_: object) -> None:
        for row, subject in self._several:
            row[subject] = tuple(dict.fromkeys(row[subject]))
        if self._collects:
            gc.enable()

    def add(self, lines: Iterable[str], labels: Labels) -> None:
        rows, terms = self._graph.rows, self._terms
        for line in lines:
            subject, predicate, value = line.split(" ", 2)
            value = value[:-2]
            if subject[0] == "_":
                subject = labels[subject]
            if value[0] == "_":
                value = labels[value]
            subject = terms.setdefault(subject, subject)
            value = terms.setdefault(value, value)
            row = rows.get(predicate)
            if row is None:
                row = rows[predicate] = {}
            old = row.get(subject)
            if old is None:
                row[subject] = (value,)
            elif isinstance(old, list):
                old.append(value)
            else:
                row[subject] = [old[0], value]
                self._several.append((row, subject))


def _lines(path: Path, content: bytes | None, prefixes: dict[str, str]) -> Iterator[str]:
    """A file as lines of N-Triples; what goes wrong is found again by the reader that has lines."""
    syntax = format_of(path)
    try:
        base = path.absolute().as_uri()
        if content is None:
            quads = parse(path=path, format=syntax, base_iri=base)
        else:
            quads = parse(content, syntax, base_iri=base)
        flat = syntax in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES)
        source = quads if flat else (quad.triple for quad in quads)
        while text := serialize(islice(source, _CHUNK), format=RdfFormat.N_TRIPLES):
            yield from text.decode().split("\n")[:-1]
        prefixes.update(quads.prefixes)
    except (OSError, SyntaxError, ValueError, MemoryError) as error:
        if content is None:
            for _ in read(path):
                pass
        raise UnreadableFile(path, None, str(error)) from None
