"""The terms of SHACL that are known here; any other is refused instead of ignored."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from designata.errors import UnusableShapes
from designata.validation.graph import Graph
from designata.validation.reading import describe
from designata.validation.terms import SH, TYPE, Node, sh

CONSTRAINT_PROPERTIES: Final = frozenset(
    "and class closed datatype disjoint equals hasValue in languageIn lessThan lessThanOrEquals "
    "maxCount maxExclusive maxInclusive maxLength minCount minExclusive minInclusive minLength "
    "node nodeKind not or pattern property qualifiedValueShape sparql uniqueLang xone".split()
)
TARGET_PROPERTIES: Final = frozenset(
    "targetClass targetNode targetObjectsOf targetSubjectsOf".split()
)
_OTHER_PROPERTIES: Final = frozenset(
    "alternativePath ask conforms deactivated declare defaultValue description detail flags "
    "focusNode group ignoredProperties inversePath labelTemplate message name "
    "namespace nodeValidator oneOrMorePath optional order parameter path prefix prefixes "
    "propertyValidator qualifiedMaxCount qualifiedMinCount qualifiedValueShapesDisjoint result "
    "resultMessage resultPath resultSeverity select severity shapesGraph shapesGraphWellFormed "
    "sourceConstraint sourceConstraintComponent sourceShape suggestedShapesGraph validator value "
    "zeroOrMorePath zeroOrOnePath entailment".split()
)
_REPORT: Final = frozenset(
    "conforms detail focusNode result resultMessage resultPath resultSeverity sourceConstraint "
    "sourceConstraintComponent sourceShape value".split()
)
_LEADS_TO_SHAPES: Final = (
    "property node not qualifiedValueShape sparql parameter validator nodeValidator "
    "propertyValidator declare"
).split()
_CLASSES: Final = frozenset(
    "AbstractResult BlankNode BlankNodeOrIRI BlankNodeOrLiteral ConstraintComponent IRI "
    "IRIOrLiteral Info Literal NodeKind NodeShape Parameter Parameterizable PrefixDeclaration "
    "PropertyGroup PropertyShape ResultAnnotation SPARQLAskExecutable SPARQLAskValidator "
    "SPARQLConstraint SPARQLConstructExecutable SPARQLExecutable SPARQLSelectExecutable "
    "SPARQLSelectValidator Severity Shape ValidationReport ValidationResult Validator Violation "
    "Warning".split()
)
_COMPONENTS: Final = frozenset(
    name[0].upper() + name[1:] + "ConstraintComponent"
    for name in (CONSTRAINT_PROPERTIES - {"sparql", "qualifiedValueShape"})
    | {"SPARQL", "qualifiedMinCount", "qualifiedMaxCount"}
)
_UNSUPPORTED: Final = frozenset(
    "JSConstraint JSConstraintComponent JSExecutable JSFunction JSLibrary JSRule JSTarget "
    "JSTargetType JSValidator Function Rule SPARQLFunction SPARQLRule SPARQLTarget "
    "SPARQLTargetType SPARQLUpdateExecutable Target TargetType TripleRule ShapeClass "
    "NodeExpression ExpressionConstraintComponent annotationProperty annotationValue "
    "annotationVarName condition "
    "construct expression filterShape intersection js jsFunctionName jsLibrary jsLibraryURL "
    "nodes object predicate resultAnnotation returnType rule subject target this union update "
    "values targetWhere shape memberShape minListLength maxListLength uniqueMembers someValue "
    "singleLine rootClass subsetOf reifierShape reificationRequired nodeByExpression "
    "expressionConstraint conformanceDisallows Debug Trace codeIdentifier agentInstruction intent "
    "unnamedGraph usedInGraph nodeValidatorExpression varName bodyExpression keyParameter "
    "count exists distinct first limit max min offset orderBy remove sum concat desc if "
    "then else flatMap".split()
)
_PROPERTIES: Final = CONSTRAINT_PROPERTIES | TARGET_PROPERTIES | _OTHER_PROPERTIES
KNOWN: Final = _PROPERTIES | _CLASSES | _COMPONENTS
_PREFIX: Final = f"<{SH}"


def check(graph: Graph) -> None:
    """Refuse a shapes graph without shapes, or with a term that would silently mean nothing.

    Raises UnusableShapes with one sentence for each such term.
    """
    problems = sorted({_complaint(graph, *use) for use in list(_uses(graph))} - {""})
    if problems:
        raise UnusableShapes("\n".join(problems))


def _uses(graph: Graph) -> Iterator[tuple[str, Node, bool]]:
    """Each SHACL term with a node that uses it, and whether it is used as a property."""
    for predicate, row in graph.rows.items():
        if predicate.startswith(_PREFIX):
            local = predicate[len(_PREFIX) : -1]
            if local not in KNOWN:
                yield from ((local, node, True) for node in row)
        for node, values in row.items():
            for value in values:
                if value.startswith(_PREFIX) and not graph.objects(value, TYPE):
                    yield value[len(_PREFIX) : -1], node, False


def _complaint(graph: Graph, local: str, node: Node, as_property: bool) -> str:
    if local in KNOWN:
        return ""
    where = f"(at {describe(node)})"
    if local in _UNSUPPORTED:
        return f"sh:{local} is not supported here {where}: only SHACL Core and SHACL-SPARQL are"
    candidates = _PROPERTIES - _REPORT if as_property else KNOWN - _PROPERTIES
    stray = as_property and not _speaks_shacl(graph, node)
    near = get_close_matches(local, sorted(candidates), n=1, cutoff=0.8 if stray else 0.6)
    if near:
        return f"sh:{local} is unknown {where}: did you mean sh:{near[0]}?"
    return "" if stray else f"sh:{local} is unknown {where}: SHACL has no such term"


def _speaks_shacl(graph: Graph, node: Node) -> bool:
    """Whether a node is described as a shape, or used as one."""
    if any(node in graph.row(sh(local)) for local in _PROPERTIES - _REPORT):
        return True
    if any(node in graph.inverse(sh(local)) for local in _LEADS_TO_SHAPES):
        return True
    return any(kind.startswith(_PREFIX) for kind in graph.objects(node, TYPE))
