from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH, Graph, URIRef

ROOT = Path(__file__).parents[2]
SHARED = (ROOT / "shapes" / "codes.ttl", ROOT / "shapes" / "prefixes.ttl")
ONTOLOGY = tuple(sorted((ROOT / "ontology").glob("*.ttl")))


class Result(NamedTuple):
    """One finding: the shape or query that failed, which constraint of it, where and how bad."""

    shape: str
    constraint: str
    focus: str
    severity: str
    messages: tuple[str, ...]


def local_name(node: object) -> str:
    return str(node).rpartition("#")[2]


@cache
def graph_of(*paths: Path) -> Graph:
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@pytest.fixture(autouse=True)
def literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """rdflib rewrites `2014-05-14Z` to `2014-05-14` unless it is told to keep the form."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def validate(data: Path, shapes: Path, context: Sequence[Path] = ONTOLOGY) -> list[Result]:
    """The results for one data file, with one shapes file, beside the files of a context."""
    known = graph_of(*context)
    added = [triple for triple in Graph().parse(data, format="turtle") if triple not in known]
    for triple in added:
        known.add(triple)
    try:
        _, report, _ = pyshacl.validate(
            known, shacl_graph=graph_of(shapes, *SHARED), inplace=True, inference="none"
        )
    finally:
        for triple in added:
            known.remove(triple)
    assert isinstance(report, Graph)
    return [_result(report, node) for node in _top_results(report)]


def _top_results(report: Graph) -> list[URIRef]:
    nested = set(report.objects(predicate=SH.detail))
    results = report.subjects(RDF.type, SH.ValidationResult)
    return [node for node in results if node not in nested]  # type: ignore[misc]


def _result(report: Graph, node: URIRef) -> Result:
    component = local_name(report.value(node, SH.sourceConstraintComponent))
    constraint = component.removesuffix("ConstraintComponent")
    source = report.value(node, SH.sourceConstraint) or report.value(node, SH.sourceShape)
    return Result(
        shape=local_name(source),
        constraint="sparql" if constraint == "SPARQL" else constraint[0].lower() + constraint[1:],
        focus=str(report.value(node, SH.focusNode)),
        severity=local_name(report.value(node, SH.resultSeverity)),
        messages=tuple(sorted(str(text) for text in report.objects(node, SH.resultMessage))),
    )


@pytest.fixture(name="validate")
def the_one_way_to_validate() -> Callable[..., list[Result]]:
    return validate
