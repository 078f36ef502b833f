"""RDF from one syntax into another, and the choice among those on offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flask import request
from pyoxigraph import Quad, RdfFormat, Triple, parse, serialize

from designata.errors import NotAcceptable
from designata.store import jsonld
from designata.store.formats import GRAPHS, RDF_XML
from designata.store.wellformed import held, sound_document
from designata.vocabulary import PREFIXES
from designata.web.protocol import choose
from designata.web.rdf import BY_TYPE, Format

TRIPLES: Final = tuple(GRAPHS)
DATASETS: Final = ("application/n-quads", "application/trig", "application/ld+json")


def asked_for(offers: Sequence[str]) -> Format:
    """The syntax that `?format=` or Accept asks for; NotAcceptable where none is on offer."""
    accept = ",".join(request.headers.getlist("Accept"))
    chosen = choose(accept, request.args.getlist("format"), offers)
    if chosen is None:
        raise NotAcceptable(f"this address can be had as {', '.join(offers)}", tuple(offers))
    return BY_TYPE.get(chosen) or Format(chosen.rpartition("/")[2], chosen)


def translate(content: bytes, source: RdfFormat, media_type: str) -> bytes:
    """A document in another syntax."""
    if media_type == source.media_type:
        return content
    quads = parse(content, source)
    if source == RdfFormat.N_TRIPLES:
        return write_triples([quad.triple for quad in quads], media_type, content)
    return write_quads(quads, media_type, content)


def write_triples(triples: Sequence[Triple], media_type: str, sample: bytes) -> bytes:
    """Triples in a syntax, with those prefixes whose namespaces occur in the sample."""
    if media_type == "application/ld+json":
        return b"".join(jsonld.serialize(triples, TRIPLES))
    with held(TRIPLES):
        content = serialize(triples, format=GRAPHS[media_type], prefixes=_used(sample)) or b""
    return sound_document(content, TRIPLES) if media_type == RDF_XML else content


def write_quads(quads: Iterable[Quad], media_type: str, sample: bytes) -> bytes:
    """Quads in a syntax that can hold several graphs; prefixes as with triples."""
    with held(DATASETS):
        return serialize(quads, format=GRAPHS[media_type], prefixes=_used(sample)) or b""


def _used(sample: bytes) -> dict[str, str]:
    return {name: space for name, space in PREFIXES.items() if space.encode() in sample}
