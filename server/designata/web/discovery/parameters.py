"""What the addresses take in their query string, and what they answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designata.store.formats import GRAPHS, TABLES
from designata.web.fragments import routes as fragments
from designata.web.groups import GROUPS
from designata.web.protocol import DEFAULT, NAMED
from designata.web.rdf import FORMATS, OF_THINGS
from designata.web.syntaxes import TRIPLES

_FORMAT: Final = {"format": "A short name or media type, instead of Accept."}
_DOCUMENT: Final = {
    **_FORMAT,
    "page": "Which hundred of the links that lead here, and of the values of each property.",
    "date": "The day for which the page of an organization says who designates it.",
    "profile": "`labelled`: with the labels of what is linked to; `expanded`: JSON-LD in full.",
}
_DATASET: Final = {
    DEFAULT: "A graph of the default graph of the query; may be repeated.",
    NAMED: "A named graph of the query; may be repeated.",
}
_SPARQL: Final = {"query": "The query.", **_DATASET, **_FORMAT}
QUERY: Final[Mapping[str, Mapping[str, str]]] = {
    "/": _FORMAT,
    **{f"/all/{name}": {"page": "Which hundred of the things; from 1."} for name in GROUPS},
    "/doc/{path}": _DOCUMENT,
    "/ldf": {
        "subject": "An IRI; empty for any.",
        "predicate": "An IRI; empty for any.",
        "object": 'An IRI or a literal, as in `"text"@en`; empty for any.',
        "page": "Which hundred of the triples; from 1.",
        **_FORMAT,
    },
    "/query": {
        "question": "The key of a published question.",
        "query": "A query to start from.",
        "run": "Its answer, not the query; a question takes its own parameters, too.",
        **_DATASET,
    },
    "/rdf-graph-store": {
        "graph": "The IRI of a graph.",
        "default": "The default graph.",
        **_FORMAT,
    },
    "/search": {"q": "A part of a name.", "page": "Which fifty of the things; from 1."},
    "/sparql": _SPARQL,
}
_SEE: Final = {
    "303": "A thing is no document: see the one about it.",
    "308": "The thing was merged into another one.",
}
_MET: Final = {"200": "What was asked for.", "304": "The client has it already."}
_LATEST: Final = {"302": "The newest release."}
PROBES: Final = {
    "/healthz": "Is the server alive?",
    "/metrics": "What has been counted.",
    "/readyz": "Can queries be answered?",
}
# What each address may answer with but refusals; the others with what was asked for.
_ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "/code/{path}": _SEE,
    "/doc/{path}": {
        **_MET,
        "308": "The thing was merged into another one.",
        "410": "The thing was withdrawn: what is known of that, in the form asked for.",
    },
    "/healthz": {"200": "The server is alive."},
    "/id/{path}": _SEE,
    "/metrics": {"200": "Counts and times in the text format of Prometheus."},
    "/readyz": {"200": "Queries can be answered.", "503": "They cannot, and why."},
    "/ontology/{version}": {"303": "See the ontology, which is in that version."},
    "/release": {"308": "The list of releases."},
    "/release/latest": _LATEST,
    "/release/latest/": _LATEST,
    "/release/{release_id}/{name}": {
        **_MET,
        "206": "The part of the file that was asked for.",
        "302": "The same of the newest release, where `latest` was asked for.",
    },
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


def answers(template: str, method: str) -> Mapping[str, str]:
    """The statuses of an address that are no refusals, and what they mean."""
    usual = _MET if method != "POST" else {"200": _MET["200"]}
    return _ANSWERS.get(template, usual)
