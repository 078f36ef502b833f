"""Constraints that refer to other shapes (sections 4.6 and 4.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from designata.validation.compiled import Finding, FocusTest, Shape, Table, ValueTest
from designata.validation.constraints.context import Context, component
from designata.validation.reading import describe
from designata.validation.terms import Node, sh


def node(context: Context) -> Iterator[ValueTest]:
    """Values must conform to a shape."""
    for name in context.parameters.all("node"):
        shape = context.refer(name, False)
        hint = f"the value must conform to {describe(name)}"
        yield ValueTest(component("Node"), shape.failing, hint)


def negation(context: Context) -> Iterator[ValueTest]:
    """Values must not conform to a shape."""
    for name in context.parameters.all("not"):
        shape = context.refer(name, True)

        def bad(values: set[Node], shape: Shape = shape) -> set[Node]:
            return values - shape.failing(values)

        yield ValueTest(component("Not"), bad, f"the value must not conform to {describe(name)}")


def conjunction(context: Context) -> Iterator[ValueTest]:
    """Values must conform to all shapes of a list."""
    for shapes in _lists(context, "and", False):

        def bad(values: set[Node], shapes: list[Shape] = shapes) -> set[Node]:
            return set[Node]().union(*(shape.failing(values) for shape in shapes))

        yield ValueTest(component("And"), bad, "the value must conform to all shapes of the list")


def disjunction(context: Context) -> Iterator[ValueTest]:
    """Values must conform to a shape of a list."""
    for shapes in _lists(context, "or", False):

        def bad(values: set[Node], shapes: list[Shape] = shapes) -> set[Node]:
            for shape in shapes:
                values = shape.failing(values)
            return values

        yield ValueTest(component("Or"), bad, "the value must conform to one shape of the list")


def exclusive(context: Context) -> Iterator[ValueTest]:
    """Values must conform to exactly one shape of a list."""
    for shapes in _lists(context, "xone", True):

        def bad(values: set[Node], shapes: list[Shape] = shapes) -> set[Node]:
            count = Counter(v for shape in shapes for v in values - shape.failing(values))
            return {value for value in values if count[value] != 1}

        yield ValueTest(
            component("Xone"), bad, "the value must conform to exactly one shape of the list"
        )


def _lists(context: Context, local: str, negative: bool) -> Iterator[list[Shape]]:
    for head in context.parameters.all(local):
        yield [context.refer(each, negative) for each in context.parameters.items(local, head)]


def qualified(context: Context) -> Iterator[FocusTest]:
    """So many values must, or may, conform to a shape."""
    names = context.parameters.all("qualifiedValueShape")
    least = context.parameters.integer("qualifiedMinCount")
    most = context.parameters.integer("qualifiedMaxCount")
    if not context.is_property:
        return
    if names and least is None and most is None:
        raise context.parameters.wrong(
            "qualifiedValueShape", "needs sh:qualifiedMinCount or sh:qualifiedMaxCount"
        )
    for name in names:
        siblings = [context.refer(each, True) for each in _siblings(context, name)]
        shape = context.refer(name, most is not None)
        conforming = _conforming(shape, siblings)
        if least is not None:
            yield FocusTest(
                component("QualifiedMinCount"),
                _counted(conforming, lambda count: count < least),
                f"at least {least} values must conform to {describe(name)}",
            )
        if most is not None:
            yield FocusTest(
                component("QualifiedMaxCount"),
                _counted(conforming, lambda count: count > most),
                f"at most {most} values may conform to {describe(name)}",
            )


def _siblings(context: Context, name: Node) -> set[Node]:
    """The qualified shapes of the other property shapes of the same parents."""
    if not context.parameters.boolean("qualifiedValueShapesDisjoint"):
        return set()
    shapes, this = context.parameters.graph, context.shape.node
    return {
        each
        for parent in shapes.subjects(sh("property"), this)
        for sibling in shapes.objects(parent, sh("property"))
        for each in shapes.objects(sibling, sh("qualifiedValueShape"))
    } - {name}


def _conforming(shape: Shape, siblings: list[Shape]) -> Callable[[set[Node]], set[Node]]:
    def conforming(values: set[Node]) -> set[Node]:
        good = values - shape.failing(values)
        for sibling in siblings:
            good &= sibling.failing(good)
        return good

    return conforming


def _counted(
    conforming: Callable[[set[Node]], set[Node]], wrong: Callable[[int], bool]
) -> Callable[[Table], Iterable[Finding]]:
    def find(table: Table) -> Iterable[Finding]:
        good = conforming({value for values in table.values() for value in values})
        return [
            Finding(focus)
            for focus, values in table.items()
            if wrong(sum(value in good for value in values))
        ]

    return find


BUILDERS: Final[dict[str, Callable[[Context], Iterator[ValueTest | FocusTest]]]] = {
    "node": node,
    "not": negation,
    "and": conjunction,
    "or": disjunction,
    "xone": exclusive,
    "qualifiedValueShape": qualified,
}
