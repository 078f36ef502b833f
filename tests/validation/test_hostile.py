from __future__ import annotations

import pytest

from designata.errors import UnreadableFile, UnusableShapes

SHAPE = "ex:S a sh:NodeShape ; sh:targetNode ex:a ; "
PROPERTY = SHAPE + "sh:property [ sh:path ex:p ; {} ] ."
QUERY = SHAPE + 'sh:sparql [ sh:select """{}""" ] .'

UNREADABLE = {
    "a text that is not closed": (b'<http://e/a> <http://e/p> "x\n .', 1),
    "another encoding": (b'<http://e/a> <http://e/p> "x" .\n<http://e/a> <http://e/p> "\xe9" .', 2),
    "binary": (b"\x00\x01\x02", 1),
    "an unknown prefix on a later line": (b"<http://e/a> <http://e/p> 1 .\n\nfoo:a a foo:b .", 3),
}


@pytest.mark.parametrize(("data", "line"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_file_is_named_with_its_line(check, data, line):
    with pytest.raises(UnreadableFile) as caught:
        check(data, PROPERTY.format("sh:minCount 1"))
    assert (caught.value.path.name, caught.value.line) == ("data.ttl", line)


UNUSABLE = {
    "an empty shapes graph": ("", "no shape has a target"),
    "no target": ("ex:S a sh:NodeShape ; sh:nodeKind sh:IRI .", "no shape has a target"),
    "a misspelt constraint": (PROPERTY.format("sh:minCuont 1"), "did you mean sh:minCount?"),
    "a misspelt target": ("ex:S sh:targetClas ex:C .", "did you mean sh:targetClass?"),
    "a misspelt class": ("ex:S a sh:NodeShap .", "did you mean sh:NodeShape?"),
    "a term of SHACL 1.2": (PROPERTY.format("sh:singleLine true"), "not supported"),
    "JavaScript": (SHAPE + "sh:js ex:j .", "not supported"),
    "a rule": (SHAPE + "sh:rule ex:r .", "not supported"),
    "an entailment": (SHAPE + "sh:entailment ex:RDFS .", "not supported"),
    "a list that loops": (
        PROPERTY.format("sh:in _:l") + "_:l rdf:first 1 ; rdf:rest _:l .",
        "list",
    ),
    "a list that is cut off": (PROPERTY.format("sh:in _:l") + "_:l rdf:first 1 .", "list"),
    "a path that contains itself": (
        SHAPE + "sh:property [ sh:path _:p ] . _:p sh:inversePath _:p .",
        "contains itself",
    ),
    "two paths": (SHAPE + "sh:property [ sh:path ex:p, ex:q ] .", "more than one value"),
    "no path": (SHAPE + "sh:property [ sh:minCount 1 ] .", "sh:path"),
    "a count that is a text": (PROPERTY.format('sh:minCount "1"'), "whole number"),
    "a count without a path": (SHAPE + "sh:minCount 1 .", "needs a property shape"),
    "a shape that nobody describes": (SHAPE + "sh:node ex:Nowhere .", "do not describe"),
    "a cycle through a negation": (SHAPE + "sh:not ex:S .", "through a negation"),
    "an ill-formed pattern": (PROPERTY.format('sh:pattern "("'), "not a regular expression"),
    "a back-reference": (PROPERTY.format('sh:pattern "(a)\\\\1"'), "not a regular expression"),
    "a pattern that explodes": (
        PROPERTY.format('sh:pattern "((a{1000}){1000}){1000}"'),
        "not a regular expression",
    ),
    "an ill-formed query": (QUERY.format("SELECT $this WHERE { $this ?p }"), "not well-formed"),
    "a query without $this": (QUERY.format("SELECT ?x WHERE { ?x ?p ?o }"), "select $this"),
    "an update": (QUERY.format("DELETE WHERE { ?s ?p ?o }"), "SELECT or an ASK"),
    "FROM": (QUERY.format("SELECT $this FROM <file:///etc/passwd> { $this ?p ?o }"), "FROM"),
    "an undeclared prefix": (QUERY.format("SELECT $this { $this foo:p ?o }"), "the prefix foo:"),
    "3,000 brackets": (QUERY.format("SELECT $this " + "{" * 3000 + "}" * 3000), "nested"),
    "5,000 negations": (
        SHAPE
        + "sh:not ex:s0 ."
        + "".join(f"ex:s{i} sh:not ex:s{i + 1} ." for i in range(5000))
        + "ex:s5000 sh:nodeKind sh:IRI .",
        "too deeply",
    ),
}


@pytest.mark.parametrize(("shapes", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_shapes_are_refused_with_a_reason(check, shapes, message):
    with pytest.raises(UnusableShapes, match=message.replace("?", r"\?").replace("$", r"\$")):
        check("ex:a ex:p 1 .", shapes)


SERVICES = (
    "SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
    "service silent <http://127.0.0.1:1/> { ?a ?b ?c }",
    r"\\u0053ERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
    "ſERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
    "FILTER(1<2)SERVICE#>\n<http://127.0.0.1:1/> { ?a ?b ?c }",
    "FILTER(1<2)SERVICE#>)\n<http://127.0.0.1:1/> { ?a ?b ?c }",
    "FILTER <http://e/f>(1<2)SERVICE#>)\n<http://127.0.0.1:1/> { ?a ?b ?c }",
    "# \r SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
)


@pytest.mark.parametrize("service", SERVICES)
def test_a_query_cannot_reach_other_hosts(check, service):
    with pytest.raises(UnusableShapes, match="SERVICE"):
        check("ex:a ex:p 1 .", QUERY.format("SELECT $this { $this ?p ?o . " + service + " }"))


def test_shapes_may_refer_to_themselves(check):
    shapes = (
        "ex:S a sh:NodeShape ; sh:targetNode ex:a ; "
        "sh:property [ sh:path ex:bad ; sh:maxCount 0 ] ;"
        "sh:property [ sh:path ex:p ; sh:node ex:S ] ."
    )
    assert check("ex:a ex:p ex:b . ex:b ex:p ex:a .", shapes).conforms
    report = check("ex:a ex:p ex:b . ex:b ex:p ex:a, ex:c . ex:c ex:bad 1 .", shapes)
    assert [each.value for each in report.results] == ["<http://example.org/b>"]


def test_a_chain_of_20000_nodes_is_followed(check):
    chain = "".join(f"ex:n{i} ex:p ex:n{i + 1} .\n" for i in range(20_000))
    shapes = (
        "ex:S a sh:NodeShape ; sh:targetNode ex:n0 ; "
        "sh:property [ sh:path ex:bad ; sh:maxCount 0 ] ;"
        "sh:property [ sh:path ex:p ; sh:node ex:S ] ."
    )
    assert check(chain, shapes).conforms
    assert len(check(chain + "ex:n20000 ex:bad 1 .", shapes).results) == 1


def test_property_shapes_may_refer_to_themselves(check):
    shapes = (
        "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:P ."
        "ex:P sh:path ex:p ; sh:nodeKind sh:IRI ; sh:property ex:P ."
    )
    report = check("ex:a ex:p ex:b . ex:b ex:p ex:a , 1 .", shapes)
    assert [each.focus for each in report.results] == ["<http://example.org/b>"]


def test_100000_values_of_one_node_are_checked(check):
    values = ", ".join(map(str, range(100_000)))
    rules = "sh:maxCount 1 ; sh:uniqueLang true ; sh:hasValue 99999 ; sh:minInclusive 10"
    report = check(f"ex:a ex:p {values} .", PROPERTY.format(rules))
    assert len(report.results) == 11


def test_patterns_take_linear_time(check):
    text = "a" * 50_000
    report = check(f'ex:a ex:p "{text}!" .', PROPERTY.format('sh:pattern "^(a+)+$"'))
    assert len(report.results) == 1
    assert check(f'ex:a ex:p "{text}" .', PROPERTY.format('sh:pattern "^(a|aa)+$"')).conforms


@pytest.mark.parametrize(
    "literal",
    ('"x"^^xsd:integer', '"2013-02-29"^^xsd:date', '"300"^^xsd:byte', '"1.0.0"^^xsd:decimal'),
)
def test_an_ill_typed_literal_has_no_datatype(check, literal):
    datatype = literal.partition("^^")[2]
    report = check(f"ex:a ex:p {literal} .", PROPERTY.format(f"sh:datatype {datatype}"))
    assert [each.component for each in report.results] == [
        "<http://www.w3.org/ns/shacl#DatatypeConstraintComponent>"
    ]


@pytest.mark.parametrize(
    "literal", (f'"{"9" * 5000}-01-01"^^xsd:date', f'"P{"9" * 5000}Y"^^xsd:duration')
)
def test_enormous_numbers_are_not_comparable(check, literal):
    rule = 'sh:maxInclusive "2000-01-01"^^xsd:date'
    assert len(check(f"ex:a ex:p {literal} .", PROPERTY.format(rule)).results) == 1


def test_10000_shapes_are_compiled(check):
    shapes = "".join(
        f"ex:S{i} sh:targetClass ex:C{i} ; sh:property [ sh:path ex:p{i % 7} ; sh:minCount 1 ] .\n"
        for i in range(10_000)
    )
    report = check("ex:a a ex:C3 ; ex:p3 1 . ex:b a ex:C4 .", shapes)
    assert len(report.results) == 1
    assert len(report.unmatched) == 9_998


def test_an_unusable_shape_without_an_iri_is_named_by_its_line(check, line):
    with pytest.raises(UnusableShapes) as caught:
        check("ex:a ex:p 1 .", SHAPE + "\n sh:property [\n sh:path ex:p ; sh:minCuont 1 ] .")
    place, _, rest = str(caught.value).partition("shapes.ttl:")[2].partition(")")
    assert (line(int(place)), rest) == (3, ": did you mean sh:minCount?")
