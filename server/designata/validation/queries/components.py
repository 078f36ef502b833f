"""Constraint components that the shapes graph declares itself (section 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from designata.validation.compiled import FocusTest
from designata.validation.constraints.context import Context
from designata.validation.graph import Graph
from designata.validation.queries.constraint import Query
from designata.validation.queries.database import SHAPES_GRAPH, Database
from designata.validation.reading import Parameters
from designata.validation.reads import ANYTHING
from designata.validation.terms import SH, Node, iri, readable, sh

_LOCAL: Final = re.compile(r"[\w\u00b7]+$")
_RESERVED: Final = frozenset(("this", "shapesGraph", "currentShape", "path", "PATH", "value"))


@dataclass(frozen=True, slots=True)
class Component:
    """A declared component: its parameters by variable name, with whether each is optional."""

    node: Node
    parameters: Mapping[str, tuple[Node, bool]]

    def constraints(self, shapes: Graph, shape: Node) -> Iterator[dict[str, Node]]:
        """The values of the parameters, once for each constraint of a shape."""
        values = {name: shapes.objects(shape, path) for name, (path, _) in self.parameters.items()}
        if any(not values[name] and not free for name, (_, free) in self.parameters.items()):
            return
        given = {name: found for name, found in values.items() if found}
        if len(self.parameters) > 1:
            for name, found in given.items():
                if len(found) > 1:
                    path = self.parameters[name][0]
                    raise Parameters(shapes, shape).wrong(path, "has more than one value")
        for combination in product(*given.values()):
            if combination:
                yield dict(zip(given, combination, strict=True))


def declared(shapes: Graph) -> list[Component]:
    """The components of a shapes graph, SHACL's own left out."""
    found = []
    for node in sorted(shapes.instances(sh("ConstraintComponent"))):
        if not node.startswith(f"<{SH}") and shapes.objects(node, sh("parameter")):
            found.append(Component(node, dict(_parameters(shapes, node))))
    return found


def _parameters(shapes: Graph, node: Node) -> Iterator[tuple[str, tuple[Node, bool]]]:
    for parameter in shapes.objects(node, sh("parameter")):
        reader = Parameters(shapes, parameter)
        paths = reader.iris("path")
        if len(paths) != 1:
            raise reader.wrong("path", "must be one IRI: the parameter's property")
        name = _LOCAL.search(paths[0][1:-1])
        if not name or name[0] in _RESERVED:
            raise reader.wrong("path", f"{readable(paths[0])} gives no name for a variable")
        yield name[0], (paths[0], reader.boolean("optional"))


def component_constraints(
    context: Context, database: Database, component: Component
) -> Iterator[FocusTest]:
    """The constraints that a shape makes with a component."""
    shapes, shape = context.parameters.graph, context.shape.node
    for values in component.constraints(shapes, shape):
        validator, local = _validator(context, component)
        text = validator.text(local)
        if text is None:
            raise validator.wrong(local, "is missing")
        always = {**values, "currentShape": shape, "shapesGraph": iri(SHAPES_GRAPH)}
        query = Query(context, database, validator, text, always, per_value=local == "ask")
        yield FocusTest(
            component.node,
            query.ask if local == "ask" else query.select,
            f"the constraint {readable(component.node)} does not hold",
            messages=tuple(shapes.objects(component.node, sh("message"))),
            reads=ANYTHING,
        )


def _validator(context: Context, component: Component) -> tuple[Parameters, str]:
    """The validator for this kind of shape, and where its query stands."""
    reader = Parameters(context.parameters.graph, component.node)
    special = "propertyValidator" if context.is_property else "nodeValidator"
    for name, local in ((special, "select"), ("validator", "ask")):
        for node in reader.all(name):
            return Parameters(reader.graph, node), local
    raise reader.wrong("validator", f"is missing, or sh:{special}")
