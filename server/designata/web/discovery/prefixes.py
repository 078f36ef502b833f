"""The prefixes that the queries and documents here may use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import BASE, PREFIXES, term
from designata.web.graph import TYPE, Fact, iri

DOCUMENT: Final = f"{BASE}prefixes"


def as_json() -> str:
    """One object: the namespace of each prefix."""
    return json.dumps(dict(sorted(PREFIXES.items())), indent=1) + "\n"


def declarations() -> Iterator[Fact]:
    """The same as declarations of SHACL."""
    yield Fact(DOCUMENT, TYPE, term("owl:Ontology"))
    datatype = term("xsd:anyURI")
    for prefix, namespace in sorted(PREFIXES.items()):
        node = f"{DOCUMENT}#{prefix}"
        yield Fact(DOCUMENT, iri("sh:declare"), NamedNode(node))
        yield Fact(node, TYPE, term("sh:PrefixDeclaration"))
        yield Fact(node, iri("sh:prefix"), Literal(prefix))
        yield Fact(node, iri("sh:namespace"), Literal(namespace, datatype=datatype))
