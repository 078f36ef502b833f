"""What a constraint reads of the data, seen from its focus node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from designata.validation.paths import (
    Alternative,
    Inverse,
    Predicate,
    PropertyPath,
    Repeated,
    Sequenced,
    reverse,
)
from designata.validation.terms import Node

Way = tuple[PropertyPath, ...]
"""The paths to follow from a focus node, one after the other."""


class Read(NamedTuple):
    """Triples of a predicate (None for any) whose subject, or else object, ends the way."""

    predicate: Node | None
    from_subject: bool
    way: Way


@dataclass(frozen=True, slots=True)
class Reads:
    """The triples that are read near the focus node, and predicates that are read anywhere.

    `anywhere` is None where any triple may matter to any focus node.
    """

    near: frozenset[Read] = frozenset()
    anywhere: frozenset[Node] | None = frozenset()

    def __or__(self, other: Reads) -> Reads:
        if self.anywhere is None or other.anywhere is None:
            return ANYTHING
        return Reads(self.near | other.near, self.anywhere | other.anywhere)

    def after(self, way: Way) -> Reads:
        """The same for a node at the end of a way."""
        near = frozenset(each._replace(way=(*way, *each.way)) for each in self.near)
        return Reads(near, self.anywhere)


NOTHING: Final = Reads()
ANYTHING: Final = Reads(anywhere=None)


def near(*reads: Read) -> Reads:
    """Reads around the focus node only."""
    return Reads(frozenset(reads))


def path_reads(path: PropertyPath) -> Reads:
    """What following a path reads."""
    return Reads(frozenset(_steps(path, ())))


def _steps(path: PropertyPath, way: Way) -> Iterator[Read]:
    match path:
        case Predicate(iri):
            yield Read(iri, True, way)
        case Inverse(Predicate(iri)):
            yield Read(iri, False, way)
        case Inverse(inner):
            yield from _steps(reverse(inner), way)
        case Sequenced(parts):
            for number, part in enumerate(parts):
                yield from _steps(part, (*way, *parts[:number]))
        case Alternative(parts):
            for part in parts:
                yield from _steps(part, way)
        case Repeated(inner, _):
            yield from _steps(inner, (*way, Repeated(inner, "*")))
