"""Reading a property path from a shapes graph (SHACL, section 2.3.1)."""

from __future__ import annotations

from typing import Final

from designata.errors import UnusableShapes
from designata.validation.graph import Graph
from designata.validation.paths import (
    Alternative,
    Inverse,
    Predicate,
    PropertyPath,
    Repeated,
    Sequenced,
)
from designata.validation.terms import FIRST, Node, is_iri, readable, sh

_SIGNS: Final = {sh("zeroOrMorePath"): "*", sh("oneOrMorePath"): "+", sh("zeroOrOnePath"): "?"}
_DEPTH: Final = 200


def read_path(graph: Graph, node: Node, inside: tuple[Node, ...] = ()) -> PropertyPath:
    """The path that a node stands for; raises UnusableShapes where it stands for none."""
    if is_iri(node):
        return Predicate(node)
    if node in inside:
        raise UnusableShapes(f"a property path contains itself ({readable(node)})")
    if len(inside) > _DEPTH:
        raise UnusableShapes(f"a property path is nested more than {_DEPTH} deep")
    inside = (*inside, node)
    if graph.objects(node, FIRST):
        return Sequenced(_members(graph, node, inside))
    for head in graph.objects(node, sh("alternativePath")):
        return Alternative(_members(graph, head, inside))
    for inner in graph.objects(node, sh("inversePath")):
        return Inverse(read_path(graph, inner, inside))
    for predicate, sign in _SIGNS.items():
        for inner in graph.objects(node, predicate):
            return Repeated(read_path(graph, inner, inside), sign)
    raise UnusableShapes(
        f"{readable(node)} is not a property path: an IRI, a list, or sh:inversePath, "
        "sh:alternativePath, sh:zeroOrMorePath, sh:oneOrMorePath or sh:zeroOrOnePath"
    )


def _members(graph: Graph, head: Node, inside: tuple[Node, ...]) -> tuple[PropertyPath, ...]:
    items = graph.items(head)
    if items is None or len(items) < 2:
        raise UnusableShapes(
            f"{readable(head)}: a path needs a list of at least two members that ends in rdf:nil"
        )
    return tuple(read_path(graph, item, inside) for item in items)
