"""The syntaxes of a release, each sorted: the same triples always give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Final, NamedTuple

from pyoxigraph import NamedNode, Triple

from designata.release.jsonld import json_ld
from designata.release.rdfxml import rdf_xml
from designata.turtle import format_turtle

Graphs = Mapping[NamedNode, Set[Triple]]


class Format(NamedTuple):
    """A syntax for triples: its media type and its writer (triples, main subject → bytes)."""

    media_type: str
    write: Callable[[Set[Triple], NamedNode], bytes]


def turtle(triples: Iterable[Triple], main: NamedNode) -> bytes:
    """Turtle in the normal form of this project, the main subject first."""
    return format_turtle(triples, main).encode()


def n_triples(triples: Iterable[Triple], main: NamedNode | None = None) -> bytes:
    """N-Triples, one line each, sorted by code point."""
    return _lines(f"{triple} .\n" for triple in triples)


def n_quads(default: Iterable[Triple], named: Graphs) -> bytes:
    """N-Quads, one line each, sorted by code point."""
    lines = [f"{triple} .\n" for triple in default]
    for name, triples in named.items():
        lines.extend(f"{triple} {name} .\n" for triple in triples)
    return _lines(lines)


def trig(default: Iterable[Triple], named: Graphs, main: NamedNode) -> bytes:
    """TriG: the default graph as Turtle in normal form, then each named graph in braces."""
    prefixes, body = _parted(format_turtle(default, main))
    blocks = [body]
    for name in sorted(named, key=str):
        more, body = _parted(format_turtle(named[name], name))
        prefixes |= more
        blocks.append(f"{name} {{\n{body}}}\n")
    return ("".join(sorted(prefixes)) + "\n" + "\n".join(blocks)).encode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(sorted(set(lines))).encode()


def _parted(text: str) -> tuple[set[str], str]:
    """The prefix lines at the head of a Turtle text, and the blocks below them."""
    head, _, body = text.partition("\n\n")
    return {line + "\n" for line in head.split("\n")}, body


TRIPLE_FORMATS: Final[Mapping[str, Format]] = {
    "ttl": Format("text/turtle", turtle),
    "nt": Format("application/n-triples", n_triples),
    "jsonld": Format("application/ld+json", json_ld),
    "rdf": Format("application/rdf+xml", rdf_xml),
}
QUAD_FORMATS: Final[Mapping[str, str]] = {"trig": "application/trig", "nq": "application/n-quads"}
