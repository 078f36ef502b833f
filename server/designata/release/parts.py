"""What is said of the things of one class, for those who do not need the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Final

from pyoxigraph import Triple

from designata.turtle import format_turtle
from designata.vocabulary import term

PARTS: Final[Mapping[str, str]] = {
    "organizations.ttl": "dsg:Organization",
    "names.ttl": "dsg:Name",
    "designations.ttl": "dsg:Designation",
    "bases.ttl": "dsg:MilitaryBase",
}


def parts(triples: Set[Triple]) -> dict[str, bytes]:
    """The statements about the things of each class, by file name; a file with none is left out."""
    found = {name: _about(triples, curie) for name, curie in PARTS.items()}
    return {name: format_turtle(about).encode() for name, about in found.items() if about}


def _about(triples: Iterable[Triple], curie: str) -> Set[Triple]:
    things = {
        triple.subject
        for triple in triples
        if triple.predicate == term("rdf:type") and triple.object == term(curie)
    }
    return {triple for triple in triples if triple.subject in things}
