"""Triples in dictionaries, with the indexes that validation asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final, TypeVar

from designata.validation.terms import FIRST, NIL, REST, SUBCLASS, TYPE, Node, Triple

_MANY: Final = 50
Row = dict[Node, Sequence[Node]]
_Values = TypeVar("_Values", bound=Sequence[Node])


class Graph:
    """Triples by predicate and subject; other indexes are made where they are asked for.

    Blank nodes are named anew in the order in which they occur, file by file, so that two readings
    of the same files agree and equal labels in two files stay apart.
    """

    def __init__(self) -> None:
        self.rows: dict[Node, Row] = {}
        self.prefixes: dict[str, str] = {}
        self.labels: dict[Path, range] = {}
        self._inverse: dict[Node, dict[Node, list[Node]]] = {}
        self._instances: dict[Node, set[Node]] = {}
        self._below: dict[Node, set[Node]] = {}
        self._many: tuple[Sequence[Node], frozenset[Node]] = ((), frozenset())

    def objects(self, subject: Node, predicate: Node) -> Sequence[Node]:
        """The objects of a subject's property."""
        row = self.rows.get(predicate)
        return row.get(subject, ()) if row else ()

    def row(self, predicate: Node) -> Row:
        """All subjects of a predicate with their objects; stays true when the graph changes."""
        return self.rows.setdefault(predicate, {})

    def inverse(self, predicate: Node) -> Mapping[Node, Sequence[Node]]:
        """All objects of a predicate with their subjects."""
        found = self._inverse.get(predicate)
        if found is None:
            found = self._inverse[predicate] = {}
            for subject, objects in self.row(predicate).items():
                for value in objects:
                    found.setdefault(value, []).append(subject)
        return found

    def subjects(self, predicate: Node, value: Node) -> Sequence[Node]:
        """The subjects that have this value."""
        return self.inverse(predicate).get(value, ())

    def subclasses(self, name: Node) -> set[Node]:
        """A class and everything below it."""
        found, todo = {name}, [name]
        while todo:
            for lower in self.subjects(SUBCLASS, todo.pop()):
                if lower not in found:
                    found.add(lower)
                    todo.append(lower)
        return found

    def instances(self, name: Node) -> AbstractSet[Node]:
        """The nodes that are of this class or of a class below it."""
        found = self._instances.get(name)
        if found is None:
            members = self.inverse(TYPE)
            found = {node for each in self.subclasses(name) for node in members.get(each, ())}
            self._instances[name] = found
        return found

    def items(self, head: Node) -> list[Node] | None:
        """The members of an RDF list, or None where it is cut off, forks or loops."""
        found, seen = [], set()
        while head != NIL:
            first, rest = self.objects(head, FIRST), self.objects(head, REST)
            if head in seen or len(first) != 1 or len(rest) != 1:
                return None
            seen.add(head)
            found.append(first[0])
            head = rest[0]
        return found

    def about(self, subject: Node) -> Iterator[tuple[Node, Sequence[Node]]]:
        """A subject's predicates with their objects."""
        for predicate, row in self.rows.items():
            objects = row.get(subject)
            if objects:
                yield predicate, objects

    def has(self, triple: Triple) -> bool:
        """Whether a triple is there."""
        objects = self.objects(triple[0], triple[1])
        if len(objects) < _MANY:
            return triple[2] in objects
        if self._many[0] is not objects:
            self._many = objects, frozenset(objects)
        return triple[2] in self._many[1]

    def change(self, removed: Iterable[Triple], added: Iterable[Triple]) -> None:
        """Remove triples that are there, then add some that are not; every index follows."""
        self._many = ((), frozenset())
        for triple in removed:
            subject, predicate, value = triple
            row = self.row(predicate)
            left = tuple(each for each in row[subject] if each != value)
            self._replace(row, subject, left)
            if predicate in self._inverse:
                users = self._inverse[predicate]
                self._replace(users, value, [each for each in users[value] if each != subject])
            self._follow_class(triple)
        for triple in added:
            subject, predicate, value = triple
            row = self.row(predicate)
            row[subject] = (*row.get(subject, ()), value)
            if predicate in self._inverse:
                self._inverse[predicate].setdefault(value, []).append(subject)
            self._follow_class(triple)

    @staticmethod
    def _replace(row: MutableMapping[Node, _Values], key: Node, values: _Values) -> None:
        if values:
            row[key] = values
        else:
            del row[key]

    def _follow_class(self, triple: Triple) -> None:
        """Keep the known instances true after a triple has changed."""
        subject, predicate, value = triple
        if predicate == SUBCLASS:
            self._instances.clear()
            self._below.clear()
        if predicate != TYPE:
            return
        for name, members in self._instances.items():
            below = self._below.get(name)
            if below is None:
                below = self._below[name] = self.subclasses(name)
            if value in below:
                if below.isdisjoint(self.objects(subject, TYPE)):
                    members.discard(subject)
                else:
                    members.add(subject)

    def changed(self, triple: Triple, value: Node | None) -> Graph:
        """A copy in which one triple has another value, or is gone."""
        copy, (subject, predicate, old) = Graph(), triple
        copy.rows, copy.prefixes = dict(self.rows), self.prefixes
        row = copy.rows[predicate] = dict(self.rows[predicate])
        left = [each for each in row.pop(subject) if each != old]
        if value is not None:
            left.append(value)
        if left:
            row[subject] = tuple(left)
        return copy

    def triples(self) -> Iterator[Triple]:
        """Every triple, by predicate."""
        for predicate, row in self.rows.items():
            for subject, objects in row.items():
                for value in objects:
                    yield subject, predicate, value

    def __len__(self) -> int:
        return sum(len(objects) for row in self.rows.values() for objects in row.values())
