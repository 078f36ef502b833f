"""What the addresses take in their query string, and in which media types they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designata.store.formats import GRAPHS, TABLES
from designata.web.fragments import routes as fragments
from designata.web.rdf import FORMATS, OF_THINGS
from designata.web.syntaxes import TRIPLES

_FORMAT: Final = {"format": "A short name or media type, instead of Accept."}
_DOCUMENT: Final = {
    **_FORMAT,
    "page": "Which hundred of the links that lead here; from 1.",
    "profile": "`labelled`: with the labels of what is linked to.",
}
_SPARQL: Final = {
    "query": "The query.",
    "default-graph-uri": "A graph of the default graph of the query; may be repeated.",
    "named-graph-uri": "A named graph of the query; may be repeated.",
    **_FORMAT,
}
QUERY: Final[Mapping[str, Mapping[str, str]]] = {
    "/": _FORMAT,
    "/doc/{path}": _DOCUMENT,
    "/ldf": {
        "subject": "An IRI; empty for any.",
        "predicate": "An IRI; empty for any.",
        "object": 'An IRI or a literal, as in `"text"@en`; empty for any.',
        "page": "Which hundred of the triples; from 1.",
        **_FORMAT,
    },
    "/query": {"question": "The key of a published question.", "query": "A query to start from."},
    "/rdf-graph-store": {
        "graph": "The IRI of a graph.",
        "default": "The default graph.",
        **_FORMAT,
    },
    "/search": {"q": "A part of a name."},
    "/sparql": _SPARQL,
}
_DOCUMENTS: Final = tuple(form.media_type for form in FORMATS)
MEDIA_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("/", "/ontology", "/shapes", "/void"), _DOCUMENTS),
    "/doc/{path}": tuple(form.media_type for form in OF_THINGS),
    "/.well-known/void": _DOCUMENTS,
    "/ldf": fragments.OFFERS,
    "/rdf-graph-store": TRIPLES,
    "/sparql": tuple(dict.fromkeys((*TABLES, *GRAPHS, "text/html"))),
}
