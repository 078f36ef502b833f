"""From changed triples to the focus nodes whose results may change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from designata.validation.compiled import Shape
from designata.validation.engine import Validator
from designata.validation.graph import Graph
from designata.validation.paths import Sequenced, follow, reverse
from designata.validation.reads import ANYTHING, NOTHING, Read, Reads, near, path_reads
from designata.validation.terms import SUBCLASS, TYPE, Node, Triple, sh

_PAIRS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")


class Footprint:
    """What one target shape reads, ready to be asked about triples."""

    def __init__(self, validator: Validator, shape: Shape) -> None:
        self._reads = reads(validator, shape) | target_reads(validator, shape)
        self._back = {read.way: _backwards(validator.data, read) for read in self._reads.near}
        self._by_predicate: dict[Node | None, list[Read]] = {}
        for read in self._reads.near:
            self._by_predicate.setdefault(read.predicate, []).append(read)

    @property
    def unbounded(self) -> bool:
        """Whether any triple may matter, so that the shape always runs over all its nodes."""
        return self._reads.anywhere is None

    def touches_all(self, triples: Iterable[Triple]) -> bool:
        """Whether a triple may matter to every focus node."""
        anywhere = self._reads.anywhere
        return any(anywhere is None or triple[1] in anywhere for triple in triples)

    def nodes(self, triples: Iterable[Triple]) -> Iterator[Node]:
        """The nodes from which the triples can be seen, in the graph as it is now."""
        for subject, predicate, value in triples:
            for key in (predicate, None):
                for read in self._by_predicate.get(key, ()):
                    yield from self._back[read.way](subject if read.from_subject else value)


def _backwards(data: Graph, read: Read) -> Callable[[Node], Sequence[Node]]:
    if not read.way:
        return lambda node: (node,)
    return follow(data, reverse(Sequenced(read.way)))


def reads(validator: Validator, shape: Shape) -> Reads:
    """All that a shape reads, from its focus nodes: itself and the shapes that it refers to."""
    if shape.fixpoint is not None:
        return ANYTHING
    parameters = validator.parameters(shape)
    found = NOTHING if shape.path is None else path_reads(shape.path)
    way = () if shape.path is None else (shape.path,)
    for local in _PAIRS:
        for predicate in parameters.all(local):
            found |= near(Read(predicate, True, ()))
    for test in shape.focus_tests:
        found |= test.reads
    at_values = NOTHING
    if parameters.all("class"):
        at_values |= Reads(near(Read(TYPE, True, ())).near, frozenset((SUBCLASS,)))
    if parameters.boolean("closed"):
        at_values |= near(Read(None, True, ()))
    for target, _ in shape.references:
        at_values |= reads(validator, target)
    return found | at_values.after(way)


def target_reads(validator: Validator, shape: Shape) -> Reads:
    """What decides whether a node is a focus node of a target shape."""
    parameters = validator.parameters(shape)
    found = NOTHING
    if validator.target_classes(shape.node):
        found |= Reads(near(Read(TYPE, True, ())).near, frozenset((SUBCLASS,)))
    for predicate in parameters.graph.objects(shape.node, sh("targetSubjectsOf")):
        found |= near(Read(predicate, True, ()))
    for predicate in parameters.graph.objects(shape.node, sh("targetObjectsOf")):
        found |= near(Read(predicate, False, ()))
    return found
