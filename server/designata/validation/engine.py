"""Compiling a shapes graph, and running it over the data."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from designata.errors import UnusableShapes
from designata.validation.compiled import FocusTest, Shape, ValueTest
from designata.validation.constraints import BUILDERS, Context
from designata.validation.graph import Graph
from designata.validation.lexicon import TARGET_PROPERTIES
from designata.validation.paths import PropertyPath, follow
from designata.validation.queries.components import component_constraints, declared
from designata.validation.queries.constraint import sparql_constraints
from designata.validation.queries.database import Database
from designata.validation.reading import Parameters, describe
from designata.validation.recursion import connect
from designata.validation.results import VIOLATION, Report, Result
from designata.validation.shape_paths import read_path
from designata.validation.terms import (
    CLASS,
    TYPE,
    Node,
    Triple,
    is_blank,
    is_iri,
    is_literal,
    readable,
    sh,
)

_SHAPES: Final = (sh("NodeShape"), sh("PropertyShape"))


class Validator:
    """A shapes graph, compiled for a graph of data.

    Raises UnusableShapes for whatever the specification calls ill-formed and for what is not
    supported.
    """

    def __init__(self, data: Graph, shapes: Graph) -> None:
        self.data, self._graph = data, shapes
        self.database = Database(data, shapes)
        self.shapes: dict[Node, Shape] = {}
        self._todo: list[Shape] = []
        self._classes: dict[Node, list[Node]] = {}
        self._components = declared(shapes)
        if shapes.row(sh("entailment")):
            raise UnusableShapes("sh:entailment is not supported: infer before you validate")
        self.targets = {node: self._refer(node) for node in sorted(self._with_target())}
        while self._todo:
            self._compile(self._todo.pop())
        if not self.shapes:
            raise UnusableShapes("no shape has a target: nothing would be checked")
        connect(self.shapes.values())

    def run(
        self, focuses: Mapping[Node, Sequence[Node]] | None = None, abort: bool = False
    ) -> Report:
        """Validate all focus nodes, or those given for each shape."""
        chosen = focuses if focuses is not None else {n: self.focuses(n) for n in self.targets}
        results: list[Result] = []
        try:
            for node, nodes in chosen.items():
                results.extend(self.apply(self.targets[node], nodes))
                if abort and results:
                    break
        except RecursionError:
            raise UnusableShapes(
                "the shapes refer to each other too deeply to be followed"
            ) from None
        sizes = {node: len(each) for node, each in chosen.items()}
        counts = {
            (shape.node, component): shape.seen[component]
            for shape in self.shapes.values()
            for component in shape.components
        }
        return Report(tuple(results), sizes, counts, owners=self.owners())

    def focuses(self, node: Node) -> list[Node]:
        """The focus nodes of a shape: its targets in the data (section 2.1.3)."""
        shapes, data = self._graph, self.data
        found: dict[Node, None] = dict.fromkeys(shapes.objects(node, sh("targetNode")))
        for name in self.target_classes(node):
            found.update(dict.fromkeys(data.instances(name)))
        for predicate in shapes.objects(node, sh("targetSubjectsOf")):
            found.update(dict.fromkeys(data.row(predicate)))
        for predicate in shapes.objects(node, sh("targetObjectsOf")):
            found.update(dict.fromkeys(data.inverse(predicate)))
        return list(found)

    def target_classes(self, node: Node) -> list[Node]:
        """The classes whose instances are focus nodes of a shape."""
        found = self._classes.get(node)
        if found is None:
            found = list(self._graph.objects(node, sh("targetClass")))
            found += [node] if self._is_class(node) else []
            self._classes[node] = found
        return found

    def is_focus(self, node: Node, candidate: Node) -> bool:
        """Whether a node is a focus node of a shape."""
        shapes, data = self._graph, self.data
        return (
            candidate in shapes.objects(node, sh("targetNode"))
            or any(candidate in data.instances(name) for name in self.target_classes(node))
            or any(candidate in data.row(p) for p in shapes.objects(node, sh("targetSubjectsOf")))
            or any(
                candidate in data.inverse(p) for p in shapes.objects(node, sh("targetObjectsOf"))
            )
        )

    def parameters(self, shape: Shape) -> Parameters:
        """What the shapes graph says of a shape."""
        return Parameters(self._graph, shape.node)

    def is_flat(self, shape: Shape) -> bool:
        """Whether all results of a shape are about its own focus nodes."""
        if shape.path is not None and shape.properties:
            return False
        return not any(inner.properties for inner in shape.properties)

    def change(self, removed: Sequence[Triple], added: Sequence[Triple]) -> None:
        """Change the data, and forget what was learned about them."""
        self.data.change(removed, added)
        self.database.change(removed, added)
        for shape in self.shapes.values():
            shape.forget()

    def apply(self, shape: Shape, focuses: Sequence[Node]) -> Iterator[Result]:
        """The results of one shape for these focus nodes, and of all property shapes inside."""
        todo: deque[tuple[Shape, Sequence[Node]]] = deque([(shape, focuses)])
        seen: dict[Shape, set[Node]] = {}
        while todo:
            current, nodes = todo.popleft()
            if current.fixpoint is not None:
                visited = seen.setdefault(current, set())
                nodes = [node for node in dict.fromkeys(nodes) if node not in visited]
                visited.update(nodes)
            if nodes:
                for found in current.results(nodes):
                    if isinstance(found, Result):
                        yield found
                    else:
                        todo.append(found)

    def owners(self) -> dict[Node, tuple[Node, PropertyPath | None]]:
        """For shapes without an IRI, a shape that refers to each one, and its path."""
        found: dict[Node, tuple[Node, PropertyPath | None]] = {}
        for shape in self.shapes.values():
            for target, _ in shape.references:
                if is_blank(target.node) and target is not shape:
                    found.setdefault(target.node, (shape.node, target.path))
        return found

    def _with_target(self) -> set[Node]:
        found = {node for local in TARGET_PROPERTIES for node in self._graph.row(sh(local))}
        for kind in _SHAPES:
            found.update(node for node in self._graph.instances(kind) if self._is_class(node))
        return found

    def _is_class(self, node: Node) -> bool:
        """Whether a shape is a class as well, and so targets its own instances."""
        return node in self._graph.instances(CLASS) and any(
            node in self._graph.instances(kind) for kind in _SHAPES
        )

    def _refer(self, node: Node) -> Shape:
        shape = self.shapes.get(node)
        if shape is None:
            shape = self.shapes[node] = self._head(node)
            self._todo.append(shape)
        return shape

    def _head(self, node: Node) -> Shape:
        """A shape without its constraints."""
        if is_literal(node):
            raise UnusableShapes(f"{readable(node)} is used as a shape, but is a literal")
        parameters = Parameters(self._graph, node)
        path_node = parameters.one("path")
        if path_node is None and sh("PropertyShape") in self._graph.objects(node, TYPE):
            raise parameters.wrong("path", "is missing, though this is a sh:PropertyShape")
        path = None if path_node is None else read_path(self._graph, path_node)
        messages = parameters.all("message")
        for message in messages:
            if not is_literal(message):
                raise parameters.wrong("message", "must be a text")
        return Shape(
            node=node,
            path=path,
            step=None if path is None else follow(self.data, path),
            severity=parameters.one("severity") or VIOLATION,
            messages=tuple(messages),
            deactivated=parameters.boolean("deactivated"),
        )

    def _compile(self, shape: Shape) -> None:
        parameters = Parameters(self._graph, shape.node)

        def refer(node: Node, negative: bool) -> Shape:
            self._must_exist(node, parameters)
            target = self._refer(node)
            shape.references.append((target, negative))
            return target

        context = Context(self.data, shape, parameters, refer)
        for test in self._tests(context):
            if isinstance(test, ValueTest):
                shape.value_tests.append(test)
            else:
                shape.focus_tests.append(test)
        for node in parameters.all("property"):
            inner = refer(node, False)
            if inner.path is None:
                raise Parameters(self._graph, node).wrong(
                    "path", f"is missing: {describe(shape.node)} uses it in sh:property"
                )
            shape.properties.append(inner)

    def _tests(self, context: Context) -> Iterator[ValueTest | FocusTest]:
        for build in BUILDERS.values():
            yield from build(context)
        yield from sparql_constraints(context, self.database)
        for component in self._components:
            yield from component_constraints(context, self.database, component)

    def _must_exist(self, node: Node, parameters: Parameters) -> None:
        if is_iri(node) and not any(True for _ in self._graph.about(node)):
            raise UnusableShapes(
                f"{describe(parameters.node)} refers to the shape {readable(node)}, "
                "which the shapes do not describe"
            )


def validate(data: Graph, shapes: Graph, abort: bool = False) -> Report:
    """Validate a graph; the results have no places yet."""
    return Validator(data, shapes).run(abort=abort)
