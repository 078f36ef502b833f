"""The same validation by pySHACL on rdflib's memory store: slow, and known to others.

pySHACL parses a constraint's query again for each focus node; here each text is parsed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import rdflib
from rdflib import RDF
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.evaluate import evalQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.term import BNode, Identifier, URIRef

from designata.errors import UnusableShapes
from designata.validation import terms
from designata.validation.graph import Graph
from designata.validation.paths import PropertyPath
from designata.validation.results import VIOLATION, Report, Result
from designata.validation.shape_paths import read_path
from designata.validation.terms import Node, is_blank, is_iri, split_literal

_SH = rdflib.Namespace(terms.SH)


def validate(data: Graph, shapes: Graph, abort: bool = False) -> Report:
    """Validate with pySHACL; results have no places yet.

    Raises UnusableShapes where pySHACL cannot use the shapes.
    """
    import pyshacl
    from pyshacl.errors import ReportableRuntimeError

    with _lexical_forms_kept():
        source, guard = _CachingGraph(bind_namespaces="none"), _to_rdflib(shapes)
        for triple in data.triples():
            source.add((_term(triple[0]), _term(triple[1]), _term(triple[2])))
        try:
            _, found, text = pyshacl.validate(
                source, shacl_graph=guard, inplace=True, abort_on_first=abort
            )
        except ReportableRuntimeError as error:
            raise UnusableShapes(f"pySHACL: {error}") from None
    if not isinstance(found, rdflib.Graph):
        raise UnusableShapes(f"pySHACL: {text}")
    return Report(tuple(_results(found, _from_rdflib(found))))


class _CachedProcessor(SPARQLProcessor):
    """rdflib's processor, with each text translated once."""

    def __init__(self, graph: rdflib.Graph, cache: dict[Any, Any]) -> None:
        super().__init__(graph)  # type: ignore[no-untyped-call]
        self._cache = cache

    def query(  # type: ignore[override]
        self,
        strOrQuery: Any,
        initBindings: Mapping[str, Identifier] | None = None,
        initNs: Mapping[str, Any] | None = None,
        base: str | None = None,
        DEBUG: bool = False,
    ) -> Mapping[str, Any]:
        key = (strOrQuery, tuple(sorted((initNs or {}).items())), base)
        if key not in self._cache:
            self._cache[key] = translateQuery(parseQuery(strOrQuery), base, initNs)
        return evalQuery(self.graph, self._cache[key], initBindings or {}, base)


class _CachingGraph(rdflib.Graph):
    """A graph whose queries are parsed once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._cache: dict[Any, Any] = {}

    def query(self, query_object: Any, *_: Any, **options: Any) -> rdflib.query.Result:
        bindings = options.get("initBindings") or (_[3] if len(_) > 3 else None)
        return super().query(
            query_object, _CachedProcessor(self, self._cache), initBindings=bindings, initNs={}
        )


@contextmanager
def _lexical_forms_kept() -> Iterator[None]:
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _term(node: Node) -> Any:
    if is_iri(node):
        return URIRef(node[1:-1])
    if is_blank(node):
        return BNode(node[2:])
    value, datatype, language = split_literal(node)
    if language:
        return rdflib.Literal(value, lang=language)
    return rdflib.Literal(
        value, datatype=None if datatype == terms.STRING else URIRef(datatype[1:-1])
    )


def _to_rdflib(graph: Graph) -> rdflib.Graph:
    made = rdflib.Graph(bind_namespaces="none")
    for subject, predicate, value in graph.triples():
        made.add((_term(subject), _term(predicate), _term(value)))
    return made


def _node(term: Any) -> Node:
    if isinstance(term, URIRef):
        return f"<{term}>"
    if isinstance(term, BNode):
        return f"_:{term}"
    if term.language:
        return f"{terms.quote(str(term))}@{term.language}"
    if term.datatype is None or str(term.datatype) == terms.XSD + "string":
        return terms.quote(str(term))
    return f"{terms.quote(str(term))}^^<{term.datatype}>"


def _from_rdflib(graph: rdflib.Graph) -> Graph:
    made = Graph()
    for subject, predicate, value in graph:
        row = made.rows.setdefault(_node(predicate), {})
        row[_node(subject)] = (*row.get(_node(subject), ()), _node(value))
    return made


def _results(found: rdflib.Graph, graph: Graph) -> Iterator[Result]:
    inner = set(found.objects(None, _SH.detail))
    for result in found.subjects(RDF.type, _SH.ValidationResult):
        if result in inner:
            continue

        def one(local: str, node: Any = result) -> Node | None:
            value = found.value(node, _SH[local])
            return None if value is None else _node(value)

        yield Result(
            focus=one("focusNode") or "",
            path=_path(graph, one("resultPath")),
            value=one("value"),
            source_shape=one("sourceShape") or "",
            component=one("sourceConstraintComponent") or "",
            severity=one("resultSeverity") or VIOLATION,
            messages=tuple(sorted(map(_node, found.objects(result, _SH.resultMessage)))),
            source_constraint=one("sourceConstraint"),
        )


def _path(graph: Graph, node: Node | None) -> PropertyPath | None:
    return read_path(graph, node) if node else None
