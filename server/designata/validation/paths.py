"""Property paths: as data, as text, and as functions from a node to its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from designata.validation.graph import Graph
from designata.validation.terms import Node, Triple, readable

Step = Callable[[Node], Sequence[Node]]


@dataclass(frozen=True, slots=True)
class Predicate:
    """One property, forwards."""

    iri: Node


@dataclass(frozen=True, slots=True)
class Inverse:
    """A path, backwards."""

    path: PropertyPath


@dataclass(frozen=True, slots=True)
class Sequenced:
    """Paths one after the other."""

    parts: tuple[PropertyPath, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Any of several paths."""

    parts: tuple[PropertyPath, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A path repeated: `*`, `+` or `?`."""

    path: PropertyPath
    sign: str


PropertyPath = Predicate | Inverse | Sequenced | Alternative | Repeated


def sparql(path: PropertyPath, write: Callable[[Node], str] = str) -> str:
    """The path in SPARQL's syntax."""
    match path:
        case Predicate(iri):
            return write(iri)
        case Inverse(inner):
            return f"^{_grouped(inner, write)}"
        case Sequenced(parts):
            return "/".join(_grouped(part, write) for part in parts)
        case Alternative(parts):
            return "|".join(_grouped(part, write) for part in parts)
        case Repeated(inner, sign):
            return f"{_grouped(inner, write)}{sign}"


def _grouped(path: PropertyPath, write: Callable[[Node], str]) -> str:
    text = sparql(path, write)
    return text if isinstance(path, Predicate) else f"({text})"


def readable_path(path: PropertyPath) -> str:
    """The path for people."""
    return sparql(path, readable)


def follow(graph: Graph, path: PropertyPath) -> Step:
    """A function that gives the distinct values of a node at the end of the path."""
    match path:
        case Predicate(iri):
            row = graph.row(iri)
            return lambda node: row.get(node, ())
        case Inverse(Predicate(iri)):
            inverse = graph.inverse(iri)
            return lambda node: inverse.get(node, ())
        case Inverse(inner):
            return follow(graph, reverse(inner))
        case Sequenced(parts):
            return _follow_sequence([follow(graph, part) for part in parts])
        case Alternative(parts):
            steps = [follow(graph, part) for part in parts]
            return lambda node: list(dict.fromkeys(v for step in steps for v in step(node)))
        case Repeated(inner, sign):
            return _follow_repeated(follow(graph, inner), sign)


def reverse(path: PropertyPath) -> PropertyPath:
    """The path from the values back to the nodes."""
    match path:
        case Predicate():
            return Inverse(path)
        case Inverse(inner):
            return inner
        case Sequenced(parts):
            return Sequenced(tuple(reverse(part) for part in reversed(parts)))
        case Alternative(parts):
            return Alternative(tuple(reverse(part) for part in parts))
        case Repeated(inner, sign):
            return Repeated(reverse(inner), sign)


def _follow_sequence(steps: Sequence[Step]) -> Step:
    def values(node: Node) -> Sequence[Node]:
        found: Sequence[Node] = (node,)
        for step in steps:
            if len(found) == 1:
                found = step(found[0])
            else:
                found = list(dict.fromkeys(value for each in found for value in step(each)))
        return found

    return values


def _follow_repeated(step: Step, sign: str) -> Step:
    def values(node: Node) -> Sequence[Node]:
        found = {} if sign == "+" else {node: None}
        if sign == "?":
            found.update(dict.fromkeys(step(node)))
            return list(found)
        todo = [node]
        while todo:
            for value in step(todo.pop()):
                if value not in found:
                    found[value] = None
                    todo.append(value)
        return list(found)

    return values


def last_triple(graph: Graph, path: PropertyPath, focus: Node, value: Node) -> Triple | None:
    """The triple through which a path that starts at the focus node reaches the value."""
    tries: list[tuple[PropertyPath, Sequence[Node]]]
    match path:
        case Predicate(iri):
            triple = (focus, iri, value)
            return triple if graph.has(triple) else None
        case Inverse(Predicate(iri)):
            triple = (value, iri, focus)
            return triple if graph.has(triple) else None
        case Inverse(inner):
            return last_triple(graph, reverse(inner), focus, value)
        case Alternative(parts):
            tries = [(part, (focus,)) for part in parts]
        case Sequenced(parts):
            tries = [(parts[-1], follow(graph, Sequenced(parts[:-1]))(focus))]
        case Repeated(inner, _):
            tries = [(inner, follow(graph, Repeated(inner, "*"))(focus))]
    found = (last_triple(graph, part, node, value) for part, nodes in tries for node in nodes)
    return next((triple for triple in found if triple), None)
