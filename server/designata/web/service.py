"""What the endpoint says of itself (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple, serialize

from designata.store import jsonld
from designata.store.formats import GRAPHS
from designata.vocabulary import PREFIXES

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS: Final = (
    "SPARQL_Results_JSON SPARQL_Results_XML SPARQL_Results_CSV SPARQL_Results_TSV "
    "Turtle N-Triples JSON-LD RDF_XML TriG N-Quads"
).split()
_FUNCTIONS: Final = "http://www.opengis.net/def/function/geosparql/"
# Of the engine that is built in; another one is not known here.
EXTENSIONS: Final = (
    "asGeoJSON convexHull distance envelope sfContains sfCrosses sfDisjoint sfEquals "
    "sfIntersects sfOverlaps sfTouches sfWithin"
).split()
_TYPE: Final = PREFIXES["rdf"] + "type"
_PREFIXES: Final = {"sd": SD, "formats": FORMATS} | {
    name: PREFIXES[name] for name in ("void", "dcterms", "rdf")
}


def describe(
    endpoint: str,
    graphs: Iterable[str],
    triples: int | None,
    void: str | None,
    *,
    extended: bool,
) -> list[Triple]:
    """The description of an endpoint over named graphs, whose union is the default graph."""
    dataset, default = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    found = [
        _link(endpoint, _TYPE, SD + "Service"),
        _link(endpoint, SD + "endpoint", endpoint),
        _link(endpoint, SD + "supportedLanguage", SD + "SPARQL11Query"),
        _link(endpoint, SD + "feature", SD + "UnionDefaultGraph"),
        _link(endpoint, SD + "defaultEntailmentRegime", "http://www.w3.org/ns/entailment/Simple"),
        *(_link(endpoint, SD + "resultFormat", FORMATS + name) for name in _RESULT_FORMATS),
        _link(endpoint, SD + "defaultDataset", dataset),
        _link(dataset, _TYPE, SD + "Dataset"),
        _link(dataset, _TYPE, PREFIXES["void"] + "Dataset"),
        _link(dataset, SD + "defaultGraph", default),
        _link(default, _TYPE, SD + "Graph"),
    ]
    for name in EXTENSIONS if extended else ():
        found.append(_link(endpoint, SD + "extensionFunction", _FUNCTIONS + name))
        found.append(_link(_FUNCTIONS + name, _TYPE, SD + "Function"))
    if void is not None:
        found.append(_link(dataset, PREFIXES["dcterms"] + "source", void))
    if triples is not None:
        counted = NamedNode(PREFIXES["void"] + "triples")
        found.append(Triple(NamedNode(default), counted, Literal(triples)))
    for number, name in enumerate(sorted(graphs), start=1):
        graph = f"{endpoint}#named-graph-{number}"
        found += (
            _link(dataset, SD + "namedGraph", graph),
            _link(graph, _TYPE, SD + "NamedGraph"),
            _link(graph, SD + "name", name),
            _link(graph, SD + "graph", f"{graph}-content"),
            _link(f"{graph}-content", _TYPE, SD + "Graph"),
        )
    return found


def write(triples: Sequence[Triple], media_type: str) -> bytes:
    """The description in a media type of RDF."""
    if media_type == "application/ld+json":
        return b"".join(jsonld.serialize(triples, tuple(GRAPHS)))
    content = serialize(triples, format=GRAPHS[media_type], prefixes=_PREFIXES)
    assert content is not None
    return content


def _link(subject: str, predicate: str, target: str) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), NamedNode(target))
