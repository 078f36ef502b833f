"""The validation report of SHACL, section 3.6, in Turtle."""

from __future__ import annotations

from collections.abc import Iterator

from designata.validation.paths import (
    Alternative,
    Inverse,
    Predicate,
    PropertyPath,
    Repeated,
    Sequenced,
)
from designata.validation.results import Report, Result
from designata.validation.terms import SH, Node

_REPEATED = {"*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}


def write(report: Report) -> Iterator[str]:
    """One line for each result, so that two reports can be compared line by line."""
    yield f"@prefix sh: <{SH}> ."
    yield ""
    if report.conforms:
        yield "[] a sh:ValidationReport ; sh:conforms true ."
        return
    yield "[] a sh:ValidationReport ; sh:conforms false ; sh:result"
    last = len(report.results) - 1
    for number, result in enumerate(report.results):
        yield f"  [ {' ; '.join(_properties(result))} ]{' .' if number == last else ' ,'}"


def _properties(result: Result) -> Iterator[str]:
    yield "a sh:ValidationResult"
    yield f"sh:focusNode {result.focus}"
    if result.path:
        yield f"sh:resultPath {_path(result.path)}"
    if result.value is not None:
        yield f"sh:value {result.value}"
    yield f"sh:resultSeverity {_short(result.severity)}"
    yield f"sh:sourceShape {result.source_shape}"
    yield f"sh:sourceConstraintComponent {_short(result.component)}"
    if result.source_constraint:
        yield f"sh:sourceConstraint {result.source_constraint}"
    for message in result.messages:
        yield f"sh:resultMessage {message}"


def _short(node: Node) -> Node:
    local = node.removeprefix(f"<{SH}")[:-1]
    return f"sh:{local}" if node.startswith(f"<{SH}") and local.isalnum() else node


def _path(path: PropertyPath) -> str:
    match path:
        case Predicate(iri):
            return iri
        case Inverse(inner):
            return f"[ sh:inversePath {_path(inner)} ]"
        case Repeated(inner, sign):
            return f"[ sh:{_REPEATED[sign]} {_path(inner)} ]"
        case Sequenced(parts):
            return f"( {' '.join(map(_path, parts))} )"
        case Alternative(parts):
            return f"[ sh:alternativePath ( {' '.join(map(_path, parts))} ) ]"
