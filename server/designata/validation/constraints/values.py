"""Constraints on the type of values, and on which values may occur (sections 4.1 and 4.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from designata.validation.compiled import Finding, FocusTest, Table, ValueTest
from designata.validation.constraints.context import Context, component
from designata.validation.lexical import CHECKS
from designata.validation.paths import Predicate
from designata.validation.reading import local_name
from designata.validation.terms import (
    DIR_LANG_STRING,
    LANG_STRING,
    STRING,
    Node,
    is_literal,
    readable,
    sh,
    split_literal,
    unescape,
)

_KINDS: Final[Mapping[Node, tuple[str, str]]] = {
    sh("IRI"): ("<", "an IRI"),
    sh("BlankNode"): ("_", "a blank node"),
    sh("Literal"): ('"', "a literal"),
    sh("BlankNodeOrIRI"): ("<_", "an IRI or a blank node"),
    sh("BlankNodeOrLiteral"): ('_"', "a blank node or a literal"),
    sh("IRIOrLiteral"): ('<"', "an IRI or a literal"),
}


def classes(context: Context) -> Iterator[ValueTest]:
    """Values must be instances of a class."""
    for name in context.parameters.iris("class"):
        hint = f"the value must be of the class {readable(name)}"

        def bad(values: set[Node], name: Node = name) -> set[Node]:
            return values - context.data.instances(name)

        yield ValueTest(component("Class"), bad, hint)


def datatype(context: Context) -> Iterator[ValueTest]:
    """Values must be well-formed literals of a datatype."""
    names = context.parameters.iris("datatype")
    if len(names) > 1:
        raise context.parameters.wrong("datatype", "has more than one value")
    for name in names:
        yield ValueTest(
            component("Datatype"),
            _outside(name),
            f"the value must be a literal of type {readable(name)}",
        )


def _outside(name: Node) -> Callable[[set[Node]], set[Node]]:
    if name == STRING:
        return lambda values: {v for v in values if v[0] != '"' or v[-1] != '"'}
    if name in (LANG_STRING, DIR_LANG_STRING):
        return lambda values: {
            v for v in values if not is_literal(v) or split_literal(v).datatype != name
        }
    ending = f'"^^{name}'
    check, cut = CHECKS.get(name), -len(ending)
    if check is None:
        return lambda values: {v for v in values if v[0] != '"' or not v.endswith(ending)}
    return lambda values: {
        v for v in values if v[0] != '"' or not v.endswith(ending) or not check(unescape(v[1:cut]))
    }


def node_kind(context: Context) -> Iterator[ValueTest]:
    """Values must be IRIs, blank nodes or literals."""
    name = context.parameters.one("nodeKind")
    if name is None:
        return
    if name not in _KINDS:
        raise context.parameters.wrong(
            "nodeKind", f"must be one of {', '.join(f'sh:{local_name(kind)}' for kind in _KINDS)}"
        )
    first, words = _KINDS[name]
    yield ValueTest(
        component("NodeKind"),
        lambda values: {v for v in values if v[0] not in first or v.startswith("<<")},
        f"the value must be {words}",
    )


def members(context: Context) -> Iterator[ValueTest]:
    """Values must be in a list."""
    head = context.parameters.one("in")
    if head is None:
        return
    allowed = frozenset(context.parameters.items("in", head))
    shown = ", ".join(readable(node) for node in sorted(allowed)[:6])
    more = ", …" if len(allowed) > 6 else ""
    yield ValueTest(
        component("In"),
        lambda values: values - allowed,
        f"the value must be one of {shown}{more}",
    )


def has_value(context: Context) -> Iterator[FocusTest]:
    """A certain value must be there."""
    for wanted in context.parameters.all("hasValue"):

        def find(table: Table, wanted: Node = wanted) -> Iterable[Finding]:
            return [Finding(focus) for focus, values in table.items() if wanted not in values]

        hint = f"the value {readable(wanted)} is missing"
        yield FocusTest(component("HasValue"), find, hint)


def closed(context: Context) -> Iterator[FocusTest]:
    """Only the properties that the shape names may be used."""
    if not context.parameters.boolean("closed"):
        return
    allowed = set()
    head = context.parameters.one("ignoredProperties")
    if head is not None:
        allowed.update(context.parameters.items("ignoredProperties", head))
    shapes = context.parameters.graph
    for inner in context.parameters.all("property"):
        allowed.update(shapes.objects(inner, sh("path")))
    rows = context.data.rows

    def find(table: Table) -> Iterator[Finding]:
        nodes = {value for values in table.values() for value in values}
        surplus = [
            (Predicate(predicate), row)
            for predicate, row in rows.items()
            if predicate not in allowed and not nodes.isdisjoint(row.keys() & nodes)
        ]
        for path, row in surplus:
            for focus, values in table.items():
                for node in values:
                    for value in row.get(node, ()):
                        yield Finding(focus, value, path)

    yield FocusTest(component("Closed"), find, "this property has no place here")


BUILDERS: Final[dict[str, Callable[[Context], Iterator[ValueTest | FocusTest]]]] = {
    "class": classes,
    "datatype": datatype,
    "nodeKind": node_kind,
    "in": members,
    "hasValue": has_value,
    "closed": closed,
}
