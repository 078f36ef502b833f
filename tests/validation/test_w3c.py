"""The W3C test suite for SHACL through the command line, compared strictly.

The suite is looked for in the folder that DESIGNATA_W3C names, else beside the checkout.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
import rdflib
from click.testing import CliRunner
from rdflib import RDF, BNode, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

from designata.errors import UnusableShapes
from designata.validation.command import validate_command

SH = Namespace("http://www.w3.org/ns/shacl#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
FOLDER = Path(os.environ.get("DESIGNATA_W3C") or Path(__file__).parents[3] / "shared/w3c") / "shacl"
UNLISTED = "sparql/component/nodeValidator-001"
COMPARED = (
    SH.focusNode,
    SH.resultPath,
    SH.value,
    SH.resultSeverity,
    SH.sourceShape,
    SH.sourceConstraintComponent,
)


pytestmark = pytest.mark.filterwarnings("ignore:Parsing weird boolean")


class Case(NamedTuple):
    """One test: which files, and the graph and node of the expected result."""

    name: str
    data: Path
    shapes: Path
    expected: Graph
    result: URIRef | BNode


def parse(path: Path | str, text: str | None = None) -> Graph:
    graph = Graph(bind_namespaces="none")
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        if text is None:
            graph.parse(path, format="turtle", publicID=Path(path).as_uri())
        else:
            graph.parse(data=text, format="turtle")
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return graph


def cases(folder: Path = FOLDER) -> Iterator[Case]:
    """Every test that the manifests reach, and the one that lies beside them."""
    root = (folder / "tests").resolve()
    yield from _walk(root / "manifest.ttl", root)
    yield from _walk(root / f"{UNLISTED}.ttl", root)


def _walk(path: Path, root: Path) -> Iterator[Case]:
    graph = parse(path)
    here = URIRef(path.as_uri())
    for included in graph.objects(here, MF.include):
        yield from _walk(_file(included), root)
    for entries in graph.objects(here, MF.entries):
        for test in graph.items(entries):
            action = graph.value(test, MF.action)
            yield Case(
                str(path.with_suffix("").relative_to(root)),
                _file(graph.value(action, SHT.dataGraph)),
                _file(graph.value(action, SHT.shapesGraph)),
                graph,
                graph.value(test, MF.result),
            )


def _file(iri: URIRef) -> Path:
    return Path(unquote(urlsplit(iri).path))


def differences(case: Case, report: str) -> str:
    """Why a report in Turtle is not the expected one; empty where it is."""
    found = parse("", report)
    node = found.value(None, RDF.type, SH.ValidationReport)
    messages = any(case.expected.triples((None, SH.resultMessage, None)))
    constraints = any(case.expected.triples((None, SH.sourceConstraint, None)))
    optional = [SH.resultMessage] * messages + [SH.sourceConstraint] * constraints
    wanted = _canonical(case.expected, case.result, optional)
    given = _canonical(found, node, optional)
    if isomorphic(wanted, given):
        return ""
    return f"wanted\n{wanted.serialize(format='turtle')}\ngiven\n{given.serialize(format='turtle')}"


def _canonical(graph: Graph, report: BNode, optional: list[URIRef]) -> Graph:
    """A report with nothing but what is compared."""
    made = Graph(bind_namespaces="none")
    made.add((report, SH.conforms, graph.value(report, SH.conforms)))
    for result in graph.objects(report, SH.result):
        made.add((report, SH.result, result))
        for predicate in (*COMPARED, *optional):
            for value in graph.objects(result, predicate):
                made.add((result, predicate, value))
                if predicate == SH.resultPath:
                    _copy_path(graph, value, made, set())
    return made


def _copy_path(graph: Graph, node: URIRef | BNode, made: Graph, seen: set[BNode]) -> None:
    """Copy the part of a path that counts: of a list its members, else the first operator."""
    if not isinstance(node, BNode) or node in seen:
        return
    seen.add(node)
    is_list = (node, RDF.first, None) in graph
    for _, predicate, value in graph.triples((node, None, None)):
        if not is_list or predicate in (RDF.first, RDF.rest):
            made.add((node, predicate, value))
            _copy_path(graph, value, made, seen)


CASES = list(cases()) if (FOLDER / "tests/manifest.ttl").is_file() else []


@pytest.mark.skipif(not CASES, reason=f"the W3C suite is not in {FOLDER}: set DESIGNATA_W3C")
def test_the_whole_suite_is_found() -> None:
    groups = [case.name.partition("/")[0] for case in CASES]
    assert (groups.count("core"), groups.count("sparql")) == (98, 23)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_w3c(case: Case) -> None:
    arguments = ["-s", str(case.shapes), "-f", "turtle", str(case.data)]
    outcome = CliRunner().invoke(validate_command, arguments)
    if case.result == SHT.Failure:
        assert isinstance(outcome.exception, UnusableShapes)
        return
    conforms = case.expected.value(case.result, SH.conforms).toPython()
    assert outcome.exit_code == (0 if conforms else 1), outcome.output
    assert differences(case, outcome.output) == ""


@pytest.mark.skipif(not CASES, reason=f"the W3C suite is not in {FOLDER}: set DESIGNATA_W3C")
def test_the_comparison_sees_a_wrong_report() -> None:
    case = next(case for case in CASES if case.name == "core/property/minCount-001")
    arguments = ["-s", str(case.shapes), "-f", "turtle", str(case.data)]
    report = CliRunner().invoke(validate_command, arguments).output
    assert differences(case, report) == ""
    assert differences(case, report.replace("sh:Violation", "sh:Warning")) != ""
