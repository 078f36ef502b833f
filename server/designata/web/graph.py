"""A handful of triples in memory: what one page or document is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from designata.vocabulary import PREFIXES, term

Term = NamedNode | BlankNode | Literal


class Fact(NamedTuple):
    """A triple; subject and predicate are IRIs in full."""

    subject: str
    predicate: str
    object: Term


def fact(row: Mapping[str, object]) -> Fact:
    """The triple in a row of a query that selects ?s ?p ?o."""
    subject, predicate, value = row["s"], row["p"], row["o"]
    assert isinstance(predicate, NamedNode) and isinstance(value, NamedNode | BlankNode | Literal)
    return Fact(key(subject), predicate.value, value)


def facts(triples: Iterable[Triple]) -> Iterator[Fact]:
    """Parsed triples as facts."""
    for triple in triples:
        yield fact({"s": triple.subject, "p": triple.predicate, "o": triple.object})


def key(node: object) -> str:
    """An IRI as it is, a blank node as `_:id`."""
    return node.value if isinstance(node, NamedNode) else str(node)


@cache
def iri(curie: str) -> str:
    """The IRI in full of `prefix:local`."""
    return term(curie).value


class Graph:
    """Facts, found by subject and by object; in the order in which they came."""

    def __init__(self, given: Iterable[Fact] = ()) -> None:
        self.facts = tuple(dict.fromkeys(given))
        self._objects: dict[tuple[str, str], list[Term]] = defaultdict(list)
        self._subjects: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._predicates: dict[str, dict[str, None]] = defaultdict(dict)
        for subject, predicate, value in self.facts:
            self._objects[subject, predicate].append(value)
            self._predicates[subject][predicate] = None
            if not isinstance(value, Literal):
                self._subjects[predicate, key(value)].append(subject)

    def objects(self, subject: str, curie: str) -> list[Term]:
        """The values of a property, named `prefix:local`."""
        return list(self._objects.get((subject, iri(curie)), ()))

    def values(self, subject: str, predicate: str) -> list[Term]:
        """The values of a property, named by its IRI."""
        return list(self._objects.get((subject, predicate), ()))

    def value(self, subject: str, curie: str) -> Term | None:
        """The first value of a property, or None."""
        return next(iter(self._objects.get((subject, iri(curie)), ())), None)

    def text(self, subject: str, curie: str) -> str | None:
        """The first value of a property as plain text, or None."""
        found = self.value(subject, curie)
        return None if found is None else found.value

    def subjects(self, curie: str, target: str) -> list[str]:
        """Those whose property has the target as a value."""
        return list(self._subjects.get((iri(curie), target), ()))

    def predicates(self, subject: str) -> list[str]:
        """The properties that a subject has."""
        return list(self._predicates.get(subject, ()))

    def known(self) -> Iterator[str]:
        """Every subject."""
        return iter(self._predicates)

    def linked(self) -> set[str]:
        """Every IRI that occurs, as subject, property, value or datatype of none."""
        found: set[str] = set()
        for subject, predicate, value in self.facts:
            found.update((subject, predicate))
            if isinstance(value, NamedNode):
                found.add(value.value)
        return found

    def __add__(self, other: Graph) -> Graph:
        return Graph((*self.facts, *other.facts))


TYPE = PREFIXES["rdf"] + "type"
