"""Shapes under examination: what nobody uses, what says too little, what never saw a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from designata.validation.graph import Graph
from designata.validation.lexicon import CONSTRAINT_PROPERTIES, TARGET_PROPERTIES
from designata.validation.results import Report
from designata.validation.terms import CLASS, FIRST, Node, is_blank, sh

_USES: Final = (
    *("property", "node", "not", "qualifiedValueShape", "parameter", "validator"),
    *("nodeValidator", "propertyValidator"),
)
_KINDS: Final = (sh("NodeShape"), sh("PropertyShape"))
_OWN: Final = CONSTRAINT_PROPERTIES - {"property", "closed"}


class Remark(NamedTuple):
    """Something to improve about a shape."""

    shape: Node
    text: str


def lint(shapes: Graph) -> Iterator[Remark]:
    """Shapes that nothing applies, and constraints without an IRI, severity or message."""
    used = {value for predicate in (*map(sh, _USES), FIRST) for value in shapes.inverse(predicate)}
    for shape in sorted(_shapes(shapes)):
        if shape not in used and not _has_target(shapes, shape):
            yield Remark(shape, "nothing applies it: it has no target and no shape refers to it")
        if is_blank(shape):
            yield Remark(shape, "it has no IRI: results cannot name it")
        if shapes.objects(shape, sh("deactivated")):
            yield Remark(shape, "it is deactivated, or could be: sh:deactivated is given")
        if any(shapes.objects(shape, sh(local)) for local in _OWN):
            if not shapes.objects(shape, sh("severity")):
                yield Remark(shape, "it has no severity")
            if not _has_message(shapes, shape):
                yield Remark(shape, "it has no message")


def _shapes(shapes: Graph) -> set[Node]:
    found = {node for kind in _KINDS for node in shapes.instances(kind)}
    for local in CONSTRAINT_PROPERTIES | TARGET_PROPERTIES:
        found.update(shapes.row(sh(local)))
    return found - set(shapes.inverse(sh("parameter")))


def _has_target(shapes: Graph, shape: Node) -> bool:
    if any(shapes.objects(shape, sh(local)) for local in TARGET_PROPERTIES):
        return True
    return shape in shapes.instances(CLASS)


def _has_message(shapes: Graph, shape: Node) -> bool:
    if shapes.objects(shape, sh("message")):
        return True
    queries = shapes.objects(shape, sh("sparql"))
    return bool(queries) and all(shapes.objects(query, sh("message")) for query in queries)


def coverage(report: Report) -> Iterator[Remark]:
    """Shapes that found no focus node, and constraints that never saw a value."""
    for shape in report.unmatched:
        yield Remark(shape, "it found no focus node")
    for (shape, component), count in sorted(report.value_counts.items()):
        if not count:
            yield Remark(shape, f"{component} never saw a value")
