import json
from collections.abc import Callable

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from designata.errors import InvalidDataset
from designata.release.build import Built
from designata.release.jsonld import context, json_ld
from designata.release.rdfxml import rdf_xml
from designata.store.directory import Release
from designata.turtle import normalise

TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SUBJECT = NamedNode("https://w3id.org/designata/id/claim/x")
TRIPLES = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}


def with_rdflib(content: bytes, syntax: str) -> set[str]:
    graph = rdflib.Graph(bind_namespaces="none")
    rdflib.NORMALIZE_LITERALS = False
    try:
        graph.parse(data=content, format=syntax)
    finally:
        rdflib.NORMALIZE_LITERALS = True
    return {" ".join(term.n3() for term in triple) for triple in graph}


def lines(content: bytes) -> set[str]:
    return with_rdflib(content, "nt")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("organizations.ttl", "Organization"),
        ("names.ttl", "Name"),
        ("designations.ttl", "Designation"),
        ("bases.ttl", "MilitaryBase"),
    ],
)
def test_a_part_holds_what_is_said_of_the_things_of_a_class(
    release: Release, name: str, kind: str
) -> None:
    whole = list(pyoxigraph.parse(path=release.file("designata.nt"), format=RdfFormat.N_TRIPLES))
    class_ = NamedNode(f"https://w3id.org/designata/ontology#{kind}")
    things = {one.subject for one in whole if (one.predicate, one.object) == (TYPE, class_)}
    expected = {one.triple for one in whole if one.subject in things}
    found = pyoxigraph.parse(path=release.file(name), format=RdfFormat.TURTLE)
    assert len(things) > 1
    assert {one.triple for one in found} == expected


@pytest.mark.parametrize("suffix", TRIPLES)
def test_every_syntax_holds_the_same_triples(built: Built, suffix: str) -> None:
    content = built.release.file(f"designata.{suffix}").read_bytes()
    expected = lines(built.release.file("designata.nt").read_bytes())
    assert len(expected) == built.release.manifest["triples"] == 82
    assert with_rdflib(content, TRIPLES[suffix]) == expected


@pytest.mark.parametrize("suffix", TRIPLES)
def test_every_syntax_holds_the_same_triples_of_the_real_data(
    release: Release, suffix: str
) -> None:
    expected = lines(release.file("designata.nt").read_bytes())
    assert len(expected) == release.manifest["triples"]
    assert (
        with_rdflib(release.file(f"designata.{suffix}").read_bytes(), TRIPLES[suffix]) == expected
    )


def test_another_parser_reads_the_same_from_json_ld_and_rdf_xml(built: Built) -> None:
    found = [
        set(pyoxigraph.parse(path=str(built.release.file(f"designata.{suffix}"))))
        for suffix in ("nt", "jsonld", "rdf")
    ]
    assert {quad.triple for quad in found[1]} == {quad.triple for quad in found[2]}
    assert len(found[1]) == 82


def test_quads_hold_data_questions_ontology_shapes_and_description(built: Built) -> None:
    trig, nquads = (
        set(pyoxigraph.parse(path=str(built.release.file(f"designata.{suffix}"))))
        for suffix in ("trig", "nq")
    )
    assert trig == nquads
    assert len(nquads) == built.release.manifest["quads"]
    assert sorted({str(quad.graph_name) for quad in nquads}) == [
        "<https://w3id.org/designata/.well-known/sparql-examples>",
        "<https://w3id.org/designata/.well-known/void>",
        "<https://w3id.org/designata/ontology>",
        "<https://w3id.org/designata/shapes>",
        "DEFAULT",
    ]


def test_lines_are_sorted_and_unique(built: Built) -> None:
    for suffix in ("nt", "nq"):
        content = built.release.file(f"designata.{suffix}").read_bytes().splitlines()
        assert content == sorted(set(content))


def test_published_turtle_is_in_normal_form(built: Built) -> None:
    for name in ("designata.ttl", "ontology.ttl", "shapes.ttl", "void.ttl"):
        path = built.release.file(name)
        assert normalise(path) == path.read_text(encoding="utf-8"), name


def test_the_lexical_form_of_a_literal_stays(built: Built) -> None:
    for suffix in TRIPLES:
        assert b"1.50" in built.release.file(f"designata.{suffix}").read_bytes(), suffix


def test_the_context_alone_is_the_context_of_the_document(built: Built) -> None:
    document = json.loads(built.release.file("designata.jsonld").read_bytes())
    alone = json.loads(built.release.file("context.jsonld").read_bytes())
    assert alone == {"@context": document["@context"]}
    assert alone["@context"]["dsg:endEarliest"] == {
        "@id": "https://w3id.org/designata/ontology#endEarliest",
        "@type": "xsd:date",
    }


def mixed() -> set[Triple]:
    """A property whose values are of every kind."""
    predicate = NamedNode("http://example.org/some/p-1")
    values = (
        NamedNode("http://example.org/"),
        Literal("plain"),
        Literal("<>&\"'\r\n\t\u202b", language="ar-Latn"),
        Literal("01", datatype=NamedNode("http://example.org/type")),
        Literal(True),
    )
    return {Triple(SUBJECT, predicate, value) for value in values}


@pytest.mark.parametrize(
    ("write", "syntax"), [(json_ld, RdfFormat.JSON_LD), (rdf_xml, RdfFormat.RDF_XML)]
)
def test_values_of_every_kind_survive(
    write: Callable[[set[Triple], NamedNode], bytes], syntax: RdfFormat
) -> None:
    found = {quad.triple for quad in pyoxigraph.parse(write(mixed(), SUBJECT), syntax)}
    assert found == mixed()


def test_a_property_of_mixed_values_has_no_type_in_the_context() -> None:
    assert "http://example.org/some/p-1" not in context(mixed())


def test_what_xml_cannot_hold_is_refused() -> None:
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    with pytest.raises(InvalidDataset, match="a control character"):
        rdf_xml({Triple(SUBJECT, label, Literal("\x01"))}, SUBJECT)
    with pytest.raises(InvalidDataset, match="cannot be written in RDF/XML"):
        rdf_xml({Triple(SUBJECT, NamedNode("http://example.org/1"), Literal(""))}, SUBJECT)


def test_what_json_ld_would_misread_is_refused() -> None:
    match = NamedNode("http://www.w3.org/2004/02/skos/core#exactMatch")
    with pytest.raises(InvalidDataset, match="take its scheme for a prefix"):
        json_ld({Triple(SUBJECT, match, NamedNode("geo:37,35"))}, SUBJECT)
