"""The published questions as examples of queries, for editors that offer them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import EXAMPLES, term
from designata.web.asking import ask_text
from designata.web.discovery.prefixes import DOCUMENT
from designata.web.graph import Fact, fact, iri

ADDRESS: Final = EXAMPLES
_TITLE: Final = iri("dcterms:title")
_FORMS: Final = ("sh:select", "sh:ask", "sh:construct", "sh:describe")
_SAID: Final = ("rdf:type", "dcterms:title", "dcterms:description", "rdfs:comment", *_FORMS)
_QUERY: Final = f"""
SELECT DISTINCT ?s ?p ?o WHERE {{
  VALUES ?p {{ {" ".join(str(term(curie)) for curie in _SAID)} }}
  ?s a {term("sh:SPARQLExecutable")} ; ?p ?o .
  FILTER (isIRI(?s))
}}
ORDER BY ?s ?p ?o"""


def examples(endpoint: str) -> Iterator[Fact]:
    """Each question with its text, what it is about, and where it can be asked."""
    seen = set()
    for one in map(fact, ask_text(_QUERY)):
        yield one
        if one.predicate == _TITLE:
            yield Fact(one.subject, iri("rdfs:comment"), one.object)
        if one.subject not in seen:
            seen.add(one.subject)
            yield Fact(one.subject, iri("schema:target"), NamedNode(endpoint))
            yield Fact(one.subject, iri("sh:prefixes"), NamedNode(DOCUMENT))
    yield Fact(ADDRESS, iri("dcterms:title"), Literal("Examples of queries", language="en"))
