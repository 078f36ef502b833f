"""Reading a shape's parameters, and refusing those that SHACL calls ill-formed."""

from __future__ import annotations

from collections.abc import Sequence

from designata.errors import UnusableShapes
from designata.validation.graph import Graph
from designata.validation.lexical import CHECKS
from designata.validation.terms import (
    SH,
    STRING,
    XSD,
    Node,
    iri,
    is_iri,
    is_literal,
    readable,
    sh,
    split_literal,
)

_INTEGER = iri(XSD + "integer")
_BOOLEAN = iri(XSD + "boolean")


class Parameters:
    """The parameters of one shape or constraint."""

    def __init__(self, graph: Graph, node: Node) -> None:
        self.graph, self.node = graph, node

    def all(self, local: str) -> Sequence[Node]:
        """The values of a property of SHACL."""
        return self.graph.objects(self.node, sh(local))

    def one(self, local: str) -> Node | None:
        """The value of a property that may have only one."""
        values = self.all(local)
        if len(values) > 1:
            raise self.wrong(local, "has more than one value")
        return values[0] if values else None

    def integer(self, local: str) -> int | None:
        """A whole number."""
        node = self.one(local)
        if node is None:
            return None
        if is_literal(node):
            text, datatype, _ = split_literal(node)
            if datatype == _INTEGER and CHECKS[_INTEGER](text) and len(text) < 20:
                return int(text)
        raise self.wrong(local, f"must be a whole number, not {readable(node)}")

    def boolean(self, local: str) -> bool:
        """True only where the shape says so."""
        node = self.one(local)
        if node is None:
            return False
        if is_literal(node):
            text, datatype, _ = split_literal(node)
            if datatype == _BOOLEAN and CHECKS[_BOOLEAN](text):
                return text in ("true", "1")
        raise self.wrong(local, f"must be true or false, not {readable(node)}")

    def text(self, local: str) -> str | None:
        """A plain string."""
        node = self.one(local)
        if node is None:
            return None
        if is_literal(node) and split_literal(node).datatype == STRING:
            return split_literal(node).value
        raise self.wrong(local, f"must be a string, not {readable(node)}")

    def iris(self, local: str) -> Sequence[Node]:
        """Values that all have to be IRIs."""
        values = self.all(local)
        for node in values:
            if not is_iri(node):
                raise self.wrong(local, f"must be an IRI, not {readable(node)}")
        return values

    def items(self, local: str, head: Node) -> list[Node]:
        """The members of a list."""
        found = self.graph.items(head)
        if found is None:
            raise self.wrong(local, "is not a list that ends in rdf:nil")
        return found

    def wrong(self, local: str, reason: str) -> UnusableShapes:
        """The error for one parameter of this shape."""
        name = f"sh:{local}" if not local.startswith("<") else readable(local)
        return UnusableShapes(f"{describe(self.node)}: {name} {reason}")


def describe(node: Node) -> str:
    """A shape for people; one without an IRI cannot be named better."""
    return readable(node) if is_iri(node) else f"a shape without an IRI ({node})"


def local_name(node: Node) -> str:
    """The local name of a term of SHACL."""
    return node[len(SH) + 1 : -1]
