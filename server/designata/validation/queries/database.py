"""The store that answers the queries of shapes: only what they read is loaded, when it is needed.

The store rewrites literals ("1.50" as "1.5"), so that a value that comes back is looked up among
the focus node's own values before it is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    Variable,
    parse,
)
from pyoxigraph import Triple as OxTriple

from designata.errors import UnusableShapes
from designata.validation.graph import Graph
from designata.validation.order import compare
from designata.validation.queries.rewriting import FOCUS, ONE, ROW, Prepared
from designata.validation.terms import Node, Triple, is_blank, is_iri, is_literal, split_literal

Row = Mapping[str, Node]
Solution = dict[str, Node]
_Term = NamedNode | BlankNode | Literal | OxTriple
SHAPES_GRAPH: Final = "urn:designata:shapes"
_FOCUS: Final = NamedNode(FOCUS)
_THIS: Final = Variable("this")
_EMPTY: Final = Store()
_LONGEST_REASON: Final = 160


def check(text: str, prefixes: Mapping[str, str] | None = None) -> None:
    """ValueError where the engine finds a query ill-formed."""
    try:
        _EMPTY.query(text, prefixes=dict(prefixes or {}))
    except (SyntaxError, ValueError) as error:
        reason = str(error).splitlines()[0][:_LONGEST_REASON]
        raise ValueError(f"the query is not well-formed: {reason}") from None


class Database:
    """The data, and the shapes as a named graph, for queries.

    `prefixes` are those that each value of sh:prefixes was found to give.
    """

    def __init__(self, data: Graph, shapes: Graph) -> None:
        self._data, self._shapes = data, shapes
        self._wanted: set[Node] | None = set()
        self._with_shapes = False
        self._store: Store | None = None
        self._rows: Sequence[Row] | None = None
        self._answers: dict[str, dict[Node, list[Solution]]] = {}
        self.prefixes: dict[tuple[Node, ...], tuple[tuple[str, str], ...]] = {}

    def register(self, prepared: Prepared) -> None:
        """Say before anything is asked what a query will read."""
        if prepared.predicates is None:
            self._wanted = None
        elif self._wanted is not None:
            self._wanted |= prepared.predicates
        self._with_shapes |= "shapesGraph" in prepared.bound

    def reads(self, predicate: Node) -> bool:
        """Whether some query reads this property."""
        return self._wanted is None or predicate in self._wanted

    def for_all(self, query: str) -> Mapping[Node, list[Solution]]:
        """The solutions of a query for every node, by the node; asked once."""
        found = self._answers.get(query)
        if found is None:
            found = self._answers[query] = {}
            for solution in self._ask(query):
                found.setdefault(solution["this"], []).append(solution)
        return found

    def for_one(self, query: Prepared, focus: Node) -> Iterator[Solution]:
        """The solutions for one node, of a query that could be asked for all."""
        if query.single and is_iri(focus):
            return self._ask(query.single.replace(ONE, focus))
        return self._ask(query.unbound or query.text, {_THIS: to_term(focus)})

    def for_rows(self, query: Prepared, rows: Sequence[Row]) -> Iterator[tuple[int, Solution]]:
        """The solutions for pre-bound rows, with the number of the row."""
        batches = [rows] if query.at_once else [[row] for row in rows]
        start = 0
        for batch in batches:
            self._bind(batch)
            for solution in self._ask(query.text):
                number = solution.pop(ROW, None)
                yield start + (int(number[len(FOCUS) + 2 : -1]) if number else 0), solution
            start += len(batch)

    def change(self, removed: Iterable[Triple], added: Iterable[Triple]) -> None:
        """Follow a change that the data have made already.

        The store may hold two literals as one, so what is left of a subject is added again.
        """
        self._answers.clear()
        self._rows = None
        if self._store is None:
            return
        for subject, predicate, value in removed:
            if self.reads(predicate):
                self._store.remove(_quad((subject, predicate, value)))
                for each in self._data.objects(subject, predicate):
                    if is_literal(each):
                        self._store.add(_quad((subject, predicate, each)))
        for triple in added:
            if self.reads(triple[1]):
                self._store.add(_quad(triple))

    def _ask(
        self,
        query: str,
        bound: dict[Variable, _Term] | None = None,
    ) -> Iterator[Solution]:
        try:
            found = self._loaded().query(query, substitutions=bound)
            assert isinstance(found, QuerySolutions)
            names = [variable.value for variable in found.variables]
            for solution in found:
                yield {
                    name: str(term)
                    for name, term in zip(names, solution, strict=True)
                    if term is not None
                }
        except (SyntaxError, RuntimeError, OSError) as error:
            raise UnusableShapes(f"a query of the shapes failed: {error}\n{query}") from None

    def _bind(self, rows: Sequence[Row]) -> None:
        if rows is self._rows:
            return
        store = self._loaded()
        store.clear_graph(_FOCUS)
        store.bulk_extend(
            Quad(
                NamedNode(f"{FOCUS}:{number}"),
                NamedNode(f"{FOCUS}:{name}"),
                to_term(node),
                _FOCUS,
            )
            for number, row in enumerate(rows)
            for name, node in row.items()
        )
        self._rows = rows

    def _loaded(self) -> Store:
        if self._store is None:
            self._store = Store()
            wanted = self._data.rows if self._wanted is None else self._wanted
            for predicate in wanted:
                _load(self._store, self._data, predicate, None)
            if self._with_shapes:
                for predicate in self._shapes.rows:
                    _load(self._store, self._shapes, predicate, NamedNode(SHAPES_GRAPH))
        return self._store


def _load(store: Store, graph: Graph, predicate: Node, name: NamedNode | None) -> None:
    text = "".join(
        f"{subject} {predicate} {value} .\n"
        for subject, values in graph.row(predicate).items()
        for value in values
    )
    quads = parse(text.encode(), RdfFormat.N_TRIPLES, lenient=True)
    if name is None:
        store.bulk_extend(quads)
    else:
        store.bulk_extend(Quad(each.subject, each.predicate, each.object, name) for each in quads)


def to_term(node: Node) -> NamedNode | BlankNode | Literal:
    """A term for the store."""
    if is_iri(node):
        return NamedNode(node[1:-1])
    if is_blank(node):
        return BlankNode(node[2:])
    value, datatype, language = split_literal(node)
    if language:
        return Literal(value, language=language)
    return Literal(value, datatype=NamedNode(datatype[1:-1]))


def _quad(triple: Triple) -> Quad:
    subject, predicate, value = map(to_term, triple)
    assert not isinstance(subject, Literal)
    assert isinstance(predicate, NamedNode)
    return Quad(subject, predicate, value)


def as_written(graph: Graph, focus: Node, value: Node) -> Node:
    """The literal of the focus node that the store has given back as this value."""
    if not is_literal(value) or value[-1] == '"':
        return value
    own = [each for _, objects in graph.about(focus) for each in objects]
    if value in own or not own:
        return value
    return next((each for each in own if compare(each, value) == 0), value)
