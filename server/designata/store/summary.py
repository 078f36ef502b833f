"""What a store in memory says in general, counted once: its properties, their values, its graphs.

It is a store of its own. For each property with few values it has one node for each value, which
stands for all subjects that have it: `_:all property value ; COUNT number`. So a pattern means the
same to it as to the store, but for how often it is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QuerySolution,
    QuerySolutions,
    Store,
)

from designata.store.counted import COUNT, GRAPHS, PROPERTIES, WHOLE, counted
from designata.vocabulary import BASE

_MOST_VALUES: Final = 1_000
_REPEATED: Final = 8
_MOST_NAMES: Final = 10_000
_MOST_TOGETHER: Final = 20_000
_MOST_LETTERS: Final = 4_000_000
_COUNT: Final = NamedNode(COUNT)
_WHOLE: Final = NamedNode(WHOLE)
_YES: Final = Literal(True)


class Summary(NamedTuple):
    """Answers questions for what is in a store, and how often, without looking through it.

    Rows without an order may come in another than from the store.
    """

    store: Store
    nothing: Store

    def ask(self, text: str) -> QuerySolutions | None:
        """What a query over the union of all graphs finds; None where only the store can tell."""
        question = counted(text)
        if question is None:
            return None
        try:
            if not self.store.query(question.known, base_iri=BASE):
                return None
            # Part of the text is left out: it must be a query as a whole.
            self.nothing.query(text, base_iri=BASE)
            found = self.store.query(question.text, base_iri=BASE)
        except (SyntaxError, ValueError):
            # The store says where the mistake is.
            return None
        return found if isinstance(found, QuerySolutions) else None


class Loaded(NamedTuple):
    """A store, and the summary of it where there is one."""

    store: Store
    summary: Summary | None = None


def summarise(store: Store) -> Summary:
    """Count what is in a store: mostly a small part of the time in which it is loaded."""
    summary = Store()
    summary.extend(_quads(store))
    return Summary(summary, Store())


def _quads(store: Store) -> Iterator[Quad]:
    properties = _counts(store, "?s ?name ?o", _MOST_NAMES)
    if properties is not None:
        yield from _names(PROPERTIES, properties)
        # What there is most of takes longest to count.
        properties.sort(key=lambda one: -int(one[1].value))
        yield from _values(store, properties)
    graphs = _counts(store, "GRAPH ?name { ?s ?p ?o }", _MOST_NAMES)
    if graphs is not None:
        yield from _names(GRAPHS, graphs)


def _values(store: Store, properties: Iterable[tuple[Any, Literal]]) -> Iterator[Quad]:
    """The values of each property that has few for what it says, and not too many together."""
    left, letters = _MOST_TOGETHER, _MOST_LETTERS
    for name, said in properties:
        most = min(_MOST_VALUES, left, int(said.value) // _REPEATED)
        if most and name not in (_COUNT, _WHOLE):
            values = _counts(store, f"?s {name} ?name", most, letters)
            if values is not None:
                left -= len(values)
                letters -= _size(value for value, _ in values)
                yield Quad(name, _WHOLE, _YES)
                for value, number in values:
                    node = BlankNode()
                    yield Quad(node, name, value)
                    yield Quad(node, _COUNT, number)


def _names(graph: str, counts: Iterable[tuple[Any, Literal]]) -> Iterator[Quad]:
    """How often each name occurs, all of them, in a graph for the kind of names."""
    yield Quad(NamedNode(graph), _WHOLE, _YES, NamedNode(graph))
    for name, number in counts:
        yield Quad(name, _COUNT, number, NamedNode(graph))


def _counts(
    store: Store, pattern: str, most: int, letters: int = _MOST_LETTERS
) -> list[tuple[Any, Literal]] | None:
    """How often a pattern is found with each `?name`; None where these are too many or long."""
    limited = f"SELECT DISTINCT ?name {{ {pattern} }} LIMIT {most + 1}"
    for row in _rows(store, limited):
        most -= 1
        letters -= _size((row["name"],))
        if most < 0 or letters < 0:
            return None
    counting = f"SELECT ?name (COUNT(*) AS ?number) {{ {pattern} }} GROUP BY ?name"
    return [(row["name"], row["number"]) for row in _rows(store, counting)]


def _size(terms: Iterable[Any]) -> int:
    return sum(len(str(term)) for term in terms)


def _rows(store: Store, text: str) -> Iterator[QuerySolution]:
    return cast(Iterator[QuerySolution], store.query(text, use_default_graph_as_union=True))
