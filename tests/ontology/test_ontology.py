"""The ontology is whole, and nothing uses a term or a code that it does not declare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from designata.turtle import normalise, read
from designata.validation import validate
from designata.vocabulary import BASE, ONTOLOGY, PREFIXES, SCHEMES

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
SHAPES = sorted((ROOT / "shapes").glob("*.ttl"))
DATA = sorted((ROOT / "data").rglob("*.ttl"))
QUERIES = sorted((ROOT / "data").rglob("*.rq"))
DSG = ONTOLOGY + "#"
CODE = f"{BASE}code/"
RDF_TYPE = PREFIXES["rdf"] + "type"
LABEL = PREFIXES["rdfs"] + "label"
PREFIXED = re.compile(r"\b([a-z][a-z0-9-]*):([A-Za-z][A-Za-z0-9-]*)")


@cache
def quads(path: Path) -> tuple[Quad, ...]:
    return tuple(statement.quad for statement in read(path))


def texts(path: Path) -> Iterator[tuple[str, str, str]]:
    """Subject, property and object of each triple, as IRIs and plain texts."""
    for quad in quads(path):
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, NamedNode | Literal)
        yield quad.subject.value, quad.predicate.value, quad.object.value


def nodes(path: Path) -> Iterator[object]:
    for quad in quads(path):
        yield from (quad.subject, quad.predicate, quad.object)


@cache
def declared() -> frozenset[str]:
    """The IRIs of ours that have a type in the ontology."""
    return frozenset(
        subject for path in FILES for subject, term, _ in texts(path) if term == RDF_TYPE
    )


def used(path: Path) -> set[str]:
    """The terms and codes of ours in a file of triples, in its queries too."""
    found = {node.value for node in nodes(path) if isinstance(node, NamedNode)}
    for node in nodes(path):
        if isinstance(node, Literal) and "WHERE" in node.value:
            found |= used_in_query(node.value)
    return {iri for iri in found if iri.startswith((DSG, CODE))}


def used_in_query(text: str) -> set[str]:
    """The terms and codes of ours in a SPARQL query, by the prefixes that we always use."""
    found = {PREFIXES[p] + local for p, local in PREFIXED.findall(text) if p in (*SCHEMES, "dsg")}
    return {iri for iri in found if iri.startswith((DSG, CODE))}


def test_the_globs_find_files() -> None:
    assert [path.name for path in FILES] == ["alignment.ttl", "codes.ttl", "designata.ttl"]
    assert len(SHAPES) > 20
    assert len(DATA) > 5
    assert len(declared()) > 200


@pytest.mark.parametrize("path", [*FILES, *SHAPES, *DATA], ids=lambda path: path.stem)
def test_every_term_and_code_used_is_declared(path: Path) -> None:
    assert used(path) - declared() == set()


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_term_and_code_in_a_query_is_declared(path: Path) -> None:
    assert used_in_query(path.read_text()) - declared() == set()


def test_an_undeclared_term_is_noticed() -> None:
    query = "SELECT * WHERE { ?x dsg:hasNames ?y ; dsg:actorKind actor-kind:army }"
    assert used_in_query(query) - declared() == {DSG + "hasNames", CODE + "actor-kind/army"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_in_normal_form(path: Path) -> None:
    assert path.read_text() == normalise(path)


@pytest.mark.parametrize("path", [*FILES, *SHAPES], ids=lambda path: path.stem)
def test_file_has_no_blank_node(path: Path) -> None:
    assert not any(isinstance(node, BlankNode) for node in nodes(path))


def test_our_style_rules_hold() -> None:
    rules = [ROOT / "shapes" / name for name in ("ontology.ttl", "label.ttl", "prefixes.ttl")]
    assert validate(FILES, rules).results == ()


def test_there_is_a_list_of_codes_for_each_scheme_and_no_other() -> None:
    schemes = {
        subject.removeprefix(CODE)
        for subject, _, value in texts(ROOT / "ontology" / "codes.ttl")
        if value == PREFIXES["skos"] + "ConceptScheme"
    }
    assert schemes == set(SCHEMES)


def test_no_label_means_two_terms() -> None:
    """A class and the property that leads to it may share one, such as source."""
    terms: dict[str, set[str]] = {}
    for subject, term, value in texts(ROOT / "ontology" / "designata.ttl"):
        if term == LABEL and subject != ONTOLOGY:
            terms.setdefault(value, set()).add(subject.lower())
    assert {label: found for label, found in terms.items() if len(found) > 1} == {}


def test_every_alignment_names_a_term_of_ours() -> None:
    subjects = {subject for subject, _, _ in texts(ROOT / "ontology" / "alignment.ttl")}
    assert subjects - declared() == set()


def test_no_class_says_that_an_organization_is_terrorist() -> None:
    """It is what an authority says of it: a designation, never a class or label of ours."""
    for subject, term, value in texts(ROOT / "ontology" / "designata.ttl"):
        assert "terror" not in subject.lower()
        assert term != LABEL or "terror" not in value.lower()
