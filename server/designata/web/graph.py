"""A handful of triples in memory: what one page or document is made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from designata.vocabulary import PREFIXES, term

Term = NamedNode | BlankNode | Literal | Triple
Said = Mapping[str, Sequence[Term]]
Described = Mapping[str, Said]


class Fact(NamedTuple):
    """A triple; subject and predicate are IRIs in full."""

    subject: str
    predicate: str
    object: Term


def fact(row: Mapping[str, object]) -> Fact:
    """The triple in a row of a query that selects ?s ?p ?o."""
    subject, predicate, value = row["s"], row["p"], row["o"]
    assert isinstance(predicate, NamedNode) and isinstance(value, Term)
    return Fact(key(subject), predicate.value, value)


def facts(triples: Iterable[Triple]) -> Iterator[Fact]:
    """Parsed triples as facts."""
    for triple in triples:
        yield fact({"s": triple.subject, "p": triple.predicate, "o": triple.object})


def key(node: object) -> str:
    """An IRI as it is, a blank node as `_:id`, a triple term as `<<( … )>>`."""
    if isinstance(node, Triple):
        return f"<<( {node} )>>"
    return node.value if isinstance(node, NamedNode) else str(node)


def plain(term: Term) -> str:
    """The IRI, the label or the text of a term; a triple term as it is written."""
    return key(term) if isinstance(term, Triple) else term.value


@cache
def iri(curie: str) -> str:
    """The IRI in full of `prefix:local`."""
    return term(curie).value


class Graph:
    """Facts, found by subject and by object; in the order in which they came."""

    def __init__(self, given: Iterable[Fact] = ()) -> None:
        described: dict[str, dict[str, list[Term]]] = {}
        for subject, predicate, value in dict.fromkeys(given):
            described.setdefault(subject, {}).setdefault(predicate, []).append(value)
        self._described: Described = described
        self._pointing: dict[str, Mapping[str, list[str]]] = {}
        self.kept: dict[str, Any] = {}

    @classmethod
    def of(cls, described: Described) -> Self:
        """The graph in which each subject has these values, by property, none of them twice."""
        graph = cls()
        graph._described = described
        return graph

    def forget(self) -> None:
        """Drop what was made of it, which refers to it, so that no circle is left behind."""
        self.kept.clear()

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """All of them."""
        return tuple(
            Fact(subject, predicate, value)
            for subject, said in self._described.items()
            for predicate, values in said.items()
            for value in values
        )

    def objects(self, subject: str, curie: str) -> Sequence[Term]:
        """The values of a property, named `prefix:local`."""
        return self._described.get(subject, NOTHING).get(iri(curie), ())

    def values(self, subject: str, predicate: str) -> Sequence[Term]:
        """The values of a property, named by its IRI."""
        return self._described.get(subject, NOTHING).get(predicate, ())

    def value(self, subject: str, curie: str) -> Term | None:
        """The first value of a property, or None."""
        return next(iter(self.objects(subject, curie)), None)

    def text(self, subject: str, curie: str) -> str | None:
        """The first value of a property as plain text, or None."""
        found = self.value(subject, curie)
        return None if found is None else plain(found)

    def subjects(self, curie: str, target: str) -> Sequence[str]:
        """Those whose property has the target as a value."""
        predicate = iri(curie)
        if predicate not in self._pointing:
            self._pointing[predicate] = self._invert(predicate)
        return self._pointing[predicate].get(target, ())

    def _invert(self, predicate: str) -> Mapping[str, list[str]]:
        pointing: dict[str, list[str]] = {}
        for subject, said in self._described.items():
            for value in said.get(predicate, ()):
                if not isinstance(value, Literal):
                    pointing.setdefault(key(value), []).append(subject)
        return pointing

    def predicates(self, subject: str) -> Sequence[str]:
        """The properties that a subject has."""
        return list(self._described.get(subject, NOTHING))

    def known(self) -> Collection[str]:
        """Every subject."""
        return self._described.keys()

    def linked(self) -> set[str]:
        """Every IRI that occurs, as subject, property, value or datatype of none."""
        found = set(self._described)
        for said in self._described.values():
            found.update(linked(said))
        return found

    def __add__(self, other: Graph) -> Graph:
        merged = dict(self._described)
        for subject, said in other._described.items():
            own = merged.get(subject)
            merged[subject] = said if own is None else _both(own, said)
        return Graph.of(merged)


def linked(said: Said) -> Iterator[str]:
    """The properties of a thing, and those of their values that are IRIs."""
    yield from said
    for values in said.values():
        for value in values:
            if isinstance(value, NamedNode):
                yield value.value


def _both(own: Said, more: Said) -> Said:
    added = {name: [*dict.fromkeys((*own.get(name, ()), *more[name]))] for name in more}
    return {**own, **added}


TYPE = PREFIXES["rdf"] + "type"
NOTHING: Said = MappingProxyType({})
