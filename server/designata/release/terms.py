"""What a release is made of: triples of IRIs and literals, nothing else."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import term


def iri(node: object) -> NamedNode:
    """The node, which must be an IRI; ValueError where it is not."""
    if isinstance(node, NamedNode):
        return node
    raise ValueError(f"{node}: only IRIs and literals have a place in a release")


def whole_number(value: int) -> Literal:
    """The number as an xsd:integer."""
    return Literal(str(value), datatype=term("xsd:integer"))
