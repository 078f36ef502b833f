"""Facts written in the RDF formats that documents come in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from json.encoder import encode_basestring
from typing import Any, Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, serialize

from designata.store.jsonld import described
from designata.store.wellformed import held, sound_document
from designata.turtle import format_turtle
from designata.vocabulary import PREFIXES, compact
from designata.web.graph import Fact

XSD: Final = PREFIXES["xsd"]
_TURTLE: Final = ("ttl", "trig")


class Format(NamedTuple):
    """A form of a document: the suffix of its address and its media type."""

    suffix: str
    media_type: str

    @property
    def content_type(self) -> str:
        """The media type as it is sent."""
        text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


FORMATS: Final = (
    Format("ttl", "text/turtle"),
    Format("html", "text/html"),
    Format("jsonld", "application/ld+json"),
    Format("nt", "application/n-triples"),
    Format("rdf", "application/rdf+xml"),
    Format("trig", "application/trig"),
    Format("nq", "application/n-quads"),
)
# What documents about things come in, beside: of these nothing can be loaded again.
OF_THINGS: Final = (*FORMATS, Format("csv", "text/csv"), Format("geojson", "application/geo+json"))
SUFFIXES_OF_THINGS: Final = frozenset(form.suffix for form in OF_THINGS)
BY_SUFFIX: Final = {form.suffix: form for form in FORMATS}
BY_TYPE: Final = {form.media_type: form for form in FORMATS}


def write(facts: Iterable[Fact], suffix: str, main: str | None = None) -> bytes:
    """The facts as bytes of the format with this suffix; the same facts give the same bytes."""
    if suffix in _TURTLE:
        return _turtle(set(map(_triple, facts)), main)
    return write_sorted(in_order(facts), suffix, main)


def in_order(facts: Iterable[Fact]) -> Sequence[Triple]:
    """The facts as triples, each once, sorted as they are written."""
    return sorted(set(map(_triple, facts)), key=str)


def write_sorted(triples: Sequence[Triple], suffix: str, main: str | None = None) -> bytes:
    """Triples that are in order as bytes of a format."""
    match suffix:
        case "ttl" | "trig":
            return _turtle(triples, main)
        case "jsonld":
            return _json_ld(triples)
        case "rdf":
            return _serialised(triples, RdfFormat.RDF_XML)
    return "".join(f"{triple} .\n" for triple in triples).encode()


def _triple(one: Fact) -> Triple:
    subject: NamedNode | BlankNode = (
        BlankNode(one.subject[2:]) if one.subject.startswith("_:") else NamedNode(one.subject)
    )
    return Triple(subject, NamedNode(one.predicate), one.object)


def _turtle(triples: Collection[Triple], main: str | None) -> bytes:
    """In normal form, which has an order of its own, where that can hold them."""
    try:
        return format_turtle(triples, NamedNode(main) if main else None).encode()
    except ValueError:
        return _serialised(sorted(triples, key=str), RdfFormat.TURTLE)


def _serialised(triples: Sequence[Triple], form: RdfFormat) -> bytes:
    namespaces = {compact(one.predicate.value).partition(":")[0] for one in triples}
    prefixes = {name: PREFIXES[name] for name in sorted(namespaces & PREFIXES.keys())}
    with held(tuple(BY_TYPE)):
        content = serialize(triples, format=form, prefixes=prefixes)
    assert content is not None
    return sound_document(content, tuple(BY_TYPE)) if form == RdfFormat.RDF_XML else content


def _json_ld(triples: Sequence[Triple]) -> bytes:
    context, nodes = described(triples, tuple(BY_TYPE))
    return (_laid_out({"@context": context, "@graph": list(nodes)}, "\n") + "\n").encode()


def _laid_out(value: Any, line: str) -> str:
    """A value as JSON, as `json.dumps(…, indent=2)` writes it, in a third of the time."""
    if isinstance(value, str):
        return encode_basestring(value)
    inner = line + "  "
    if isinstance(value, list):
        members = [_laid_out(one, inner) for one in value]
    else:
        members = [f"{encode_basestring(k)}: {_laid_out(v, inner)}" for k, v in value.items()]
    begin, end = "[]" if isinstance(value, list) else "{}"
    return f"{begin}{inner}{f',{inner}'.join(members)}{line}{end}" if members else begin + end
