"""Things as templates see them: a place in a graph from which its properties are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from designata.vocabulary import PREFIXES, compact
from designata.web import labels
from designata.web.dates import Period, parse, words
from designata.web.graph import Graph, Term, key, plain
from designata.web.links import href, kind_of
from designata.web.texts import Text, preference

_ADDRESS: Final = PREFIXES["xsd"] + "anyURI"
_DATES: Final = frozenset(PREFIXES["xsd"] + name for name in ("date", "gYearMonth", "gYear"))


@dataclass(frozen=True)
class Thing:
    """A node of the graph; equal where the IRI is. What is made of it is kept with it."""

    iri: str
    graph: Graph
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, iri: str, graph: Graph) -> Thing:
        """The node of a graph, always the same one."""
        found = graph.kept.get(iri)
        if found is None:
            found = graph.kept[iri] = cls(iri, graph)
        assert isinstance(found, Thing)
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and other.iri == self.iri

    def __hash__(self) -> int:
        return hash(self.iri)

    @cached_property
    def label(self) -> Text:
        """What it is called."""
        return labels.label(self.graph, self.iri)

    @cached_property
    def kind(self) -> str | None:
        """The kind that its IRI names."""
        return kind_of(self.iri)

    @cached_property
    def href(self) -> str | None:
        """Where a link to it leads."""
        return href(self.iri)

    @property
    def code(self) -> str:
        """The last part of its IRI."""
        return self.iri.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]

    @property
    def compact(self) -> str:
        """Its IRI as `prefix:local` where it has one."""
        return compact(self.iri)

    def all(self, curie: str) -> Sequence[Value]:
        """The values of a property, things by label, texts by language."""
        found: Sequence[Value] | None = self.kept.get(curie)
        if found is None:
            values = self.graph.objects(self.iri, curie)
            found = self.kept[curie] = tuple(arrange(self.graph, values)) if values else ()
        return found

    def one(self, curie: str) -> Value | None:
        """The first of the values."""
        return next(iter(self.all(curie)), None)

    def things(self, curie: str) -> list[Thing]:
        """The values that are things."""
        return [value for value in self.all(curie) if isinstance(value, Thing)]

    def thing(self, curie: str) -> Thing | None:
        """The first value that is a thing."""
        return next(iter(self.things(curie)), None)

    def text(self, curie: str) -> Text | None:
        """The first value that is a text."""
        return next((value for value in self.all(curie) if isinstance(value, Text)), None)

    def inverse(self, curie: str) -> list[Thing]:
        """The things that have this one as the value of a property."""
        return by_label(Thing.of(iri, self.graph) for iri in self.graph.subjects(curie, self.iri))

    @cached_property
    def periods(self) -> list[Period]:
        """Its periods in order of time."""
        occurrence = self.kind in ("event", "change")
        read = (
            Period.read(self.graph, one.iri, occurrence=occurrence)
            for one in self.things("dsg:period")
        )
        return sorted(read, key=lambda period: period.order)

    @property
    def when(self) -> str:
        """Its periods in words, or the day on which it was said."""
        if self.periods:
            return "; and again: ".join(period.words for period in self.periods)
        stated = self.text("dsg:statedOn")
        return f"said on {stated.value}" if stated else ""


Value = Thing | Text


def value_of(graph: Graph, term: Term) -> Value:
    """A term as templates see it."""
    if isinstance(term, Literal):
        if term.datatype.value in _DATES:
            return Text(words(term.value), "en", term.value)
        if term.datatype.value == _ADDRESS and href(term.value):
            return Thing.of(term.value, graph)
        return Text.of(term)
    if isinstance(term, Triple):
        return Text(plain(term))
    return Thing.of(key(term), graph)


def arrange(graph: Graph, terms: Iterable[Term]) -> list[Value]:
    """Terms as values in the order in which pages show them."""
    values = [value_of(graph, term) for term in terms]
    return sorted(values, key=_order) if len(values) > 1 else values


def by_label(things: Iterable[Thing]) -> list[Thing]:
    """Things without repetition, sorted by what they are called."""
    return sorted(dict.fromkeys(things), key=_order)


def by_time(
    things: Iterable[Thing], moment: Callable[[Thing], str | None] | None = None
) -> list[Thing]:
    """Things without repetition, the earliest first, those without a date last."""

    def order(one: Thing) -> tuple[str, str]:
        if moment:
            return moment(one) or "9999", one.iri
        if one.periods:
            return one.periods[0].order[0].isoformat(), one.iri
        stated = one.text("dsg:statedOn")
        return (stated.machine if stated and stated.machine else "9999"), one.iri

    return sorted(dict.fromkeys(things), key=order)


def _order(value: Value) -> tuple[object, ...]:
    if isinstance(value, Thing):
        return 1, value.label.value.casefold(), value.iri
    machine = value.machine or value.value
    return 0, preference(value.language), "" if parse(machine) else machine.casefold(), machine


def is_node(term: object) -> bool:
    """Whether a term can have properties."""
    return isinstance(term, NamedNode | BlankNode)
